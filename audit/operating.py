"""Commands of those who run a store: publish, copy, doctor, prepare."""

from __future__ import annotations

import asyncio
import sys
import time
from argparse import ArgumentParser, Namespace
from dataclasses import replace
from pathlib import Path

from audit.command import (
    Command,
    end,
    read_input,
    say,
    store_argument,
    store_of,
)
from audit.doctor import examine
from audit.elsewhere import Said
from audit.errors import LogUnavailable
from audit.publish import publish
from audit.reading import BUCKET, driver
from audit.report import Outcome, Report

__all__ = ["COMMANDS"]

HOUR_MS = 3_600_000


def _publish_arguments(parser: ArgumentParser) -> None:
    store_argument(parser)
    parser.add_argument("target", type=Path, help="the folder that everybody may see")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def _publish(arguments: Namespace) -> Outcome:
    """Bring the public copy of a log up to the store's delay."""
    now_ms = time.time_ns() // 1_000_000
    done = publish(store_of(arguments.store), arguments.target, now_ms=now_ms)
    if arguments.json:
        say({"entries": done.size, "entries_before": done.before})
    else:
        said = f"{done.size} entries are public, {done.before} were"
        if done.young:
            hours = f"{done.delay_ms / HOUR_MS:g} h"
            said += f"; {done.young} are not older than the log's delay of {hours}"
        sys.stdout.write(f"{said}\n")
    return Outcome.OK


def _doctor_arguments(parser: ArgumentParser) -> None:
    store_argument(parser)
    parser.add_argument(
        "--said",
        action="append",
        default=[],
        metavar="FILE",
        help="a checkpoint that somebody else has of this log, or s3://BUCKET/PREFIX;"
        " repeatable",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object")


def _doctor(arguments: Namespace) -> Outcome:
    """Say whether the log may go on in this store: an old copy, a second history.

    Of a bucket: whether what is copied there could be replaced.
    """
    arguments.allow_unwitnessed = True
    if arguments.store.startswith(BUCKET):
        return end(_bucket_looked_at(arguments.store), arguments)
    said = [each for where in arguments.said for each in _said(where)]
    return end(examine(store_of(arguments.store), said), arguments)


def _said(where: str) -> list[Said]:
    """Return the checkpoint that a file or a bucket has, if a bucket has one."""
    if not where.startswith(BUCKET):
        path = Path(where)
        return [Said(where=path.name, note=read_input(path, bytes))]
    place = driver("audit.objects.bucket").place_at(where)
    found = asyncio.run(driver("audit.objects.copying").said_by(place))
    return [] if found is None else [found]


def _bucket_looked_at(where: str) -> Report:
    bucket = driver("audit.objects.bucket")
    place = bucket.place_at(where)

    async def faults() -> list[str]:
        async with bucket.Bucket.open(place) as opened:
            found: list[str] = await opened.faults()
            return found

    report = Report(
        holds="what is copied there with a retention stays as it is", witnessed=None
    )
    report.doubts += asyncio.run(faults())
    return report


def _copy_arguments(parser: ArgumentParser) -> None:
    store_argument(parser)
    parser.add_argument("bucket", help="s3://BUCKET/PREFIX")
    parser.add_argument(
        "--retention-days",
        type=int,
        required=True,
        metavar="N",
        help="how long nobody can delete what is copied (Object Lock); 0 locks nothing",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object")


def _copy(arguments: Namespace) -> Outcome:
    """Bring a copy in an object store up to the log as it is now."""
    bucket = driver("audit.objects.bucket")
    place = replace(
        bucket.place_at(arguments.bucket), retention_days=arguments.retention_days
    )
    copying = driver("audit.objects.copying")

    async def copied() -> tuple[int, int]:
        async with bucket.Bucket.open(place) as opened:
            if place.retention_days and (faults := await opened.faults()):
                raise LogUnavailable(faults[0])
            done = await copying.copy(store_of(arguments.store), opened)
            return done.size, done.before

    size, before = asyncio.run(copied())
    if arguments.json:
        say({"entries": size, "entries_before": before})
    else:
        sys.stdout.write(f"{size} entries are in the copy, {before} were\n")
    return Outcome.OK


def _prepare_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("database", help="postgresql://OWNER@HOST/DATABASE")
    for role, what in (
        ("writer", "adds entries: the gateway's"),
        ("integrator", "makes the tree: the gateway's too"),
        ("auditor", "only reads"),
    ):
        parser.add_argument(f"--{role}", metavar="ROLE", help=f"a role that {what}")


def _prepare(arguments: Namespace) -> Outcome:
    """Make a log's tables in a database, or bring them up to this version."""
    server = driver("audit.postgres.server").server_at(arguments.database)
    roles = {
        role: name
        for role in ("writer", "integrator", "auditor")
        if (name := getattr(arguments, role)) is not None
    }
    driver("audit.postgres.prepare").prepare(replace(server, reading=False), roles)
    sys.stdout.write("the tables are there, and each role has what it needs\n")
    return Outcome.OK


COMMANDS = {
    "doctor": Command(
        help="say whether a store may be written to",
        arguments=_doctor_arguments,
        run=_doctor,
    ),
    "prepare": Command(
        help="make a log's tables in a database",
        arguments=_prepare_arguments,
        run=_prepare,
    ),
    "publish": Command(
        help="copy what the public may see",
        arguments=_publish_arguments,
        run=_publish,
    ),
    "copy": Command(
        help="copy the log to an object store",
        arguments=_copy_arguments,
        run=_copy,
    ),
}
