"""Documents to read as configurations, and the mistakes found in them."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from gateway.config import parse_config
from gateway.config.example import SMALLEST
from gateway.errors import InvalidFile

__all__ = ["HERE", "mistakes", "smallest", "written"]

HERE = Path("/somewhere/county/sallyport.yaml")


def written(document: object) -> bytes:
    """Return a document as YAML, of which JSON is a part."""
    return json.dumps(document).encode()


def smallest() -> dict[str, Any]:
    """Return a copy of the smallest configuration."""
    return copy.deepcopy(SMALLEST)


def mistakes(document: object) -> dict[str, str]:
    """Return the mistakes of a document: dotted path to the rest of the line."""
    with pytest.raises(InvalidFile) as caught:
        parse_config(written(document), HERE)
    assert all(
        item.path.startswith("sallyport.yaml:") for item in caught.value.mistakes
    )
    return {
        item.path.removeprefix("sallyport.yaml:"): f"{item.problem}; {item.advice}"
        for item in caught.value.mistakes
    }
