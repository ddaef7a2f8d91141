"""The legal papers of the story: invented texts, known to the county by digest."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from gateway.identity import subject_digest

__all__ = ["PAPERS", "DemoPaper", "instruments_yaml", "paper"]

_HEADING: Final = "SYNTHETIC DOCUMENT FOR A DEMONSTRATION. NOT A LEGAL PAPER.\n"

_HEADER: Final = """\
# The papers that came in, by the digest of the document. A paper counts as confirmed
# only with the log entry that says so, which two people sign:
#   sallyport instrument confirm DIGEST
schema: sallyport.instruments/1
papers:
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoPaper:
    """One paper: what it is and whom it names."""

    text: str
    type: str
    signer: str
    selector: str
    value: str

    @property
    def document(self) -> str:
        """SHA-256 of the document, lower-case hex."""
        return hashlib.sha256(f"{_HEADING}{self.text}\n".encode()).hexdigest()


def _detainer(number: int) -> DemoPaper:
    return DemoPaper(
        text=f"Form I-247A, immigration detainer, Sample Person {number:03d}.",
        type="i247a",
        signer="immigration_officer",
        selector="booking_number",
        value=f"B-{number:06d}",
    )


def _subpoena(number: int) -> DemoPaper:
    return DemoPaper(
        text=f"Form AO 89B, court subpoena, driver record of licence {number:04d}.",
        type="ao89b",
        signer="court_clerk",
        selector="driver_licence_no",
        value=f"X000-0000-{number:04d}",
    )


PAPERS: Final[Mapping[str, DemoPaper]] = MappingProxyType(
    {
        "detainer-17": _detainer(17),
        "detainer-18": _detainer(18),
        "subpoena-31": _subpoena(31),
    }
)
"""The papers by the name the story has for them."""


def paper(name: str) -> dict[str, str]:
    """Return a paper of the story as a request names it.

    Raises:
        KeyError: for a paper the story does not have.
    """
    found = PAPERS[name]
    return {"type": found.type, "document_sha256": found.document}


def instruments_yaml(*, subject_key: bytes, today: dt.date) -> str:
    """Return ``instruments.yaml`` as a clerk would have written it.

    Args:
        subject_key: the gateway's key for digests of whom a paper names.
        today: papers were issued the day before and run for four weeks.
    """
    issued = (today - dt.timedelta(days=1)).isoformat()
    expires = (today + dt.timedelta(days=28)).isoformat()
    entries = [
        f"  {one.document}:  # {one.text}\n"
        f"    type: {one.type}\n"
        f"    signer: {one.signer}\n"
        f"    issued: {issued}\n"
        f"    expires: {expires}\n"
        f"    subjects:\n"
        f"      - selectors: [{one.selector}]\n"
        f"        digest: {subject_digest(subject_key, {one.selector: one.value})}\n"
        for one in PAPERS.values()
    ]
    return _HEADER + "".join(entries)
