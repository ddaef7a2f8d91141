"""What the doctor says of what ends by itself."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.cli.expiring import (
    agreements_looked_at,
    certificates_looked_at,
    how_old,
)
from gateway.cli.finding import Finding, Verdict
from gateway.clock import SystemClock
from gateway.config import Config, load
from tests.gateway.county import found_county

KEY = ec.generate_private_key(ec.SECP256R1())
NOW = dt.datetime.now(dt.UTC)
YEAR = (-1, 364)


SIGNS = x509.KeyUsage(
    *(False, False, False, False, False),
    True,
    True,
    encipher_only=False,
    decipher_only=False,
)


def certificate(
    days: tuple[int, int], *, ca: bool | None, named: bool = True, signs: bool = True
) -> bytes:
    """Return a certificate, from and until so many days from now."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "x")])
    other = name if ca is None else x509.Name([])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(other)
        .public_key(KEY.public_key())
        .serial_number(1)
        .not_valid_before(NOW + dt.timedelta(days=days[0]))
        .not_valid_after(NOW + dt.timedelta(days=days[1]))
    )
    if ca is not None:
        builder = builder.add_extension(x509.BasicConstraints(ca, None), critical=True)
    if ca and signs:
        key = x509.SubjectKeyIdentifier.from_public_key(KEY.public_key())
        builder = builder.add_extension(SIGNS, critical=True)
        builder = builder.add_extension(key, critical=False)
    if named:
        names = x509.SubjectAlternativeName([x509.DNSName("x.example")])
        builder = builder.add_extension(names, critical=False)
    return builder.sign(KEY, hashes.SHA256()).public_bytes(Encoding.PEM)


SERVER = {"server": "tls/server.pem"}
GOOD = {
    "tls/server.pem": certificate(YEAR, ca=False),
    "tls/agencies.pem": certificate(YEAR, ca=True),
    "tls/issuer.pem": certificate(YEAR, ca=True),
    "tls/witness.pem": certificate(YEAR, ca=True),
    "tls/opa.pem": certificate(YEAR, ca=None, named=False),
    "tls/database.pem": certificate(YEAR, ca=True),
    "tls/client.pem": certificate(YEAR, ca=False),
}


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """A county that names every kind of certificate; its files are good for a year."""
    folder = tmp_path_factory.mktemp("county")
    path = found_county(folder).path
    for name, data in GOOD.items():
        (folder / name).write_bytes(data)
    for name in ("opa.token", "bundle.key", "client.key"):
        (folder / "keys" / name).touch(mode=0o600)
    database = {
        "ca_file": "tls/database.pem",
        "client_certificate": "tls/client.pem",
        "client_key": "keys/client.key",
    }
    document = json.loads(path.read_text())
    document["issuers"][0]["ca_file"] = "tls/issuer.pem"
    document["log"] |= {"witness": "quorum", "witness_ca": "tls/witness.pem"}
    (folder / "quorum").touch()
    document["engines"] = ["opa"]
    document["opa"] = {
        "url": "https://127.0.0.1:8181",
        "ca_file": "tls/opa.pem",
        "token": "keys/opa.token",
        "signing_key": "keys/bundle.key",
    }
    document["sources"]["dmv"] = {
        "kind": "postgres",
        "host": "db.example",
        "database": "dmv",
        "user": "reader",
        **database,
    }
    document["state"] |= {"url": "postgresql://u@db.example/state", **database}
    path.write_text(json.dumps(document))
    return load(path)


def looked(config: Config, name: str = "", data: bytes = b"") -> list[Finding]:
    """Return what is not well while a file holds something else."""
    path = config.path.parent / (name or "tls/server.pem")
    before = path.read_bytes()
    path.write_bytes(data or before)
    try:
        found = list(certificates_looked_at(config, SystemClock()))
    finally:
        path.write_bytes(before)
    assert all(item.advice for item in found if item.verdict is not Verdict.WELL)
    return [item for item in found if item.verdict is not Verdict.WELL]


def test_certificates_that_are_good(config: Config) -> None:
    """Each has a line that says until when."""
    assert looked(config) == []
    parts = [item.part for item in certificates_looked_at(config, SystemClock())]
    assert parts == [
        *("tls", "tls", "issuers", "witnesses", "opa"),
        *("state", "state", "source dmv", "source dmv"),
    ]


SPANS = [((-9, -1), "ended on"), ((-9, 9), "only")]


@pytest.mark.parametrize("name", list(GOOD))
@pytest.mark.parametrize(("days", "word"), SPANS)
def test_each_that_ended_or_will(
    config: Config, name: str, days: tuple[int, int], word: str
) -> None:
    """Wrong when it is over, a warning two weeks before; each by its own name."""
    found = looked(config, name, certificate(days, ca=name != "tls/server.pem"))
    assert len(found) == (2 if name in {"tls/database.pem", "tls/client.pem"} else 1)
    expected = Verdict.WRONG if days[1] < 0 else Verdict.WARNING
    for item in found:
        assert item.verdict is expected
        assert word in item.sentence


