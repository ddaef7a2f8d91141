"""Signatures of OpenSSH: real ones of ssh-keygen, and those of security keys."""

from __future__ import annotations

import base64
import struct
import subprocess
from collections.abc import Callable
from hashlib import sha256, sha512
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.errors import Malformed, ProofInvalid
from audit.sshsig import NAMESPACE, SshVerifier, read_armor, read_public

TEXT = b"sallyport-act/v1\nact cutoff\n"
SECRET = Ed25519PrivateKey.from_private_bytes(b"\x42" * 32)
PUBLIC = SECRET.public_key().public_bytes_raw()
PLAIN = SshVerifier(name="officer-1", public=PUBLIC)
TOUCHED = SshVerifier(name="officer-1", public=PUBLIC, application=b"ssh:")


def string(data: bytes) -> bytes:
    """Return a length and the bytes."""
    return struct.pack(">I", len(data)) + data


def framed(
    key: SshVerifier,
    inner: bytes,
    *,
    namespace: str = NAMESPACE,
    hashing: bytes = b"sha512",
    version: int = 1,
    reserved: bytes = b"",
) -> bytes:
    """Return a signature in its frame (PROTOCOL.sshsig)."""
    parts = (key.blob, namespace.encode(), reserved, hashing, inner)
    return b"SSHSIG" + struct.pack(">I", version) + b"".join(map(string, parts))


def to_sign(
    text: bytes, *, namespace: str = NAMESPACE, hashing: str = "sha512"
) -> bytes:
    """Return what is signed in place of a text."""
    digest = {"sha512": sha512, "sha256": sha256}[hashing](text).digest()
    parts = (namespace.encode(), b"", hashing.encode(), digest)
    return b"SSHSIG" + b"".join(map(string, parts))


def touched(
    text: bytes = TEXT, *, flags: int = 1, application: bytes = b"ssh:"
) -> bytes:
    """Return a signature as a security key makes it (PROTOCOL.u2f)."""
    tail = bytes([flags]) + struct.pack(">I", 7)
    hashed = sha256(to_sign(text)).digest()
    raw = SECRET.sign(sha256(application).digest() + tail + hashed)
    kind = b"sk-ssh-ed25519@openssh.com"
    return framed(TOUCHED, string(kind) + string(raw) + tail)


def plain(text: bytes = TEXT, **frame: str) -> bytes:
    """Return a signature of a plain key."""
    raw = SECRET.sign(to_sign(text, **frame))
    namespace = frame.get("namespace", NAMESPACE)
    hashing = frame.get("hashing", "sha512").encode()
    inner = string(b"ssh-ed25519") + string(raw)
    return framed(PLAIN, inner, namespace=namespace, hashing=hashing)


def armored(signature: bytes) -> str:
    """Return a signature as ssh-keygen writes it."""
    body = base64.b64encode(signature).decode()
    lines = [body[at : at + 70] for at in range(0, len(body), 70)]
    begin, end = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
    return "\n".join([begin, *lines, end, ""])


