"""Reading sallyport.yaml: what is right, and every mistake at once."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config import Config, load, parse_config
from gateway.config.example import SMALLEST
from gateway.errors import InvalidFile
from tests.gateway.config.documents import HERE, mistakes, smallest, written

JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*SMALLEST, "x", "log"]), inner, max_size=3)
    ),
    max_leaves=8,
)


def test_every_mistake_at_once_with_the_nearest_word() -> None:
    """Typos, wrong types, missing settings and contradictions come together."""
    document = smallest()
    document["jurisdiction"]["time_zon"] = document["jurisdiction"].pop("time_zone")
    document["replicas"] = 0
    document["policis"] = "x"
    document["sources"]["jail"]["kind"] = "sqlit"
    document["issuers"][0]["jwks_url"] = "https://login.example/keys"
    document["log"]["witness_ca"] = "ca.pem"
    del document["log"]["origin"]
    found = mistakes(document)
    assert found == {
        "jurisdiction.time_zone": (
            "is missing; Zone in which legal days begin, such as America/Chicago."
        ),
        "jurisdiction.time_zon": "is not a setting; did you mean time_zone?",
        "replicas": (
            "Input should be greater than or equal to 1;"
            " Most gateway processes that share this log and this state."
        ),
        "policis": "is not a setting; did you mean policies?",
        "sources.jail.kind": "is not one of: sqlite, postgres; did you mean sqlite?",
        "issuers.0": (
            "has 2 sources of keys; give exactly one of discovery, jwks_url, jwks_file"
        ),
        "log.witness_ca": (
            "is for witnesses, and there are none;"
            " leave it out, or name a policy file under witness"
        ),
        "log.origin": ("is missing; The log's name, such as county.gov/log."),
    }


def test_a_wrong_form_is_said_without_a_pattern_and_without_what_was_written() -> None:
    """No regular expression, and no address with a password in it, is repeated."""
    document = smallest()
    document["sources"]["Bad Name"] = document["sources"].pop("jail")
    document["state"]["url"] = "postgres://clerk:hunter2@db/state"
    found = mistakes(document)
    said = " ".join(found.values())
    assert "at most 64" in found["sources.Bad Name"]
    assert "sqlite:///PATH" in found["state.url"]
    assert "hunter2" not in said
    assert "pattern" not in said


def test_a_key_written_twice_is_said_plainly() -> None:
    """Which key and which line; neither of the values, no address to read on."""
    with pytest.raises(InvalidFile) as caught:
        parse_config(b"demo: true\ndemo: secret\n", HERE)
    (mistake,) = caught.value.mistakes
    assert mistake.problem == "demo is there twice: line 2"


def test_an_empty_document_names_every_required_section() -> None:
    """Nothing at all is answered with everything that is needed."""
    assert set(mistakes({})) == {
        "schema",
        "jurisdiction",
        "server",
        "issuers",
        "sources",
        "log",
        "state",
    }


@pytest.mark.parametrize("data", [b"", b"- 1", b"null", b"text", b"\xff"])
def test_not_a_mapping(data: bytes) -> None:
    """A file that is no mapping is refused in words."""
    with pytest.raises(InvalidFile):
        parse_config(data, HERE)


def test_missing_file(tmp_path: Path) -> None:
    """A file that is not there is named."""
    with pytest.raises(InvalidFile, match=r"sallyport\.yaml: cannot be read"):
        load(tmp_path / "sallyport.yaml")


@given(st.dictionaries(st.sampled_from([*SMALLEST, "limits", "x"]), JUNK))
def test_any_document_is_taken_or_named(change: dict[str, object]) -> None:
    """Whatever is written, it loads or ends in named mistakes; nothing else."""
    before = copy.deepcopy(SMALLEST)
    found: Config | list[str]
    try:
        found = parse_config(written(smallest() | change), HERE)
    except InvalidFile as error:
        found = [item.problem for item in error.mistakes]
    assert isinstance(found, Config) or (found and all(found))
    assert before == SMALLEST