def test_an_authority_that_is_being_replaced(config: Config) -> None:
    """The old one beside the new one: the last of them counts."""
    both = certificate((-9, -1), ca=True) + certificate(YEAR, ca=True)
    assert looked(config, "tls/agencies.pem", both) == []


def test_a_chain_ends_with_its_first(config: Config) -> None:
    """An intermediate that ended makes the server's chain end."""
    chain = certificate(YEAR, ca=False) + certificate((-9, -1), ca=True)
    (item,) = looked(config, "tls/server.pem", chain)
    assert "ended on" in item.sentence


ODD: list[tuple[str, bytes, Sequence[str]]] = [
    ("tls/server.pem", certificate((1, 9), ca=False), ["begins on"]),
    ("tls/server.pem", certificate(YEAR, ca=False, named=False), ["subjectAltName"]),
    ("tls/agencies.pem", certificate(YEAR, ca=False), ["may issue others"]),
    (
        "tls/agencies.pem",
        certificate(YEAR, ca=True, signs=False),
        ["lacks keyUsage with keyCertSign and subjectKeyIdentifier, so TLS refuses"],
    ),
    (
        "tls/agencies.pem",
        certificate(YEAR, ca=True, signs=False) + certificate(YEAR, ca=True),
        [],
    ),
    ("tls/issuer.pem", certificate(YEAR, ca=True, signs=False), []),
    ("tls/issuer.pem", b"x", ["holds no certificate in PEM"]),
    ("tls/client.pem", b"x", ["holds no certificate in PEM"] * 2),
    ("tls/server.pem", b"x", []),  # said with its key
]


@pytest.mark.parametrize(("name", "data", "words"), ODD)
def test_certificates_that_cannot_be_meant(
    config: Config, name: str, data: bytes, words: Sequence[str]
) -> None:
    """Not yet, for nobody, of nobody, or none at all."""
    found = looked(config, name, data)
    assert len(found) == len(words)
    for item, word in zip(found, words, strict=True):
        assert word in item.sentence


def day(days: int) -> str:
    """Return a day so many days from now."""
    return (NOW + dt.timedelta(days=days)).date().isoformat()


def agreements(*ends: int | None) -> list[dict[str, str]]:
    """Return agreements with these ends, in days from now."""
    return [
        {"id": f"a{place}", "from": day(-999), **({"until": day(end)} if end else {})}
        for place, end in enumerate(ends)
    ]


@pytest.mark.parametrize(
    ("ends", "word"),
    [
        ([], ""),
        ([None], ""),
        ([99], ""),
        ([-9, 99], ""),
        ([-9, None], ""),
        ([9], "its last agreement ends on"),
        ([-99, -9], "its last agreement ended on"),
    ],
)
def test_agreements(config: Config, ends: list[int | None], word: str) -> None:
    """An agency whose last agreement is over, or nearly, is named."""
    certified = [
        {"code": "ncic", **{k: v for k, v in item.items() if k != "id"}}
        for item in agreements(*ends)
    ]
    agency = {
        "title": "Sheriff",
        "family": "local",
        "client_ca": "agencies",
        "components": {"office": {"title": "Office", "class": "local_le"}},
        "agreements": agreements(*ends),
        "certifications": certified,
    }
    document = {"schema": "sallyport.agencies/1", "agencies": {"sheriff": agency}}
    config.registry.write_text(json.dumps(document))
    found = list(agreements_looked_at(config, SystemClock()))
    assert len(found) == (2 if word else 0)
    if word:
        assert found[0].sentence.startswith(word)
        assert found[1].sentence.startswith("its certification ncic")
        assert {item.part for item in found} == {"agency sheriff"}


def test_a_registry_with_mistakes_is_said_elsewhere(config: Config) -> None:
    """Nothing is said of agreements that cannot be read."""
    config.registry.write_text("x")
    assert list(agreements_looked_at(config, SystemClock())) == []


@pytest.mark.parametrize(
    ("age_days", "verdict"),
    [(1, None), (380, Verdict.WARNING), (401, Verdict.WRONG)],
)
def test_an_activation_of_the_year_before_last(
    config: Config, age_days: int, verdict: Verdict | None
) -> None:
    """It may be used for 400 days by default; a month before, somebody is told."""
    activated = SystemClock().now_ms() - age_days * 86_400_000
    found = list(how_old(config, SystemClock(), activated_ms=activated))
    assert [item.verdict for item in found] == ([verdict] if verdict else [])
