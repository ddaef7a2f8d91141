"""Signing acts: somebody sees what it is, and signs with a key of their own.

Needs no configuration, no gateway and no network: the file holds everything.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import typer
from pydantic import ValidationError

from audit import AuditError, KeyFileRefused, Malformed
from audit.act import Act
from audit.acttext import sentence
from audit.actwords import PERSON
from audit.keyfiles import read_signer
from audit.note import Signature
from audit.roster import Roster
from audit.sshsig import NAMESPACE, read_armor
from gateway.acts import ActFile, ActFileMalformed
from gateway.cli.exit_codes import ExitCode
from gateway.cli.output import fail, tell
from gateway.policy.gate import Gate

__all__ = ["read_act", "sign_files", "told"]

Sign = Callable[[Act], Act]


def sign_files(
    files: Sequence[Path],
    *,
    key: Path | None,
    ssh: Path | None,
    ssh_signature: Path | None,
    person: str,
    yes: bool,
) -> None:
    """Show each act, ask, and add one signature to its file."""
    ways = [way for way in (key, ssh, ssh_signature) if way is not None]
    if len(ways) != 1:
        said = "say with which key: one of --key, --ssh, --ssh-signature"
        fail(ExitCode.MISTAKES, said)
    if key is None and not person:
        fail(ExitCode.MISTAKES, "say under which roster id: --as records-1")
    acts = [(path, read_act(path)) for path in files]
    for path, file in acts:
        typer.echo("\n".join(told(path, file)))
    if not yes and not typer.confirm("Sign?", default=False, err=True):
        fail(ExitCode.NOT_DONE, "nothing was signed")
    try:
        sign = _signer(key=key, ssh=ssh, ssh_signature=ssh_signature, person=person)
        signed = [(path, file, _signed(file.act, sign)) for path, file in acts]
    except (AuditError, OSError) as error:
        fail(ExitCode.NOT_DONE, f"nothing was signed: {error}")
    for path, file, act in signed:
        _write(path, file, act)


def read_act(path: Path) -> ActFile:
    """Read the file of an act, or end with what is wrong with it."""
    try:
        return ActFile.parse(path.read_bytes())
    except OSError as error:
        fail(ExitCode.MISTAKES, f"{path}: {error.strerror}")
    except ActFileMalformed as error:
        fail(ExitCode.MISTAKES, f"{path}: {error}")


def told(path: Path, file: ActFile) -> Iterator[str]:
    """Yield what somebody has to see before they sign.

    What a terminal would take for a command is written out: the file may come from
    anybody, and what it says must not hide what is signed.
    """
    yield from (
        each if each.isprintable() else ascii(each) for each in _told(path, file)
    )


def _told(path: Path, file: ActFile) -> Iterator[str]:
    statement = file.act.statement
    yield f"{path}, {statement.act} {statement.counter} of the log {statement.origin}:"
    yield f"  {sentence(statement)}"
    yield f"  reason {statement.reason}, can be carried out before {statement.expires}"
    sealed = {"words": "in words", "document": "document", "face": "on its face"}
    for name, title in sealed.items():
        if name in file.sealed:
            yield f"  {title} (sealed): {file.sealed[name]}"
    if "gate" in file.sealed:
        yield "  looked at beforehand, as whoever drafted it says (sealed):"
        yield from (f"    {line}" for line in _gate(file.sealed["gate"]))
    names = ", ".join(each.name for each in file.act.signatures)
    yield f"  signatures so far: {names or 'none'}"
    yield "What is signed:"
    yield from (f"  | {line}" for line in statement.text.splitlines())


def _gate(text: str) -> Iterator[str]:
    """Yield what was looked at; a file may come from anybody."""
    try:
        yield from Gate.model_validate_json(text).lines()
    except ValidationError:
        yield "nothing that reads"


def _signer(
    *, key: Path | None, ssh: Path | None, ssh_signature: Path | None, person: str
) -> Sign:
    """Return what adds a signature by the one key that was named.

    Raises:
        AuditError, OSError: it can't be used.
    """
    if key is not None:
        try:
            signer = read_signer(key)
        except Malformed as error:
            raise KeyFileRefused(f"{key.name}: {error}") from None
        return lambda act: act.signed_with(signer)
    if ssh is not None:
        return lambda act: _armored(act, person, _ssh_sign(act, ssh))
    armor = (ssh_signature or Path()).read_text("ascii", errors="replace")
    return lambda act: _armored(act, person, armor)


def _ssh_sign(act: Act, key: Path) -> str:
    """Have ssh-keygen sign; it asks for a passphrase or a touch by itself."""
    done = subprocess.run(  # noqa: S603 - the key's path is an argument, not a command
        ["ssh-keygen", "-Y", "sign", "-n", NAMESPACE, "-f", str(key), "-"],  # noqa: S607 - as the person has it
        input=act.statement.text.encode(),
        stdout=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        raise KeyFileRefused(f"ssh-keygen did not sign with {key.name}")
    return done.stdout.decode("ascii", errors="replace")


def _armored(act: Act, person: str, armor: str) -> Act:
    """Add a signature of ssh-keygen, after checking that it holds."""
    verifier, signature = read_armor(person, armor)
    verifier.verify(act.statement.text.encode(), signature)
    return act.signed(Signature(name=person, id=verifier.id, signature=signature))


def _signed(act: Act, sign: Sign) -> Act:
    """Return an act with one signature more, if it can be of somebody who decides.

    One of a stranger makes all of them void. Who is in the roster only the log knows,
    but the names of people have a form, and the first act names its own keys.

    Raises:
        AuditError: the key can't be used, or is of nobody who signs this.
    """
    signed = sign(act)
    *_, added = signed.signatures
    if not re.fullmatch(PERSON, added.name, re.ASCII):
        raise KeyFileRefused(
            f"{added.name} is no roster id: people sign with a key of act keygen"
        )
    if act.statement.act == "genesis":
        keys = Roster.parse(act.statement.people).keys
        if (added.name, added.id) not in {(key.name, key.id) for key in keys}:
            named = ", ".join(dict.fromkeys(key.name for key in keys))
            raise KeyFileRefused(
                f"this key of {added.name} is none that the act names; it names keys"
                f" of {named}"
            )
    return signed


def _write(path: Path, file: ActFile, act: Act) -> None:
    """Put a signed act in its file's place, whole or not at all."""
    *before, added = act.signatures
    if any((each.name, each.id) == (added.name, added.id) for each in before):
        fail(ExitCode.NOT_DONE, f"{path} has a signature of this key already")
    new = path.with_name(f".{path.name}.new")
    try:
        new.write_text(replace(file, act=act).text, "utf-8")
        new.chmod(0o600)
        new.replace(path)
    except OSError as error:
        fail(ExitCode.NOT_DONE, f"{path}: {error.strerror}")
    tell(f"{path}: signed by {', '.join(each.name for each in act.signatures)}")
    sys.stderr.flush()
