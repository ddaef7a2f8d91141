"""Whether what must never come out is said of something: a proof of nothing holds."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from gateway.errors import InvalidFile, Mistake
from gateway.policy.header import NEVER
from gateway.policy.lookup import UNKNOWN_WORD
from gateway.policy.never import Invariant, read_invariants
from gateway.policy.pack import Library
from gateway.yamlfile import nearest

__all__ = ["forbidden"]


def forbidden(library: Library, named: Collection[str]) -> Iterator[Mistake]:
    """Yield what is wrong in the sentences of a folder, and of packs that are named."""
    files = {
        path: data
        for path, data in library.files.items()
        if path == NEVER or (path.endswith(f"/{NEVER}") and path.split("/")[1] in named)
    }
    try:
        read_invariants(files, library.vocabulary)
    except InvalidFile as error:
        for mistake in error.mistakes:
            yield replace(mistake, path=str(library.root / mistake.path))
        return
    for path, data in files.items():
        for i, one in enumerate(read_invariants({path: data}, library.vocabulary)):
            where = f"{library.root / path}:invariants.{i}({one.id})"
            yield from _empty(one, where, {*library.packs, *library.unread})


def _empty(one: Invariant, where: str, packs: Collection[str]) -> Iterator[Mistake]:
    """Yield why a sentence holds whatever the rules say."""
    for word in sorted(one.packs - {*packs}):
        yield Mistake(
            path=f"{where}.packs",
            problem=f"{word} is not a pack here, so {one.id} is proved of no law",
            advice=nearest(word, packs),
            code=UNKNOWN_WORD,
        )
    said = (one.custodians, one.datasets, one.requesters, one.purposes, one.asks)
    if not all(said):
        yield Mistake(
            path=f"{where}.where",
            problem="is about no question, so it holds whatever the rules say",
            code="unreachable",
        )
