"""The manifest: one digest over everything decisions depend on."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from audit.changes import manifest_lines
from gateway.config import Config, parse_config
from gateway.config.example import SMALLEST
from gateway.errors import InvalidFile
from gateway.manifest import Manifest, manifest_files, read_manifest

FILES = {
    "agencies.yaml": b"agencies",
    "instruments.yaml": b"papers",
    "catalogue/jail.yaml": b"jail",
    "catalogue/dmv.yaml": b"dmv",
    "catalogue/notes.txt": b"not a dataset",
    "tls/agencies.pem": b"authority",
    "tls/server.pem": b"certificate",
    "tls/server.key": b"secret",
    "keys/board.pub": b"auditor",
    "keys/state": b"secret",
    "keys/log": b"secret",
}


@pytest.fixture
def county(tmp_path: Path) -> Config:
    """A county's folder with every file of the manifest."""
    for name, data in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    path = tmp_path / "sallyport.yaml"
    path.write_bytes(json.dumps(SMALLEST).encode())
    return parse_config(path.read_bytes(), path)


def test_the_names_are_logical_and_complete(county: Config) -> None:
    """Each file decisions depend on is in it once, under a name of its role."""
    assert sorted(manifest_files(county)) == [
        "agencies.yaml",
        "auditors/board.pub",
        "catalogue/dmv.yaml",
        "catalogue/jail.yaml",
        "client_cas/agencies.pem",
        "sallyport.yaml",
    ]


def test_the_digest_is_over_sorted_lines(county: Config) -> None:
    """SHA-256 over the sorted lines name SP sha256, as the format says."""
    files = {name: path.read_bytes() for name, path in manifest_files(county).items()}
    files |= {
        f"sallyport.yaml#{name}": json.dumps(
            value, sort_keys=True, separators=(",", ":")
        ).encode()
        for name, value in SMALLEST.items()
    }
    lines = [
        f"{name} {hashlib.sha256(data).hexdigest()}\n"
        for name, data in sorted(files.items())
    ]
    manifest = read_manifest(county)
    assert manifest.text == "".join(lines)
    assert manifest.digest == hashlib.sha256("".join(lines).encode()).hexdigest()


def test_pinned_bytes() -> None:
    """The format of the manifest does not change by accident."""
    manifest = Manifest(files=(("b", "22"), ("a/c", "11")))
    assert manifest.text == "a/c 11\nb 22\n"
    assert manifest.digest == (
        "5e9af20cf833f846c80bf6a629845f4137194cd2482291809ba145694745df64"
    )


@pytest.mark.parametrize(
    "name",
    ["agencies.yaml", "catalogue/jail.yaml", "tls/agencies.pem", "keys/board.pub"],
)
def test_any_edit_changes_the_digest(county: Config, name: str) -> None:
    """One byte more in any file of it is another manifest, and the file is named."""
    before = read_manifest(county)
    path = county.path.parent / name
    path.write_bytes(path.read_bytes() + b"\n")
    after = read_manifest(county)
    assert after.digest != before.digest
    assert len(after.difference(before)) == 1


@pytest.mark.parametrize(
    "name",
    [
        "instruments.yaml",
        "catalogue/notes.txt",
        "keys/state",
        "keys/log",
        "tls/server.key",
    ],
)
def test_secrets_and_papers_are_outside(county: Config, name: str) -> None:
    """Changing a key, or a paper coming in, is no other manifest."""
    before = read_manifest(county).digest
    (county.path.parent / name).write_bytes(b"another")
    assert read_manifest(county).digest == before


def test_a_new_dataset_is_another_manifest(county: Config) -> None:
    """A file added to the catalogue's folder cannot go unseen."""
    before = read_manifest(county)
    (county.catalogue / "gang.yaml").write_bytes(b"gang")
    assert read_manifest(county).difference(before) == ("catalogue/gang.yaml",)


def test_authorities_of_databases_are_in_it(tmp_path: Path) -> None:
    """Which server is believed to be the source, or the state, cannot change unseen."""
    server = {"host": "db", "database": "d", "user": "u", "password_file": "p"}
    changed = {
        "sources": {
            "jail": {"kind": "sqlite", "path": "jail.db"},
            "gang": {"kind": "postgres", "ca_file": "tls/gang.pem", **server},
        },
        "state": {
            "key": "keys/state",
            "url": "postgresql://u@db/s",
            "password_file": "p",
            "ca_file": "tls/state.pem",
        },
    }
    document = json.dumps(SMALLEST | changed).encode()
    config = parse_config(document, tmp_path / "sallyport.yaml")

    files = manifest_files(config)

    assert files["sources/gang.ca"] == tmp_path / "tls/gang.pem"
    assert files["state.ca"] == tmp_path / "tls/state.pem"
    assert not any(path.name == "p" for path in files.values())


def test_a_section_that_changed_is_named(county: Config) -> None:
    """Whoever compares two manifests sees that it was the retention, or a remark."""
    before, path = read_manifest(county), county.path
    document = SMALLEST | {"retention": {"reviews_days": 30}}
    path.write_bytes(json.dumps(document).encode())
    assert read_manifest(county).difference(before) == ("sallyport.yaml#retention",)
    path.write_bytes(json.dumps(SMALLEST).encode() + b"\n")
    assert read_manifest(county).difference(before) == ("sallyport.yaml",)


def test_a_manifest_is_one_that_everybody_can_read(county: Config) -> None:
    """Its text is the public form, whatever a file is called."""
    (county.catalogue / "a b \u00e4.yaml").write_bytes(b"x")
    manifest = read_manifest(county)
    lines = manifest_lines(manifest.text.encode())
    assert lines is not None
    assert lines == dict(manifest.files)
    assert "catalogue/a%20b%20%C3%A4.yaml" in lines


def test_missing_files_are_named_at_once(county: Config) -> None:
    """Every file that cannot be read is named."""
    county.registry.unlink()
    county.log.auditors[0].key.unlink()
    with pytest.raises(InvalidFile) as caught:
        read_manifest(county)
    assert len(caught.value.mistakes) == 2
