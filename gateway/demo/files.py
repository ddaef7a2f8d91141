"""Writes the demo's folder: everything a county's gateway is made of, and more.

The folder is what an operator would have, plus what its requesters would have. No
file is ever overwritten.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Template
from types import MappingProxyType
from typing import Final

from audit import AuditorKey, LogKeys
from audit.keyfiles import write_public, write_secret
from gateway.clock import Clock
from gateway.demo.cast import REQUESTERS
from gateway.demo.chapters import scenes
from gateway.demo.county import DEFAULT_RECORDS, build_databases
from gateway.demo.deciders import write_people
from gateway.demo.identities import write_identities
from gateway.demo.layout import Layout
from gateway.demo.papers import instruments_yaml
from gateway.demo.people import SEED
from gateway.demo.ports import free_ports
from gateway.demo.tokens import AUDIENCE, ISSUER
from gateway.demo.witness import write_witness
from gateway.identity import person_digest
from gateway.state.keys import StateKeys, create_state_key

__all__ = ["COUNTIES", "County", "write_folder"]


@dataclass(frozen=True, kw_only=True, slots=True)
class County:
    """A county of the demo: the law it is under and where its days begin."""

    title: str
    pack: str
    zone: str
    port: int
    """Where its gateway listens, if the port is free."""


COUNTIES: Final[Mapping[str, County]] = MappingProxyType(
    {
        "illinois": County(
            title="Example County, Illinois",
            pack="us-il",
            zone="America/Chicago",
            port=8443,
        ),
        "california": County(
            title="Example County, California",
            pack="us-ca",
            zone="America/Los_Angeles",
            port=8453,
        ),
        "texas": County(
            title="Example County, Texas",
            pack="us-tx",
            zone="America/Chicago",
            port=8463,
        ),
    }
)
"""The counties of the story: one database, three states' laws."""

_AGREEMENT: Final = dt.timedelta(days=365)
"""How long the demo's agreements run, each way from today."""

_TEMPLATES: Final = files("gateway.demo").joinpath("template")


def write_folder(
    layout: Layout,
    *,
    clock: Clock,
    records: int = DEFAULT_RECORDS,
    seed: int = SEED,
    witnessed: bool = False,
    progress: Callable[[int], None] = lambda _people: None,
) -> dict[str, int]:
    """Write everything of the demo into a folder; return rows by database file.

    Args:
        layout: of a folder that is empty, or not there yet.
        clock: the day the county is made on.
        records: people in the county.
        seed: of the invented people.
        witnessed: whether the logs are to be signed by a witness, which has to run.
        progress: told how many people were written, now and then.

    Raises:
        FileExistsError: when something of it is there already.
    """
    today = dt.datetime.fromtimestamp(clock.now_ms() / 1000, tz=dt.UTC).date()
    for folder in (
        layout.databases,
        layout.catalogue,
        layout.keys,
        layout.issuer,
        layout.authorities,
        layout.requests,
    ):
        folder.mkdir(mode=0o700, parents=True)
    counts = build_databases(
        layout.databases, today=today, records=records, seed=seed, progress=progress
    )
    write_identities(layout, clock=clock)
    write_people(layout)
    _write_shared(layout, today)
    ports = _ports()
    for name, county in COUNTIES.items():
        _write_county(layout, name, county, today, ports[name], witnessed=witnessed)
    if witnessed:
        write_witness(layout, COUNTIES)
    return counts


def _ports() -> Mapping[str, tuple[int, int]]:
    """Return where each county's gateway listens, for all and for its operator.

    Chosen together: where one has to give way, it takes none that another wants.
    """
    wanted = [(county.port, county.port + 1) for county in COUNTIES.values()]
    found = iter(free_ports(*(port for pair in wanted for port in pair)))
    return dict(zip(COUNTIES, zip(found, found, strict=True), strict=True))


def _write_shared(layout: Layout, today: dt.date) -> None:
    """Write what the three gateways have in common."""
    for source in _TEMPLATES.joinpath("catalogue").iterdir():
        (layout.catalogue / source.name).write_bytes(source.read_bytes())
    for scene in scenes():
        path = layout.requests / f"{scene.name}.json"
        path.write_text(json.dumps(scene.body, indent=2) + "\n")
    deputy = REQUESTERS["deputy-287g"].person
    _fill(
        "agencies.yaml",
        layout.root / "agencies.yaml",
        issuer=ISSUER,
        deputy=person_digest(ISSUER, deputy),
        begins=(today - _AGREEMENT).isoformat(),
        ends=(today + _AGREEMENT).isoformat(),
    )
    auditor = AuditorKey.generate("county-auditor")
    write_secret(layout.auditor_key, auditor.secret_text + "\n")
    write_public(layout.root / "auditor.pub", auditor.auditor.text + "\n")


def _write_county(
    layout: Layout,
    name: str,
    county: County,
    today: dt.date,
    ports: tuple[int, int],
    *,
    witnessed: bool,
) -> None:
    """Write one gateway's configuration, papers and keys."""
    folder = layout.gateway(name)
    origin = f"{name}.example.invalid/sallyport-demo"
    keys = LogKeys.generate(origin)
    keys.write(folder / "keys")
    lines = [verifier.text + "\n" for verifier in keys.verifiers]
    write_public(layout.log_key(name), lines[0])
    write_public(layout.log_keys(name), "".join(lines))
    state = folder / "keys" / "state.key"
    create_state_key(state)
    shared = "" if folder == layout.root else "../"
    _fill(
        "sallyport.yaml",
        layout.config(name),
        title=county.title,
        pack=county.pack,
        zone=county.zone,
        port=str(ports[0]),
        admin_port=str(ports[1]),
        shared=shared,
        issuer=ISSUER,
        audience=AUDIENCE,
        origin=origin,
        witness=f"{shared}{layout.policy.name}" if witnessed else "none",
    )
    with (folder / "instruments.yaml").open("x", encoding="utf-8") as file:
        file.write(
            instruments_yaml(subject_key=StateKeys.read(state).papers, today=today)
        )


def _fill(template: str, path: Path, **values: str) -> None:
    """Write a template with its placeholders filled in."""
    text = _TEMPLATES.joinpath(template).read_text(encoding="utf-8")
    with path.open("x", encoding="utf-8") as file:
        file.write(Template(text).substitute(values))
