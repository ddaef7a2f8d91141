"""Keys of people: in files, in tokens, from OpenSSH; nothing private leaves."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from audit.keyfiles import read_signer
from audit.roster import read_key
from audit.signer import SeedSigner
from audit.sshsig import SshVerifier
from gateway.cli import act
from tests.conftest import Token


def run(*words: str | Path, typed: str = "") -> tuple[int, str]:
    """Run ``sallyport act``; return its exit code and all that it said."""
    done = CliRunner().invoke(act.app, list(map(str, words)), input=typed)
    return done.exit_code, done.output


def test_a_key_is_a_file_for_its_owner(tmp_path: Path) -> None:
    """NAME.key opens for nobody else; NAME.pub has its public half; never replaced."""
    code, said = run("keygen", "records-1", "--dir", tmp_path / "mine")
    assert code == 0, said
    key = tmp_path / "mine/records-1.key"
    signer = SeedSigner.parse(key.read_text())
    assert key.stat().st_mode & 0o777 == 0o600
    public = (tmp_path / "mine/records-1.pub").read_text()
    assert public == f"{signer.verifier.text}\n"
    assert public.strip() in said
    assert signer.secret_text not in said
    code, said = run("keygen", "records-1", "--dir", tmp_path / "mine")
    assert code == 1
    assert SeedSigner.parse(key.read_text()).verifier == signer.verifier


@pytest.mark.parametrize("name", ["R. Example", "Officer", "", "a" * 33, "x/y"])
def test_a_roster_id_is_a_word(tmp_path: Path, name: str) -> None:
    """It is public, so it is not the name of a person."""
    code, said = run("keygen", name, "--dir", tmp_path)
    assert code == 2
    assert "is no roster id" in said
    assert list(tmp_path.iterdir()) == []


def test_a_key_of_a_token_stays_in_it(token: Token, tmp_path: Path) -> None:
    """NAME.key says where it is, and signs; nothing private is in any file."""
    out = tmp_path / "out"
    named = ("--token", token.name, "--module", token.module, "--pin-file", token.pin)
    code, said = run("keygen", "cli-1", "--dir", out, *named)
    assert code == 0, said
    public = (out / "cli-1.pub").read_text()
    key = (out / "cli-1.key").read_text()
    assert key.startswith(f"{public}pkcs11:token={token.name};object=cli-1?")
    assert (out / "cli-1.key").stat().st_mode & 0o777 == 0o600
    signer = read_signer(out / "cli-1.key")
    signer.verifier.verify(b"x", signer.sign(b"x"))
    assert token.pin.read_text().strip() not in said + key + public
    code, said = run("keygen", "cli-1", "--dir", out, *named)
    assert (code, "File exists" in said) == (1, True)
    code, said = run("keygen", "cli-1", "--dir", tmp_path / "other", *named)
    assert (code, "there is a key of this label" in said) == (1, True)
    code, said = run("keygen", "cli-2", "--dir", out, *named[:4])
    assert (code, "--module and --pin-file" in said) == (2, True)


def test_an_openssh_key_gets_a_line(
    tmp_path: Path, require_tool: Callable[[str], Path]
) -> None:
    """Its public half is enough; other keys of OpenSSH are refused by name."""
    keygen = require_tool("ssh-keygen")
    for kind in ("ed25519", "ecdsa"):
        subprocess.run(
            [keygen, "-q", "-t", kind, "-N", "", "-f", tmp_path / kind], check=True
        )
    code, said = run(
        *("public", "counsel-1", "--ssh", tmp_path / "ed25519.pub", "--dir", tmp_path)
    )
    assert code == 0, said
    line = (tmp_path / "counsel-1.pub").read_text().strip()
    assert isinstance(read_key(line), SshVerifier)
    ecdsa = tmp_path / "ecdsa.pub"
    code, said = run("public", "counsel-2", "--ssh", ecdsa, "--dir", tmp_path)
    assert code == 2
    assert "no Ed25519 public key" in said
    gone = tmp_path / "gone.pub"
    assert run("public", "counsel-3", "--ssh", gone, "--dir", tmp_path)[0] == 1
