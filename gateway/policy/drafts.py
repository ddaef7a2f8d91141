"""Packs that no lawyer has signed: drafts, which enforce where that is accepted."""

from __future__ import annotations

import re
from collections.abc import Iterable

from gateway.policy.bundle import Bundle
from gateway.policy.header import PackText
from gateway.policy.packfile import Pack
from gateway.yamlfile import parse

__all__ = ["drafts_in", "drafts_of"]

_HEADER = re.compile(r"^sources/(?:packs|overlays)/[^/]+/pack\.yaml$")


def drafts_of(packs: Iterable[Pack]) -> list[str]:
    """Return the drafts among packs, by id."""
    return _unsigned(pack.text for pack in packs)


def drafts_in(bundle: Bundle) -> list[str]:
    """Return the drafts that a bundle is made of, by id."""
    return _unsigned(
        PackText.model_validate(parse(data, path))
        for path, data in bundle.files.items()
        if _HEADER.match(path)
    )


def _unsigned(headers: Iterable[PackText]) -> list[str]:
    return sorted(text.id for text in headers if text.verification.lawyer is None)
