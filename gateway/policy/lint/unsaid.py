"""What a policies folder does not say, though somebody may believe that it does.

A rule file that holds nothing, a pack without rules, and files that nothing reads
because of their names: whoever wrote them sees them lie there, and no question ever
comes to them. A file that is to hold no rule says so (``[]``); an overlay's may be all
comments, as a new one begins, and one that chooses among others' rules needs none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from gateway.errors import Mistake
from gateway.policy.header import NEVER
from gateway.policy.pack import Pack
from gateway.yamlfile import read

__all__ = ["no_rule", "unread"]

_HEADER = "pack.yaml"
_READ = frozenset({NEVER, _HEADER})
"""What is read of a pack beside the folders of rules and cases."""

_FOLDERS = ("rules", "scenarios")


def no_rule(pack: Pack) -> Iterator[Mistake]:
    """Yield a mistake for each file of rules that holds none, or for the whole pack."""
    overlay = pack.text.kind == "overlay"
    files = sorted(pack.folder.glob("rules/*.yaml"))
    holding = {file for file, _, _ in pack.rules}
    for file in files:
        if str(file) not in holding and _silent(file, comments=overlay):
            advice = "write a rule, remove the file, or write [] if it is to hold none"
            problem = "holds no rule"
            yield Mistake(path=str(file), problem=problem, advice=advice, code="empty")
    if not files and not (overlay and (pack.text.exercise or pack.text.turned_on)):
        path = str(pack.folder / _HEADER)
        problem = f"{pack.id} holds no rule: there is no file rules/*.yaml beside it"
        yield Mistake(path=path, problem=problem, code="empty")


def _silent(file: Path, *, comments: bool) -> bool:
    """Tell whether a file without rules does not even say that it has none."""
    if comments:
        return not file.read_bytes().strip()
    return read(file) is None


def unread(root: Path, named: Collection[str]) -> Iterator[Mistake]:
    """Yield a warning for each file that a folder or its named packs do not read."""
    yield from _misnamed(root, "*.yml")
    below = [*root.glob("packs/*"), *root.glob("overlays/*")]
    for folder in sorted(each for each in below if each.is_dir()):
        if not (folder / _HEADER).is_file():
            problem = "is no pack: it has no pack.yaml, so nothing in it is read"
            yield Mistake(path=str(folder), problem=problem, code="unread")
        elif folder.name in named:
            yield from _misnamed(folder, "*.y*ml")
            yield from _strange(folder)


def _misnamed(folder: Path, pattern: str) -> Iterator[Mistake]:
    """Yield what looks like a file of ours and has a name that is none."""
    for path in sorted(folder.glob(pattern)):
        if path.name not in _READ:
            problem = "is not read: that is no name of a file here"
            yield Mistake(path=str(path), problem=problem, code="unread")


def _strange(pack: Path) -> Iterator[Mistake]:
    """Yield what lies among rules or cases, and is neither."""
    for name in _FOLDERS:
        for path in sorted((pack / name).glob("*")):
            if path.suffix != ".yaml":
                problem = f"is not read: {name} are files *.yaml"
                yield Mistake(path=str(path), problem=problem, code="unread")
