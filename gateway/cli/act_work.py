"""What the commands on acts do: drafts, hand in, show."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from audit import ActRefused
from audit.acttext import listed
from audit.authority import Authority
from audit.roster import Roster
from gateway.acts import ActFile, ActFileMalformed, why_not
from gateway.cli.act_signing import read_act, told
from gateway.cli.commanding import result_of
from gateway.cli.exit_codes import ExitCode
from gateway.cli.output import fail, show
from gateway.clock import SystemClock

__all__ = ["draft", "show_act", "submit_files", "write_draft"]


def draft(
    config: Path, command: dict[str, Any], *, out: Path | None, as_json: bool
) -> None:
    """Have an act drafted, write its file, and say who signs it."""
    result = result_of(config, command, as_json=as_json)
    write_draft(result, out, as_json=as_json)


def write_draft(result: dict[str, Any], out: Path | None, *, as_json: bool) -> None:
    """Write the file of a drafted act, and say who signs it."""
    path = out or Path(result["name"])
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        problem = f"{path}: {error.strerror}; nothing was written (see --out)"
        fail(ExitCode.NOT_DONE, problem, as_json=as_json)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(result["file"])
    if as_json:
        row = {name: value for name, value in result.items() if name != "file"}
        show({**row, "path": str(path)}, as_json=True)
        return
    people = listed(result["people"])
    needs = {
        "all": f"each key of {people} signs it",
        "two": f"two of {people} sign it",
    }[result["needs"]]
    new = " (and each key that is new)" if result["act"] == "roster" else ""
    typer.echo(
        f"{path}: {result['does']}\n"
        f"{needs}{new} before {result['expires']}, each on their own machine:\n"
        f"  sallyport act sign {path} --key NAME.key\n"
        f"then: sallyport act submit {path}"
    )


def submit_files(
    config: Path, files: Sequence[Path], *, by: str, as_json: bool
) -> None:
    """Hand signed acts in, one after the other; stop at the first that fails."""
    rows = []
    for file in _joined(files, as_json=as_json):
        first = file.act.statement.act == "genesis"
        if first:
            _require_first(file, as_json=as_json)
        command = {"command": "act-submit", "file": file.text, "by": by}
        rows.append(result_of(config, command, as_json=as_json, create=first))
    if as_json:
        show(rows[0] if len(rows) == 1 else rows, as_json=True)
        return
    for row in rows:
        typer.echo("\n".join(_carried_out(row)))


def _joined(files: Sequence[Path], *, as_json: bool) -> list[ActFile]:
    """Return the acts in files, in order; copies of one act are joined."""
    found: dict[str, ActFile] = {}
    for path in files:
        file = read_act(path)
        text = file.act.statement.text
        try:
            found[text] = found[text].joined(file) if text in found else file
        except ActFileMalformed as error:
            fail(ExitCode.MISTAKES, f"{path}: {error}", as_json=as_json)
    return list(found.values())


def _require_first(file: ActFile, *, as_json: bool) -> None:
    """End here rather than begin a log that its own people have not signed."""
    if problem := _first_problem(file):
        fail(ExitCode.NOT_DONE, problem, as_json=as_json)


def _first_problem(file: ActFile) -> str:
    now_ms = SystemClock().now_ms()
    try:
        Authority().after(file.act, index=0, at_ms=now_ms)
    except ActRefused as error:
        return why_not(error)
    return ""


def _carried_out(row: Mapping[str, Any]) -> Iterator[str]:
    signed = listed(row["signed_by"])
    yield f"{row['act']} {row['number']} is entry {row['entry']}, signed by {signed}"
    if "said" in row:
        yield str(row["said"])


def show_act(
    config: Path, file: Path | None, *, entry: int, text: bool, as_json: bool
) -> None:
    """Print an act; end with 1 where it would not count."""
    if (file is None) == (entry < 0):
        fail(ExitCode.MISTAKES, "name a file, or an entry with --entry")
    if file is None:
        command: dict[str, Any] = {"command": "act-show", "entry": entry}
        _print(result_of(config, command, as_json=as_json), as_json=as_json)
        return
    given = read_act(file)
    if text:
        typer.echo(given.act.statement.text, nl=False)
        return
    if not as_json:
        typer.echo("\n".join(told(file, given)))
    if given.act.statement.act == "genesis":
        row = _first(given)
    elif not config.exists():
        typer.echo(f"whether it counts only its gateway can say: there is no {config}")
        return
    else:
        command = {"command": "act-show", "file": given.text}
        row = result_of(config, command, as_json=as_json)
    _print(row, as_json=as_json)
    if not row["counts"]:
        raise typer.Exit(ExitCode.NOT_DONE)


def _first(file: ActFile) -> dict[str, Any]:
    """Judge the act that begins a log: it needs nothing but itself."""
    statement, problem = file.act.statement, _first_problem(file)
    row: dict[str, Any] = {
        "act": statement.act,
        "number": statement.counter,
        "signed_by": sorted({each.name for each in file.act.signatures}),
        "counts": not problem,
    }
    with contextlib.suppress(ActRefused):  # said as the problem
        row["roster"] = Roster.parse(statement.people).digest
    return {**row, "why_not": problem} if problem else row


def _print(row: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        show(row, as_json=True)
        return
    if "entry" in row:
        typer.echo(f"entry {row['entry']}, {row['act']} {row['number']}: {row['does']}")
        typer.echo(f"signed by: {', '.join(row['signed_by']) or 'nobody has to'}")
        return
    for each in row.get("signatures", ()):
        if not each["holds"]:
            typer.echo(f"signature of {each['name']}: {each['why_not']}")
    if "roster" in row:
        typer.echo(f"digest of this roster: {row['roster']}")
    counts = "it counts" if row["counts"] else f"it does not count: {row['why_not']}"
    typer.echo(counts)
