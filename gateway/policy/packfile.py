"""One pack or overlay, read from its folder with every mistake named."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from gateway.errors import InvalidFile, Mistake
from gateway.policy.header import OFF, PackText, disordered, unzoned
from gateway.policy.rules import Layer, RuleText
from gateway.yamlfile import mistakes_of, nearest, read

__all__ = ["Pack", "not_a_pack", "read_packs"]

LAW: tuple[Layer, ...] = (
    "record_bar",
    "process",
    "saving",
    "state",
    "federal_permission",
)
LAYERS_OF: Mapping[str, tuple[Layer, ...]] = {
    "overlay": ("overlay",),
    "agency_default": ("agency_default",),
    "federal": LAW,
    "state": LAW,
    "model": LAW,
}
"""Where the rules of each kind of pack may stand: no local file speaks as the law."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pack:
    """One pack as written: its header and its rules, each with its file and place.

    One that is not ``whole`` has rules that do not read; which, nobody can tell.
    """

    text: PackText
    folder: Path
    rules: tuple[tuple[str, int, RuleText], ...]
    whole: bool = True

    @property
    def id(self) -> str:
        """The pack's id."""
        return self.text.id


def not_a_pack(root: Path, word: str, known: Collection[str]) -> Mistake:
    """Return what is wrong with a pack that is wanted and is not there."""
    problem = f"{word} is not a pack here"
    if (root / "packs" / word).is_dir():
        problem += f": packs/{word} has no pack.yaml; see another pack's for its form"
        return Mistake(path="packs", problem=problem)
    there = f"there are {', '.join(sorted(known))}" if known else ""
    return Mistake(path="packs", problem=problem, advice=nearest(word, known) or there)


def read_packs(
    folder: Path, mistakes: list[Mistake], only: Collection[str] | None = None
) -> dict[str, Pack]:
    """Return the packs of a folder by id; what is wrong is added to the mistakes.

    ``only`` are those that are wanted; by default all.
    """
    folders = [header.parent for header in sorted(folder.glob("*/pack.yaml"))]
    found = [
        _pack(each, mistakes) for each in folders if only is None or each.name in only
    ]
    return {pack.id: pack for pack in found if pack is not None}


def _pack(folder: Path, mistakes: list[Mistake]) -> Pack | None:
    name = str(folder / "pack.yaml")
    try:
        text = PackText.model_validate(read(folder / "pack.yaml"))
    except ValidationError as error:
        mistakes += mistakes_of(error, name, PackText)
        return None
    except InvalidFile as error:
        mistakes += error.mistakes
        return None
    if text.id != folder.name:
        problem = f"is called {text.id} in folder {folder.name}"
        mistakes.append(Mistake(path=f"{name}:id", problem=problem))
    before = len(mistakes)
    rules = [
        (str(file), i, rule)
        for file in sorted(folder.glob("rules/*.yaml"))
        for i, rule in _rules(file, mistakes)
    ]
    whole = len(mistakes) == before
    mistakes += [
        *unzoned(text, name),
        *_out_of_place(text, rules),
        *disordered(rules, whole=whole),
    ]
    return Pack(text=text, folder=folder, rules=tuple(rules), whole=whole)


def _out_of_place(
    text: PackText, rules: Sequence[tuple[str, int, RuleText]]
) -> Iterator[Mistake]:
    """Yield a mistake for each rule whose id or layer is not of its pack."""
    seen: set[str] = set()
    for file, i, rule in rules:
        if not rule.id.startswith(f"{text.id}."):
            problem = f"{rule.id} must begin with {text.id}."
            yield Mistake(path=f"{file}:{i}.id", problem=problem)
        if rule.public_id and not rule.public_id.startswith(f"{text.id}."):
            problem = f"{rule.public_id} is told to requesters as another pack's rule"
            advice = f"begin it with {text.id}."
            yield Mistake(path=f"{file}:{i}.public_id", problem=problem, advice=advice)
        if text.kind == "overlay" and rule.verification.status == OFF:
            problem = f"{rule.id} is off: no overlay turns on what is its own"
            path = f"{file}:{i}.verification.status"
            yield Mistake(path=path, problem=problem, advice="use local")
        if rule.layer not in LAYERS_OF[text.kind]:
            problem = f"a pack of kind {text.kind} has no {rule.layer} rules"
            advice = "use " + " or ".join(LAYERS_OF[text.kind])
            yield Mistake(path=f"{file}:{i}.layer", problem=problem, advice=advice)
        if rule.id in seen:
            problem = f"{rule.id} is named twice"
            yield Mistake(path=f"{file}:{i}.id", problem=problem)
        seen.add(rule.id)


RULES = TypeAdapter(list[RuleText])


def _rules(file: Path, mistakes: list[Mistake]) -> list[tuple[int, RuleText]]:
    """Return the rules of a file that read, by their place in it."""
    try:
        written = read(file)
    except InvalidFile as error:
        mistakes += error.mistakes
        return []
    listed = [] if written is None else written
    try:
        return [*enumerate(RULES.validate_python(listed, strict=True))]
    except ValidationError as error:
        mistakes += mistakes_of(error, str(file), list[RuleText])
        wrong = {item["loc"][0] for item in error.errors() if item["loc"]}
    if not isinstance(listed, list):
        return []
    places = [i for i in range(len(listed)) if i not in wrong]
    rest = RULES.validate_python([listed[i] for i in places], strict=True)
    return [*zip(places, rest, strict=True)]
