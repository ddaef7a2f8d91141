"""Signing: what is seen before, and a signature by each kind of key."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType

import pytest
from typer.testing import CliRunner

from audit.act import Act
from audit.keyfiles import write_secret
from audit.roster import Roster, read_key, signers
from audit.signer import SeedSigner
from gateway.acts import ActFile, face_commitment, genesis, paper, paper_commitment
from gateway.cli import act, act_signing
from gateway.policy.gate import Gate
from tests.conftest import Token
from tests.gateway.county import LATE, LINES, ORIGIN, PEOPLE

DOCUMENT, FACE = "e" * 64, '{"type":"ao442"}'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The file of a confirmation that nobody has signed."""
    commitment, salt = paper_commitment(b"k" * 32, DOCUMENT)
    statement = paper(
        origin=ORIGIN,
        commitment=commitment,
        state="issuer_confirmed",
        face=face_commitment(salt, FACE),
        expires=LATE,
    )
    sealed = {"document": DOCUMENT, "salt": salt, "face": FACE}
    whole = ActFile(act=Act(statement=statement), sealed=MappingProxyType(sealed))
    path = tmp_path / "paper.act"
    path.write_text(whole.text)
    return path


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """The key file of officer-1."""
    path = tmp_path / "officer-1.key"
    write_secret(path, f"{PEOPLE['officer-1'].secret_text}\n")
    return path


def sign(*words: str | Path, typed: str = "") -> tuple[int, str]:
    """Run ``sallyport act sign``; return its exit code and all that it said."""
    done = CliRunner().invoke(act.app, ["sign", *map(str, words)], input=typed)
    return done.exit_code, done.output


def names(file: Path) -> list[str]:
    """Return whose signatures a file has."""
    found = ActFile.parse(file.read_bytes()).act.signatures
    return [each.name for each in found]


def test_a_person_sees_what_they_sign_and_is_asked(file: Path, key: Path) -> None:
    """The whole text, what is sealed, and a question; no is no signature."""
    text = ActFile.parse(file.read_bytes()).act.statement.text
    code, said = sign(file, "--key", key, typed="n\n")
    assert code == 1
    assert all(f"  | {line}\n" in said for line in text.splitlines())
    assert f"document (sealed): {DOCUMENT}" in said
    assert f"on its face (sealed): {FACE}" in said
    assert names(file) == []
    code, said = sign(file, "--key", key, typed="y\n")
    assert code == 0, said
    assert names(file) == ["officer-1"]
    assert file.stat().st_mode & 0o777 == 0o600
    assert "signatures so far: officer-1" in sign(file, "--key", key, typed="n\n")[1]


def test_nobody_signs_twice(file: Path, key: Path) -> None:
    """The same key again changes nothing."""
    assert sign(file, "--key", key, "--yes")[0] == 0
    code, said = sign(file, "--key", key, "--yes")
    assert code == 1
    assert "has a signature of this key already" in said
    assert names(file) == ["officer-1"]


def test_several_acts_are_signed_together(file: Path, key: Path) -> None:
    """One key, one question, each file."""
    other = file.with_name("other.act")
    other.write_bytes(file.read_bytes())
    assert sign(file, other, "--key", key, "--yes")[0] == 0
    assert names(file) == names(other) == ["officer-1"]


