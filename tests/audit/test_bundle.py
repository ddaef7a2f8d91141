"""Bundles read by an auditor: believed only if signed, whole and unchanged."""

# ruff: noqa: ANN401 - documents made by hand hold values of any type

from __future__ import annotations

import base64
import gzip
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from audit.bundle import BadBundle, read_archive, replay, revision, verify
from gateway.policy import Bundle, Vector
from gateway.policy.embedded import EmbeddedEngine
from gateway.policy.sign import signed
from tests.gateway.policy.small import policy_of, question, rule

KEY = ec.derive_private_key(11**60, ec.SECP256R1())
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
PUBLIC = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, bytes]:
    """Return the files of a small signed bundle."""
    policy = policy_of(tmp_path, rule("st.a", effect="permit"))
    return dict(signed(policy.bundle, pem=PEM, key_id="k").files)


def token(files: dict[str, bytes], **changes: Any) -> dict[str, bytes]:
    """Return files whose signature token has other parts, signature not renewed."""
    (text,) = json.loads(files[".signatures.json"])["signatures"]
    names = ("header", "payload", "signature")
    parts = dict(zip(names, text.split("."), strict=True))
    for name, value in changes.items():
        data = value if isinstance(value, bytes) else json.dumps(value).encode()
        parts[name] = base64.urlsafe_b64encode(data).decode().rstrip("=")
    made = {"signatures": [".".join(parts.values())]}
    return {**files, ".signatures.json": json.dumps(made).encode()}


def resigned(files: dict[str, bytes], payload: Any) -> dict[str, bytes]:
    """Return files signed by the right key over another payload."""
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - test only
    from cryptography.hazmat.primitives.asymmetric.utils import (  # noqa: PLC0415 - test only
        decode_dss_signature,
    )

    head = base64.urlsafe_b64encode(b'{"alg":"ES256"}').rstrip(b"=")
    body = base64.urlsafe_b64encode(json.dumps(payload).encode()).rstrip(b"=")
    told = head + b"." + body
    r, s = decode_dss_signature(KEY.sign(told, ec.ECDSA(hashes.SHA256())))
    raw = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    return token(
        files,
        header=b'{"alg":"ES256"}',
        payload=json.dumps(payload).encode(),
        signature=raw,
    )


def listed(files: dict[str, bytes]) -> list[dict[str, str]]:
    """Return what the signature lists."""
    (text,) = json.loads(files[".signatures.json"])["signatures"]
    body = text.split(".")[1]
    payload = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    rows: list[dict[str, str]] = payload["files"]
    return rows


def test_a_whole_bundle(files: dict[str, bytes]) -> None:
    """Signature, files and revision agree."""
    assert verify(files, public_key=PUBLIC) == revision(files)
    assert read_archive(Bundle(files=files).archive()) == files


