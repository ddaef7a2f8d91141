"""``sallyport-witness`` and ``python -m audit witness``: serve, keygen, status."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from audit.command import Command, say
from audit.errors import AuditError, CannotTell
from audit.privatefiles import write_public, write_secret
from audit.report import Outcome, date_text
from audit.signer import SeedSigner
from audit.vkey import COSIGNATURE, MLDSA44, key_name_fault
from audit.witness.book import Book, Conflict, Cosigned
from audit.witness.settings import Settings, read_settings
from audit.witness.witness import Witness

__all__ = ["COMMAND"]


def _arguments(parser: ArgumentParser) -> None:
    """Add the witness's own commands."""
    parser.description = "Countersign the logs of others (C2SP tlog-witness)."
    subs = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, command in _COMMANDS.items():
        sub = subs.add_parser(name, help=command.help, description=command.run.__doc__)
        command.arguments(sub)
        sub.set_defaults(run=command.run)


def _config_argument(parser: ArgumentParser) -> None:
    parser.add_argument("config", type=Path, help="the witness's configuration, TOML")


def _book(settings: Settings) -> Book:
    try:
        return Book(settings.database)
    except sqlite3.Error as error:
        raise CannotTell(f"{settings.database.name}: {error}") from None


# --- serve ------------------------------------------------------------------

_NEW = " is new: if this key has cosigned before, end this and make a new key"


def _serve(arguments: Namespace) -> Outcome:
    """Countersign checkpoints until told to stop (SIGTERM, SIGINT)."""
    try:
        # Only who serves needs aiohttp: the extra [witness].
        from audit.witness.server import run  # noqa: PLC0415
    except ImportError:
        raise CannotTell("to serve a witness, install the extra: witness") from None
    settings = read_settings(arguments.config)
    # Whoever lost the record must not begin another one unnoticed.
    begun = "" if settings.database.exists() else f"{settings.database.name}{_NEW}\n"
    book = _book(settings)
    witness = Witness(
        settings,
        book,
        seconds=lambda: time.time_ns() // 1_000_000_000,
        monotonic=time.monotonic,
    )
    try:
        asyncio.run(run(settings, witness, begun=begun))
    finally:
        book.close()
    return Outcome.OK


# --- keygen -----------------------------------------------------------------


def _keygen_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="where the files go")
    parser.add_argument(
        "--name",
        required=True,
        help="the witness's name, such as board.example/witness",
    )
    parser.add_argument(
        "--pq", action="store_true", help="an ML-DSA-44 key instead of Ed25519"
    )


def _keygen(arguments: Namespace) -> Outcome:
    """Make a witness's key: the private file, and the line that logs are given."""
    if key_name_fault(arguments.name):
        raise CannotTell("a key's name has no space and no plus")
    kind = MLDSA44 if arguments.pq else COSIGNATURE
    name = "witness-pq" if arguments.pq else "witness"
    key = SeedSigner.generate(arguments.name, kind)
    arguments.folder.mkdir(parents=True, exist_ok=True)
    write_secret(arguments.folder / f"{name}.key", key.secret_text + "\n")
    write_public(arguments.folder / f"{name}.vkey", key.verifier.text + "\n")
    sys.stdout.write(f"{key.verifier.text}\n")
    return Outcome.OK


# --- status -----------------------------------------------------------------

_UNPROVEN = "; this alone proves nothing: ask the log for a proof that it continues"


def _status_arguments(parser: ArgumentParser) -> None:
    _config_argument(parser)
    parser.add_argument(
        "--evidence", type=Path, metavar="FOLDER", help="write what was refused there"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object")


def _status(arguments: Namespace) -> Outcome:
    """Say how far each log is, and what was refused.

    Two roots of one size are a second history (exit 1). Of a larger checkpoint that
    came with a wrong proof nobody can tell (2): anybody may have sent it.
    """
    settings = read_settings(arguments.config)
    if not settings.database.exists():
        raise CannotTell(f"{settings.database.name}: nothing was cosigned yet")
    book = _book(settings)
    try:
        logs, conflicts = book.logs(), book.conflicts()
        proven = any(each.proven for each in conflicts)
    except (sqlite3.Error, AuditError) as error:
        raise CannotTell(f"{settings.database.name}: {error}") from None
    finally:
        book.close()
    if arguments.json:
        say(_as_json(logs, conflicts))
    else:
        sys.stdout.write("".join(f"{line}\n" for line in _lines(logs, conflicts)))
    unsure = bool(conflicts)
    if arguments.evidence is not None:
        try:
            _write_evidence(arguments.evidence, conflicts)
        except OSError as error:  # what was refused is worth more than the files
            said = f"{arguments.evidence.name} could not be written: {error.strerror}"
            sys.stderr.write(f"CANNOT TELL  {said}\n")
            unsure = True
    if proven:
        return Outcome.TAMPERED
    return Outcome.CANNOT_TELL if unsure else Outcome.OK


def _write_evidence(folder: Path, conflicts: Sequence[Conflict]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, each in enumerate(conflicts):
        for word, note in (("cosigned", each.cosigned), ("refused", each.shown)):
            (folder / f"{number}.{word}").write_bytes(note)


def _as_json(
    logs: Sequence[Cosigned], conflicts: Sequence[Conflict]
) -> dict[str, object]:
    return {
        "logs": [
            {"origin": each.origin, "entries": each.size, "cosigned_at": each.at}
            for each in logs
        ],
        "refused": [
            {
                "origin": each.origin,
                "at": each.at,
                "reason": each.said,
                "proven": each.proven,
            }
            for each in conflicts
        ],
    }


def _lines(logs: Sequence[Cosigned], conflicts: Sequence[Conflict]) -> list[str]:
    return [
        *(
            f"{each.origin}  {each.size} entries, cosigned {date_text(each.at)}"
            for each in logs
        ),
        *(
            f"REFUSED  {each.origin}, {date_text(each.at)}: {each.said}"
            f"{'' if each.proven else _UNPROVEN}"
            for each in conflicts
        ),
    ]


_COMMANDS = {
    "serve": Command(help="countersign logs", arguments=_config_argument, run=_serve),
    "keygen": Command(
        help="make the witness's key", arguments=_keygen_arguments, run=_keygen
    ),
    "status": Command(
        help="say how far each log is", arguments=_status_arguments, run=_status
    ),
}

COMMAND = Command(
    help="countersign the logs of others",
    arguments=_arguments,
    run=_serve,  # each command sets its own
)
