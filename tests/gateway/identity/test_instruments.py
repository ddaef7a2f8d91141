"""`instruments.yaml`: every mistake at once, with its place and what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest

from audit.actwords import PAPER_STATES
from gateway.errors import InvalidFile
from gateway.identity import PaperState, PaperWords, read_face, read_instruments

DOCUMENT = "0123456789abcdef" * 4
TEXT = f"""
schema: sallyport.instruments/1
papers:
  {DOCUMENT}:
    type: i247a
    signer: immigration_officer
    boxes: {{probable_cause: true}}
    issued: 2026-01-20
    expires: 2026-04-20T17:00:00-05:00
    scope: {{datasets: [jail], categories: [release_date, hold], kinds: [notify]}}
    subjects: [{{selectors: [booking_number], digest: {"ab" * 32}}}]
    state: form_checked
    by: [clerk-1]
    at: 2026-01-21T15:00:00Z
    entry: 17
"""
WORDS = PaperWords(
    signers={
        "i247a": ("immigration_officer",),
        "ao93": ("article_iii", "magistrate"),
    },
    datasets={"jail", "dmv"},
    categories={"release_date", "hold"},
    kinds={"notify", "hold"},
    boxes={"probable_cause", "signed"},
)


def mistakes(folder: Path, text: str) -> str:
    """What is wrong with a text, one line each."""
    path = folder / "instruments.yaml"
    path.write_text(text)
    try:
        read_instruments(path, WORDS)
    except InvalidFile as error:
        return str(error).replace(f"{path}:papers.{DOCUMENT}.", "")
    return ""


def test_a_good_file_is_read(tmp_path: Path) -> None:
    """The control, field by field."""
    path = tmp_path / "instruments.yaml"
    path.write_text(TEXT)

    (paper,) = read_instruments(path, WORDS).papers.values()

    assert (
        paper.type,
        paper.signer,
        paper.state,
        paper.entry,
    ) == ("i247a", "immigration_officer", "form_checked", 17)
    assert paper.boxes == {"probable_cause": True}
    assert mistakes(tmp_path, TEXT) == ""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("type: i247a", "type: i247", "type: no such type of paper: i247; did you"),
        ("signer: immigration_officer", "signer: judge", "signer: nobody who signs"),
        ("type: i247a", "type: ao93", "signer: nobody who signs a ao93"),
        ("[jail]", "[jial]", "scope.datasets: no such word: jial; did you mean jail?"),
        ("[release_date, ", "[release, ", "scope.categories: no such word"),
        ("kinds: [notify]", "kinds: [notfy]", "did you mean notify?"),
        ("issued: 2026-01-20", "issued: yesterday", "issued: must be a day"),
        ("state: form_checked", "state: expired", "state: Input should be"),
        ("state: form_checked", "state: outside_scope", "state: Input should be"),
        ("entry: 17", "entry: -1", "entry: Input should be"),
        ("entry: 17", 'entry: "17"', "entry: Input should be"),
        ("    entry: 17", "    enty: 17", "enty: no such key; did you mean entry?"),
        ("    entry: 17", "    any_subject: true", "subjects: a paper names its"),
        ("    state: form", "    name: Doe\n    state: form", "name: no such key"),
        (DOCUMENT, "abc", "papers.abc: is to be a SHA-256: 64 digits of 0-9 and a-f"),
        ("probable_cause: true", "probable_cause: yes", "Input should be a valid bool"),
        ("probable_cause", "probable_case", "no such box: probable_case; did you mean"),
    ],
)
def test_each_mistake_is_named_with_its_place(
    tmp_path: Path, old: str, new: str, expected: str
) -> None:
    """The path in the file, what is wrong, and the nearest right word."""
    assert old in TEXT

    assert expected in mistakes(tmp_path, TEXT.replace(old, new, 1))


def test_the_words_of_papers_are_the_vocabularys(repository: Path) -> None:
    """The states here and in the shipped vocabulary are one list."""
    text = (repository / "policies/vocabulary.yaml").read_text()
    (line,) = [row for row in text.splitlines() if row.startswith("paper_states:")]

    words = line.partition("[")[2].rstrip("]").replace(" ", "").split(",")

    assert {state.value for state in PaperState} == set(words)


def test_the_face_is_what_is_on_the_paper(tmp_path: Path) -> None:
    """Type, signer, dates, scope and people; not what was found out about it."""
    path = tmp_path / "instruments.yaml"
    path.write_text(TEXT)

    assert read_face(path, "f" * 64) is None
    assert read_face(path, DOCUMENT) == (
        '{"boxes":{"probable_cause":true},"expires":"2026-04-20T17:00:00-05:00",'
        '"issued":"2026-01-20","scope":{"categories":["release_date","hold"],'
        '"datasets":["jail"],"kinds":["notify"]},"signer":"immigration_officer",'
        '"subjects":[{"digest":"' + "ab" * 32 + '","selectors":["booking_number"]}],'
        '"type":"i247a"}'
    )


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("state: form_checked", "state: unverified", True),
        ("by: [clerk-1]", "by: []", True),
        ("type: i247a", "type: ao93", False),
        ("datasets: [jail]", "datasets: [jail, dmv]", False),
        ("2026-04-20", "2027-04-20", False),
        ('"' + "ab" * 32 + '"', '"' + "cd" * 32 + '"', False),
    ],
)
def test_another_word_on_the_paper_is_another_face(
    tmp_path: Path, old: str, new: str, *, same: bool
) -> None:
    """What was found out may change; what is on it may not, unseen."""
    path = tmp_path / "instruments.yaml"
    path.write_text(TEXT)
    before = read_face(path, DOCUMENT)
    assert old.strip('"') in TEXT
    path.write_text(TEXT.replace(old.strip('"'), new.strip('"')))

    assert (read_face(path, DOCUMENT) == before) is same


def test_acts_know_every_state_of_a_paper() -> None:
    """Whatever the vocabulary says of a paper can be recorded, but its absence."""
    assert {*PAPER_STATES, "absent"} == {str(state) for state in PaperState}
