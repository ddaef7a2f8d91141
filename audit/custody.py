"""Commands of those who hold keys: open, replay, keygen."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from audit.command import (
    Command,
    end,
    say,
    store_argument,
    store_of,
    trust_arguments,
    trust_of,
    warn,
)
from audit.errors import CannotTell
from audit.finding import Finding
from audit.keyfiles import (
    AuditorKey,
    LogKeys,
    make_in_token,
    write_public,
    write_secret,
)
from audit.opening import Opened, open_entry
from audit.proof import leaf_at, prove
from audit.replay import bundle_of, replayed
from audit.report import Outcome, Report
from audit.verify import opened

__all__ = ["COMMANDS"]


def _open_arguments(parser: ArgumentParser) -> None:
    store_argument(parser)
    parser.add_argument("--index", type=int, required=True)
    parser.add_argument(
        "--key", type=Path, required=True, metavar="FILE", help="the auditor's key"
    )
    trust_arguments(parser)


def _opened(arguments: Namespace, report: Report) -> Opened | None:
    """Open one entry after proving it; none if the report says why not."""
    keep = store_of(arguments.store)
    source = keep.source()
    trust = trust_of(arguments)
    signed = opened(source, trust, report)
    if signed is None or report.findings:
        return None
    checkpoint, index = signed.checkpoint, arguments.index
    leaf = leaf_at(source, index, checkpoint.size)
    if trust.all_keys:
        proof = prove(source, index, signed.note, checkpoint.size)
        proof.check(leaf, signed.keyring)
    return open_entry(
        keep,
        leaf,
        index=index,
        origin=checkpoint.origin,
        key=AuditorKey.read(arguments.key),
    )


def _open(arguments: Namespace) -> Outcome:
    """Open the sealed parts of one entry; check every digest and commitment."""
    report = Report()
    found = _opened(arguments, report)
    if found is None:
        return end(report, arguments)
    report.doubts += [f"part {part}: absent or erased" for part in found.missing]
    say(
        {
            "schema": "sallyport.opened/1",
            "index": arguments.index,
            "leaf": found.leaf,
            "parts": found.parts,
            "decoys": found.decoys,
            "cannot_tell": report.doubts,
            "witnessed": report.witnessed,
        }
    )
    warn(report)
    return Outcome.CANNOT_TELL if report.doubts else Outcome.OK


def _replay(arguments: Namespace) -> Outcome:
    """Ask the recorded bundle again what an entry says it was asked; compare.

    Exit 0: the same answers; 1: others; 2: nobody can tell.
    """
    report = Report(holds="the bundle gives the recorded answers again")
    found = _opened(arguments, report)
    if found is None:
        return end(report, arguments)
    part, policy = found.parts["replay"], str(found.leaf.get("policy", ""))
    if part is None:
        raise CannotTell("part replay: absent or erased")
    source = store_of(arguments.store).source()
    done = replayed(bundle_of(source, policy), part)
    report.facts |= {
        "index": arguments.index,
        "policy": policy,
        "records": done.records,
    }
    report.findings += [
        Finding(where="replay", reason=each, index=arguments.index)
        for each in done.differences
    ]
    # Whether others have seen the log too is not the question here; it is still said.
    arguments.allow_unwitnessed = True
    return end(report, arguments)


def _keygen_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="where the files go")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--origin", help="the log's name: its signing keys")
    which.add_argument("--auditor", metavar="NAME", help="an auditor's key")
    token = parser.add_argument_group(
        "to keep the keys of checkpoints and their time in a token (PKCS#11)"
    )
    token.add_argument("--token", metavar="NAME", help="the token's name")
    token.add_argument("--module", type=Path, metavar="FILE", help="its library")
    token.add_argument("--pin-file", type=Path, metavar="FILE", help="its PIN")


def _keygen(arguments: Namespace) -> Outcome:
    """Make keys: of a log (checkpoints, receipts, time), or of an auditor."""
    folder: Path = arguments.folder
    if arguments.auditor is None:
        lines = [verifier.text for verifier in _log_keys(folder, arguments).verifiers]
    else:
        key = AuditorKey.generate(arguments.auditor)
        folder.mkdir(parents=True, exist_ok=True)
        write_secret(folder / "auditor.key", key.secret_text + "\n")
        write_public(folder / "auditor.pub", key.auditor.text + "\n")
        lines = [key.auditor.text]
    sys.stdout.write("\n".join(lines) + "\n")
    return Outcome.OK


def _log_keys(folder: Path, arguments: Namespace) -> LogKeys:
    place = (arguments.token, arguments.module, arguments.pin_file)
    if not any(place):
        keys = LogKeys.generate(arguments.origin)
        keys.write(folder)
        return keys
    if not all(place):
        raise CannotTell("a token needs --token, --module and --pin-file")
    return make_in_token(
        folder,
        arguments.origin,
        module=arguments.module,
        token=arguments.token,
        pin=arguments.pin_file,
    )


COMMANDS = {
    "open": Command(
        help="open what is sealed in an entry", arguments=_open_arguments, run=_open
    ),
    "replay": Command(
        help="ask the law again what an entry says it was asked",
        arguments=_open_arguments,
        run=_replay,
    ),
    "keygen": Command(help="make keys", arguments=_keygen_arguments, run=_keygen),
}
