"""What an activation changes, from two manifests."""

from __future__ import annotations

import pytest

from audit.changes import changes_word, manifest_lines, names_changed

ONE, TWO = "1" * 64, "2" * 64
BEFORE = {
    "agencies.yaml": ONE,
    "catalogue/jail.yaml": ONE,
    "sallyport.yaml": ONE,
    "sallyport.yaml#retention": ONE,
    "auditors/board.pub": ONE,
}


def test_a_manifest_is_read_by_name() -> None:
    """Sorted lines of a name and a digest; an empty one is one."""
    text = f"a.yaml {ONE}\nb/c.yaml {TWO}\n"
    assert manifest_lines(text.encode()) == {"a.yaml": ONE, "b/c.yaml": TWO}
    assert manifest_lines(b"") == {}


@pytest.mark.parametrize(
    "text",
    [
        f"a.yaml {ONE}",
        f"b {ONE}\na {ONE}\n",
        f"a {ONE}\na {ONE}\n",
        f"a {ONE[1:]}\n",
        f"a b {ONE}\n",
        f"a {ONE}\n\n",
        "\u00e4 " + ONE + "\n",
        f"a {ONE}\n" * 10_001,
    ],
)
def test_anything_else_is_no_manifest(text: str) -> None:
    """One form only."""
    assert manifest_lines(text.encode()) is None


@pytest.mark.parametrize(
    ("after", "rules", "names", "word"),
    [
        ({}, "", [], "nothing"),
        ({}, "new", ["policy"], "policy"),
        ({"catalogue/jail.yaml": TWO}, "", ["catalogue/jail.yaml"], "catalogue"),
        (
            {"catalogue/dmv.yaml": ONE, "catalogue/jail.yaml": TWO},
            "new",
            ["catalogue/dmv.yaml", "catalogue/jail.yaml", "policy"],
            "catalogue,policy",
        ),
        ({"sallyport.yaml": TWO}, "", ["sallyport.yaml"], "sallyport"),
        (
            {"sallyport.yaml": TWO, "sallyport.yaml#retention": TWO},
            "",
            ["sallyport.yaml#retention"],
            "retention",
        ),
        ({"auditors/board.pub": ""}, "", ["auditors/board.pub"], "auditors"),
        ({"client_cas/ice.pem": ONE}, "", ["client_cas/ice.pem"], "client_cas"),
        ({"trust.policy": ONE}, "", ["trust.policy"], "trust"),
    ],
)
def test_what_differs_is_named(
    after: dict[str, str], rules: str, names: list[str], word: str
) -> None:
    """Files and sections by name, and their kinds as the act says them."""
    now = {name: text for name, text in (BEFORE | after).items() if text}
    found = names_changed(BEFORE, now, policy=bool(rules))
    assert (found, changes_word(found)) == (names, word)
