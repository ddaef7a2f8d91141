"""Acts from their draft to their entry, as commands in a county's folder."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from audit.signer import SeedSigner
from gateway.cli.act_work import _print
from gateway.clock import SystemClock
from gateway.config import load
from gateway.demo.deciders import activate, people
from gateway.demo.layout import Layout
from tests.gateway.cli.conftest import BOTH, Sallyport

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def county(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One county for all of them, its log begun and its files in force."""
    root = tmp_path_factory.mktemp("w") / "c"
    shutil.copytree(template, root)
    keys = people(Layout(root=root))
    config = load(root / "sallyport.yaml")
    asyncio.run(activate(config, clock=SystemClock(), keys=keys))
    return root


def key(name: str) -> tuple[str, str]:
    """Return the option that names somebody's key."""
    return "--key", f"people/{name}.key"


def test_copies_that_were_signed_apart_are_handed_in_together(
    county: Path, sallyport: Sallyport
) -> None:
    """Each signs a copy at home; another act's file does not fit; one stays one."""
    assert sallyport("cutoff", "add", "all")[0] == 0
    assert sallyport("cutoff", "lift", "0", "--out", "a.act")[0] == 0
    shutil.copy(county / "a.act", county / "b.act")
    for file, name in (("a.act", "officer-1"), ("b.act", "counsel-1")):
        assert sallyport("act", "sign", file, *key(name), "--yes")[0] == 0
    code, problem = sallyport("act", "submit", "a.act")
    assert (code, "only officer-1 has" in problem) == (1, True)
    code, done = sallyport("act", "submit", "a.act", "b.act", "--json")
    assert (code, done["act"], done["signed_by"]) == (0, "cutoff-lift", [*BOTH])
    code, problem = sallyport("act", "submit", "a.act", "b.act")
    assert (code, "carried out already" in problem) == (1, True)


def test_an_act_is_shown_with_whether_it_counts(
    county: Path, sallyport: Sallyport
) -> None:
    """By the gateway's log where there is one; without, it is said that nobody knows.

    A stranger's signature under a known name is named for what it is.
    """
    assert sallyport("cutoff", "add", "all")[0] == 0
    words = ("--words", "All is well.")
    assert sallyport("act", "new", "cutoff-lift", "1", *words)[0] == 0
    file = county / "cutoff-lift-1.act"
    stranger = county / "stranger.key"
    stranger.write_text(SeedSigner.generate("counsel-1").secret_text)
    stranger.chmod(0o600)
    for mine in (key("officer-1"), ("--key", "stranger.key")):
        assert sallyport("act", "sign", file.name, *mine, "--yes")[0] == 0
    code, said = sallyport("act", "show", file.name)
    assert code == 1
    assert "in words (sealed): All is well." in said
    assert "signature of counsel-1: it has a signature of counsel-1 by a key" in said
    assert "it does not count: it has a signature of counsel-1 by a key" in said
    code, said = sallyport("act", "show", file.name, "--config", "elsewhere.yaml")
    assert code == 0
    assert "only its gateway can say" in said
    assert sallyport("act", "show")[0] == 2
    assert sallyport("act", "show", "--entry", "99")[0] == 1


@pytest.mark.usefixtures("county")
def test_a_new_roster_says_who_signs_it(
    sallyport: Sallyport, sign: Callable[[str], None]
) -> None:
    """Two of the old, and each new key; then it waits, and the doctor says so."""
    assert sallyport("act", "keygen", "records-1", "--dir", "people")[0] == 0
    files = [f"people/{name}.pub" for name in (*BOTH, "records-1")]
    code, said = sallyport("act", "new", "roster", *files)
    assert code == 0
    assert "two of counsel-1 and officer-1 sign it (and each key that is new)" in said
    sign("roster-0.act")
    code, problem = sallyport("act", "submit", "roster-0.act")
    assert (code, "one of records-1 has not" in problem) == (1, True)
    assert sallyport("act", "sign", "roster-0.act", *key("records-1"), "--yes")[0] == 0
    assert sallyport("act", "submit", "roster-0.act")[0] == 0
    code, status = sallyport("status", "--json")
    assert status["people"] == [*BOTH]
    assert status["people_later"] == [*BOTH, "records-1"]
    code, found = sallyport("doctor", "--json")
    waits = [i for i in found if i["part"] == "people" and i["verdict"] == "warning"]
    assert len(waits) == 1
    assert "put the old roster in again" in waits[0]["advice"]


def test_what_nobody_has_to_sign_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """A start in the log has no signatures, and needs none."""
    row = {"entry": 2, "act": "start", "number": 0, "does": "it starts"}
    _print({**row, "signed_by": [], "counts": True}, as_json=False)
    assert capsys.readouterr().out.endswith("signed by: nobody has to\n")
