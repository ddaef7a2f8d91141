"""The entry of one page of an exchange: what is public of it, and what is sealed.

Every outcome has the same public shape. What depends on a record's facts is sealed:
who asked about whom (``who``), what the policy saw (``replay``) and the accounting of
the disclosure (``account``: 5 U.S.C. 552a(c); 28 CFR 23.20; CJIS Security Policy
AU-3). Released values are never stored, only a salted digest of the page.
"""

from __future__ import annotations

from dataclasses import dataclass

from audit import Dedup, Entry
from gateway.canonical import Json
from gateway.entries.leaf import leaf

__all__ = ["Outcome", "exchange_entry"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """Everything one page's entry says; the exchange fills it in."""

    exchange: str
    page: int
    dataset: str
    agency: str
    requester_class: str
    kinds: tuple[str, ...]
    decision: str
    rules: tuple[str, ...]
    policy: str
    manifest: str
    engines: tuple[str, ...]
    released: tuple[str, ...]
    redacted: tuple[str, ...]
    records: int
    subjects: tuple[bytes, ...]
    who: dict[str, Json]
    replay: dict[str, Json]
    account: dict[str, Json]


def exchange_entry(outcome: Outcome, *, dedup: Dedup | None) -> Entry:
    """Return the entry of one page."""
    return Entry(
        public=leaf(
            event="exchange",
            dataset=outcome.dataset,
            agency=outcome.agency,
            requester_class=outcome.requester_class,
            kinds=outcome.kinds,
            decision=outcome.decision,
            rules=outcome.rules,
            policy=outcome.policy,
            manifest=outcome.manifest,
            released=outcome.released,
            redacted=outcome.redacted,
            records=outcome.records,
        ),
        sealed={
            "who": {
                "exchange": outcome.exchange,
                "page": outcome.page,
                **outcome.who,
            },
            "replay": {"engines": list(outcome.engines), **outcome.replay},
            "account": outcome.account,
        },
        subjects=outcome.subjects,
        dedup=dedup,
    )
