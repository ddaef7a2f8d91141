"""Many questions that differ, and what the engine alone needs for as many like them."""

from __future__ import annotations

import time
from itertools import product
from pathlib import Path

from gateway.config import load
from gateway.policy import Ask, Question
from gateway.policy.build import build
from gateway.policy.embedded import EmbeddedEngine
from scripts.bench.county import FIELDS, document

__all__ = ["engine_us", "questions"]

PURPOSES = (
    "criminal_investigation",
    "criminal_justice_admin",
    "warrant_execution",
    "custody_transfer",
    "missing_person",
    "exigent_life_safety",
    "deconfliction",
    "traffic_safety",
)
USES = ("b1", "b2", "b3", "b4", "b5", "b6")
CHANNELS = ("api", "nlets", "portal")


def _shapes() -> list[dict[str, str]]:
    """Return what differs: purpose, channel and what is claimed, never the fields.

    Other fields would be another statement for the source as well, which is not what
    is measured.
    """
    return [
        {"purpose": purpose, "dppa_use": use, "channel": channel}
        for purpose, use, channel in product(PURPOSES, USES, CHANNELS)
    ]


def questions() -> list[bytes]:
    """Return request documents that each ask something else of the register."""
    return [
        document(
            "bench-register",
            17,
            purpose=shape["purpose"],
            channel=shape["channel"],
            statements={"dppa_use": shape["dppa_use"]},
        )
        for shape in _shapes()
    ]


def engine_us(config: Path) -> float:
    """Return the processor time of the embedded engine alone, a question.

    The register needs no record facts, so the screen is all that is asked.
    """
    read = load(config)
    law = read.jurisdiction
    bundle = build(read.policies, law.packs, law.overlay)
    engine = EmbeddedEngine(bundle)
    spent = 0
    shapes = _shapes()
    for shape in shapes:
        categories = [*FIELDS.values(), "record_exists"]
        kind = "read_fields"
        asks = [Ask(kind=kind, use="release", category=word) for word in categories]
        asks.append(Ask(kind=kind, use="match", category="driver_licence_no"))
        question = Question.build(
            vocabulary=bundle.vocabulary,
            day=20260120,
            custodian="sheriff",
            dataset_kind="property",
            requester_class="local_le",
            facts={
                **shape,
                "person_named": True,
                "subjects_given": True,
                "agreement": "in_force",
            },
            asks=asks,
        )
        began = time.process_time_ns()
        engine.answer(question.canonical)
        spent += time.process_time_ns() - began
    return spent / len(shapes) / 1e3
