"""What OPA is started with, written from a real county's configuration."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.cli.opa_files import write_files
from gateway.config import Config, load
from tests.gateway.cli.counties import county_with_opa
from tests.gateway.county import found_county


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """A county with an OPA server."""
    return county_with_opa(tmp_path)


def test_two_files_and_the_command_that_starts_opa(
    config: Config, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command names both files and the address of the configuration."""
    write_files(config.path, tmp_path / "new" / "opa", as_json=True)
    said = json.loads(capsys.readouterr().out)
    written = sorted(path.name for path in (tmp_path / "new" / "opa").iterdir())
    assert written == ["authz.rego", "opa.yaml"]
    assert f"--addr {config.opa.url.removeprefix('http://')}" in said["start"]  # type: ignore[union-attr]  # this county has an OPA section
    settings = (tmp_path / "new" / "opa" / "opa.yaml").read_text()
    assert f"url: http://{config.admin.listen}" in settings
    assert "BEGIN PUBLIC KEY" in settings
    secret = config.opa.token.read_text().strip()  # type: ignore[union-attr]  # this county has an OPA section
    assert secret not in settings + json.dumps(said)


def ends(path: Path, out: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Return the exit code and what was said."""
    with pytest.raises(SystemExit) as caught:
        write_files(path, out, as_json=False)
    return int(str(caught.value.code)), capsys.readouterr().err


def test_what_stands_in_the_way_is_said(
    config: Config, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No OPA configured, no port, no usable secret, no folder: each in a sentence."""
    out, text = tmp_path / "opa", config.path.read_text()
    document = json.loads(text)
    plain = found_county(tmp_path / "plain")
    assert ends(plain.path, out, capsys) == (
        2,
        "sallyport.yaml has no section opa: no engine to configure\n",
    )
    config.path.write_text(json.dumps(document | {"admin": {"listen": "[::1]:0"}}))
    code, said = ends(config.path, out, capsys)
    assert (code, "names no port" in said) == (2, True)
    config.path.write_text(text)
    token = load(config.path).opa.token  # type: ignore[union-attr]  # this county has an OPA section
    secret = token.read_text()
    token.write_text("short")
    code, said = ends(config.path, out, capsys)
    assert (code, str(token) in said, "short" in said) == (2, True, False)
    token.write_text(secret)
    out.write_text("a file where the folder should be")
    code, said = ends(config.path, out, capsys)
    assert (code, str(out) in said) == (2, True)
