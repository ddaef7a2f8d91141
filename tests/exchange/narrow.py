"""A county that takes little: of guesses, of people, of asking in another way."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from gateway.config import load
from gateway.demo.layout import Layout
from tests.exchange.county import vouch, write_county
from tests.exchange.requests import INVESTIGATION, asking

__all__ = ["PURPOSES", "careful", "named"]

NARROW = """
limits:
  client: {per_minute: 60000, burst: 60000}
  agency: {per_minute: 60000, burst: 60000}
  family: {per_minute: 60000, burst: 60000}
  subjects_per_day: 200
  connections: 3
"""
ROOT = Path(__file__).parents[2]
PURPOSES = (
    "warrant_execution",
    "missing_person",
    "custody_transfer",
    "deconfliction",
    "criminal_justice_admin",
)
REASKED = """\
- id: example-county.reasked
  title: Who is asked for in another way waits for a person
  citation: "Tests only"
  layer: overlay
  reach:
    kinds: [read_fields]
    datasets: [jail]
    categories: [custody_status]
    purposes: [%s]
  when: [{fact: reasked_differently, is: true}]
  effect: review
  reviewer: privacy_officer
  reason: LOCAL_OVERLAY
  verification: {status: local, checked_on: 2026-04-30, lawyer: null}
"""
"""A rule of the kind that a county may add."""


def careful(root: Path) -> Layout:
    """Write a county with that rule, and five guesses a day for each family."""
    layout = write_county(root, records=60, limits=NARROW)
    own = root / "policies"
    shutil.copytree(ROOT / "policies", own)
    rules = own / "overlays" / "example-county" / "rules" / "reasked.yaml"
    rules.write_text(REASKED % ", ".join((INVESTIGATION, *PURPOSES)))
    path = layout.config()
    path.write_text(f"{path.read_text()}\npolicies: {own}\n")
    vouch(load(path))
    return layout


def named(dataset: str, name: str, dob: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401  # any JSON
    """Return a request for somebody by name and birth date."""
    fields = {"county-gang": "gang_affiliation", "county-jail": "custody_status"}
    return asking(
        dataset,
        INVESTIGATION,
        subjects=[{"name": name, "dob": dob}],
        fields=[fields[dataset]],
        **more,
    )
