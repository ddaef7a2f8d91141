"""What was proved of a bundle, as it travels in it; needs no solver.

``proofs/proofs.json`` stands beside the law it is about, signed with the rest, outside
the revision: what is proved of a revision cannot be part of it. Without it, or with a
claim that does not hold, a bundle is not activated. The policies folder keeps proofs
by revision (``proofs/<revision>.json``), so that who activates needs no solver; a
proof is a result that anyone may look for again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from gateway.canonical import Json, canonical
from gateway.errors import GatewayError
from gateway.policy.bundle import SIGNATURES, Bundle, revision_of
from gateway.policy.conformance import FILE as QUESTIONS
from gateway.policy.never import Invariant, invariants_in, stack_of
from gateway.policy.words import Document

__all__ = [
    "CLAIMS",
    "NEVER",
    "PROOFS",
    "ProofRow",
    "ProofsText",
    "Unproved",
    "applying",
    "held_of",
    "keep_proofs",
    "proofs_of",
    "require_proofs",
    "unproved",
    "with_kept_proofs",
    "with_proofs",
]

PROOFS = "proofs/proofs.json"
"""Where proofs are in a bundle."""

FOLDER = "proofs"
"""Where proofs are kept in a policies folder, by revision."""

CLAIMS = (
    "answered",
    "reachable",
    "heard",
    "unknown",
    "unconfirmed",
    "inside",
    "overlay",
    "reveals",
)
"""What is claimed of every bundle, beside its invariants."""

NEVER = "never."
"""What stands before an invariant's id in the id of its proof."""


class ProofRow(Document):
    """One claim and whether it holds for every question."""

    id: str
    says: str
    citation: str = ""
    holds: bool
    notes: list[str] = Field(default_factory=list)


class ProofsText(Document):
    """All that was proved of one revision.

    ``law`` is the revision that the same files have without conformance questions:
    what they are made of can be compared without asking them.
    """

    schema_: Literal["sallyport.proofs/1"] = Field(alias="schema")
    revision: str
    law: str
    proofs: list[ProofRow]


class Unproved(GatewayError):
    """A bundle may not be activated: something it must keep to is not proved.

    ``revision`` is the bundle's: whoever wanted another one looks at that first.
    """

    def __init__(self, problem: str, *, revision: str) -> None:
        """Keep which rules they are."""
        super().__init__(problem)
        self.revision = revision


def with_proofs(bundle: Bundle, rows: Iterable[ProofRow]) -> Bundle:
    """Return the bundle with what was proved of it; an old signature is taken off."""
    document = {
        "schema": "sallyport.proofs/1",
        "revision": bundle.revision,
        "law": _law(bundle),
        "proofs": [row.model_dump(mode="json") for row in rows],
    }
    files = {path: data for path, data in bundle.files.items() if path != SIGNATURES}
    return Bundle(files={**files, PROOFS: canonical(document)})


def _law(bundle: Bundle) -> str:
    files = bundle.files.items()
    return revision_of({path: data for path, data in files if path != QUESTIONS})


def with_kept_proofs(bundle: Bundle, root: Path) -> Bundle:
    """Return the bundle with the proofs that a policies folder keeps of it, if any.

    Else with those of the same law: one that was built beside another engine has other
    conformance questions, so another revision, and nothing else in it differs.
    """
    folder, law = root / FOLDER, _law(bundle)
    for path in (folder / f"{bundle.revision}.json", *sorted(folder.glob("*.json"))):
        document = _kept(path)
        if document.get("revision") == bundle.revision:
            return Bundle(files={**bundle.files, PROOFS: canonical(document)})
        if document.get("law") == law:
            own: dict[str, Json] = {**document, "revision": bundle.revision}
            return Bundle(files={**bundle.files, PROOFS: canonical(own)})
    return bundle


def _kept(path: Path) -> dict[str, Json]:
    """Return what a file of proofs says; nothing if it cannot be read."""
    try:
        document: Json = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


def keep_proofs(bundle: Bundle, root: Path) -> Path:
    """Write a bundle's proofs into a policies folder, and return the file.

    Raises:
        OSError: when the folder cannot be written.
    """
    path = root / FOLDER / f"{bundle.revision}.json"
    path.parent.mkdir(exist_ok=True)
    document = json.dumps(bundle.document(PROOFS), indent=1, ensure_ascii=False)
    path.write_text(f"{document}\n")
    return path


def require_proofs(bundle: Bundle) -> None:
    """Refuse a bundle that is not proved.

    Raises:
        Unproved: with what is missing or does not hold, and how it is proved.
    """
    if problem := unproved(bundle):
        raise Unproved(problem, revision=bundle.revision)


def unproved(bundle: Bundle) -> str:
    """Return a sentence that says why a bundle may not be activated, or nothing."""
    name = f"policy {bundle.revision[:12]}"
    packs, overlay = stack_of(bundle.files)
    arguments = [f"--pack {pack}" for pack in packs]
    arguments += [f"--overlay {overlay}"] if overlay else []
    command = " ".join(["sallyport policy prove", *arguments, "--write"])
    try:
        text = ProofsText.model_validate_json(bundle.files.get(PROOFS, b""))
    except ValidationError:
        return (
            f"{name} has no proofs, so it is not activated. Run: {command}"
            " (with --policies and the folder where that is not the one that came with"
            " the program; it needs the extra prove, here or on another machine)"
        )
    if text.revision != bundle.revision:
        return f"the proofs of {name} are of {text.revision[:12]}. Run: {command}"
    holding = {row.id for row in text.proofs if row.holds}
    failed = [row.id for row in text.proofs if not row.holds]
    wanted = [*CLAIMS, *(f"{NEVER}{one.id}" for one in applying(bundle))]
    missing = [claim for claim in wanted if claim not in {*holding, *failed}]
    if failed:
        return f"{name} does not keep to {', '.join(failed)}. See: {command}"
    if missing:
        return f"{name} is not proved to keep to {', '.join(missing)}. Run: {command}"
    return ""


def proofs_of(bundle: Bundle) -> dict[str, bool]:
    """Return each claim that was looked into, and whether it holds.

    Nothing where none was, or where it was of other rules.
    """
    try:
        text = ProofsText.model_validate_json(bundle.files.get(PROOFS, b""))
    except ValidationError:
        return {}
    if text.revision != bundle.revision:
        return {}
    return {row.id: row.holds for row in text.proofs}


def held_of(bundle: Bundle) -> list[str]:
    """Return the claims that hold for every question, sorted."""
    return sorted(claim for claim, holds in proofs_of(bundle).items() if holds)


def applying(bundle: Bundle) -> list[Invariant]:
    """Return the invariants of a bundle that are about its packs.

    Raises:
        InvalidFile: when its files of invariants have mistakes.
    """
    packs, overlay = stack_of(bundle.files)
    here = {*packs, overlay}
    return [
        one
        for one in invariants_in(bundle.files, bundle.vocabulary)
        if one.packs <= here
    ]
