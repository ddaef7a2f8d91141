"""A starting point for a local government's own rules: files that can be read aloud.

What may be chosen, narrowed or not touched is taken from the packs below, so that the
author sees it beside the place where it is written down.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import yaml

from gateway.errors import InvalidFile, Mistake
from gateway.policy.case import CaseFile, load_case
from gateway.policy.contradictions import BELOW_OVERLAY
from gateway.policy.law import Case, Rule
from gateway.policy.pack import DEFAULT_PACK, Library

__all__ = ["starting_point"]

WIDTH = 78
HEADER = """\
# {title}: what this local government adds to the law that it stands on.
#
# Nothing here is in force before it was tried, signed by two people and activated:
#
#   sallyport policy lint
#   sallyport policy test
#   sallyport policy build {packs} --overlay {name} -o {name}.tar.gz --sign KEY.pem
#   sallyport policy activate
schema: sallyport.pack/1
id: {name}
title: {quoted}
version: 0.1.0
# The day on which this text was last compared with the ordinance or policy.
as_of: {day}
time_zone: {zone}
kind: overlay
# The packs that it is written on. On others it does not build.
on: [{on}]
verification: {{status: local, checked_on: {day}, lawyer: null}}
"""
RULES = """\
# Rules of our own. Each is a record: what it is about, what it rests on, whom it
# reaches, what the answer is, and unless what. `sallyport policy show {name}.first`
# reads it aloud.
#
# Take the marks away from the lines below and change them. Every word is one of the
# vocabulary; a wrong one is named with the nearest right one.
#
# - id: {name}.first
#   title: Home addresses stay here
#   citation: "Our County Code 12.3"
#   layer: overlay
#   reach:
#     requesters: [ice_ero]
#     kinds: [read_fields]
#     categories: [home_address]
#   effect: prohibit
#   reason: LOCAL_OVERLAY
#   verification: {{status: local, checked_on: {day}, lawyer: null}}
"""
CHOICES = """\
# What the law leaves to us. Until we choose, each of these waits for a person.
# To choose, take the mark away from the next line and from what you choose; say
# release, or review: then a person decides each time.
# exercise:
"""


def starting_point(
    library: Library, *, name: str, on: Sequence[str], title: str, day: str
) -> Mapping[str, str]:
    """Return the files of a new overlay by their path in its folder.

    Args:
        library: the packs that it may stand on.
        name: its id.
        on: the packs below, beside the federal and the default one.
        title: how people call it.
        day: today, ISO.

    Raises:
        InvalidFile: for a pack that is not in the folder, or a name that is a pack's.
    """
    if name in {*library.packs, *library.unread}:
        problem, advice = f"{name} is the id of a pack", "call the overlay otherwise"
        raise InvalidFile([Mistake(path="name", problem=problem, advice=advice)])
    below = library.chosen([*on, *({"us-federal"} & {*library.packs})], None)
    rules = library.rules(below)
    # A county's days are its state's, whichever pack was named first.
    local = [pack for pack in on if library.packs[pack].text.kind == "state"]
    zone = library.packs[[*local, *on][0]].text.time_zone
    files = {
        "pack.yaml": HEADER.format(
            title=" ".join(title.split()),
            quoted=json.dumps(title),
            name=name,
            day=day,
            zone=zone,
            on=", ".join(on),
            packs=" ".join(f"--pack {pack}" for pack in on),
        )
        + "".join(_choices(rules)),
        "rules/local.yaml": RULES.format(name=name, day=day)
        + "".join(_limits(rules, [*on])),
    }
    if (case := _example(library, on)) is not None:
        files["scenarios/first.yaml"] = _scenario(case, name)
    return files


def _choices(rules: Sequence[Rule]) -> Iterator[str]:
    """Yield what is left to the local government, each as a line to take up."""
    yield "\n" + CHOICES
    for rule in rules:
        for case in rule.cases:
            if case.effect == "permit" and case.discretion:
                which = f"{rule.id}#{case.id}" if case.id else rule.id
                yield _comment(f"{case.title} ({case.citation}):")
                yield (
                    f'#  - {{rule: "{which}", decision: review,'
                    ' citation: "Our County Code 12.4"}\n'
                )


def _limits(rules: Sequence[Rule], on: Sequence[str]) -> Iterator[str]:
    """Yield what may be narrowed, and what may neither be narrowed nor opened."""
    topics = {
        "We may be stricter than these": _narrowable,
        "The law does not let us be stricter than these": _commanded,
        "The law does not let us be more open than these": _closed,
    }
    for said, holds in topics.items():
        found = [
            rule
            for rule in rules
            if rule.layer in BELOW_OVERLAY
            and rule.pack in {*on, DEFAULT_PACK}
            and any(map(holds, rule.cases))
        ]
        if found:
            yield f"#\n# {said}:\n"
            for rule in found:
                yield _comment(f"{rule.id}: {rule.title} ({rule.citation})", "#   ")


def _narrowable(case: Case) -> bool:
    return case.effect == "permit" and case.may_restrict


def _commanded(case: Case) -> bool:
    return case.effect == "require" or (
        case.effect == "permit" and not case.may_restrict
    )


def _closed(case: Case) -> bool:
    return case.effect == "prohibit" and not case.may_expand


def _comment(text: str, before: str = "# ") -> str:
    lines = textwrap.wrap(text, WIDTH, initial_indent=before, subsequent_indent=before)
    return "".join(f"{line}\n" for line in lines)


def _example(library: Library, on: Sequence[str]) -> Path | None:
    """Return a case that the overlay's own packs decide, all of them together."""
    stack = {*on, "us-federal", DEFAULT_PACK}
    for pack in on:
        for path in sorted((library.packs[pack].folder / "scenarios").glob("*.yaml")):
            case: CaseFile = load_case(path)
            together = {DEFAULT_PACK, *case.packs}
            if case.overlay is None and {*on} <= together <= stack:
                return path
    return None


def _scenario(path: Path, name: str) -> str:
    """Return a case of the pack as one of the overlay."""
    case = load_case(path)
    text = case.model_dump(mode="json", by_alias=True, exclude_unset=True)
    own = {"id": f"{name}-first", "overlay": name}
    left = ("overlay", "source", "disputed", "notes")
    ordered = {
        member: own.get(member, text.get(member))
        for member in ("schema", "id", "title", "packs", "overlay", *text)
        if member in own or member not in left
    }
    lead = (
        f"A case to begin with, taken from {case.id}. Change it until it fails without"
        " your rule and passes with it: sallyport policy test"
    )
    return _comment(lead) + yaml.safe_dump(
        ordered, sort_keys=False, default_flow_style=None, allow_unicode=True
    )
