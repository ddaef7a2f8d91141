"""Packs that no lawyer has signed: drafts, which enforce where that is accepted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from gateway.policy.bundle import Bundle
from gateway.policy.header import PackText
from gateway.policy.packfile import Pack
from gateway.yamlfile import parse

__all__ = ["drafts_in", "drafts_of", "named_with_versions", "packs_in"]

_HEADER = re.compile(r"^sources/(?:packs|overlays)/[^/]+/pack\.yaml$")


def drafts_of(packs: Iterable[Pack]) -> list[str]:
    """Return the drafts among packs, by id."""
    return _unsigned(pack.text for pack in packs)


def drafts_in(bundle: Bundle) -> list[str]:
    """Return the drafts that a bundle is made of, by id."""
    return _unsigned(_headers(bundle))


def packs_in(bundle: Bundle) -> list[str]:
    """Return the packs and the overlay that a bundle is made of, with versions."""
    return named_with_versions(_headers(bundle))


def named_with_versions(headers: Iterable[PackText]) -> list[str]:
    """Return packs as people are told of them: id and version, sorted."""
    return sorted(f"{text.id} {text.version}" for text in headers)


def _headers(bundle: Bundle) -> Iterator[PackText]:
    for path, data in bundle.files.items():
        if _HEADER.match(path):
            yield PackText.model_validate(parse(data, path))


def _unsigned(headers: Iterable[PackText]) -> list[str]:
    return sorted(text.id for text in headers if text.verification.lawyer is None)
