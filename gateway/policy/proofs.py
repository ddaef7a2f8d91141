"""What was proved of a bundle, as it travels in it; needs no solver.

``proofs/proofs.json`` stands beside the law it is about, signed with the rest, outside
the revision: what is proved of a revision cannot be part of it. The policies folder
keeps proofs by revision (``proofs/<revision>.json``), so that who activates needs no
solver; a proof is a result that anyone may look for again.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from gateway.canonical import Json, canonical
from gateway.policy.bundle import Bundle
from gateway.policy.words import Document

__all__ = ["PROOFS", "ProofRow", "ProofsText", "proofs_of", "with_kept_proofs"]

PROOFS = "proofs/proofs.json"
"""Where proofs are in a bundle."""

FOLDER = "proofs"
"""Where proofs are kept in a policies folder, by revision."""


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


def with_kept_proofs(bundle: Bundle, root: Path) -> Bundle:
    """Return the bundle with the proofs that a policies folder keeps of it, if any."""
    path = root / FOLDER / f"{bundle.revision}.json"
    try:
        document: Json = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return bundle
    return Bundle(files={**bundle.files, PROOFS: canonical(document)})


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
