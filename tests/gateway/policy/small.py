"""A small law for tests: a vocabulary of few words, and folders made of rules."""

# ruff: noqa: ANN401 - documents made by hand hold values of any type

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gateway.policy import Ask, Decision, Policy, Question, Screen, Vector, Vocabulary
from gateway.policy.build import assemble
from gateway.policy.bundle import Bundle
from gateway.policy.pack import Library, load_library
from gateway.policy.proofs import (
    CLAIMS,
    NEVER,
    ProofRow,
    applying,
    keep_proofs,
    with_proofs,
)
from gateway.policy.vocabulary import Value

REGO = Path(__file__).parents[3] / "policies" / "rego"


def titled(*words: str) -> dict[str, Any]:
    """Return words with titles."""
    return {word: {"title": word} for word in words}


def vocabulary_text() -> dict[str, Any]:
    """Return the small vocabulary as it is written."""
    return {
        "schema": "sallyport.vocabulary/1",
        "families": titled("fed", "local"),
        "requester_classes": {
            "ice": {"title": "ICE", "family": "fed"},
            "fbi": {"title": "FBI", "family": "fed"},
            "police": {"title": "Police", "family": "local"},
        },
        "custodian_types": titled("sheriff", "dmv"),
        "datasets": titled("jail", "cars"),
        "kinds": {
            "read": {"title": "Read", "fields": True},
            "notify": {"title": "Notify", "fields": True},
            "hold": {"title": "Hold", "category": "hold"},
        },
        "uses": ["release", "match"],
        "categories": {
            word: {"title": word, "tags": ["T"]}
            for word in ("date", "home", "status", "number", "record_exists", "hold")
        },
        "purposes": titled("civil", "crime", "none_given"),
        "channels": titled("api", "phone"),
        "reviewers": titled("counsel", "command"),
        "reason_codes": titled(
            "RULE_PROHIBITS",
            "RULE_PERMITS",
            "RULE_REQUIRES",
            "LAW_UNSETTLED",
            "NO_RULE",
            "CONFLICT",
            "SEALED",
        )
        | {
            "DUTY_NOT_MET": {"title": "Duty", "means": "alert"},
            "POLICY_BARRED": {"title": "Policy", "means": "lint_error"},
        },
        "change_words": ["agreement", "confirmation"],
        "obligations": {
            "log": {"title": "Log", "executor": "gateway"},
            "tell": {
                "title": "Tell",
                "executor": "task",
                "parameters": {
                    "days": "integer",
                    "form": "code",
                    "to": "list",
                    "soon": "boolean",
                },
            },
        },
        "parameter_words": {"form": ["writing"]},
        "immigration_scopes": {"narrow": ["civil"]},
        "face_boxes": titled("signed", "left", "right"),
        "signers": titled("judge", "clerk", "officer"),
        "instruments": {
            "warrant": {
                "form": "W",
                "title": "Warrant",
                "class": "judicial",
                "signers": ["judge", "clerk"],
                "face": {"needs": ["signed"], "executed_within_days": 14},
            },
            "detainer": {
                "form": "D",
                "title": "Detainer",
                "class": "administrative",
                "signers": ["officer"],
            },
        },
        "paper_states": [
            "absent",
            "unverified",
            "issuer_confirmed",
            "outside_scope",
            "defective",
            "expired",
        ],
        "paper_groups": {
            "presented": ["unverified", "issuer_confirmed"],
            "confirmed": ["issuer_confirmed"],
            "any": ["unverified", "issuer_confirmed", "outside_scope"],
        },
        "facts": {
            "purpose": {"type": "code", "values": "purposes", "scope": "request"},
            "agreement": {
                "own": True,
                "type": "code",
                "values": ["none", "in_force"],
                "scope": "request",
                "default": "none",
            },
            "recipient": {
                "type": "code",
                "values": ["requester_classes"],
                "also": ["nobody"],
                "scope": "request",
                "default": "nobody",
            },
            "bulk": {"type": "boolean", "scope": "request", "default": False},
            "subjects_given": {"type": "boolean", "scope": "request", "default": False},
            "level": {"type": "integer", "max": 3, "scope": "request", "default": 0},
            "need": {
                "type": "boolean",
                "scope": "request",
                "said_by": "requester",
                "title": "Need to know",
            },
            "sealed": {"type": "boolean", "scope": "record"},
            "convicted": {"type": "boolean", "scope": "record"},
            "validated_on": {"type": "day", "scope": "record"},
            "public": {"type": "boolean", "scope": "record_category"},
        },
    }


def vocabulary() -> Vocabulary:
    """Return the small vocabulary."""
    return Vocabulary.model_validate(vocabulary_text())


