"""The story in plain sentences."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from gateway.demo.chapters import CHAPTERS, scenes
from gateway.demo.glossary import Glossary
from gateway.demo.outcome import Given, Ground, Outcome, Row
from gateway.demo.plainwords import WIDTH, PlainWords
from gateway.demo.scenes import Deed

(SCENE,) = [scene for scene in scenes() if scene.name == "ero-asks-hold"]
DEED = Deed(says="Somebody does something.", command={"command": "status"})
GLOSSARY = Glossary(
    duties={"notify_subject": "notify the person"},
    changes={"ao442": "federal arrest warrant (AO442)"},
)
REFUSED = Outcome(
    status=403,
    word="refused",
    records=(),
    rows=(
        Row(
            names=("release_date", "home_address"),
            outcome="withheld",
            grounds=(
                Ground(code="X", title="A rule " * 20, citation="Code [1] 2"),
                Ground(code="SEALED", title="Another", citation="Code 3"),
            ),
        ),
    ),
    change=("ao442",),
    duties=("log_request", "notify_subject"),
    entry=7,
    title="The written law does not open this.",
)


def told(outcome: Outcome, *, colour: bool = False) -> str:
    """Return one scene as it is printed."""
    stream = io.StringIO()
    console = Console(
        file=stream,
        width=200,
        force_terminal=colour,
        color_system="standard" if colour else None,
        highlight=False,
    )
    PlainWords(console=console, glossary=GLOSSARY).scene(SCENE, outcome)
    return stream.getvalue()


def test_a_refusal_names_the_law_and_the_entry() -> None:
    """Who asked, what came of it, why, what would change it, where it is written."""
    text = told(REFUSED)

    assert "ICE's deportation branch (ERO) asks the jail" in text
    assert "REFUSED" in text
    assert "[Code [1] 2]" in text
    assert "Code 3" not in text
    assert "What would change it: federal arrest warrant (AO442)" in text
    assert "Duties: notify the person\n" in text
    assert "entry 7 of Illinois's log" in text


def test_a_page_is_never_wider_than_a_page() -> None:
    """Long sentences wrap, also on a wide terminal."""
    assert max(map(len, told(REFUSED).splitlines())) <= WIDTH


def test_colour_only_where_there_is_a_terminal() -> None:
    """Escape codes appear for a terminal and nowhere else."""
    assert "\x1b[" in told(REFUSED, colour=True)
    assert "\x1b[" not in told(REFUSED)
    assert "\x1b[2mDuties: \x1b[0mnotify the person" in told(REFUSED, colour=True)


def test_what_is_given_is_shown() -> None:
    """Values of a synthetic record are part of the story."""
    (row,) = REFUSED.rows
    shared = replace(
        REFUSED,
        status=200,
        word="partly_released",
        records=(Given(subject=0, values={"release_date": "2026-03-01"}),),
        rows=(
            replace(row, names=("release_date",), outcome="released"),
            replace(row, names=("home_address",)),
        ),
    )

    text = told(shared)

    assert "Given: release date 2026-03-01" in text
    assert "Withheld: home address" in text
    assert "What would change it" not in text
    assert "Rule (home address): A rule" in text


def test_what_waits_says_for_whom_and_until_when() -> None:
    """Who decides, and until when, in words."""
    waiting = replace(
        REFUSED,
        word="waiting",
        due="2026-11-26T10:20:00Z",
        deciders=("the county's counsel",),
    )

    text = told(waiting)

    assert (
        "Who decides: the county's counsel, until 26 November 2026, 10:20 UTC" in text
    )
    assert "Who decides: a person of the county\n" in told(
        replace(waiting, due="", deciders=())
    )


def test_what_depends_on_the_record_is_a_rule_that_could_open_it() -> None:
    """A refusal that the record decided does not call the opening rule its reason."""
    (row,) = REFUSED.rows
    text = told(replace(REFUSED, rows=(replace(row, outcome="depends"),)))

    assert "Rule that could open it: A rule" in text


def test_nobody_is_told_to_get_what_they_have() -> None:
    """Who has an agreement with the county is not told to make one."""
    text = told(replace(REFUSED, change=("agreement", "ao442")))

    assert "What would change it: federal arrest warrant (AO442)" in text


def test_an_answer_without_records_is_not_called_shared() -> None:
    """Where telling so is open, no match is said to be no match."""
    text = told(replace(REFUSED, word="released"))

    assert "NO SUCH RECORD" in text
    assert "SHARED" not in text


def test_somebody_not_let_in_is_told_why_without_an_entry() -> None:
    """Without an entry the problem's own title is told."""
    text = told(
        replace(REFUSED, word="not_authenticated", rows=(), entry=-1, title="No.")
    )

    assert "Told: No." in text
    assert "Written down: not in the log as an entry of its own" in text


@pytest.mark.parametrize(
    "word",
    ["released", "partly_released", "waiting", "refused", "not_authenticated"],
)
def test_every_outcome_has_a_heading(word: str) -> None:
    """No outcome of the gateway leaves the narrator without words."""
    assert told(replace(REFUSED, word=word))


def test_a_bar_is_shown_only_where_somebody_watches() -> None:
    """Long work leaves nothing in a file."""
    stream = io.StringIO()
    narrator = PlainWords(console=Console(file=stream, width=80), glossary=GLOSSARY)

    with narrator.progress(10) as progress:
        progress(5)

    assert stream.getvalue().strip() == ""


def test_everything_else_is_told_too() -> None:
    """Headings, deeds, facts and commands appear as they are; commands unbroken."""
    stream = io.StringIO()
    narrator = PlainWords(
        console=Console(file=stream, width=60, highlight=False), glossary=GLOSSARY
    )
    narrator.say("A sentence.")
    narrator.chapter(CHAPTERS[0])
    narrator.deed(DEED, 8)
    narrator.fact("Verified", "as it should be", good=True)
    narrator.commands("Try next", ["sallyport " + "x" * 100])

    text = stream.getvalue()

    assert CHAPTERS[0].title in text
    assert "Somebody does something." in text
    assert "entry 8 of Illinois's log" in text
    assert "Verified: as it should be" in text
    assert "    sallyport " + "x" * 100 in text


def test_what_is_public_is_pointed_to() -> None:
    """Instead of a value the public page is told, and whose it is."""
    given = Given(subject=2, values={"release_date": {"public_page": "https://x"}})

    text = told(replace(REFUSED, word="released", records=(given,)))

    assert "Given (person 3): release date on the public page https://x" in text