def test_every_kind_of_key_counts(
    file: Path,
    key: Path,
    token: Token,
    tmp_path: Path,
    require_tool: Callable[[str], Path],
) -> None:
    """A file, a token, and OpenSSH's: three people whose signatures all hold."""
    named = ("--token", token.name, "--module", token.module, "--pin-file", token.pin)
    made = ["keygen", "counsel-7", "--dir", tmp_path, *named]
    assert CliRunner().invoke(act.app, list(map(str, made))).exit_code == 0
    keygen, ssh = require_tool("ssh-keygen"), tmp_path / "id"
    subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", ssh], check=True)
    words = ["public", "records-7", "--ssh", f"{ssh}.pub", "--dir", str(tmp_path)]
    assert CliRunner().invoke(act.app, words).exit_code == 0

    assert sign(file, "--key", key, "--yes")[0] == 0
    code, said = sign(file, "--key", tmp_path / "counsel-7.key", "--yes")
    assert code == 0, said
    code, said = sign(file, "--ssh", ssh, "--as", "records-7", "--yes")
    assert code == 0, said

    lines = [
        PEOPLE["officer-1"].verifier.text,
        (tmp_path / "counsel-7.pub").read_text().strip(),
        (tmp_path / "records-7.pub").read_text().strip(),
    ]
    roster = Roster(keys=tuple(map(read_key, sorted(lines))))
    found = signers(ActFile.parse(file.read_bytes()).act, roster.keys)
    assert [each.name for each in found] == ["officer-1", "counsel-7", "records-7"]


def test_a_signature_that_ssh_keygen_made_elsewhere_is_put_in(
    file: Path, tmp_path: Path, require_tool: Callable[[str], Path]
) -> None:
    """Somebody with OpenSSH alone signs the text that ``act show --text`` prints."""
    keygen, ssh = require_tool("ssh-keygen"), tmp_path / "id"
    subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", ssh], check=True)
    shown = CliRunner().invoke(act.app, ["show", str(file), "--text"])
    text = tmp_path / "text"
    text.write_text(shown.stdout)
    assert text.read_text() == ActFile.parse(file.read_bytes()).act.statement.text
    words = ("-Y", "sign", "-q", "-n", "sallyport-act", "-f", str(ssh), str(text))
    command = [str(keygen), *words]
    subprocess.run(command, check=True)
    signature = tmp_path / "text.sig"
    given = ("--ssh-signature", signature, "--as", "records-7", "--yes")
    code, said = sign(file, *given)
    assert code == 0, said
    assert names(file) == ["records-7"]

    text.write_text("another text\n")
    signature.unlink()
    subprocess.run(command, check=True)
    code, said = sign(file, *given)
    assert code == 1
    assert "the signature of records-7 does not hold" in said


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        ([], 2, "one of --key, --ssh, --ssh-signature"),
        (["--key", "a", "--ssh", "b"], 2, "one of --key"),
        (["--ssh", "gone"], 2, "--as records-1"),
        (["--key", "gone.key"], 1, "gone.key: No such file"),
        (["--ssh", "gone", "--as", "x"], 1, "ssh-keygen did not sign"),
        (["--ssh-signature", "gone", "--as", "x"], 1, "No such file"),
        (["--key", "token.key"], 1, "token t, key x: "),
    ],
)
def test_what_does_not_sign_is_named(
    file: Path, words: list[str], code: int, sentence: str
) -> None:
    """Which key is missing, or why it did not sign; nothing is changed."""
    public = PEOPLE["officer-1"].verifier.text
    uri = "pkcs11:token=t;object=x?module-path=/gone.so&pin-source=officer-1.key"
    write_secret(file.with_name("officer-1.key"), "1")
    write_secret(file.with_name("token.key"), f"{public}\n{uri}\n")
    with contextlib.chdir(file.parent):
        ended, said = sign(file, *words, "--yes")
    assert (ended, names(file)) == (code, [])
    assert sentence in said


def test_a_key_open_to_others_or_of_another_kind_is_refused(
    file: Path, key: Path
) -> None:
    """What others may read is nobody's signature."""
    key.chmod(0o640)
    assert "others may read it" in sign(file, "--key", key, "--yes")[1]
    key.write_text(f"{PEOPLE['officer-1'].verifier.text}\n")
    wanted = "officer-1.key: a public key; the private one is wanted"
    for mode in (0o644, 0o600):
        key.chmod(mode)
        assert wanted in sign(file, "--key", key, "--yes")[1]
    key.write_text("x\n")
    _, said = sign(file, "--key", key, "--yes")
    assert "skey-parts (it is no private key: not" in said


