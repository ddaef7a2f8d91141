"""How much one requester, one agency and one family may ask.

Two kinds of limits, looked at in two places:

* token buckets, as soon as it is known who asks, before the request is read;
* budgets of people and of guesses, once it is known whom it asks about and whether
  the law commands an answer, before any source is touched.

Neither looks at a record, so reaching one tells nothing of any: a right guess and a
wrong one are counted alike and refused alike. Both only look into memory.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

from gateway.clock import Clock
from gateway.config import Config
from gateway.config.limits import Bucket
from gateway.errors import Limit, TooMany
from gateway.identity.asked import Asked, AskedBefore
from gateway.identity.buckets import Buckets, Rate
from gateway.identity.requester import Requester

__all__ = ["Limits"]


class Limits:
    """The limits of one process."""

    def __init__(
        self,
        *,
        client: Rate,
        agency: Rate,
        family: Rate,
        asked: AskedBefore,
        clock: Clock,
        zone: ZoneInfo,
    ) -> None:
        """Take the rates, the memory of whom was asked about, and when days end."""
        self._client = client
        self._agency = agency
        self._family = family
        self._buckets = Buckets()
        self.asked = asked
        self._clock = clock
        self._zone = zone
        self._current: Callable[[], None] = _alone

    @classmethod
    def configured(cls, config: Config, *, key: bytes, clock: Clock) -> Limits:
        """Return the limits of a configuration; ``key`` is for digests of people.

        Where there are several processes, each allows its share of the rates, so that
        all of them together allow no more.
        """
        limits, share = config.limits, config.replicas
        return cls(
            client=_rate(limits.client, share),
            agency=_rate(limits.agency, share),
            family=_rate(limits.family, share),
            asked=AskedBefore(
                key=key,
                people=limits.subjects_per_day,
                guesses=limits.guesses_per_day,
            ),
            clock=clock,
            zone=config.zone,
        )

    def admit(self, requester: Requester) -> None:
        """Count one request.

        An assigned person counts for both agencies and both families. Systems that
        the registry does not know count as one.

        Raises:
            TooMany: ``client``, ``agency`` or ``family``; then it is not counted.
        """
        wanted: list[tuple[tuple[str, ...], Rate]] = [
            (("client", *requester.system), self._client)
        ]
        wanted += [(("agency", name), self._agency) for name in requester.agencies]
        wanted += [(("family", name), self._family) for name in requester.families]
        now_ns = int(self._clock.monotonic() * 1e9)
        place, wait_ns = self._buckets.take(wanted, now_ns=now_ns)
        if wait_ns:
            raise TooMany(Limit(wanted[place][0][0]), wait_s=wait_ns / 1e9)

    def rely(self, current: Callable[[], None]) -> None:
        """Count only while this raises nothing: what others counted is known then."""
        self._current = current

    def keep(self, asked: Asked, *, ordered: Callable[[], bool]) -> None:
        """Count the people that a request asks about.

        ``ordered`` says whether a confirmed paper may command an answer about these
        very people: no budget stands against that, and past one it is not counted.

        Raises:
            TooMany: ``people`` or ``guesses``; then none of them is counted.
            Unavailable: state-unavailable, when it is not known what others counted.
        """
        self._current()
        if (exceeded := self.asked.keep(asked)) and not ordered():
            raise TooMany(exceeded, wait_s=self._rest_of_day_s())

    def _rest_of_day_s(self) -> float:
        now = dt.datetime.fromtimestamp(self._clock.now_ms() / 1000, tz=self._zone)
        midnight = dt.datetime.combine(
            now.date() + dt.timedelta(days=1), dt.time(), tzinfo=self._zone
        )
        return midnight.timestamp() - now.timestamp()


def _rate(bucket: Bucket, share: int) -> Rate:
    burst = max(1, bucket.burst // share)
    return Rate.per_minute(bucket.per_minute, burst=burst, share=share)


def _alone() -> None:
    """Nothing is counted by others."""
