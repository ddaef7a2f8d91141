"""The engines of a configuration: what they share, what OPA polls, what it is told."""

from __future__ import annotations

import asyncio
import hashlib
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from audit.bundle import read_archive, verify
from gateway.config import Config, OpaSection, parse_config
from gateway.config.example import SMALLEST
from gateway.errors import EngineFault, InvalidFile, Unavailable
from gateway.policy import Bundle, Policy
from gateway.policy.credentials import read_credentials
from gateway.policy.engines import open_engines
from gateway.policy.opaconfig import opa_files, start_command
from tests.gateway.policy.small import policy_of, rule

TOKEN = "a" * 64
KEY = ec.derive_private_key(7**70, ec.SECP256R1())


def private(path: Path, data: bytes) -> Path:
    """Write a secret."""
    path.write_bytes(data)
    path.chmod(0o600)
    return path


def pem(key: Any) -> bytes:  # noqa: ANN401  # any private key
    """Return a key's PEM."""
    data: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return data


@pytest.fixture
def section(tmp_path: Path) -> OpaSection:
    """The settings of an OPA server, with good secrets."""
    token = private(tmp_path / "token", f"{TOKEN}\n".encode())
    key = private(tmp_path / "key", pem(KEY))
    settings = {"token": str(token), "signing_key": str(key)}
    return OpaSection.model_validate_json(json.dumps(settings))


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    """A policy of one rule."""
    return policy_of(tmp_path / "law", rule("st.a"))


def test_credentials(section: OpaSection) -> None:
    """Both are read, and neither is shown."""
    known = read_credentials(section)
    assert known.token == TOKEN
    assert known.public_key.startswith("-----BEGIN PUBLIC KEY-----")
    assert TOKEN not in repr(known)
    assert "PRIVATE" not in repr(known)


BAD_KEYS = [
    b"nonsense",
    pem(ed25519.Ed25519PrivateKey.generate()),
    pem(ec.generate_private_key(ec.SECP384R1())),
    KEY.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"password")
    ),
]


@pytest.mark.parametrize("key", BAD_KEYS, ids=["nonsense", "ed25519", "p384", "locked"])
@pytest.mark.parametrize("token", [b"short", b"with a space" * 9, b"\xff" * 40])
def test_every_bad_secret_is_named(
    section: OpaSection, key: bytes, token: bytes
) -> None:
    """What cannot be used is named with what to do, never with its content."""
    private(section.token, token)
    private(section.signing_key, key)
    with pytest.raises(InvalidFile) as caught:
        read_credentials(section)
    assert {m.path for m in caught.value.mistakes} == {
        str(section.token),
        str(section.signing_key),
    }
    assert all("openssl" in m.advice for m in caught.value.mistakes)
    assert "space" not in str(caught.value)
    assert "nonsense" not in str(caught.value)


@pytest.fixture
def alone() -> Config:
    """A configuration without OPA."""
    return parse_config(json.dumps(SMALLEST).encode(), Path("/x/sallyport.yaml"))


@pytest.fixture
def both(section: OpaSection, free_port: Callable[[], int]) -> Config:
    """A configuration with two engines, and nobody where OPA should be."""
    document = SMALLEST | {
        "engines": ["opa", "embedded"],
        "opa": {
            "url": f"http://127.0.0.1:{free_port()}",
            "token": str(section.token),
            "signing_key": str(section.signing_key),
        },
    }
    return parse_config(json.dumps(document).encode(), Path("/x/sallyport.yaml"))


