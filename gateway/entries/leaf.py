"""The public leaf: which names are public, in one closed model.

A leaf holds closed words, digests, counts and an hour; never a person, a case, a
field's value or a fact. Its shape must not tell either: every leaf has the same
members, and what could reveal a record is replaced by what the fact-free screen
already told. The digest of this model is ``cfg`` in each leaf, so that dropping a
member later is a visible event.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from audit.actwords import ACTS
from gateway.canonical import Json, canonical, digest

__all__ = ["LEAF_MEMBERS", "bucket", "cfg", "leaf", "leaf_schema"]

LEAF_MEMBERS: Mapping[str, str] = {
    "v": "version of the leaf, 1",
    "ev": "event: exchange, act, review, counts, start, stop",
    "t": "hour of the entry, UTC; written by the log",
    "db": "dataset identifier, or empty",
    "agency": "agency identifier of the registry, or empty",
    "class": "requester class of the vocabulary, or empty",
    "kinds": "kinds of request asked for",
    "decision": (
        "released, partly_released, waiting, refused, unavailable, aborted; of a review"
        " closed, whatever waited and however it ended; of an act its word"
    ),
    "rules": "public identifiers of the rules that the fact-free screen rested on",
    "policy": "revision of the policy bundle",
    "manifest": "digest of the activated manifest",
    "released": "names of fields made available, and kinds granted",
    "redacted": "names of fields and kinds that were not",
    "n": "upper bound of the number of records: 1, 2, 5, 10, 25, 50, 100, 250, 500",
    "act": "SHA-256 of the act's public note, or empty",
    "counter": "counter of an activation, else 0",
    "cfg": "SHA-256 of this model",
    "_sd": "salted commitments to what is sealed, padded and sorted; by the log",
    "side": "digests of the three sealed parts; by the log",
    "tags": "one tag a subject, padded to a bucket; by the log",
    "pad": "padding to a fixed step of length; by the log",
}
"""Every member of a leaf and what it means."""

_BUCKETS = (1, 2, 5, 10, 25, 50, 100, 250, 500)
_EVENTS = ("exchange", "act", "review", "counts", "start", "stop")
_FORMS: Mapping[str, Json] = {
    "v": {"type": "integer", "in": [1]},
    "ev": {"type": "word", "in": [*_EVENTS]},
    "t": {"type": "log"},
    "db": {"type": "word-or-empty"},
    "agency": {"type": "word-or-empty"},
    "class": {"type": "word-or-empty"},
    "kinds": {"type": "words"},
    "decision": {"type": "word"},
    "rules": {"type": "words"},
    "policy": {"type": "digest-or-empty"},
    "manifest": {"type": "digest-or-empty"},
    "released": {"type": "words"},
    "redacted": {"type": "words"},
    "n": {"type": "integer", "in": [*_BUCKETS]},
    "act": {"type": "digest-or-empty"},
    "counter": {"type": "integer"},
    "cfg": {"type": "digest"},
    "_sd": {"type": "log"},
    "side": {"type": "log"},
    "tags": {"type": "log"},
    "pad": {"type": "log"},
}
"""What each member may hold; verifiers compare every leaf with it."""
_NOBODY = ("db", "agency", "class", "kinds", "rules", "released", "redacted")
"""Members that say nothing where no exchange is told of."""


def _shape(
    event: str, words: Iterable[str], *, empty: Sequence[str], given: Sequence[str] = ()
) -> Json:
    """Return what goes together in a leaf of an event with one of these words."""
    return {
        "is": {"ev": [event], "decision": [*sorted(words)]},
        "empty": [*empty],
        "given": [*given],
    }


_SHAPES = (
    _shape("exchange", ("released", "partly_released"), empty=("act", "counter")),
    _shape(
        "exchange",
        ("waiting", "refused", "unavailable", "aborted"),
        empty=("act", "counter", "released"),
    ),
    _shape("act", ("activation",), empty=_NOBODY, given=("act",)),
    _shape(
        "act",
        ACTS.keys() - {"activation", "start", "stop"},
        empty=(*_NOBODY, "counter"),
        given=("act",),
    ),
    _shape("start", ("start",), empty=(*_NOBODY, "counter"), given=("act",)),
    _shape("stop", ("stop",), empty=(*_NOBODY, "counter"), given=("act",)),
    _shape("review", ("closed",), empty=(*_NOBODY, "act", "counter")),
    _shape("counts", ("refused",), empty=(*_NOBODY, "act", "counter")),
)
"""What goes together in a leaf; each has one of these shapes."""
_BY_THE_LOG = frozenset({"t", "_sd", "side", "tags", "pad"})


def leaf_schema() -> bytes:
    """Return the canonical bytes of the leaf model, published as schema/<cfg>.json."""
    return canonical(
        {
            "schema": "sallyport.leaf/1",
            "members": dict(LEAF_MEMBERS),
            "forms": dict(_FORMS),
            "shapes": [*_SHAPES],
        }
    )


@cache
def cfg() -> str:
    """Return the digest of the leaf model."""
    return digest(leaf_schema())


def bucket(count: int) -> int:
    """Return the bucket of a count of records; none and one share the first.

    Raises:
        ValueError: for more records than one page may hold.
    """
    for bound in _BUCKETS:
        if count <= bound:
            return bound
    raise ValueError(f"more than {_BUCKETS[-1]} records in one entry")


def leaf(
    *,
    event: str,
    decision: str,
    policy: str,
    manifest: str,
    dataset: str = "",
    agency: str = "",
    requester_class: str = "",
    kinds: Sequence[str] = (),
    rules: Sequence[str] = (),
    released: Sequence[str] = (),
    redacted: Sequence[str] = (),
    records: int = 0,
    act: str = "",
    counter: int = 0,
) -> dict[str, Json]:
    """Return the members of a leaf that the gateway chooses, in their closed shape."""
    members: dict[str, Json] = {
        "v": 1,
        "ev": event,
        "db": dataset,
        "agency": agency,
        "class": requester_class,
        "kinds": [*sorted(kinds)],
        "decision": decision,
        "rules": [*sorted(set(rules))],
        "policy": policy,
        "manifest": manifest,
        "released": [*sorted(released)],
        "redacted": [*sorted(redacted)],
        "n": bucket(records),
        "act": act,
        "counter": counter,
        "cfg": cfg(),
    }
    if members.keys() | _BY_THE_LOG != LEAF_MEMBERS.keys():
        raise AssertionError("the leaf and its model differ")
    return members
