"""Bundles: one revision, the same bytes each time, signed so that OPA believes it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from audit.bundle import read_archive, verify
from gateway.policy import Bundle
from gateway.policy.archive import Archive, archive_key, shown_count
from gateway.policy.question import Question, Vector
from gateway.policy.sign import signed
from tests.gateway.policy.small import policy_of, question, rule, vocabulary

KEY = ec.derive_private_key(7**70, ec.SECP256R1())
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
PUBLIC = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def bundle(root: Path) -> Bundle:
    """Return a small bundle."""
    return policy_of(root, rule("st.a"), rule("st.b", effect="permit")).bundle


def test_the_same_files_are_the_same_bytes(tmp_path: Path) -> None:
    """Building twice gives one revision and one archive; reading gives it back."""
    one, other = bundle(tmp_path / "1"), bundle(tmp_path / "2")
    assert one.archive() == other.archive()
    assert Bundle.read(one.archive()).files == dict(one.files)


def test_the_revision_is_of_the_files(tmp_path: Path) -> None:
    """Another rule is another revision; signing changes none."""
    one = bundle(tmp_path / "1")
    other = policy_of(tmp_path / "2", rule("st.a")).bundle
    assert one.revision != other.revision
    assert signed(one, pem=PEM, key_id="k").revision == one.revision


def test_it_is_known_whether_a_rule_looks_at_a_fact(tmp_path: Path) -> None:
    """A fact of the vocabulary that no rule mentions is not one that is looked at."""
    looks = rule("st.a", when=[{"fact": "need", "is": True}])
    found = policy_of(tmp_path, looks).bundle

    assert found.looks_at("need")
    assert not found.looks_at("bulk")


def test_only_p256_signs(tmp_path: Path) -> None:
    """Any other key is refused."""
    for key in (
        ed25519.Ed25519PrivateKey.generate(),
        ec.generate_private_key(ec.SECP384R1()),
    ):
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        with pytest.raises(ValueError, match="P-256"):
            signed(bundle(tmp_path / str(id(key))), pem=pem, key_id="k")


@pytest.mark.slow
@pytest.mark.services
def test_opa_believes_what_we_sign(
    tmp_path: Path, require_tool: Callable[[str], Path]
) -> None:
    """OPA verifies our signature, and refuses the bundle with one byte changed."""
    made = signed(bundle(tmp_path), pem=PEM, key_id="sallyport")
    path = "table/data.json"
    changed = {**made.files, path: made.files[path].replace(b"st.a", b"st.c", 1)}
    (tmp_path / "key.pub").write_bytes(PUBLIC)
    for files, believed in ((made.files, True), (changed, False)):
        archive = tmp_path / "bundle.tar.gz"
        archive.write_bytes(Bundle(files=files).archive())
        done = subprocess.run(
            [
                str(require_tool("opa")),
                "build",
                "--bundle",
                str(archive),
                "--verification-key",
                str(tmp_path / "key.pub"),
                "--verification-key-id",
                "sallyport",
                "--signing-alg",
                "ES256",
                "--output",
                str(tmp_path / "out.tar.gz"),
            ],
            capture_output=True,
            check=False,
        )
        assert (done.returncode == 0) == believed, done.stderr


@pytest.mark.slow
@pytest.mark.services
def test_we_believe_what_opa_signs(
    tmp_path: Path, require_tool: Callable[[str], Path]
) -> None:
    """A signature by ``opa sign`` over the same files is verified."""
    made = bundle(tmp_path / "policies")
    folder = tmp_path / "unpacked"
    for path, data in made.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    (tmp_path / "key.pem").write_bytes(PEM)
    subprocess.run(
        [
            str(require_tool("opa")),
            "sign",
            "--signing-key",
            str(tmp_path / "key.pem"),
            "--signing-alg",
            "ES256",
            "--bundle",
            ".",
        ],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    files = {
        **made.files,
        ".signatures.json": (folder / ".signatures.json").read_bytes(),
    }
    read = read_archive(Bundle(files=files).archive())
    assert verify(read, public_key=PUBLIC) == made.revision


SECRET = bytes(range(32))


def asked() -> Question:
    """Return a question of the small law."""
    return question(vocabulary())


def test_archive_rows() -> None:
    """A row opens with the same secret only, and holds the canonical question."""
    archive = Archive(secret=SECRET)
    vectors = [Vector(facts={"sealed": True}), Vector(), Vector()]
    rows = archive.rows(asked(), vectors, "release", 20260120)
    assert len(rows) == 2
    assert archive.opened(rows[0]) == asked().with_records(vectors[:1])
    assert archive.rows(asked(), [], "withhold", 20260120)[0].outcome == "withhold"
    assert rows == archive.rows(asked(), vectors, "release", 20260120)
    (later, _) = archive.rows(asked(), vectors, "release", 20260121)
    assert later.sealed[:12] != rows[0].sealed[:12]
    for wrong in (Archive(secret=bytes(32)),):
        with pytest.raises(ValueError, match="not a row"):
            wrong.opened(rows[0])
    with pytest.raises(ValueError, match="not a row"):
        archive.opened(type(rows[0])(day=1, question_sha="", sealed=b"", outcome=""))
    with pytest.raises(ValueError, match="32 bytes"):
        archive_key(b"short")


async def test_archive_keeps() -> None:
    """Each distinct question is put into the store."""
    kept: list[tuple[int, str, bytes, str]] = []

    class Store:
        async def put(
            self, day: int, question_sha: str, sealed: bytes, outcome: str
        ) -> None:
            kept.append((day, question_sha, sealed, outcome))

    archive = Archive(secret=SECRET)
    await archive.keep(Store(), asked(), [Vector()], "wait", 20260120)
    ((day, _, sealed, outcome),) = kept
    assert (day, outcome) == (20260120, "wait")
    assert asked().canonical not in sealed


def test_small_counts_are_not_shown() -> None:
    """Fewer than five are fewer than five; more are rounded to five."""
    shown = [shown_count(count) for count in (1, 4, 5, 7, 8, 12)]
    assert shown == ["fewer than 5", "fewer than 5", "5", "5", "10", "10"]
