"""What a row of the attack table says, and how rows are written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.identity import Reason
from tests.gateway.identity.signing import compact
from tests.gateway.identity.world import NOW_MS, World

Try = tuple[str | None, bytes | None]


@dataclass(frozen=True, kw_only=True)
class Attack:
    """One row: the clause that names it, what is tried, and the word it earns."""

    clause: str
    what: str
    reason: Reason
    attempt: Callable[[World], Try]


@dataclass(frozen=True)
class Table:
    """Rows of one kind, in the order in which they are written."""

    rows: list[Attack] = field(default_factory=list)

    def attack(
        self, clause: str, what: str, reason: Reason
    ) -> Callable[[Callable[[World], Try]], Callable[[World], Try]]:
        """Add a row to the table."""

        def add(attempt: Callable[[World], Try]) -> Callable[[World], Try]:
            row = Attack(clause=clause, what=what, reason=reason, attempt=attempt)
            self.rows.append(row)
            return attempt

        return add

    def claim(self, clause: str, what: str, reason: Reason, **changes: object) -> None:
        """Add a row that differs from the control in claims only."""

        @self.attack(clause, what, reason)
        def attempt(world: World) -> Try:
            claims = world.claims(**changes)
            return compact(world.header(), claims, world.key.sign), world.ice.der

    def head(self, clause: str, what: str, reason: Reason, **changes: object) -> None:
        """Add a row that differs from the control in the header only, well signed."""

        @self.attack(clause, what, reason)
        def attempt(world: World) -> Try:
            token = compact(world.header(**changes), world.claims(), world.key.sign)
            return token, world.ice.der


def seconds(offset: int) -> int:
    """A time relative to the world's clock."""
    return NOW_MS // 1000 + offset
