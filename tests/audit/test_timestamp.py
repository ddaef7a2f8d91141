"""Timestamps over checkpoints, with ``openssl ts`` as the authority."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID
from rfc3161_client import VerifierBuilder
from rfc3161_client.verify import Verifier

from audit import timestamp
from audit.cli import main
from audit.errors import CannotTell, ProofInvalid
from audit.note import Note
from audit.timestamp import ask, stamped_at
from tests.audit.builders import CFG, GENESIS, KEYS, leaf, write_act, write_tree

CONFIG = """\
[tsa]
serial = serial
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
ess_cert_id_alg = sha256
"""


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def issue(folder: Path, name: str) -> None:
    """Write an authority: its root, and a certificate that may stamp."""
    now = dt.datetime.now(dt.UTC)
    root, own = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    made = []
    for subject, key, authority in ((name, root, True), (f"{name} tsa", own, False)):
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(subject))
            .issuer_name(_name(name))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=30))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), True)
        )
        if not authority:
            usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
            builder = builder.add_extension(usage, critical=True)
        made.append(builder.sign(root, hashes.SHA256()).public_bytes(Encoding.PEM))
    folder.mkdir()
    (folder / "root.pem").write_bytes(made[0])
    (folder / "tsa.pem").write_bytes(made[1])
    pem = own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "tsa.key").write_bytes(pem)
    (folder / "tsa.cnf").write_text(CONFIG)


class Authority(BaseHTTPRequestHandler):
    """Answers requests with ``openssl ts``."""

    folder: Path

    def do_POST(self) -> None:
        """Stamp, or be as the path says."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/broken":
            self.send_error(500)
            return
        self.send_response(200)
        kind = "text/html" if self.path == "/page" else "application/timestamp-reply"
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(b"?" if self.path == "/junk" else self.stamp(body))

    def stamp(self, query: bytes) -> bytes:
        """Return an answer."""
        (self.folder / "query").write_bytes(query)
        words = "ts -reply -config tsa.cnf -section tsa -queryfile query -out reply"
        keys = "-signer tsa.pem -inkey tsa.key"
        subprocess.run(
            ["openssl", *words.split(), *keys.split()],
            cwd=self.folder,
            check=True,
            capture_output=True,
        )
        return (self.folder / "reply").read_bytes()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A timestamp authority: its address, and its root."""
    folder = tmp_path_factory.mktemp("tsa") / "a"
    issue(folder, "authority")
    handler = type("Handler", (Authority,), {"folder": folder})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", folder / "root.pem"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log of two entries, with the file of its keys."""
    folder = tmp_path / "log"
    write_tree(folder, [leaf(cfg=CFG, **write_act(folder, GENESIS)), leaf(cfg=CFG)])
    (tmp_path / "vkeys").write_text("".join(f"{k.text}\n" for k in KEYS.verifiers))
    return folder


def roots(path: Path) -> list[x509.Certificate]:
    """Return the certificates of a file."""
    return x509.load_pem_x509_certificates(path.read_bytes())


def words(log: Path, url: str, ca: Path) -> list[str]:
    """Return the command that has a log stamped."""
    return [
        *("timestamp", str(log), "--vkey", str(log.parent / "vkeys"), "--tsa", url),
        *("--tsa-ca", str(ca), "--out", str(log.parent / "stamps")),
    ]


