"""One side of a comparison: a policies folder, or a bundle with the law it carries."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from gateway.errors import InvalidFile, Mistake
from gateway.policy.build import assemble
from gateway.policy.bundle import Bundle
from gateway.policy.law import Rule
from gateway.policy.pack import DEFAULT_PACK, Library, load_library
from gateway.policy.table import Table
from gateway.policy.vocabulary import Vocabulary

__all__ = ["Side", "Stack", "built", "side_of", "side_of_folder", "side_of_stack"]

SOURCES = "sources/"
Stack = tuple[tuple[str, ...], str | None]
"""Packs and overlay."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """Rules with their words and their evaluator, and the bundle that decides by them.

    A side that is only read has no bundle, nor has one of every pack of a folder.
    """

    name: str
    vocabulary: Vocabulary
    rules: tuple[Rule, ...]
    rego: Mapping[str, str]
    stack: Stack
    bundle: Bundle | None = None

    @property
    def deciding(self) -> Bundle:
        """The bundle.

        Raises:
            TypeError: for a side that is only read.
        """
        if self.bundle is None:
            raise TypeError("this side decides nothing: it was not built")
        return self.bundle

    @property
    def table(self) -> Table:
        """What the numbers of the bundle's answers stand for; as ``deciding``."""
        return Table(self.deciding.document("table/data.json"))


def side_of_folder(library: Library) -> Side:
    """Return everything in a folder, to be read.

    Raises:
        InvalidFile: with every mistake.
    """
    mistakes: list[Mistake] = []
    every = library.every_rule(mistakes)
    if mistakes:
        raise InvalidFile(mistakes)
    return Side(
        name=str(library.root),
        vocabulary=library.vocabulary,
        rules=tuple(rule for rules in every.values() for rule in rules),
        rego=_rego(library),
        stack=(tuple(sorted(library.packs)), None),
    )


def side_of_stack(library: Library, packs: Sequence[str], overlay: str | None) -> Side:
    """Return one stack of a folder, to be read.

    Raises:
        InvalidFile: with every mistake.
    """
    return Side(
        name=str(library.root),
        vocabulary=library.vocabulary,
        rules=tuple(library.rules(library.chosen(packs, overlay))),
        rego=_rego(library),
        stack=(tuple(sorted({DEFAULT_PACK, *packs})), overlay),
    )


def built(side: Side, library: Library) -> Side:
    """Return a stack's side with its bundle.

    Raises:
        InvalidFile: with every contradiction in the rules.
        Unavailable: without an embedded engine.
    """
    return replace(side, bundle=assemble(library, *side.stack))


def side_of(bundle: Bundle, name: str) -> Side:
    """Return a side from a bundle; its rules are read from the sources that it carries.

    Raises:
        InvalidFile: for a bundle without sources, or whose sources have mistakes.
    """
    if f"{SOURCES}vocabulary.yaml" not in bundle.files:
        problem = "carries no sources to compare"
        raise InvalidFile([Mistake(path=name, problem=problem)])
    with _unpacked(bundle) as root:
        library = replace(load_library(root), whole=False)
        overlay = next(iter(library.overlays), None)
        side = side_of_stack(library, [*library.packs], overlay)
    return replace(side, name=name, rego=bundle.rego, bundle=bundle)


@contextmanager
def _unpacked(bundle: Bundle) -> Iterator[Path]:
    """Lay a bundle's sources out as the folder that they came from."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        for path, data in bundle.files.items():
            place = (root / path.removeprefix(SOURCES)).resolve()
            if path.startswith(SOURCES) and place.is_relative_to(root):
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(data)
        yield root


def _rego(library: Library) -> Mapping[str, str]:
    """Return the evaluator as a bundle carries it."""
    return {
        f"sallyport/{path.name}": path.read_text()
        for path in sorted((library.root / "rego").glob("*.rego"))
        if not path.name.endswith("_test.rego")
    }
