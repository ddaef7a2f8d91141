"""Lines about what changes: one for each change, none for what stays."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from typing import Any, cast

from audit import Log
from audit.growing import Growing
from connectors import ConnectorError, SourceTimeout
from connectors.breaker import Breaker
from gateway.acts import ActsInForce, CutOffAct, PaperAct
from gateway.identity import IssuerHealth, Keys
from gateway.ledger import Registrar
from gateway.notices import Notices, notice_acts
from gateway.telemetry import Lines, configure_lines
from tests.gateway.state.conftest import Hands

ISSUER = "https://issuer.example"


@dataclass
class Told:
    """Lines, read back as they were written."""

    stream: io.BytesIO = field(default_factory=io.BytesIO)

    @property
    def lines(self) -> Lines:
        """What writes them."""
        return configure_lines(stream=self.stream)

    def news(self) -> list[dict[str, Any]]:
        """Return the lines since the last time, without when and how severe."""
        found = [json.loads(line) for line in self.stream.getvalue().splitlines()]
        self.stream.seek(0)
        self.stream.truncate()
        return [
            {key: line[key] for key in line if key not in {"time", "level"}}
            for line in found
        ]


@dataclass
class FailingLog:
    """As much of a log as is looked at."""

    failed: bool = False


@dataclass
class BrokenSource:
    """As much of a connector as is looked at: a real breaker."""

    clock: Hands
    breaker: Breaker = field(init=False)

    def __post_init__(self) -> None:
        """Let two failures open it."""
        self.breaker = Breaker(
            source="jail", monotonic=self.clock.monotonic, threshold=2, rest_s=5
        )

    def asked(self, error: ConnectorError | None = None) -> None:
        """Be asked once, and fail or not."""
        try:
            with self.breaker.guard():
                if error is not None:
                    raise error
        except SourceTimeout:
            pass


@dataclass
class Issuers:
    """As much of the keys as is looked at: how one issuer's are."""

    usable: bool = True
    problem: str = ""

    def health(self) -> list[IssuerHealth]:
        """Say so."""
        return [
            IssuerHealth(
                issuer=ISSUER, usable=self.usable, age_s=1, problem=self.problem
            )
        ]


def noticing(
    told: Told,
    *,
    log: FailingLog | None = None,
    source: BrokenSource | None = None,
    issuers: Issuers | None = None,
) -> Notices:
    """Return what looks at these."""
    sources: Any = {} if source is None else {"jail": source}
    return Notices(
        log=cast("Log", log or FailingLog()),
        connectors=sources,
        keys=cast("Keys", issuers or Issuers()),
        lines=told.lines,
    )


def test_a_log_that_stops_is_said_once() -> None:
    """It stays so until a restart, and one line says it."""
    told, log = Told(), FailingLog()
    notices = noticing(told, log=log)
    notices.look()
    assert told.news() == []
    log.failed = True
    notices.look()
    notices.look()
    assert told.news() == [
        {
            "event": "log",
            "problem": "it stopped: nothing is released until a restart",
        }
    ]


def test_a_source_that_fails_and_comes_back() -> None:
    """A line when it is not asked any more, none for a probe, one when it answers."""
    told, clock = Told(), Hands()
    source = BrokenSource(clock)
    notices = noticing(told, source=source)
    source.asked(SourceTimeout("jail"))
    notices.look()
    assert told.news() == []
    source.asked(SourceTimeout("jail"))
    notices.look()
    notices.look()
    assert told.news() == [{"event": "source", "source": "jail", "open": True}]
    clock.advance(6)  # a probe is let through, and fails
    notices.look()
    source.asked(SourceTimeout("jail"))
    notices.look()
    assert told.news() == []
    clock.advance(6)
    source.asked()
    notices.look()
    assert told.news() == [{"event": "source", "source": "jail", "open": False}]


def test_an_issuer_that_cannot_be_reached() -> None:
    """Keys that are kept, keys too old, and keys that are there again."""
    told, issuers = Told(), Issuers(problem="URLError: <anything>")
    notices = noticing(told, issuers=issuers)

    def said() -> list[object]:
        notices.look()
        notices.look()
        lines = told.news()
        assert {(line["event"], line["issuer"]) for line in lines} <= {("keys", ISSUER)}
        return [line.get("problem") for line in lines]

    assert said() == ["they could not be read; those from before are believed"]
    issuers.usable = False
    assert said() == ["they could not be read: nothing that it signs is believed"]
    issuers.usable, issuers.problem = True, ""
    assert said() == [None]


@dataclass
class Acts:
    """As much of a registrar as is used: what holds, and whom it tells."""

    in_force: ActsInForce = field(default_factory=ActsInForce)
    told: list[Any] = field(default_factory=list)

    def tell(self, changed: Any) -> None:  # noqa: ANN401  # any callback
        """Keep who is told."""
        self.told.append(changed)

    async def come_to(self, **now: Any) -> None:  # noqa: ANN401  # any field
        """Let something else hold."""
        self.in_force = ActsInForce(**now)
        for changed in self.told:
            await changed(self.in_force)


def cut(number: int, scope: str, name: str) -> CutOffAct:
    """Return a cut-off in force."""
    return CutOffAct(
        number=number, scope=scope, name=name, reason="scheduled", index=number, at_ms=1
    )


async def test_a_cut_off_is_said_when_it_is_added_and_when_it_is_lifted() -> None:
    """With what it stops and its number; what held at the start is not news."""
    old, new = cut(1, "agency", "ice"), cut(2, "dataset", "jail")
    acts, told = Acts(in_force=ActsInForce(cutoffs=(old,))), Told()
    notice_acts(cast("Registrar", acts), told.lines)
    await acts.come_to(cutoffs=(old, new))
    await acts.come_to(cutoffs=(old, new))
    assert told.news() == [
        {
            "event": "cutoff",
            "act": "cutoff",
            "scope": "dataset",
            "name": "jail",
            "counter": 2,
        }
    ]
    everything = cut(3, "all", "")
    await acts.come_to(cutoffs=(new, everything))
    first, second = told.news()
    assert first == {"event": "cutoff", "act": "cutoff", "scope": "all", "counter": 3}
    assert (second["act"], second["counter"]) == ("cutoff-lift", 1)


async def test_a_paper_is_said_by_its_entry_alone() -> None:
    """Neither its digest nor its state is in the line: the log has both."""
    acts, told = Acts(), Told()
    notice_acts(cast("Registrar", acts), told.lines)
    paper = PaperAct(state="issuer_confirmed", face="none", index=7, at_ms=1)
    papers: Growing[str, PaperAct] = Growing()
    await acts.come_to(papers=papers.with_entry("a" * 64, paper))
    await acts.come_to(papers=papers.with_entry("a" * 64, paper))
    assert told.news() == [{"event": "paper", "entry": 7}]
