"""The machine interface: its OpenAPI document, and every problem it can answer."""

from __future__ import annotations

import json
from collections.abc import Mapping

from gateway.errors import Cause
from gateway.web.openapi import describe
from gateway.web.problems import TITLES
from scripts.reference.markdown import code, page, table

__all__ = ["openapi", "problems_page"]

LEAD = (
    "Everything but a release is a problem document (RFC 9457, "
    "`application/problem+json`). Its `type` is `urn:sallyport:problem:` and the code "
    "below. A problem never repeats a value of the request: mistakes are JSON pointers "
    "with advice."
)
WORDS: Mapping[str, tuple[str, str]] = {
    "released": (
        "`status`, `outcome`",
        "What was asked is open; its value is in `records`, where there is one.",
    ),
    "partly_released": ("`status`", "Some of what was asked is open, some is not."),
    "withheld": (
        "`outcome`",
        "Closed by the rule that `reasons` names; never read from the database.",
    ),
    "review": ("`outcome`", "Open only once a person has approved it."),
    "depends": (
        "`outcome`",
        "The record decides; what was opened shows in `records` alone.",
    ),
    "granted": (
        "`records`",
        "Kinds without fields that were opened for this person, such as `hold`.",
    ),
    "what_would_change_it": (
        "`decision`",
        "What would open it by law, whether or not the requester has it.",
    ),
}
"""Words of an answer's body: where each stands, and what it means."""

CAUSES_LEAD = (
    "Status 503 has a cause from a closed list: something the answer depends on was "
    "missing, nothing was released, and the same request may be sent again. The log "
    "line `unavailable` and the metric `sallyport_unavailable_total` use "
    "the same words. (`aborted` ends an answer of several pages after its first.)"
)
WORDS_LEAD = (
    "An answer's `decision` has a part for each thing asked for, whatever the record "
    "says; its `records` have what was given."
)
CAUSES: Mapping[Cause, tuple[str, str]] = {
    Cause.POLICY_UNAVAILABLE: (
        "No policy engine gave a usable answer, or what was activated is too old.",
        "With the next right answer; an old activation by a new one.",
    ),
    Cause.POLICY_DISAGREEMENT: (
        "Two policy engines gave different answers to one question.",
        "Not by itself: an operator looks first.",
    ),
    Cause.LOG_UNAVAILABLE: (
        "The log can't make an entry durable: no room, or a disk that fails.",
        "Room: by itself. A failed write: by a restart, which recovers.",
    ),
    Cause.SOURCE_UNAVAILABLE: (
        "A database is gone, locked, too slow, or not what the catalogue says.",
        "By itself, after a short pause.",
    ),
    Cause.IDENTITY_UNAVAILABLE: (
        "An issuer's keys could not be had, or are too old to believe.",
        "By itself, when the keys can be read again.",
    ),
    Cause.STATE_UNAVAILABLE: (
        "The state database can't be read or written.",
        "By itself.",
    ),
    Cause.CLOCK: (
        "The wall clock was set, and no longer agrees with the time that passed.",
        "After 60 quiet seconds.",
    ),
    Cause.OVERLOADED: (
        "More requests wait than the gateway takes.",
        "By itself.",
    ),
    Cause.STOPPING: (
        "The gateway ends; what it began is finished.",
        "With the next start.",
    ),
}


def openapi() -> str:
    """Return the document that ``GET /v1/openapi.json`` serves, without datasets."""
    return json.dumps(describe({}), indent=2, sort_keys=True)


def problems_page() -> str:
    """Return every problem with its status."""
    ordered = sorted(TITLES.items(), key=lambda item: (item[1][0], item[0]))
    rows = ((str(status), code(name), title) for name, (status, title) in ordered)
    listed = table(("status", "code", "what it says"), rows)
    if set(CAUSES) != set(Cause):
        raise LookupError("a cause has no line here")
    causes = ((code(str(cause)), *said) for cause, said in CAUSES.items())
    heals = table(("cause", "what is missing", "how it heals"), causes)
    told = ((code(word), *said) for word, said in WORDS.items())
    words = table(("word", "where", "what it means"), told)
    return page(
        "Problems and statuses",
        LEAD,
        listed,
        f"## Causes\n\n{CAUSES_LEAD}",
        heals,
        f"## Words of an answer\n\n{WORDS_LEAD}",
        words,
    )