def test_a_key_of_nobody_who_decides_is_refused(
    file: Path, key: Path, tmp_path: Path
) -> None:
    """The log's own key signs no act; the first act takes the keys that it names."""
    log = tmp_path / "log.key"
    write_secret(log, f"{SeedSigner.generate(ORIGIN).secret_text}\n")
    code, said = sign(file, "--key", log, "--yes")
    assert (code, names(file)) == (1, [])
    assert f"nothing was signed: {ORIGIN} is no roster id: people sign with" in said

    first = tmp_path / "genesis.act"
    begin = genesis(origin=ORIGIN, cfg="c" * 64, people=LINES, expires=LATE)
    first.write_text(ActFile(act=Act(statement=begin)).text)
    other = tmp_path / "other.key"
    for name in ("officer-1", "records-9"):
        other.unlink(missing_ok=True)
        write_secret(other, f"{SeedSigner.generate(name).secret_text}\n")
        code, said = sign(first, "--key", other, "--yes")
        assert (code, names(first)) == (1, [])
        assert f"this key of {name} is none that the act names; it names" in said
    assert sign(first, "--key", key, "--yes")[0] == 0
    assert names(first) == ["officer-1"]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (DOCUMENT, "f" * 64, "the document beside the act is not the act's own"),
        ("ao442", "ao93", "on the paper's face is not the act's own"),
        ("act paper", "act papers", "the act in it is none"),
    ],
)
def test_a_file_that_shows_something_else_is_not_signed(
    file: Path, key: Path, old: str, new: str, sentence: str
) -> None:
    """Whoever sends it can't show one document and have another signed."""
    file.write_text(file.read_text().replace(old, new))
    code, said = sign(file, "--key", key, "--yes")
    assert code == 2
    assert sentence in said


def test_a_file_that_is_not_there_is_named(tmp_path: Path, key: Path) -> None:
    """A wrong path is a mistake, not a signature."""
    code, said = sign(tmp_path / "gone.act", "--key", key, "--yes")
    assert code == 2
    assert "No such file" in said


def test_a_file_that_cannot_be_written_keeps_what_it_had(
    file: Path, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new file takes the old one's place whole, or not at all."""

    def fail(_self: Path, _target: Path) -> Path:
        raise OSError(28, "No space left on device")

    before = file.read_bytes()
    monkeypatch.setattr(Path, "replace", fail)
    code, said = sign(file, "--key", key, "--yes")
    assert code == 1
    assert "No space left" in said
    assert file.read_bytes() == before


def test_signing_imports_nothing_of_a_gateways_work(
    file: Path, key: Path, repository: Path
) -> None:
    """No configuration, no database, no server, no network: only the log's checks."""
    listing = (
        "import sys; from gateway.cli.main import app; import typer\n"
        f"try: app(['act', 'sign', {str(file)!r}, '--key', {str(key)!r}, '--yes'])\n"
        "except SystemExit: pass\n"
        "print(*[m for m in ('aiohttp', 'sqlalchemy', 'ruamel.yaml', 'regorus')"
        " if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", listing],
        check=True,
        capture_output=True,
        text=True,
        cwd=repository,
    )
    assert done.stdout.splitlines()[-1] == ""
    assert names(file) == ["officer-1"]


def test_what_a_terminal_obeys_is_written_out() -> None:
    """What was looked at comes from a file: it must not hide what is signed."""
    gate = Gate.model_construct(
        schema_="sallyport.gate/1",
        policy="a" * 64,
        packs=["p"],
        cases=1,
        proofs=[],
        replay="first",
        past="\x1b[2J\x1b[8m",
        drafts=[],
        warnings=[],
        refused=[],
    )
    given = ActFile(
        act=Act(statement=paper(origin=ORIGIN, commitment="d" * 64, state="revoked")),
        sealed=MappingProxyType({"words": "\u200b", "gate": gate.text.decode()}),
    )
    said = list(act_signing.told(Path("x.act"), given))

    assert any("\\x1b[2J" in line for line in said)
    assert all(line.isprintable() for line in said)
    assert said[-1].startswith("  | ")
