"""Where in a file a mistake stands: its line, found by walking the YAML to a path.

Paths are those of :class:`gateway.errors.Mistake`: ``file:dotted.path``, where a list's
item is a number, ``number(id)``, or its own ``id``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

import yaml
from yaml import CSafeLoader, MappingNode, Node, ScalarNode, SequenceNode, YAMLError

from gateway.errors import Mistake

__all__ = ["Place", "Places"]

_FILE = re.compile(r"^(?P<file>.*?\.ya?ml)(?::(?P<where>.*))?$", re.DOTALL)
_NUMBERED = re.compile(r"^(\d+)(?:\([^)]*\))?(?:\.|$)")
_LINE = re.compile(r"\bline (\d+)\b")


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A line of a file, from 1, and the path inside it.

    ``said`` is the path as people say it: items by their id, or counted from 1.
    """

    file: str
    line: int
    where: str
    said: str = ""

    def __str__(self) -> str:
        """Render as editors read it."""
        at = f"{self.file}:{self.line}"
        return f"{at}: {self.said}" if self.said else at


class Places:
    """Finds lines; reads each file once, and only files that are asked about."""

    def __init__(self) -> None:
        self._trees: dict[str, Node | None] = {}

    def of(self, path: str, problem: str = "") -> Place:
        """Return where a path leads, or as far towards it as the file goes.

        Args:
            path: ``file:dotted.path``.
            problem: for a file that does not read, the parser's sentence with a line.
        """
        found = _FILE.match(path)
        if found is None:
            return Place(file=path, line=1, where="")
        file, where = found["file"], found["where"] or ""
        tree = self._tree(file)
        said = _LINE.search(problem)
        if not where and said is not None:
            return Place(file=file, line=int(said[1]), where="")
        line, way = (1, where) if tree is None else _way(tree, where)
        return Place(file=file, line=line, where=where, said=way)

    def said(self, mistake: Mistake) -> str:
        """Return a mistake as one line, with its line where it is of a file."""
        found = _FILE.match(mistake.path)
        if found is None or not (found["where"] or _LINE.search(mistake.problem)):
            return str(mistake)
        place = self.of(mistake.path, mistake.problem)
        return str(replace(mistake, path=str(place)))

    def _tree(self, file: str) -> Node | None:
        if file not in self._trees:
            self._trees[file] = _composed(Path(file))
        return self._trees[file]


def _composed(file: Path) -> Node | None:
    try:
        return yaml.compose(file.read_bytes(), Loader=CSafeLoader)
    except (OSError, ValueError, YAMLError, RecursionError):
        return None


def _way(node: Node, rest: str) -> tuple[int, str]:
    """Return the line on which what a path names begins, and the way there."""
    line, names = node.start_mark.line + 1, list[str]()
    while rest:
        step = _step(node, rest)
        if step is None:
            names.append(rest)
            break
        line, node, rest, name = step
        names.append(name)
    return line, ".".join(names)


def _step(node: Node, rest: str) -> tuple[int, Node, str, str] | None:
    """Go one step down: the line there, the node, what is left, and what it is called.

    A list's item is called by its id where it has one.
    """
    if isinstance(node, SequenceNode):
        numbered = _NUMBERED.match(rest)
        if numbered is not None and int(numbered[1]) < len(node.value):
            place = int(numbered[1])
            item = node.value[place]
            name = _id(item) or str(place + 1)
            return item.start_mark.line + 1, item, rest[numbered.end() :], name
        named = {_id(item): item for item in node.value}
        return _longest({name: (item, item) for name, item in named.items()}, rest)
    if isinstance(node, MappingNode):
        return _longest(
            {str(key.value): (key, value) for key, value in node.value}, rest
        )
    return None


def _longest(
    items: dict[str, tuple[Node, Node]], rest: str
) -> tuple[int, Node, str, str] | None:
    """Take the longest name that the path begins with: names may hold dots."""
    for name in sorted(items, key=len, reverse=True):
        if name and (rest == name or rest.startswith(f"{name}.")):
            key, value = items[name]
            return key.start_mark.line + 1, value, rest[len(name) + 1 :], name
    return None


def _id(item: Node) -> str:
    """Return the ``id`` that an item of a list has."""
    if not isinstance(item, MappingNode):
        return ""
    return next(
        (
            str(value.value)
            for key, value in item.value
            if key.value == "id" and isinstance(value, ScalarNode)
        ),
        "",
    )
