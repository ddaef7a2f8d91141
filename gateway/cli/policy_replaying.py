"""The work of ``policy replay``: past questions, put to a draft."""

from __future__ import annotations

import base64
import datetime as dt
from pathlib import Path
from typing import Any

from gateway.cli.commanding import configured, result_of
from gateway.cli.exit_codes import ExitCode
from gateway.cli.output import fail, tell
from gateway.cli.policy_archive import asked_since
from gateway.cli.policy_compare import put, report
from gateway.cli.policy_files import mistakes_told
from gateway.errors import GatewayError, InvalidFile, Mistake, Unavailable
from gateway.policy.bundle import Bundle
from gateway.policy.compare.past import Past, read_jsonl
from gateway.policy.compare.report import Shown, exactly, roughly
from gateway.policy.compare.sides import Side, side_of

__all__ = ["archive_under", "read_bundle", "replay"]


def replay(
    config: Path,
    bundle: Path,
    *,
    against: Path | None,
    since: str,
    requests: Path | None,
    opa: Path | None,
    by: str,
    as_json: bool,
) -> None:
    """Print what a draft does to past answers."""
    try:
        after = side_of(read_bundle(bundle), str(bundle))
        shown: Shown = exactly
        if requests is None:
            before, past = archive_under(
                config, after, since, by=by, against=against, as_json=as_json
            )
            shown = roughly
        else:
            before = _before(config, against, as_json=as_json)
            past = read_jsonl(requests)
        tally = put(before, after, past, opa=opa)
    except InvalidFile as error:
        fail(ExitCode.MISTAKES, mistakes_told(error), as_json=as_json)
    except Unavailable as error:
        fail(ExitCode.UNAVAILABLE, str(error), as_json=as_json)
    report(tally, before, after, shown, as_json=as_json)


def archive_under(
    config: Path,
    after: Side,
    since: str,
    *,
    by: str,
    against: Path | None = None,
    as_json: bool,
) -> tuple[Side, list[Past]]:
    """Return what is in force, and what was asked; the log knows of it first.

    Raises:
        InvalidFile: for a bundle that cannot be read.
        Unavailable: what it needs is gone.
    """
    day = _day(since)
    command = {
        "command": "policy-replay",
        "policy": after.deciding.revision,
        "since": day,
        "by": by,
    }
    known: Any = result_of(config, command, as_json=as_json)
    tell(f"that past questions were read is entry {known['entry']}")
    before = (
        _of_archive(known)
        if against is None
        else side_of(read_bundle(against), str(against))
    )
    try:
        asked = asked_since(configured(config, as_json=as_json), day)
    except (InvalidFile, Unavailable):
        raise
    except GatewayError as error:
        fail(ExitCode.NOT_DONE, str(error), as_json=as_json)
    if asked.shut:
        tell(f"{asked.shut} rows of the archive do not open and were left out")
    return before, asked.past


def _before(config: Path, against: Path | None, *, as_json: bool) -> Side:
    """Return what a draft is compared with: a bundle, or what is in force."""
    if against is not None:
        return side_of(read_bundle(against), str(against))
    rows: Any = result_of(config, {"command": "policy-history"}, as_json=as_json)
    if not rows:
        problem = "nothing was activated yet: name a bundle to compare with (--against)"
        fail(ExitCode.NOT_DONE, problem, as_json=as_json)
    command = {"command": "policy-bundle", "number": rows[-1]["number"]}
    return _of_archive(result_of(config, command, as_json=as_json))


def _of_archive(row: dict[str, Any]) -> Side:
    bundle = Bundle.read(base64.b64decode(row["archive"]))
    return side_of(bundle, f"activation {row['number']}")


def read_bundle(path: Path) -> Bundle:
    """Return the bundle of a file.

    Raises:
        InvalidFile: for what is none.
    """
    try:
        return Bundle.read(path.read_bytes())
    except (OSError, ValueError) as error:
        problem = f"is no bundle ({error})"
        raise InvalidFile([Mistake(path=str(path), problem=problem)]) from error


def _day(since: str) -> int:
    """Return a day as YYYYMMDD; 0 for none.

    Raises:
        InvalidFile: for what is no day.
    """
    if not since:
        return 0
    try:
        return int(f"{dt.date.fromisoformat(since):%Y%m%d}")
    except ValueError:
        problem = f"{since} is no day, YYYY-MM-DD"
        raise InvalidFile([Mistake(path="--since", problem=problem)]) from None
