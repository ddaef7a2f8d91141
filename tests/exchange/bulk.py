"""A county whose overlay lets a sheriff export its whole roster, page by page."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from gateway.config import load
from gateway.demo.layout import Layout
from tests.exchange.county import vouch, write_county
from tests.exchange.requests import asking

__all__ = ["bulk_county", "export"]

POLICIES = Path(__file__).parents[2] / "policies"

OVERLAY = """\
schema: sallyport.pack/1
id: bulk-county
title: A county of the tests that shares its roster in bulk
version: 0.1.0
as_of: 2026-04-30
time_zone: America/Chicago
kind: overlay
verification: {status: local, checked_on: 2026-04-30, lawyer: null}
"""
RULES = """\
- id: bulk-county.roster
  title: The roster in bulk to a sheriff with an agreement
  citation: "Tests only"
  layer: overlay
  reach:
    requesters: [local_le]
    kinds: [bulk_export]
    datasets: [jail]
    categories: [custody_status, court_date]
  when:
    - {fact: agreement, is: in_force}
    - {fact: acting_under, is: own}
  effect: permit
  reason: LOCAL_OVERLAY
  verification: {status: local, checked_on: 2026-04-30, lawyer: null}
"""


def bulk_county(root: Path, records: int) -> Layout:
    """Write a county whose overlay opens a bulk export."""
    layout = write_county(root, records=records)
    own = root / "policies"
    shutil.copytree(POLICIES, own)
    overlay = own / "overlays" / "bulk-county"
    (overlay / "rules").mkdir(parents=True)
    (overlay / "pack.yaml").write_text(OVERLAY)
    (overlay / "rules" / "roster.yaml").write_text(RULES)
    path = layout.config()
    text = path.read_text().replace("example-county\n", "bulk-county\n")
    path.write_text(text + f"\npolicies: {own}\n")
    vouch(load(path))
    return layout


def export(**more: object) -> dict[str, Any]:
    """Return the request for everybody's custody status."""
    return asking(
        "county-jail",
        "criminal_justice_admin",
        kinds=["bulk_export"],
        fields=["custody_status", "court_date"],
        **more,
    )