def test_a_checkpoint_is_stamped_once_and_checked_offline(
    log: Path, authority: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """By ours and by ``openssl ts -verify``; other bytes are refused by both."""
    url, ca = authority
    assert main(words(log, url, ca)) == 0
    stamps = log.parent / "stamps"
    stamp, kept = stamps / "2.tsr", stamps / "2.checkpoint"
    first = stamp.read_bytes()
    assert main(words(log, url, ca)) == 0
    assert stamp.read_bytes() == first
    assert kept.read_bytes() == (log / "checkpoint").read_bytes()
    check = ["check-timestamp", str(stamp), str(kept), "--tsa-ca", str(ca)]
    assert main(check) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == said[1]
    assert said[0].startswith("2 entries were there at 20")
    assert said[2].startswith("stamped at 20")

    text = log.parent / "text"
    text.write_text(Note.parse(kept.read_bytes()).text)
    openssl = ["openssl", "ts", "-verify", "-in"]
    theirs = [*openssl, str(stamp), "-data", str(text), "-CAfile", str(ca)]
    assert subprocess.run(theirs, check=False, capture_output=True).returncode == 0
    write_tree(log, [leaf(cfg=CFG, **write_act(log, GENESIS))])
    check[2] = str(log / "checkpoint")
    assert main(check) == 1
    tampered = capsys.readouterr().err
    assert tampered == "TAMPERED  the timestamp is over another checkpoint\n"


def test_every_changed_byte_is_refused_or_means_the_same(
    authority: tuple[str, Path],
) -> None:
    """Nothing raw escapes, whatever is read."""
    url, ca = authority
    token, at = ask(url, b"body"), roots(ca)
    right = stamped_at(token, b"body", at)
    for place in range(0, len(token), 7):
        bad = bytearray(token)
        bad[place] ^= 1
        try:
            assert stamped_at(bytes(bad), b"body", at) == right
        except (CannotTell, ProofInvalid):
            continue
    with pytest.raises(CannotTell, match="no authority is trusted"):
        stamped_at(token, b"body", [])


def test_a_certificate_that_the_library_does_not_read_is_no_authority(
    authority: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that has an extension twice, for instance, in a token that was altered."""
    url, ca = authority
    token = ask(url, b"body")

    def build(_: VerifierBuilder) -> Verifier:
        twice = ExtensionOID.EXTENDED_KEY_USAGE
        raise x509.DuplicateExtension("an extension twice", twice)

    monkeypatch.setattr(VerifierBuilder, "build", build)
    with pytest.raises(CannotTell, match="or was altered: an extension twice"):
        stamped_at(token, b"body", roots(ca))


def test_a_token_of_another_authority_is_kept_and_asked_for_again(
    log: Path,
    authority: tuple[str, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It may mean something to somebody later."""
    url, ca = authority
    issue(tmp_path / "b", "another")
    assert main(words(log, url, tmp_path / "b" / "root.pem")) == 2
    assert "kept as 2.tsr.refused" in capsys.readouterr().err
    assert (tmp_path / "stamps" / "2.tsr.refused").stat().st_size > 100
    assert not (tmp_path / "stamps" / "2.tsr").exists()
    assert main(words(log, f"{url}/junk", ca)) == 2
    assert main(words(log, url, ca)) == 0


def test_a_token_that_shows_nothing_is_no_tampering(
    authority: tuple[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Empty, cut short, or of an authority that was not named: one sentence, exit 2."""
    url, ca = authority
    issue(tmp_path / "b", "another")
    write_tree(tmp_path / "log", [leaf(cfg=CFG)])
    note = tmp_path / "log" / "checkpoint"
    token = ask(url, Note.parse(note.read_bytes()).text.encode())
    other = tmp_path / "b" / "root.pem"
    for data, root, said in (
        (b"", ca, "is an empty file"),
        (token[:99], ca, "does not read"),
        (token, other, "altered: unable to get local issuer certificate"),
    ):
        (tmp_path / "tsr").write_bytes(data)
        words = ["check-timestamp", str(tmp_path / "tsr"), str(note)]
        assert main([*words, "--tsa-ca", str(root)]) == 2
        line = capsys.readouterr().err
        assert line.startswith("CANNOT TELL  the timestamp ")
        assert said in line
        assert "ErrorStack" not in line


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/page", "answers text/html, which is no timestamp"),
        ("/broken", "answers with status 500"),
    ],
)
def test_what_is_no_answer_is_said(
    authority: tuple[str, Path], path: str, said: str
) -> None:
    """By what it is; nothing is kept."""
    with pytest.raises(CannotTell, match=said):
        ask(authority[0] + path, b"")


def test_who_cannot_be_asked_is_said() -> None:
    """A closed port, and what is no address."""
    with pytest.raises(CannotTell, match="refused"):
        ask("http://127.0.0.1:1", b"")
    with pytest.raises(CannotTell, match="is no web address"):
        ask("file:///etc/passwd", b"")


def test_a_log_that_is_not_signed_right_is_not_stamped(
    log: Path, authority: tuple[str, Path], tmp_path: Path
) -> None:
    """Nor one whose authorities do not read."""
    url, ca = authority
    (tmp_path / "junk.pem").write_text("x")
    assert main(words(log, url, tmp_path / "junk.pem")) == 2
    path = log / "checkpoint"
    path.write_bytes(path.read_bytes().replace(b"\n2\n", b"\n3\n"))
    assert main(words(log, url, ca)) == 1
    path.unlink()
    assert main(words(log, url, ca)) == 2
    assert not (tmp_path / "stamps").exists()


def test_without_the_library_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An auditor who needs no timestamps needs no library for them."""
    monkeypatch.setitem(sys.modules, "rfc3161_client", None)
    for work in (lambda: ask("x", b""), lambda: stamped_at(b"", b"", [])):
        with pytest.raises(CannotTell, match="install the extra: tsa"):
            work()
    assert "rfc3161_client" not in vars(timestamp)
