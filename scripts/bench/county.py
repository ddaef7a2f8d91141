"""A county of the measurements: two datasets over one table, one with record facts.

``bench-register`` is of a kind that no shipped rule bars by a fact about the record, so
the screen alone decides it: one statement. ``bench-records`` holds the same rows as
police records, whose bars look at three facts: two statements. An overlay of the
measurements opens the same twelve categories of both.
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.clock import SystemClock
from gateway.config import Config, load
from gateway.demo.deciders import activate as put_in_force
from gateway.demo.deciders import people
from gateway.demo.files import write_folder
from gateway.demo.identities import mint_token
from gateway.demo.layout import Layout
from gateway.policy.build import build
from gateway.policy.proofs import (
    CLAIMS,
    NEVER,
    ProofRow,
    applying,
    keep_proofs,
    with_proofs,
)

__all__ = [
    "COLUMNS",
    "FIELDS",
    "WHO",
    "Size",
    "activate",
    "document",
    "everybody",
    "token",
    "write_county",
]

ROOT = Path(__file__).resolve().parents[2]
WHO = "neighbour-sheriff"
"""The requester of all measurements."""

FIELDS = {
    "name": "name",
    "dob": "dob",
    "home_address": "home_address",
    "zip": "zip5",
    "phone": "phone",
    "plate": "plate",
    "licence_class": "licence_class",
    "licence_status": "licence_status",
    "photo": "photo",
    "registration": "registration",
    "accident_history": "accident_history",
    "driver_licence_no": "driver_licence_no",
}
"""The twelve fields that are asked, each with its category."""

COLUMNS = {
    **{name: name for name in FIELDS},
    "licence_status": "licence_state",
    "photo": "photo_ref",
    "registration": "notes",
    "accident_history": "accidents",
    "driver_licence_no": "licence_no",
}
"""The column of each field."""

RECORD_FACTS = """\
facts:
  sealed: {column: sealed, type: boolean}
  protected_1367: {column: protected, type: boolean}
  juvenile: {column: protected, type: boolean}
"""

OVERLAY = """\
schema: sallyport.pack/1
id: bench-county
title: A county of the measurements
version: 0.1.0
as_of: 2026-04-30
time_zone: America/Chicago
kind: overlay
verification: {status: local, checked_on: 2026-04-30, lawyer: null}
"""

RULE = """\
- id: bench-county.%(name)s
  title: What is measured
  citation: "Measurements only"
  layer: overlay
  reach:
    requesters: [%(requester)s]
    kinds: [%(kinds)s]
    datasets: [%(datasets)s]
    categories: [%(categories)s]
  when:
    - {fact: agreement, is: in_force}
  effect: permit
  reason: LOCAL_OVERLAY
  verification: {status: local, checked_on: 2026-04-30, lawyer: null}
"""


WIDE = """\
limits:
  client: {per_minute: 10000000, burst: 1000000}
  agency: {per_minute: 10000000, burst: 1000000}
  family: {per_minute: 10000000, burst: 1000000}
  subjects_per_day: 1000000
"""
"""Limits are looked at for each request as ever, and never met."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Size:
    """How large a county is: people, further datasets, rules that never apply."""

    records: int = 300
    datasets: int = 0
    rules: int = 0


def document(dataset: str, number: int = 17, **more: object) -> bytes:
    """Return the request that is measured: one person, twelve fields."""
    body: dict[str, Any] = {
        "schema": "sallyport.request/1",
        "dataset": dataset,
        "kinds": ["read_fields"],
        "fields": list(FIELDS),
        "subjects": [{"driver_licence_no": f"X000-0000-{number:04d}"}],
        "purpose": "criminal_investigation",
        "case_number": "BENCH-1",
    }
    return json.dumps(body | more).encode()


