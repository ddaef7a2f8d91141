"""The files a configuration names: there, readable, private where they must be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.config import Config, check_files, load
from gateway.errors import InvalidFile
from tests.gateway.config.documents import smallest, written
from tests.gateway.county import found_county
from tests.gateway.somebody import somebody_else


def test_the_file_checks_join_the_rest(tmp_path: Path) -> None:
    """Missing files are reported in the same breath as other mistakes."""
    path = tmp_path / "sallyport.yaml"
    path.write_bytes(written(smallest() | {"nonsense": 1}))
    with pytest.raises(InvalidFile) as caught:
        load(path)
    paths = {
        item.path.removeprefix("sallyport.yaml:") for item in caught.value.mistakes
    }
    assert {"nonsense", "server.key", "log.keys.time", "registry"} <= paths


@pytest.fixture
def county(tmp_path: Path) -> Config:
    """A county with every file in place."""
    return found_county(tmp_path)


def test_a_whole_county_passes(county: Config) -> None:
    """With every file in place nothing is wrong."""
    check_files(county)


def test_a_folder_without_vocabulary_is_none_of_policies(county: Config) -> None:
    """An empty folder is no law, and is said so before anything reads it."""
    document = json.loads(county.path.read_text())
    county.path.write_text(json.dumps({**document, "policies": "policies"}))
    (county.path.parent / "policies").mkdir()
    with pytest.raises(InvalidFile) as caught:
        load(county.path)
    (mistake,) = caught.value.mistakes
    assert str(mistake) == (
        f"sallyport.yaml:policies: {county.path.parent / 'policies'} is no policies"
        " folder: it has no vocabulary.yaml"
    )
    (county.path.parent / "policies" / "vocabulary.yaml").write_text("{}")
    assert load(county.path).policies.name == "policies"


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("server.key", "tls/server.key"),
        ("state.key", "keys/state"),
        ("log.keys.log", "keys/log.key"),
        ("log.keys.receipt", "keys/receipt.key"),
        ("log.keys.time", "keys/time.key"),
    ],
)
def test_each_secret_must_be_private(county: Config, name: str, path: str) -> None:
    """Any key that its group may read is refused under its setting's name."""
    (county.path.parent / path).chmod(0o640)
    with pytest.raises(InvalidFile, match="chmod 600") as caught:
        check_files(county)
    (mistake,) = caught.value.mistakes
    assert mistake.path == f"sallyport.yaml:{name}"


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("server.certificate", "tls/server.pem"),
        ("server.client_cas.agencies", "tls/agencies.pem"),
        ("registry", "agencies.yaml"),
        ("instruments", "instruments.yaml"),
        ("log.auditors.0.key", "keys/board.pub"),
    ],
)
def test_each_file_must_be_there(county: Config, name: str, path: str) -> None:
    """A file that is missing is named under its setting's name."""
    (county.path.parent / path).unlink()
    with pytest.raises(InvalidFile) as caught:
        check_files(county)
    (mistake,) = caught.value.mistakes
    assert mistake.path == f"sallyport.yaml:{name}"


def test_what_names_and_vouches_for_witnesses_must_be_there(tmp_path: Path) -> None:
    """The policy file and its authorities, where the configuration names them."""
    log = smallest()["log"] | {"witness": "trust.policy", "witness_ca": "ca.pem"}
    with pytest.raises(InvalidFile) as caught:
        found_county(tmp_path, log=log)
    assert {item.path for item in caught.value.mistakes} >= {
        "sallyport.yaml:log.witness",
        "sallyport.yaml:log.witness_ca",
    }


def test_folders_must_be_folders(county: Config) -> None:
    """A catalogue that is no folder is named."""
    (county.catalogue / "jail.yaml").unlink()
    county.catalogue.rmdir()
    with pytest.raises(InvalidFile, match=r"catalogue: .* is not a folder"):
        check_files(county)


def test_a_closed_folder_is_said_to_be_closed(county: Config) -> None:
    """Who runs a command as another user reads what to do, for each file."""
    for folder in (county.server.certificate.parent, county.catalogue):
        folder.chmod(0o700)
    with somebody_else(county.path.parent), pytest.raises(InvalidFile) as caught:
        check_files(county)
    found = {item.path.partition(":")[2]: item for item in caught.value.mistakes}
    for name in ("server.key", "server.certificate", "catalogue"):
        assert found[name].advice.startswith("run this as the gateway's user"), name


def test_files_of_databases_on_servers(tmp_path: Path) -> None:
    """Passwords and keys must be private, authorities and certificates be there."""
    names = ("ca_file", "password_file", "client_certificate", "client_key")
    files = {name: f"db/{name}" for name in names}
    place = {"host": "db.example", "database": "jail", "user": "reader"}
    folder = tmp_path / "db"
    folder.mkdir()
    for name in names:
        (folder / name).touch(mode=0o600)
    config = found_county(
        tmp_path,
        sources={"jail": {"kind": "postgres", **place, **files}},
        state={
            "key": "keys/state",
            "url": "postgresql://keeper@db.example/state",
            **files,
        },
    )
    check_files(config)
    (folder / "password_file").chmod(0o644)
    for name in ("ca_file", "client_certificate", "client_key"):
        (folder / name).unlink()

    with pytest.raises(InvalidFile) as caught:
        check_files(config)

    found = {item.path: str(item) for item in caught.value.mistakes}
    assert set(found) == {
        f"sallyport.yaml:{section}.{name}"
        for section in ("state", "sources.jail")
        for name in names
    }
    assert "chmod 600" in found["sallyport.yaml:state.password_file"]
