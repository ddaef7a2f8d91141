"""Reads and verifies policy bundles, and replays decisions from them.

Needs the standard library and ``cryptography``; replay also needs the embedded engine
(extra ``replay``). The format is Open Policy Agent's own: a gzipped tar with
``.manifest`` and ``.signatures.json``, the latter holding one JSON Web Token whose
payload lists each file with its digest. A structured file's digest is over its value:
compact JSON with sorted keys; any other file's is over its bytes.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import tarfile
import zlib
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from audit.errors import AuditError
from audit.rows import with_rows

__all__ = ["BadBundle", "read_archive", "replay", "revision", "verify"]

MANIFEST = ".manifest"
SIGNATURES = ".signatures.json"
META = "meta/data.json"
MOST_BYTES = 256 * 1024 * 1024
"""Largest bundle read, unpacked, in bytes."""
WIDTH = 32
"""Bytes of each half of a P-256 signature."""


class BadBundle(AuditError, ValueError):
    """A bundle cannot be read, is not signed by the key, or was changed."""


def read_archive(archive: bytes) -> dict[str, bytes]:
    """Return the files of a bundle by path; nothing of them is believed yet.

    Raises:
        BadBundle: for what is no bundle, names a file twice or in no text, has files
            with holes, or unpacks too large.
    """
    try:
        files = _unpacked(archive)
        "".join(files).encode()
    except BadBundle:
        raise
    except (OSError, EOFError, ValueError, tarfile.TarError, zlib.error) as error:
        # ValueError: of numbers that are none, and of names that are no text.
        raise BadBundle("not a gzipped tar") from error
    return files


def _unpacked(archive: bytes) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    with gzip.GzipFile(fileobj=io.BytesIO(archive)) as packed:
        data = packed.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise BadBundle(f"larger than {MOST_BYTES} bytes")
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as tar:
        for member in tar:
            content = tar.extractfile(member) if member.isfile() else None
            if content is None:
                continue
            if member.issparse():  # a hole has no bytes here, and any length
                raise BadBundle(f"{member.name} has holes")
            path = member.name.removeprefix("./").lstrip("/")
            if path in files:
                raise BadBundle(f"{path} is there twice")
            files[path] = content.read()
    return files


def revision(files: Mapping[str, bytes]) -> str:
    """Return the revision: SHA-256 over sorted ``path SP sha256`` lines.

    Manifest, signatures, ``meta/data.json`` and ``proofs/`` are left out.
    """
    lines = (
        f"{path} {hashlib.sha256(files[path]).hexdigest()}\n"
        for path in sorted(files)
        if path not in {MANIFEST, SIGNATURES, META} and not path.startswith("proofs/")
    )
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def verify(files: Mapping[str, bytes], *, public_key: bytes) -> str:
    """Verify signature, every file, and the revision; return the revision.

    Args:
        files: what :func:`read_archive` returned.
        public_key: the EC P-256 public key, PEM.

    Raises:
        BadBundle: saying what is wrong, by file.
    """
    payload = _payload(files, public_key)
    signed = _listed(payload)
    there = set(files) - {SIGNATURES}
    for path in sorted(there ^ set(signed)):
        problem = "is not signed" if path in there else "is signed but missing"
        raise BadBundle(f"{path} {problem}")
    for path in sorted(there):
        item = signed[path]
        if item.get("algorithm") != "SHA-256":
            raise BadBundle(f"{path}: digest {item.get('algorithm')} is not accepted")
        if _digest(path, files[path]) != item.get("hash"):
            raise BadBundle(f"{path} is not what was signed")
    return _revision_said(files)


def replay(files: Mapping[str, bytes], question: bytes) -> bytes:
    """Return the canonical answer of a bundle to a canonical question, row by row.

    Whether the bundle is to be believed is :func:`verify`'s to say.

    Raises:
        BadBundle: when the bundle gives no answer.
        ImportError: without the extra ``replay``.
    """
    import regorus  # noqa: PLC0415  # extra `replay`; reading bundles does not need it

    asked = json.loads(question)
    pending = asked.get("records") == "pending"
    rule = f"data.sallyport.{'screen' if pending else 'decide'}.answer"
    data = {
        "compiled": json.loads(files["compiled/data.json"]),
        "meta": json.loads(files[META]),
    }
    try:
        engine = regorus.Engine()
        for path in sorted(files):
            if path.endswith(".rego"):
                engine.add_policy(path, files[path].decode())
        engine.add_data_json(json.dumps(data))
        engine.set_input_json(question.decode())
        answer = json.loads(engine.eval_rule_as_json(rule))
    except Exception as error:
        # regorus raises plain exceptions.
        raise BadBundle("the bundle gives no answer") from error
    if not isinstance(answer, dict):
        raise BadBundle("the answer is undefined")
    try:
        return _compact(with_rows(answer, asked["asks"], None))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BadBundle("the answer is not of its form") from error


def _listed(payload: object) -> dict[str, Mapping[str, Any]]:
    """Return what a signature lists, by path."""
    try:
        return {item["name"].lstrip("/"): item for item in payload["files"]}  # type: ignore[index]  # JSON: any other shape is refused below
    except (KeyError, TypeError, AttributeError) as error:
        raise BadBundle("there is no signature to read") from error


def _payload(files: Mapping[str, bytes], public_key: bytes) -> object:
    """Return what the one token of the signature file says, if the key signed it."""
    try:
        (token,) = json.loads(files[SIGNATURES])["signatures"]
        head, body, signature = token.split(".")
        header = json.loads(_unbase64(head))
        payload = json.loads(_unbase64(body))
        raw = _unbase64(signature)
    except (KeyError, TypeError, ValueError) as error:
        raise BadBundle("there is no signature to read") from error
    key = load_pem_public_key(public_key)
    if not isinstance(key, ec.EllipticCurvePublicKey) or header.get("alg") != "ES256":
        raise BadBundle("only ES256 signatures are accepted")
    half = (int.from_bytes(raw[:WIDTH], "big"), int.from_bytes(raw[WIDTH:], "big"))
    told = f"{head}.{body}".encode()
    try:
        key.verify(encode_dss_signature(*half), told, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise BadBundle("the signature is not of this key") from error
    return payload


def _revision_said(files: Mapping[str, bytes]) -> str:
    """Return the revision if manifest, meta and files agree on it."""
    found = revision(files)
    try:
        said = {
            json.loads(files[MANIFEST])["revision"],
            json.loads(files[META])["revision"],
        }
    except (KeyError, TypeError, ValueError) as error:
        raise BadBundle("manifest or meta does not say a revision") from error
    if said != {found}:
        raise BadBundle("the revision said is not the revision of the files")
    return found


def _digest(path: str, data: bytes) -> str:
    """Return the digest as the format defines it."""
    structured = path == MANIFEST or path.endswith(".json")
    if structured:
        try:
            data = _compact(json.loads(data))
        except ValueError as error:
            raise BadBundle(f"{path} is not JSON") from error
    return hashlib.sha256(data).hexdigest()


def _compact(value: object) -> bytes:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def _unbase64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