def test_any_byte_changed(files: dict[str, bytes]) -> None:
    """One byte of any file is named; a file more or less too."""
    for path, whole in files.items():
        if path == ".signatures.json":
            continue
        data = bytearray(whole)
        data[len(data) // 2] ^= 1
        with pytest.raises(BadBundle, match=path.replace(".", r"\.")):
            verify({**files, path: bytes(data)}, public_key=PUBLIC)
    with pytest.raises(BadBundle, match="extra is not signed"):
        verify({**files, "extra": b""}, public_key=PUBLIC)
    less = {p: d for p, d in files.items() if p != "table/data.json"}
    with pytest.raises(BadBundle, match=r"table/data\.json is signed but missing"):
        verify(less, public_key=PUBLIC)


def test_a_table_that_is_no_json(files: dict[str, bytes]) -> None:
    """A signed table that cannot be read is named."""
    with pytest.raises(BadBundle, match=r"table/data\.json is not JSON"):
        verify({**files, "table/data.json": b"{"}, public_key=PUBLIC)


def test_other_signatures(files: dict[str, bytes]) -> None:
    """Another key, algorithm or shape of signature is not accepted."""
    other = ec.generate_private_key(ec.SECP256R1()).public_key()
    edwards = ed25519.Ed25519PrivateKey.generate().public_key()
    for key, says in ((other, "not of this key"), (edwards, "only ES256")):
        pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        with pytest.raises(BadBundle, match=says):
            verify(files, public_key=pem)
    for changed, says in (
        (token(files, header={"alg": "none"}), "only ES256"),
        (token(files, payload={"files": []}), "not of this key"),
        (token(files, signature=b"short"), "not of this key"),
        (token(files, payload=b"not json"), "no signature to read"),
        ({**files, ".signatures.json": b"{}"}, "no signature to read"),
        ({**files, ".signatures.json": b'{"signatures":[]}'}, "no signature to read"),
        (resigned(files, []), "no signature to read"),
        (resigned(files, {"files": [{"hash": "x"}]}), "no signature to read"),
        (resigned(files, {"files": 1}), "no signature to read"),
    ):
        with pytest.raises(BadBundle, match=says):
            verify(changed, public_key=PUBLIC)


def test_other_digests(files: dict[str, bytes]) -> None:
    """A weaker digest is not accepted, even signed."""
    rows = listed(files)
    rows[1]["algorithm"] = "MD5"
    with pytest.raises(BadBundle, match="digest MD5 is not accepted"):
        verify(resigned(files, {"files": rows}), public_key=PUBLIC)


@pytest.mark.parametrize("path", [".manifest", "meta/data.json"])
@pytest.mark.parametrize("text", [b'{"revision":"old"}', b"{}"])
def test_a_revision_that_is_not(
    files: dict[str, bytes], path: str, text: bytes
) -> None:
    """Manifest and meta must say the revision that the files have."""
    bundle = Bundle(files={**files, path: text})
    made = dict(signed(bundle, pem=PEM, key_id="k").files)
    with pytest.raises(BadBundle, match="revision"):
        verify(made, public_key=PUBLIC)


def tar(
    *names: str,
    kind: bytes = tarfile.REGTYPE,
    pax_headers: dict[str, str] | None = None,
) -> bytes:
    """Return a gzipped tar with empty members."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as out:
        for name in names:
            info = tarfile.TarInfo(name)
            info.type = kind
            info.pax_headers = pax_headers or {}
            out.addfile(info)
    return gzip.compress(raw.getvalue())


def test_archives(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is no archive, or names a file twice, or is too large, is refused."""
    assert read_archive(tar("./a", "/b")) == {"a": b"", "b": b""}
    assert read_archive(tar("folder", kind=tarfile.DIRTYPE)) == {}
    sparse = {"GNU.sparse.map": "0,x", "GNU.sparse.size": "1"}
    odd = (tar("\udcff"), tar("a", pax_headers=sparse))
    for data in (b"", b"not gzip", gzip.compress(b"not tar"), tar("a")[:-9], *odd):
        with pytest.raises(BadBundle, match="not a gzipped tar"):
            read_archive(data)
    with pytest.raises(BadBundle, match="a has holes"):
        read_archive(tar("a", kind=tarfile.GNUTYPE_SPARSE))
    with pytest.raises(BadBundle, match="a is there twice"):
        read_archive(tar("a", "./a"))
    monkeypatch.setattr("audit.bundle.MOST_BYTES", 10)
    with pytest.raises(BadBundle, match="larger than"):
        read_archive(tar("a"))


def test_replay(files: dict[str, bytes]) -> None:
    """A replay gives the very bytes that the gateway's engine gave."""
    bundle = Bundle(files=files)
    engine = EmbeddedEngine(bundle)
    asked = question(bundle.vocabulary)
    for data in (asked.canonical, asked.with_records([Vector(), Vector()])):
        assert replay(files, data) == engine.answer(data)
    with pytest.raises(BadBundle, match="undefined"):
        replay({**files, "meta/data.json": b"{}"}, asked.canonical)
    with pytest.raises(BadBundle, match="gives no answer"):
        replay({**files, "sallyport/fold.rego": b"package ("}, asked.canonical)
    path = "sallyport/screen.rego"
    odd = files[path].replace(b'"asks": asks,', b'"asks": 7,')
    with pytest.raises(BadBundle, match="not of its form"):
        replay({**files, path: odd}, asked.canonical)