def rule(name: str, **members: Any) -> dict[str, Any]:
    """Return a rule as it is written, with what every rule must say."""
    return {
        "id": name,
        "title": f"Title of {name}",
        "citation": f"Law {name}",
        "layer": "state",
        "effect": "prohibit",
        "verification": {
            "status": "source_read",
            "checked_on": "2026-01-01",
            "lawyer": None,
        },
        **members,
    }


def case_text(**members: Any) -> dict[str, Any]:
    """Return a case as it is written: ICE reads a date in a jail."""
    return {
        "schema": "sallyport.case/1",
        "id": "C-1",
        "title": "A case",
        "packs": ["st"],
        "day": "2026-01-20",
        "custodian": "sheriff",
        "dataset": "jail",
        "request": {"kinds": ["read"], "categories": ["date"], "purpose": "civil"},
        "requester": {"class": "ice"},
        **members,
    }


REVEALS = {"categories": ["status"], "citation": "Law that allows it"}


def write(
    root: Path,
    *,
    rules: Mapping[str, Sequence[Mapping[str, Any]]],
    overlay: Sequence[Mapping[str, Any]] | None = None,
    header: Mapping[str, Any] | None = None,
    overlay_header: Mapping[str, Any] | None = None,
    words: Mapping[str, Any] | None = None,
) -> Path:
    """Write a policies folder; packs by id with their rules. JSON is YAML too."""
    shutil.copytree(REGO, root / "rego", dirs_exist_ok=True)
    (root / "vocabulary.yaml").write_text(json.dumps(words or vocabulary_text()))
    packs = {"agency-default": [], **rules}
    for name, listed in packs.items():
        kind = "agency_default" if name == "agency-default" else "state"
        _pack(root / "packs" / name, name, kind, listed, header or {})
    if overlay is not None:
        folder = root / "overlays" / "county"
        _pack(folder, "county", "overlay", overlay, overlay_header or {})
    return root


def library(root: Path, **written: Any) -> Library:
    """Write a policies folder and read it."""
    return load_library(write(root, **written))


def _pack(
    folder: Path,
    name: str,
    kind: str,
    rules: Sequence[Mapping[str, Any]],
    header: Mapping[str, Any],
) -> None:
    (folder / "rules").mkdir(parents=True, exist_ok=True)
    text = {
        "schema": "sallyport.pack/1",
        "id": name,
        "title": name,
        "version": "0.1.0",
        "as_of": "2026-01-01",
        "time_zone": "America/Chicago",
        "kind": kind,
        "verification": {"status": "draft", "lawyer": None},
        **header,
    }
    (folder / "pack.yaml").write_text(json.dumps(text))
    (folder / "rules" / "all.yaml").write_text(json.dumps(list(rules)))


def question(
    words: Vocabulary,
    *asks: tuple[str, str, str],
    day: int = 20260120,
    requester: str = "ice",
    papers: Mapping[str, Value] | None = None,
    **facts: Value,
) -> Question:
    """Return a question of the small law."""
    return Question.build(
        vocabulary=words,
        day=day,
        custodian="sheriff",
        dataset_kind="jail",
        requester_class=requester,
        facts={"purpose": "civil", **facts},
        asks=[
            Ask(kind=kind, use=use, category=category, facts=papers or {})
            for kind, use, category in asks or [("read", "release", "date")]
        ],
    )


def policy_of(root: Path, *rules: Mapping[str, Any], **written: Any) -> Policy:
    """Return the policy of a pack ``st`` with these rules."""
    found = library(root, rules={"st": rules}, **written)
    overlay = "county" if "overlay" in written else None
    return Policy(bundle=assemble(found, ["st"], overlay))


def decided(policy: Policy, asked: Question, *vectors: Vector) -> list[Decision]:
    """Return the decisions on these records, or on one of which nothing is known."""
    return asyncio.run(policy.decide(asked, vectors or [Vector()]))


def screened(policy: Policy, asked: Question) -> Screen:
    """Return the screen of a question."""
    return asyncio.run(policy.screen(asked))


def kept_proofs(root: Path, bundle: Bundle, *, fails: Sequence[str] = ()) -> Path:
    """Keep proofs of a bundle in its folder, without a solver; return their file."""
    return keep_proofs(vouched(bundle, fails=fails), root)


def vouched(bundle: Bundle, *, fails: Sequence[str] = ()) -> Bundle:
    """Return a bundle that says of itself that all was proved but some claims."""
    claims = (*CLAIMS, *(f"{NEVER}{one.id}" for one in applying(bundle)))
    rows = [
        ProofRow(id=claim, says="Not looked for.", holds=claim not in fails)
        for claim in claims
    ]
    return with_proofs(bundle, rows)
