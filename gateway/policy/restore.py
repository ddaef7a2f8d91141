"""Lays the law that a bundle carries out again in a policies folder."""

from __future__ import annotations

from pathlib import Path

from gateway.errors import InvalidFile, Mistake
from gateway.policy.bundle import Bundle

__all__ = ["restored"]

SOURCES = "sources/"
EVALUATOR = "sallyport/"


def restored(bundle: Bundle, root: Path) -> None:
    """Write vocabulary, packs and evaluator of a bundle into a folder.

    Rules of its packs that it does not have are removed; packs that it does not have,
    and every case, stay.

    Raises:
        InvalidFile: for a bundle that carries no sources, or names a place outside.
    """
    wanted: dict[Path, bytes] = {}
    inside = root.resolve()
    for name, data in bundle.files.items():
        place = _place(name)
        if not place:
            continue
        path = (inside / place).resolve()
        if not path.is_relative_to(inside):
            raise InvalidFile([Mistake(path=name, problem="leads out of the folder")])
        wanted[path] = data
    if inside / "vocabulary.yaml" not in wanted:
        problem = "the bundle carries no sources"
        raise InvalidFile([Mistake(path=str(root), problem=problem)])
    rules = {path.parent / "rules" for path in wanted if path.name == "pack.yaml"}
    for folder in rules:
        for path in folder.glob("*.yaml"):
            if path not in wanted:
                path.unlink()
    for path, data in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def _place(name: str) -> str:
    """Return where a file of a bundle lies in a policies folder; nothing if nowhere."""
    if name.startswith(SOURCES):
        return name.removeprefix(SOURCES)
    if name.startswith(EVALUATOR) and name.endswith(".rego"):
        return f"rego/{name.removeprefix(EVALUATOR)}"
    return ""
