"""Whatever serve could not load is named by check, activate, doctor and serve alike."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from gateway.cli.usable import refuse_unusable, unusable
from gateway.config import load
from gateway.errors import InvalidFile
from gateway.ledger.opening import auditors_of
from tests.gateway.cli.conftest import Sallyport

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

Breaks = Callable[[Path], None]


def _text(name: str, text: str) -> Breaks:
    """Put another text into a file of the county, its mode kept."""

    def change(county: Path) -> None:
        (county / name).write_text(text)

    return change


def _key_of_another_kind(county: Path) -> None:
    """Give the issuer a key that none of its algorithms can use."""
    path = county / "issuer/jwks.json"
    keys = json.loads(path.read_text())
    keys["keys"][0]["alg"] = "ES384"
    path.write_text(json.dumps(keys))


def _other_server_key(county: Path) -> None:
    """Give the server the key of somebody else."""
    other = county / "requesters/broker/key.pem"
    (county / "keys/server.key").write_bytes(other.read_bytes())


def _other_log(county: Path) -> None:
    """Name another log than the keys are of."""
    path = county / "sallyport.yaml"
    origin = load(path).log.origin
    path.write_text(path.read_text().replace(origin, "elsewhere.example/log"))


def _auditor_of_another_name(county: Path) -> None:
    """Call the auditor something that the key does not say."""
    path = county / "sallyport.yaml"
    name = load(path).log.auditors[0].name
    path.write_text(path.read_text().replace(f"name: {name}", "name: somebody"))


def _algorithm_that_is_none_of_ours(county: Path) -> None:
    """Name an algorithm that the file's words allow and no verifier has."""
    path = county / "sallyport.yaml"
    text = path.read_text()
    assert "algorithms: [ES256]" in text
    path.write_text(text.replace("algorithms: [ES256]", "algorithms: [ES384]"))


def _no_database(county: Path) -> None:
    """Take a database away."""
    (county / "databases/jail.db").unlink()


def _folder_for_a_database(county: Path) -> None:
    """Put a folder in a database's place."""
    _no_database(county)
    (county / "databases/jail.db").mkdir()


def _key_with_a_passphrase(county: Path) -> None:
    """Give the server its key as some offices keep it."""
    path = county / "keys/server.key"
    key = load_pem_private_key(path.read_bytes(), None)
    path.write_bytes(
        key.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")
        )
    )


_PAPERS = "schema: sallyport.instruments/1\npapers: 1\n"

BROKEN: dict[str, tuple[Breaks, str]] = {
    "client CA": (_text("authorities/ice.pem", "x"), "holds no certificate"),
    "certificate": (_text("authorities/server.pem", "x"), "no certificate in PEM"),
    "server key": (_other_server_key, "is not the private key of"),
    "issuer's keys": (_key_of_another_kind, "no key that can be used for ES256"),
    "no key set": (_text("issuer/jwks.json", "[]"), "no key that can be used"),
    "algorithm": (
        _algorithm_that_is_none_of_ours,
        "names ES384, which no verifier here knows",
    ),
    "log key": (_text("keys/log.key", "x\n"), "is not a signing key of a log; make"),
    "receipt key": (_text("keys/receipt.key", "x"), "receipt.key: is not a signing"),
    "time key": (_text("keys/time.key", "x"), "time.key: is not a signing"),
    "another log": (_other_log, "the keys are of the log"),
    "state key": (_text("keys/state.key", "short"), "is not 32 bytes long"),
    "auditor": (_text("auditor.pub", "x"), "is not an auditor's public key; the"),
    "auditor's name": (_auditor_of_another_name, "the key is of"),
    "papers": (_text("instruments.yaml", _PAPERS), "instruments.yaml:"),
    "database": (_no_database, "jail.db is not there"),
    "no database": (_folder_for_a_database, "jail.db is no file"),
    "passphrase": (_key_with_a_passphrase, "has a passphrase, which nobody is there"),
}


def test_a_county_as_it_was_written_is_usable(county: Path) -> None:
    """Nothing is said of what is well."""
    assert list(unusable(load(county / "sallyport.yaml"))) == []


def test_a_byte_order_mark_is_no_part_of_a_key(county: Path) -> None:
    """Editors of Windows write one where somebody only looked at a file."""
    path = county / "auditor.pub"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    config = load(county / "sallyport.yaml")
    assert list(unusable(config)) == []
    assert [each.name for each in auditors_of(config)] == ["county-auditor"]


@pytest.mark.parametrize("part", list(BROKEN))
def test_each_part_is_named(county: Path, part: str) -> None:
    """One part broken: exactly what is wrong is said, once."""
    change, sentence = BROKEN[part]
    change(county)
    said = [str(item) for item in unusable(load(county / "sallyport.yaml"))]
    assert len(said) == 1, said
    assert sentence in said[0]


def test_everything_is_said_at_once(county: Path) -> None:
    """Several parts broken: one answer names them all."""
    parts = ("client CA", "issuer's keys", "log key", "auditor", "database")
    for part in parts:
        BROKEN[part][0](county)
    with pytest.raises(InvalidFile) as caught:
        refuse_unusable(load(county / "sallyport.yaml"))
    assert len(caught.value.mistakes) == len(parts)


def test_a_start_does_not_ask_for_databases(county: Path) -> None:
    """A source that is gone heals by itself, so a gateway starts without it."""
    _no_database(county)
    refuse_unusable(load(county / "sallyport.yaml"), sources=False)


def test_every_command_asks(county: Path, sallyport: Sallyport) -> None:
    """Check, activate, serve and doctor name the same mistake; no log is begun."""
    _key_of_another_kind(county)
    for command in ("check", "activate", "serve"):
        code, said = sallyport(command)
        assert code == 2, said
        assert "no key that can be used for ES256" in said
    assert not load(county / "sallyport.yaml").log.directory.exists()
    code, found = sallyport("doctor", "--json")
    assert code == 1
    wrong = [item["sentence"] for item in found if item["verdict"] == "wrong"]
    assert any("no key that can be used for ES256" in item for item in wrong)