def run(*words: str | Path, text: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run a program."""
    return subprocess.run(
        list(map(str, words)), input=text, check=False, capture_output=True
    )


def test_a_signature_of_ssh_keygen_holds(
    tmp_path: Path, require_tool: Callable[[str], Path]
) -> None:
    """A key and a signature that OpenSSH made, in a file only it has read."""
    keygen, key = require_tool("ssh-keygen"), tmp_path / "id"
    run(keygen, "-q", "-t", "ed25519", "-N", "", "-C", "someone", "-f", key)
    made = run(keygen, "-Y", "sign", "-n", NAMESPACE, "-f", key, "-", text=TEXT)
    signer, signature = read_armor("officer-1", made.stdout.decode())

    public = key.with_suffix(".pub").read_text()
    assert signer == read_public("officer-1", public)
    assert SshVerifier.parse(signer.text) == signer
    signer.verify(TEXT, signature)
    with pytest.raises(ProofInvalid, match="of officer-1 does not hold"):
        signer.verify(TEXT + b"x", signature)

    other = run(keygen, "-Y", "sign", "-n", "git", "-f", key, "-", text=TEXT)
    with pytest.raises(Malformed, match="not made for the namespace"):
        read_armor("officer-1", other.stdout.decode())


@pytest.mark.parametrize("make", [plain, touched])
def test_openssh_agrees_about_what_we_take(
    make: Callable[[], bytes], tmp_path: Path, require_tool: Callable[[str], Path]
) -> None:
    """What our test makes in a security key's place, OpenSSH takes as well."""
    path = tmp_path / "sig"
    path.write_text(armored(make()))
    check = ("-Y", "check-novalidate", "-n", NAMESPACE, "-s", path)
    done = run(require_tool("ssh-keygen"), *check, text=TEXT)
    assert done.returncode == 0, done.stderr
    signer, signature = read_armor("officer-1", path.read_text())
    signer.verify(TEXT, signature)


def test_a_key_is_one_line_and_comes_back() -> None:
    """Both types, and nothing that is not such a line."""
    for key in (PLAIN, TOUCHED):
        assert SshVerifier.parse(key.text) == key
        assert key.text.startswith(f"officer-1+{key.id.hex()}+")
    assert PLAIN.id != TOUCHED.id
    assert SshVerifier.parse("officer-1+00000000+!") is None
    assert SshVerifier.parse("officer-1+00000000+AQ==") is None
    with pytest.raises(Malformed, match="vkey-hash"):
        SshVerifier.parse(PLAIN.text.replace("officer-1", "officer-2"))


@pytest.mark.parametrize("hashing", ["sha256", "sha512"])
def test_both_hashes_of_openssh_hold(hashing: str) -> None:
    """A signature says which hash it is of."""
    PLAIN.verify(TEXT, plain(hashing=hashing))


@pytest.mark.parametrize(
    "signature",
    [
        plain(namespace="git"),
        plain(b"other"),
        touched(),
        framed(PLAIN, string(b"ssh-ed25519") + string(b"x" * 64)),
        framed(PLAIN, string(b"ssh-ed25519") + string(b"x" * 63)),
        framed(PLAIN, string(b"ssh-rsa") + string(SECRET.sign(to_sign(TEXT)))),
        framed(PLAIN, string(b"ssh-ed25519")),
        plain() + b"x",
        plain()[:-1],
        b"",
        framed(PLAIN, b"", version=2),
        framed(PLAIN, b"", reserved=b"x"),
        framed(PLAIN, b"", hashing=b"md5"),
    ],
)
def test_other_signatures_do_not_hold(signature: bytes) -> None:
    """Other namespace, text, key, form, version, hash: none of them counts."""
    with pytest.raises(ProofInvalid):
        PLAIN.verify(TEXT, signature)


@pytest.mark.parametrize(
    "signature",
    [touched(flags=0), touched(application=b"other"), touched(b"other"), plain()],
)
def test_a_security_key_must_have_been_touched(signature: bytes) -> None:
    """Without the flag, for another application, or without a touch at all."""
    with pytest.raises(ProofInvalid):
        TOUCHED.verify(TEXT, signature)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "ssh-ed25519",
        "ssh-ed25519 !!!",
        "ssh-ed25519 " + base64.b64encode(b"\x00\x00").decode(),
        "ssh-rsa " + base64.b64encode(string(b"ssh-rsa") + string(b"x" * 32)).decode(),
        "ssh-ed25519 " + base64.b64encode(PLAIN.blob + b"x").decode(),
        "ssh-ed25519 "
        + base64.b64encode(string(b"ssh-ed25519") + string(b"x" * 31)).decode(),
    ],
)
def test_other_public_keys_are_refused(line: str) -> None:
    """Only Ed25519 keys, whole."""
    with pytest.raises(Malformed, match="ssh-key"):
        read_public("officer-1", line)


def test_a_name_is_one_that_a_note_can_hold() -> None:
    """A key's name has no space and no plus."""
    with pytest.raises(Malformed, match="vkey-name"):
        read_public("officer 1", "ssh-ed25519 x")


@pytest.mark.parametrize(
    "armor",
    [
        "",
        "-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----",
        "-----BEGIN SSH SIGNATURE-----\n!\n-----END SSH SIGNATURE-----",
        armored(plain()).replace("BEGIN", "BEGUN"),
        armored(b"SSHSIG"),
    ],
)
def test_other_armor_is_refused(armor: str) -> None:
    """What ssh-keygen did not write is no signature."""
    with pytest.raises(Malformed, match="ssh-signature"):
        read_armor("officer-1", armor)