async def test_a_bundle_is_signed_for_whoever_polls(
    both: Config, policy: Policy
) -> None:
    """It is packed once, verifies by the public key, and its tag is the revision."""
    failed: list[tuple[str, EngineFault]] = []
    async with open_engines(
        both,
        monotonic=lambda: 0.0,
        failed=lambda *what: failed.append(what),
        took=lambda _seconds: None,
    ) as engines:
        breaker = [engines.open]
        assert engines.remote
        assert engines.etag == ""
        with pytest.raises(Unavailable, match="no bundle"):
            await engines.offered()
        engines.offer(policy.bundle)
        one, other = await asyncio.gather(engines.offered(), engines.offered())
        made = engines.policy(policy.bundle)
        assert made.engines == ("opa", "embedded")
        assert await made.problem("local") == ""
        for _ in range(5):
            assert "nobody answers" in await made.problem("remote")
        breaker.append(engines.open)
    assert breaker == [False, True]
    assert one is other
    assert one.etag == engines.etag == f'"{policy.revision}"'
    files = await asyncio.to_thread(read_archive, one.archive)
    assert both.opa is not None
    known = await asyncio.to_thread(read_credentials, both.opa)
    public = known.public_key.encode()
    assert verify(files, public_key=public) == policy.revision
    assert failed == []  # only questions that were asked are counted


async def test_without_opa_the_bundle_is_served_as_it_is(
    alone: Config, policy: Policy
) -> None:
    """One engine, nothing to open, and an archive without a signature."""
    async with open_engines(
        alone,
        monotonic=lambda: 0.0,
        failed=lambda _engine, _fault: None,
        took=lambda _seconds: None,
    ) as engines:
        engines.offer(policy.bundle)
        offered = await engines.offered()
        assert not engines.remote
        assert not engines.open
        assert engines.policy(policy.bundle).engines == ("embedded",)
    read = await asyncio.to_thread(Bundle.read, offered.archive)
    assert read.files == dict(policy.bundle.files)


def test_what_opa_is_started_with_holds_no_secret() -> None:
    """Digest and public key only; the command line names both files."""
    files = opa_files(
        admin="http://127.0.0.1:9443", key_id="k", public_key="PUBLIC", token=TOKEN
    )
    assert set(files) == {"opa.yaml", "authz.rego"}
    assert TOKEN not in "".join(files.values())
    assert hashlib.sha256(TOKEN.encode()).hexdigest() in files["authz.rego"]
    command = start_command("opa", "127.0.0.1:8181")
    assert "--authentication=token --authorization=basic" in command
    assert command.endswith("--config-file opa/opa.yaml opa/authz.rego")


@pytest.mark.slow
@pytest.mark.services
def test_opa_finds_nothing_wrong_with_its_authorization(
    tmp_path: Path, require_tool: Callable[[str], Path]
) -> None:
    """The policy is formatted, strictly checked, and allows just the one question."""
    files = opa_files(admin="http://x", key_id="k", public_key="P", token=TOKEN)
    path = tmp_path / "authz.rego"
    path.write_text(files["authz.rego"])
    opa = str(require_tool("opa"))

    def run(*words: str, given: object = None) -> str:
        done = subprocess.run(
            [opa, *words],
            input=json.dumps(given),
            capture_output=True,
            check=False,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert run("fmt", "--list", str(path)) == ""
    run("check", "--strict", str(path))
    right: dict[str, Any] = {
        "method": "POST",
        "path": ["v1", "data", "sallyport", "ask", "answer"],
        "params": {},
        "identity": TOKEN,
    }
    nearly: list[dict[str, Any]] = [
        {"method": "GET"},
        {"method": "PUT"},
        {"path": ["v1", "data", "sallyport", "ask"]},
        {"path": ["v1", "data"]},
        {"path": ["v1", "policies", "x"]},
        {"path": ["v1", "query"]},
        {"path": ["v1", "compile"]},
        {"path": []},
        {"params": {"explain": ["full"]}},
        {"identity": "b" * 64},
        {"identity": ""},
    ]
    asked = [right, *(right | change for change in nearly)]
    asked += [{k: v for k, v in right.items() if k != "identity"}]
    asked += [right | {"method": m, "path": ["health"]} for m in ("GET", "POST")]
    (tmp_path / "asked.json").write_text(json.dumps({"asked": asked}))
    each = "x := data.system.authz.allow with input as one"
    said = run(
        *("eval", "--format=raw", "-d", str(path), "-d", str(tmp_path / "asked.json")),
        f"[x | some one in data.asked; {each}]",
    )
    assert json.loads(said) == [True, *[False] * len(nearly), False, True, False]
