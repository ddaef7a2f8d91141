"""What comes in: a requester's document becomes an inquiry under the law in force."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from gateway.asking.inquiry import Inquiry, PaperDesk, inquire
from gateway.asking.shape import Shapes
from gateway.asking.whom import whom
from gateway.clock import Clock, day_in_zone
from gateway.identity import Asked, AskedBefore, Papers, Requester
from gateway.in_force import InForce
from gateway.model import Request

__all__ = ["Intake"]


class Intake:
    """Reads requests; holds what forms of request came to."""

    def __init__(
        self,
        *,
        papers: Papers,
        subject_key: bytes,
        asked: AskedBefore,
        clock: Clock,
        zone: ZoneInfo,
    ) -> None:
        """Take what is known of papers and earlier requests."""
        self._papers = papers
        self._subject_key = subject_key
        self._asked = asked
        self._clock = clock
        self._zone = zone
        self._shapes = Shapes()

    def take(
        self, law: InForce, requester: Requester, request: Request, exchange: str
    ) -> tuple[Inquiry, Asked]:
        """Return what is asked, and about whom; nothing is counted yet.

        Raises:
            MalformedRequest: the document names words that do not exist.
        """
        now_ms = self._clock.now_ms()
        day = day_in_zone(now_ms, self._zone)
        asked = whom(
            request,
            requester=requester,
            asked=self._asked,
            catalogue=law.catalogue,
            vocabulary=law.policy.vocabulary,
            day=day,
        )
        inquiry = inquire(
            request,
            exchange=exchange,
            requester=requester,
            desk=PaperDesk(
                papers=self._papers, subject_key=self._subject_key, now_ms=now_ms
            ),
            catalogue=law.catalogue,
            policy=law.policy,
            shapes=self._shapes.under(law),
            day=day,
            reasked=asked.differently,
            also=asked.also,
        )
        return inquiry, asked
