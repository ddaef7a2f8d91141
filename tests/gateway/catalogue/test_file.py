"""The dataset file: what it may hold, and each thing it may not."""

from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.mark.parametrize(
    ("old", "new", "mistake"),
    [
        ("sallyport.dataset/1", "sallyport.dataset/2", "schema: "),
        ("id: county-jail", "id: County Jail", "id: "),
        ("title: Jail bookings\n", "", "title: is missing"),
        ("kind: jail", "kind: jial", "kind: no such dataset kind: 'jial'; did you "),
        ("custodian: sheriff", "custodian: sherif", "custodian: no such custodian"),
        ("source: jail-db", "source: jail", "source: no such source: 'jail'; did you"),
        ("key: booking_no\n", "key: []\n", "key"),
        ("response_floor_ms: 30", "response_floor_ms: 9999", "response_floor_ms: "),
        ("response_floor_ms: 30", "response_floor_ms: '30'", "response_floor_ms: "),
        (
            "type: text, case: upper",
            "type: txt, case: upper",
            "selectors.name.type: 'txt' is not one of 'text', 'integer' or 'date'; ",
        ),
        ("case: upper", "case: uper", "selectors.name.case: 'uper' is not one of"),
        ("MM/DD/YYYY", "DD/MM/YYYY", "selectors.dob.format: 'DD/MM/YYYY' is not one"),
        (
            "{column: zip,",
            "{colum: zip,",
            "fields.zip.colum: no such key; did you mean",
        ),
        ("type: date}", "type: dat}", "fields.release_date.type: 'dat' is not one"),
        ("{column: draft", '{column: "a\\nb"', "fields.draft.column: "),
        ("transform: {zip3: {}}", "transform: zip4", "fields.zip.transform: no such"),
        ("free_text: true", "free_text: yes", "fields.notes.free_text: "),
        ("left_out: [created_at]", "left_out: x", "left_out: "),
        ("left_out", "leftout", "leftout: no such key; did you mean left_out?"),
        ("public_page", "public_page", ""),
    ],
)
def test_mistakes(
    mistakes: Callable[..., list[str]], old: str, new: str, mistake: str
) -> None:
    """Each mistake is named with its path, and where there is one, the right word."""
    if not mistake:
        return
    found = mistakes((old, new))

    assert any(line.startswith(f"jail.yaml:{mistake}") for line in found), found


@pytest.mark.parametrize(
    "url",
    [
        "http://county.example/roster",
        "https://county.example/roster?name=x",
        "https://county.example/roster#x",
        "https:///roster",
        "https://[x",
        "javascript:alert(1)",
    ],
)
def test_public_pages(mistakes: Callable[..., list[str]], url: str) -> None:
    """A public page is an https address that cannot carry data."""
    found = mistakes(("left_out:", f'public_page: "{url}"\nleft_out:'))

    assert found == [
        "jail.yaml:public_page: is not an https address without query and fragment"
    ]


def test_all_at_once(mistakes: Callable[..., list[str]]) -> None:
    """Mistakes in every part of the file are named together."""
    found = mistakes(
        ("kind: jail", "kind: jial"),
        ("case: upper", "case: uper"),
        ("category: zip", "category: zipp"),
        ("not_null", "notnull"),
        ("publicly_available", "public_available"),
        ("[name, dob]", "[nam, dob]"),
        ("America/Chicago", "America/Chicgo"),
    )

    assert [line.split(": ")[0].removeprefix("jail.yaml:") for line in found] == [
        "kind",
        "selectors.name.case",
        "fields.zip.category",
        "facts.validated_on.time_zone",
        "facts.in_custody.expression",
        "category_facts.release_date.public_available",
    ]
