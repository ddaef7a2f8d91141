"""What a decision costs: cold on the embedded engine and on OPA's, warm from memory."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import uvloop

from gateway.policy import Ask, Bundle, Policy, Question, Vector
from gateway.policy.build import build
from gateway.policy.embedded import EmbeddedEngine
from scripts.bench.beside import free_port, listening
from scripts.bench.figure import Figure, microseconds, percentile

__all__ = ["figures"]

ROOT = Path(__file__).resolve().parents[2]
OPA = ROOT / ".tools" / "bin" / "opa"
GOAL_EMBEDDED_US = 300
GOAL_OPA_US = 250
GOAL_SCREEN_US = 200
GOAL_HTTP_US = 1_000
HTTP_TIMES = 500
EVALUATED = "histogram_timer_rego_query_eval_ns_median"
FOR_READING = "--optimize-store-for-read-speed"
"""As ``sallyport opa config`` has OPA started."""
CATEGORIES = (
    "release_date",
    "custody_status",
    "booking_number",
    "charges",
    "name",
    "dob",
    "home_address",
    "phone",
    "photo",
    "country_of_birth",
    "immigration_status",
    "record_exists",
)
"""Twelve asked at once; words the vocabulary doesn't have are left out."""


def _question(bundle: Bundle) -> tuple[Question, Vector]:
    """Return a sheriff's question about a release, and one record's facts."""
    words = bundle.vocabulary
    asks = [
        Ask(kind="notify", use="release", category=category, facts={})
        for category in CATEGORIES
        if category in words.categories
    ]
    question = Question.build(
        vocabulary=words,
        day=20260120,
        custodian="sheriff",
        dataset_kind="jail",
        requester_class="ice_ero",
        facts={"purpose": "release_notification", "person_named": True},
        asks=asks,
    )
    return question, Vector(facts={"conviction_ca_7282_5_a": True}, categories={})


def _opa_us(bundle: Bundle, question: bytes, entrypoint: str) -> dict[str, float]:
    """Return what OPA's own engine needs for the same, by its own measure.

    The median of its evaluations, as ours is one; and ``opa bench``'s mean, which has
    what its collector takes.
    """
    if not OPA.exists():
        print("decision: .tools/bin/opa is not there; make tools", file=sys.stderr)
        return {}
    with tempfile.TemporaryDirectory() as folder:
        packed, asked = Path(folder) / "bundle.tar.gz", Path(folder) / "question.json"
        packed.write_bytes(bundle.archive())
        asked.write_bytes(question)
        done = subprocess.run(
            [
                *(str(OPA), "bench", "--format", "json", "--count", "3", FOR_READING),
                *("--bundle", str(packed), "--input", str(asked), entrypoint),
            ],
            check=True,
            capture_output=True,
            text=True,
        )
    # Several documents, one after the other; each says how often and how long.
    decoder, text, runs = json.JSONDecoder(), done.stdout.strip(), []
    while text:
        said, end = decoder.raw_decode(text)
        text = text[end:].lstrip()
        runs.append((said["Extra"][EVALUATED] / 1_000, said["T"] / said["N"] / 1_000))
    medians, means = (sorted(each)[len(runs) // 2] for each in zip(*runs, strict=True))
    return {"OPA's own engine, us": medians, "opa bench, us": means}


async def _over_http_us(bundle: Bundle, asked: bytes, port: int) -> list[float]:
    """Return the time of each of many answers of an OPA server, in us."""
    # Its import takes a quarter of a second, which other figures need not pay.
    from gateway.policy.opa import OpaServer  # noqa: PLC0415  # as said

    server = OpaServer(
        url=f"http://127.0.0.1:{port}",
        token="none",  # noqa: S106  # this server asks for none
        deadline_s=5.0,
        monotonic=time.monotonic,
    )
    spent = []
    async with server:
        engine = server.engine(bundle)
        server.offered = bundle.revision
        for _ in range(HTTP_TIMES):
            start = time.perf_counter()
            await engine.decide(asked)
            spent.append((time.perf_counter() - start) * 1e6)
    return spent[HTTP_TIMES // 10 :]


def _over_http(bundle: Bundle, asked: bytes, embedded_us: float) -> Iterator[Figure]:
    """Measure what an OPA server on this machine needs for the same, as we ask it."""
    if not OPA.exists():
        return
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        (folder / "bundle.tar.gz").write_bytes(bundle.archive())
        options = ("--skip-version-check", "--log-level", "error", FOR_READING)
        with listening(
            *(str(OPA), "run", "--server", "-a", f"127.0.0.1:{port}", *options),
            *("--bundle", str(folder / "bundle.tar.gz")),
            port=port,
            said=folder / "opa.txt",
        ):
            spent = uvloop.run(_over_http_us(bundle, asked, port))
    yield Figure(
        name="decision: decide, cold, OPA over HTTP, p50",
        value=percentile(spent, 50),
        unit="us",
        baseline={"p99, us": percentile(spent, 99), "embedded, us": embedded_us},
        goal=f"<= {GOAL_HTTP_US}",
        met=percentile(spent, 50) <= GOAL_HTTP_US,
    )


async def _warm_us(bundle: Bundle) -> float:
    """Return the time of screening and deciding what was asked before."""
    policy = Policy(bundle=bundle)
    question, vector = _question(bundle)
    await policy.screen(question)
    await policy.decide(question, [vector])

    def ask() -> None:
        for step in (policy.screen(question), policy.decide(question, [vector])):
            try:
                step.send(None)
            except StopIteration:
                continue
            raise RuntimeError("an answer from memory waited")

    return microseconds(ask)


def figures() -> Iterator[Figure]:
    """Measure federal + state + overlay: screen, decide, and both from memory."""
    bundle = build(ROOT / "policies", ["us-federal", "us-ca"], "example-county")
    question, vector = _question(bundle)
    engine = EmbeddedEngine(bundle)
    asked = question.with_records([vector])
    screened = microseconds(lambda: engine.answer(question.canonical), times=500)
    theirs = _opa_us(bundle, question.canonical, "data.sallyport.screen.answer")
    yield Figure(
        name=f"decision: screen, cold, embedded, {len(question.ask_keys)} categories",
        value=screened,
        unit="us",
        baseline=theirs,
        goal=f"<= {GOAL_SCREEN_US}",
        met=screened <= GOAL_SCREEN_US,
    )
    decided = microseconds(lambda: engine.answer(asked), times=500)
    theirs = _opa_us(bundle, asked, "data.sallyport.decide.answer")
    yield Figure(
        name=f"decision: decide, cold, embedded, {len(question.ask_keys)} categories",
        value=decided,
        unit="us",
        baseline=theirs,
        goal=f"<= {GOAL_EMBEDDED_US}",
        met=decided <= GOAL_EMBEDDED_US,
    )
    if theirs:
        median, mean = theirs.values()
        yield Figure(
            name="decision: decide, cold, OPA's own engine, median",
            value=median,
            unit="us",
            baseline={"mean, us": mean, "embedded, us": decided},
            goal=f"<= {GOAL_OPA_US}",
            met=median <= GOAL_OPA_US,
        )
    yield from _over_http(bundle, asked, decided)
    yield Figure(
        name="decision: screen and decide, from memory",
        value=asyncio.run(_warm_us(bundle)),
        unit="us",
        baseline={"cold, us": screened + decided},
    )
