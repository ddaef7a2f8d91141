"""Which files of a policies folder make its law: those that are read, and no others.

What an editor or a file manager leaves beside them makes no other rules.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from gateway.errors import InvalidFile, Mistake
from gateway.policy.header import NEVER

__all__ = ["written_files"]

VOCABULARY = "vocabulary.yaml"


def written_files(root: Path, only: Collection[str] | None = None) -> dict[str, bytes]:
    """Return what a bundle of some packs may carry, by path below the folder.

    Raises:
        InvalidFile: for a folder that has no vocabulary.
    """
    if not (root / VOCABULARY).is_file():
        problem = f"is no policies folder: it has no {VOCABULARY}"
        raise InvalidFile([Mistake(path=str(root), problem=problem)])
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in _written(root, only)
    }


def _written(root: Path, only: Collection[str] | None) -> Iterator[Path]:
    """Yield what a bundle carries: evaluator, lists, headers, rules, invariants."""
    modules = sorted((root / "rego").glob("*.rego"))
    yield from (path for path in modules if not path.name.endswith("_test.rego"))
    yield root / VOCABULARY
    yield from sorted(root.glob(NEVER))
    for kind in ("packs", "overlays"):
        for header in sorted((root / kind).glob("*/pack.yaml")):
            if only is not None and header.parent.name not in only:
                continue
            yield header
            yield from sorted(header.parent.glob("rules/*.yaml"))
            yield from sorted(header.parent.glob(NEVER))
