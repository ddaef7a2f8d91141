"""What has to be so before rules are put into force: one value, and its digest.

Lint has no errors, every case comes to what it expects, the proofs hold, and past
answers were looked at under the new rules. An activation names the digest of this, so
those who sign it sign that; whoever edits a file afterwards has another revision, and
the act can't be carried out until the files are again those that were signed.

What is allowed but has to be known is listed: packs that no lawyer has signed, and
warnings. Who signs the act accepts them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field, ValidationError

from gateway.canonical import Json, canonical, digest
from gateway.errors import GatewayError
from gateway.policy.drafts import drafts_of, named_with_versions
from gateway.policy.lint.finding import Finding
from gateway.policy.packfile import Pack
from gateway.policy.words import Document

__all__ = [
    "FIRST",
    "FIRST_RULES",
    "Gate",
    "GateRefused",
    "Replay",
    "gate_of",
    "read_gate",
]


FIRST = "first"
"""Stands for the report on past answers where nothing was in force before."""


@dataclass(frozen=True, slots=True)
class Replay:
    """The report on past answers: its digest, and its first sentence."""

    digest: str
    said: str


FIRST_RULES = Replay(FIRST, "nothing was in force before")


class GateRefused(GatewayError):
    """A document is no gate, is of other rules, or is not open; a sentence says why."""


class Gate(Document):
    """The state of a draft when it was looked at."""

    schema_: Literal["sallyport.gate/1"] = Field(alias="schema")
    policy: str = Field(pattern=r"^[0-9a-f]{64}$")
    packs: list[str]
    cases: int = Field(ge=0)
    proofs: list[str]
    replay: str = Field(pattern=r"^(?:[0-9a-f]{64}|first)$")
    past: str = Field(max_length=1_000)
    drafts: list[str]
    warnings: list[str]
    refused: list[str]

    @property
    def open(self) -> bool:
        """Whether the draft may be put into force."""
        return not self.refused

    @property
    def text(self) -> bytes:
        """The canonical bytes: what is kept beside the act."""
        return canonical(self.document())

    @property
    def digest(self) -> str:
        """What an act names it by: SHA-256 of its canonical bytes, hex."""
        return digest(self.text)

    def lines(self) -> Iterator[str]:
        """Yield what somebody has to know before they sign."""
        yield f"packs: {', '.join(self.packs)}"
        yield f"{self.cases} cases come to what they expect"
        yield f"proved for every question: {', '.join(self.proofs) or 'nothing'}"
        yield self.past
        if self.drafts:
            yield f"no lawyer has signed: {', '.join(self.drafts)}"
        if self.warnings:
            yield f"lint warns of: {', '.join(self.warnings)}"
        yield from (f"refused: {problem}" for problem in self.refused)

    def document(self) -> dict[str, Json]:
        """Return it as plain data."""
        found: dict[str, Json] = self.model_dump(mode="json", by_alias=True)
        return found


def gate_of(
    *,
    policy: str,
    packs: Sequence[Pack],
    findings: Sequence[Finding],
    tried: Mapping[str, Sequence[str]],
    proofs: Sequence[str],
    unproved: str,
    replay: Replay,
) -> Gate:
    """Return the state of a draft; nothing is looked at here but what is given.

    Args:
        policy: revision of the draft's bundle.
        packs: packs and overlay of its stack.
        findings: what lint found in them.
        tried: each case that was run, with its failures.
        proofs: the claims that are proved.
        unproved: why the draft is not proved, in a sentence; empty if it is.
        replay: the report on past answers; ``FIRST_RULES`` if nothing is in force.
    """
    errors = [finding for finding in findings if finding.severity == "error"]
    refused = [f"lint: {finding}" for finding in errors]
    refused += [f"test: {c}: {f[0]}" for c, f in sorted(tried.items()) if f]
    refused += [] if tried else ["test: no case was run"]
    refused += [f"proof: {unproved}"] if unproved else []
    warned = {f.code for f in findings if f.severity == "warning"}
    return Gate(
        schema="sallyport.gate/1",
        policy=policy,
        packs=named_with_versions(pack.text for pack in packs),
        cases=len(tried),
        proofs=sorted(proofs),
        replay=replay.digest,
        past=replay.said,
        drafts=drafts_of(packs),
        warnings=sorted(warned),
        refused=refused,
    )


def read_gate(text: bytes, *, policy: str) -> Gate:
    """Read a gate that somebody hands in for a bundle, and refuse one that is shut.

    Raises:
        GateRefused: for anything but the canonical form of an open gate of this policy.
    """
    try:
        gate = Gate.model_validate_json(text)
    except ValidationError as error:
        first: Any = error.errors()[0]
        raise GateRefused(f"it is no gate: {first['msg']}") from error
    if gate.text != text:
        raise GateRefused("it is not written in its only form")
    if gate.policy != policy:
        raise GateRefused(
            f"it is of the rules {gate.policy[:12]}..., and these are {policy[:12]}..."
        )
    if not gate.open:
        raise GateRefused(f"it is shut: {gate.refused[0]}")
    return gate
