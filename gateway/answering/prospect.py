"""What may come of a shape of question by its fact-free screen; found once.

All that a requester may be told before a record is read, or beside one that is
withheld, is here: so it cannot depend on a record.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from gateway.answering.shared import granted, plan_of
from gateway.asking.shape import EXISTENCE, AskKey, Shape
from gateway.canonical import Json
from gateway.policy import Decision, Screen
from gateway.policy.memo import Memo
from gateway.redaction import Plan

__all__ = ["Prospect", "prospect_of"]

RELEASE = frozenset({"release"})
MOST_RENDERINGS = 64

Rows = tuple[Json, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Prospect:
    """A shape and its screen, and what the two come to whatever a record says."""

    shape: Shape
    screen: Screen
    _renderings: Memo[object, Rows] = field(
        default_factory=lambda: Memo(most=MOST_RENDERINGS)
    )

    @cached_property
    def existence_open(self) -> bool:
        """Whether the requester may learn that there is, or is not, a record.

        True when a rule permits ``record_exists``, or when the screen already permits
        something asked for any record, whatever its facts.
        """
        asks = self.screen.asks
        exists = [key for key in asks if key[1:] == ("release", EXISTENCE)]
        keys = [*exists, *self.shape.release_asks]
        return any(asks[key].outcomes == RELEASE for key in keys)

    @cached_property
    def matching_open(self) -> bool:
        """Whether every selector given may be used to find a person."""
        asks = self.screen.asks
        return all(asks[key].outcomes == RELEASE for key in self.shape.match_asks)

    @cached_property
    def worth_reading(self) -> bool:
        """Whether a record could change anything: else the source stays untouched.

        What the screen alone sends to a person needs no record to do so.
        """
        asks = [self.screen.asks[key] for key in self.shape.release_asks]
        return self.matching_open and any(
            "release" in ask.outcomes or (len(ask.outcomes) > 1 and ask.needs)
            for ask in asks
        )

    @cached_property
    def may_wait(self) -> bool:
        """Whether some record, whatever its facts, could send this to a person."""
        asks = self.screen.asks
        return any("wait" in asks[key].outcomes for key in self.shape.release_asks)

    @cached_property
    def commanded(self) -> tuple[AskKey, ...]:
        """The release asks that a rule may require, whatever a record says.

        A rule that requires rests on a confirmed paper or on a statute. Facts of the
        record may still send it to a person; so this says that the answer *may* be a
        command: enough for a fault not to end it without a word.
        """
        asks = self.screen.asks
        return tuple(
            key for key in self.shape.release_asks if "require" in asks[key].effects
        )

    @property
    def ordered(self) -> bool:
        """Whether something may be required on a paper that its issuer confirmed.

        Such a paper names the very people who are asked about, so nobody guesses with
        it; a statute alone may be claimed by whoever asks.
        """
        return not self.shape.question.confirmed.isdisjoint(self.commanded)

    @cached_property
    def duties(self) -> frozenset[str]:
        """The codes of every obligation that some record could bring."""
        asks = self.screen.asks
        return frozenset().union(*(asks[key].duties for key in self.shape.release_asks))

    @cached_property
    def decision(self) -> Decision | None:
        """The decision, if no fact of a record is needed."""
        return self.screen.as_decision()

    @cached_property
    def public_rules(self) -> tuple[str, ...]:
        """The public ids of the rules that the screen rests on, in order."""
        asks = (self.screen.asks[key] for key in self.shape.release_asks)
        return tuple(sorted({rule.public_id for ask in asks for rule in ask.rules}))

    def plan(self, decision: Decision) -> Plan:
        """Return what one decision shares of a record."""
        return _plan(self.shape, decision)

    def granted(self, decision: Decision) -> tuple[str, ...]:
        """Return the kinds without fields that one decision grants."""
        return _granted(self.shape, decision)

    def waiting(self, decisions: Iterable[Decision]) -> frozenset[AskKey]:
        """Return the release asks that wait for a person by some of the decisions."""
        # Many records have the same decision, and it is the same object.
        distinct = {id(decision): decision for decision in decisions}
        found: frozenset[AskKey] = frozenset()
        for decision in distinct.values():
            found |= _waiting(self.shape, decision)
        return found

    def rendering(self, shown: AbstractSet[str], waiting: AbstractSet[AskKey]) -> Rows:
        """Return the requester's rendering: one row for each thing asked for.

        Reasons, citations, what would change it and obligations are the screen's own.
        The outcome is the screen's too, unless something of the page is released: then
        it says what the page shows anyway.

        Args:
            shown: the fields and kinds made available on the page.
            waiting: the asks that wait for a person, of the records that are shown.
        """
        key = (frozenset(shown), frozenset(waiting))
        rows = self._renderings.get(key)
        if rows is None:
            rows = tuple(self._rows(shown, waiting))
            self._renderings.keep(key, rows)
        return rows

    def _rows(
        self, shown: AbstractSet[str], waiting: AbstractSet[AskKey]
    ) -> list[Json]:
        rows: list[Json] = []
        for key, told in self.screen.told:
            names = self.shape.named.get(key)
            if names is None:
                continue
            rows.append(
                {
                    "kind": told["kind"],
                    "category": told["category"],
                    "names": [*names],
                    "outcome": self._outcome(key, names, shown, waiting),
                    "reasons": told["reasons"],
                    "what_would_change_it": told["what_would_change_it"],
                    "obligations": told["obligations"],
                }
            )
        if self.shape.unclassified:
            rows.append(_unclassified(self.shape))
        return rows

    def _outcome(
        self,
        key: AskKey,
        names: tuple[str, ...],
        shown: AbstractSet[str],
        waiting: AbstractSet[AskKey],
    ) -> str:
        """Return the word for one thing asked for."""
        if shown:
            if not shown.isdisjoint(names):
                return "released"
            return "review" if key in waiting else "withheld"
        return self._of_screen(key)

    def _of_screen(self, key: AskKey) -> str:
        """Return the word for what the screen alone says."""
        if not self.matching_open:
            return "withheld"
        outcomes = self.screen.asks[key].outcomes
        if len(outcomes) > 1:
            return "depends"
        (outcome,) = outcomes
        return {"release": "released", "wait": "review"}.get(outcome, "withheld")


@lru_cache(maxsize=4096)
def prospect_of(shape: Shape, screen: Screen) -> Prospect:
    """Return what may come of a shape, the same object for the same two."""
    return Prospect(shape=shape, screen=screen)


_plan = lru_cache(maxsize=16_384)(plan_of)
_granted = lru_cache(maxsize=16_384)(granted)


@lru_cache(maxsize=16_384)
def _waiting(shape: Shape, decision: Decision) -> frozenset[AskKey]:
    asks = decision.asks
    return frozenset(key for key in shape.release_asks if asks[key].outcome == "wait")


def _unclassified(shape: Shape) -> Json:
    """Return the row of the fields that nobody classified."""
    return {
        "kind": shape.field_kind,
        "category": "unreviewed",
        "names": list(shape.unclassified),
        "outcome": "withheld",
        "reasons": [
            {
                "code": "UNCLASSIFIED",
                "citation": "",
                "title": "Nobody has classified this field, so it is never shared.",
            }
        ],
        "what_would_change_it": [],
        "obligations": [],
    }
