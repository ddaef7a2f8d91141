"""Keys of people: made on their own machines, named by their roster ids."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

import typer

from audit import KeyFileRefused, Malformed
from audit.actwords import PERSON
from audit.keyfiles import write_public, write_secret
from audit.roster import read_key
from audit.signer import SeedSigner
from audit.sshsig import read_public
from audit.tokens import TokenUri
from audit.tokens import make_key as make_in_token
from audit.vkey import ED25519, Verifier
from gateway.cli.exit_codes import ExitCode
from gateway.cli.output import fail, sentence, tell

__all__ = ["make_key", "read_people", "write_ssh_key"]


def make_key(
    person: str,
    directory: Path,
    *,
    token: str,
    module: Path | None,
    pin_file: Path | None,
) -> None:
    """Make a key in a file or a token, and write its public half beside."""
    _require_name(person)
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = directory / f"{person}.key"
        if not token:
            signer = SeedSigner.generate(person)
            write_secret(path, f"{signer.secret_text}\n")
            key = signer.verifier
            tell(f"{path} is yours alone; keep it off the gateway")
        else:
            key = _in_token(person, path, _uri(person, token, module, pin_file))
            tell(f"the token {token} keeps the key; {path} says where it is")
        _write(directory, person, key.text)
    except (KeyFileRefused, OSError) as error:
        _refuse(error)


def _uri(
    person: str, token: str, module: Path | None, pin_file: Path | None
) -> TokenUri:
    if module is None or pin_file is None:
        fail(ExitCode.MISTAKES, "a key in a token needs --module and --pin-file")
    pin = pin_file.absolute()
    return TokenUri(module=module.absolute(), token=token, label=person, pin=pin)


def _in_token(person: str, path: Path, uri: TokenUri) -> Verifier:
    if path.exists():
        raise KeyFileRefused(f"{path.name}: File exists")
    key = make_in_token(uri, person, ED25519)
    write_secret(path, f"{key.text}\n{uri.text}\n")
    return key


def write_ssh_key(person: str, ssh: Path, directory: Path) -> None:
    """Write the public half of an OpenSSH key as a line of a roster."""
    _require_name(person)
    try:
        key = read_public(person, ssh.read_text("utf-8"))
        _write(directory, person, key.text)
    except (Malformed, UnicodeDecodeError):
        fail(ExitCode.MISTAKES, f"{ssh} is no Ed25519 public key of OpenSSH")
    except (KeyFileRefused, OSError) as error:
        _refuse(error)


def read_people(files: Iterable[Path], *, as_json: bool = False) -> list[str]:
    """Return the keys in files, one a line, or end with the file that has none."""
    found: list[str] = []
    for path in files:
        try:
            # Editors of Windows begin a file with a byte-order mark; no key has one.
            lines = path.read_text("utf-8-sig").encode("ascii").decode().splitlines()
            found += [read_key(line).text for line in lines if line.strip()]
        except (Malformed, UnicodeError):
            fail(
                ExitCode.MISTAKES,
                f"{path} is no public key of a person (sallyport act keygen)",
                as_json=as_json,
            )
        except OSError as error:
            fail(ExitCode.MISTAKES, f"{path}: {error.strerror}", as_json=as_json)
    return found


def _write(directory: Path, person: str, line: str) -> None:
    path = directory / f"{person}.pub"
    write_public(path, f"{line}\n")
    typer.echo(f"{path}: {line}")


def _require_name(person: str) -> None:
    if not re.fullmatch(PERSON, person, re.ASCII):
        fail(
            ExitCode.MISTAKES,
            f"{person} is no roster id: a lower-case word such as records-1, not the"
            " name of a person; it is public",
        )


def _refuse(error: KeyFileRefused | OSError) -> NoReturn:
    fail(ExitCode.NOT_DONE, sentence(error))