def everybody(dataset: str) -> bytes:
    """Return the request for everybody's twelve fields."""
    return json.dumps(
        {
            "schema": "sallyport.request/1",
            "dataset": dataset,
            "kinds": ["bulk_export"],
            "fields": list(FIELDS),
            "purpose": "criminal_justice_admin",
            "case_number": "BENCH-1",
        }
    ).encode()


def token(layout: Layout) -> str:
    """Return a fresh token; it lives ten minutes."""
    return mint_token(layout, WHO, clock=SystemClock())


def write_county(root: Path, size: Size) -> Layout:
    """Write a folder that a gateway and the bare server both can serve."""
    layout = Layout(root=root)
    write_folder(layout, clock=SystemClock(), records=size.records)
    _write_catalogue(layout.catalogue, size.datasets)
    _write_policies(root / "policies", size.rules)
    text = layout.config().read_text()
    text = re.sub(r"listen: 127\.0\.0\.1:\d+", "listen: 127.0.0.1:0", text)
    text = text.replace("overlay: example-county", "overlay: bench-county")
    layout.config().write_text(f"{text}\npolicies: policies\n{WIDE}")
    return layout


async def activate(layout: Layout) -> None:
    """Begin the folder's log and put its files into force."""
    config, keys = load(layout.config()), people(layout)
    _vouch(config)
    await put_in_force(config, clock=SystemClock(), keys=keys, by="bench")


def _vouch(config: Config) -> None:
    """Keep proofs that nobody looked for: the measured law is made to be long."""
    law = config.jurisdiction
    bundle = build(config.policies, law.packs, law.overlay)
    claims = (*CLAIMS, *(f"{NEVER}{one.id}" for one in applying(bundle)))
    rows = [ProofRow(id=claim, says="Not looked for.", holds=True) for claim in claims]
    keep_proofs(with_proofs(bundle, rows), config.policies)


def _write_catalogue(folder: Path, further: int) -> None:
    """Write both measured datasets, and further ones that nobody asks."""
    (folder / "bench-records.yaml").write_text(
        _dataset("bench-records", "records_mgmt", RECORD_FACTS)
    )
    for name in ("bench-register", *(f"bench-{n:03d}" for n in range(further))):
        (folder / f"{name}.yaml").write_text(_dataset(name, "property", ""))


def _dataset(name: str, kind: str, facts: str) -> str:
    """Return a dataset file over the drivers' table."""
    licence = "{column: licence_no, category: driver_licence_no, type: text}"
    fields = "".join(
        f"  {field}: {{column: {COLUMNS[field]}, category: {category}, type: text}}\n"
        for field, category in FIELDS.items()
    )
    return (
        f"schema: sallyport.dataset/1\nid: {name}\nkind: {kind}\n"
        "custodian: sheriff\ntitle: A register of the measurements\n"
        "source: dmv-db\ntable: drivers\nkey: licence_no\n"
        "minimum: [[driver_licence_no]]\nresponse_floor_ms: 0\n"
        f"selectors:\n  driver_licence_no: {licence}\nfields:\n{fields}{facts}"
    )


def _write_policies(folder: Path, further: int) -> None:
    """Copy the shipped law and add the overlay, with rules that never apply."""
    shutil.copytree(ROOT / "policies", folder)
    overlay = folder / "overlays" / "bench-county"
    (overlay / "rules").mkdir(parents=True)
    (overlay / "pack.yaml").write_text(OVERLAY)
    categories = ", ".join(FIELDS.values())
    measured = {
        "name": "measured",
        "requester": "local_le",
        "kinds": "read_fields, bulk_export",
        "datasets": "property, records_mgmt",
        "categories": categories,
    }
    # Those reach the same class and kind, in datasets that nobody asks.
    elsewhere = measured | {"datasets": "toll, utilities, elections"}
    rules = [
        RULE % measured,
        *(RULE % (elsewhere | {"name": f"further-{n}"}) for n in range(further)),
    ]
    (overlay / "rules" / "measured.yaml").write_text("\n".join(rules))
