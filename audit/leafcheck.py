"""What the public leaves say by themselves: shape, time, schema, acts.

A leaf that was signed can still break the rules: drop a member, run back in time,
name an act that is not there. None of this needs a key.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from functools import lru_cache, partial

from audit.actwords import EVENTS
from audit.encoding import Json, decode, encode
from audit.entry import BUCKETS, PARTS
from audit.leaffacts import ActLeaf, LeafFacts
from audit.leafforms import Forms

__all__ = ["facts_of", "hour_ms", "leaf_fault"]

_HOUR = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}Z", re.ASCII)
_HEX = re.compile(r"[0-9a-f]{64}", re.ASCII)
_DIGITS = b"0123456789abcdef"
_DIGEST_LENGTHS = {64}

Leaf = dict[str, Json]


def leaf_fault(data: bytes) -> tuple[str, dict[str, Json]]:
    """Return what is wrong with a leaf's bytes (or nothing), and its members."""
    try:
        leaf = decode(data)
    except (ValueError, RecursionError):
        return "not JSON", {}
    if not isinstance(leaf, dict):
        return "not an object", {}
    try:
        same = encode(leaf) == data
    except (ValueError, TypeError, RecursionError):
        same = False  # half a character, no number, too deep: it has no such form
    if not same:
        return "not in the canonical form", {}
    return _shape_fault(leaf), leaf


def _shape_fault(leaf: dict[str, Json]) -> str:
    for holds, reason in _RULES:
        if not holds(leaf):
            return reason
    return ""


def _hexes(value: Json) -> bool:
    if not isinstance(value, list):
        return False
    try:
        text = "".join(value)
    except TypeError:
        return False
    # Each leaf has a dozen: nothing that is quick is clearer.
    same = set(map(len, value)) <= _DIGEST_LENGTHS
    return same and not text.encode(errors="replace").translate(None, _DIGITS)


@lru_cache(maxsize=1024)
def hour_ms(hour: str) -> int | None:
    """Return the start of a leaf's hour in Unix ms; none where no calendar has it."""
    if not _HOUR.fullmatch(hour):
        return None
    try:
        at = dt.datetime.strptime(hour, "%Y-%m-%dT%HZ").replace(tzinfo=dt.UTC)
    except ValueError:
        return None
    return int(at.timestamp()) * 1000


def _hour(leaf: Leaf) -> bool:
    hour = leaf.get("t")
    return isinstance(hour, str) and hour_ms(hour) is not None


def _commitments(leaf: Leaf) -> bool:
    return _hexes(leaf.get("_sd")) and leaf["_sd"] == sorted(leaf["_sd"])


def _side(leaf: Leaf) -> bool:
    return _hexes(leaf.get("side")) and len(leaf["side"]) == len(PARTS)


def _tags(leaf: Leaf) -> bool:
    return _hexes(leaf.get("tags")) and len(leaf["tags"]) in BUCKETS


def _pad(leaf: Leaf) -> bool:
    pad = leaf.get("pad")
    # Some hundred to some thousand zeros: nothing that is quick is clearer.
    return isinstance(pad, str) and pad == "0" * len(pad)


def _act(leaf: Leaf) -> bool:
    """Whether an act is named where the entry is of one, and nowhere else."""
    return (leaf.get("ev") in EVENTS) == bool(leaf.get("act"))


def _digest(leaf: Leaf, name: str) -> bool:
    """Whether a member is empty or a digest: files are called by it."""
    value = leaf.get(name, "")
    return isinstance(value, str) and (not value or bool(_HEX.fullmatch(value)))


_RULES: tuple[tuple[Callable[[Leaf], bool], str], ...] = (
    (_hour, "no hour"),
    (_commitments, "no sorted commitments"),
    (_side, "no digests of the sealed parts"),
    (_tags, "no bucket of tags"),
    (_pad, "no padding"),
    (partial(_digest, name="cfg"), "no schema digest"),
    (partial(_digest, name="act"), "no digest of an act"),
    (_act, "an act that it does not name, or names without being one"),
)


def facts_of(
    first: int,
    leaves: Sequence[bytes],
    forms_of: Callable[[str], Forms | None] = lambda _: None,
) -> LeafFacts:
    """Return what consecutive leaves tell, each compared with the schema it names."""
    facts = LeafFacts()
    for index, data in enumerate(leaves, first):
        fault, leaf = leaf_fault(data)
        if fault:
            facts.faults.append((index, fault))
            continue
        forms = forms_of(leaf.get("cfg", ""))
        if forms is not None and (fault := forms.fault(leaf)):
            facts.faults.append((index, fault))
        basis = (leaf.get("policy", ""), leaf.get("manifest", ""))
        if not facts.bases or facts.bases[-1][1] != basis:
            facts.bases.append((index, basis))
        hour, cfg, act = leaf["t"], leaf.get("cfg", ""), leaf.get("act", "")
        if hour < facts.last_hour:
            facts.faults.append((index, "time runs back"))
        if not facts.first_hour:
            facts.first, facts.first_hour = index, hour
        facts.last_hour = hour
        if not facts.schemas or facts.schemas[-1][1] != cfg:
            facts.schemas.append((index, cfg))
        if act:
            word, at_ms = leaf.get("decision", ""), hour_ms(hour) or 0
            facts.acts.append(ActLeaf(index=index, act=act, at_ms=at_ms, word=word))
    return facts
