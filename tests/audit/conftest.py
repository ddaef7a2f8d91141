"""What several tests of the log need."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from audit import vkey

MLDSA_MODULE = "cryptography.hazmat.primitives.asymmetric.mldsa"


@pytest.fixture
def old_library(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A cryptography without ML-DSA, as auditors may have it."""
    monkeypatch.setitem(sys.modules, MLDSA_MODULE, None)
    vkey.mldsa.cache_clear()
    vkey._loaded.cache_clear()
    yield
    vkey.mldsa.cache_clear()
