"""The story in plain sentences, as a council member would want it told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.padding import Padding
from rich.progress import Progress
from rich.text import Text

from audit.acttext import listed
from gateway.demo.cast import REQUESTERS
from gateway.demo.glossary import Glossary, plain, plain_time
from gateway.demo.outcome import Given, Outcome, Row
from gateway.demo.scenes import Chapter, Deed, Scene

__all__ = ["WIDTH", "PlainWords"]

WIDTH: Final = 88
"""Longest line, in characters: a page, also on a wide terminal."""

_HEADINGS: Final = {
    "released": ("SHARED", "bold green"),
    "partly_released": ("SHARED IN PART", "bold green"),
    "waiting": ("WAITS FOR A PERSON", "bold yellow"),
    "refused": ("REFUSED", "bold red"),
    "not_authenticated": ("NOT LET IN", "bold red"),
    "unavailable": ("NO ANSWER", "bold magenta"),
}

_CLOSED: Final = frozenset({"refused", "waiting"})
"""Outcomes about which it is worth saying what would change them."""

_COUNTED: Final = (
    "not in the log as an entry of its own: nobody was established; only counted"
)


class PlainWords:
    """The story as a council member would want it told."""

    def __init__(self, *, console: Console, glossary: Glossary) -> None:
        """Print on a console, which knows of colour, in the glossary's words."""
        self._console = console
        self._glossary = glossary
        self._number = 0

    def say(self, text: str) -> None:
        """Print a paragraph."""
        self._print(Text(text))

    def chapter(self, chapter: Chapter) -> None:
        """Print a heading and what the chapter is about."""
        self._console.print()
        self._print(Text(chapter.title, style="bold cyan"))
        self._print(Text(chapter.text, style="dim"))

    def scene(self, scene: Scene, outcome: Outcome) -> None:
        """Print one exchange."""
        self._number += 1
        self._console.print()
        title = REQUESTERS[scene.requester].title
        head = Text.assemble(f"{self._number:>2}. ", (title, "bold"), f" {scene.says}")
        self._print(head, hang=4)
        word, style = _heading(outcome)
        self._print(Text(word, style=style), indent=4)
        for line in _lines(scene, outcome, self._glossary):
            self._print(line, indent=6)
        if scene.note:
            self._print(Text(scene.note, style="italic"), indent=6)

    def deed(self, deed: Deed, entry: int, *, signed_by: Sequence[str] = ()) -> None:
        """Print something the county's own people did."""
        self._console.print()
        self._print(Text.assemble(("  * ", "bold magenta"), deed.says), hang=4)
        if signed_by:
            hands = f"{listed(signed_by)}, each with a key of their own"
            self._print(_labelled("Signed by", hands), indent=6)
        self._print(_written(entry, deed.county, "before it took effect"), indent=6)

    def fact(self, name: str, text: str, *, good: bool) -> None:
        """Print one thing that was checked."""
        style = "bold green" if good else "bold red"
        self._print(Text.assemble((f"{name}: ", style), text), indent=4)

    def commands(self, title: str, lines: list[str]) -> None:
        """Print commands, unbroken, so that they can be copied."""
        self._console.print()
        self._print(Text(title, style="bold cyan"))
        for line in lines:
            self._console.print(Text(f"    {line}"), soft_wrap=True)

    @contextmanager
    def progress(self, total: int) -> Iterator[Callable[[int], None]]:
        """Show a bar where there is a terminal, until the block ends."""
        bar = Progress(
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        with bar:
            task = bar.add_task("writing the county", total=total)
            yield lambda done: bar.update(task, completed=done)

    def _print(self, text: Text, *, indent: int = 0, hang: int = 0) -> None:
        width = min(WIDTH, self._console.width)
        wrapped = text.wrap(self._console, width - indent - hang)
        for number, line in enumerate(wrapped):
            line.rstrip()
            left = indent + (hang if number else 0)
            self._console.print(Padding(line, (0, 0, 0, left), expand=False))


def _heading(outcome: Outcome) -> tuple[str, str]:
    """Return the word of an outcome and its style."""
    if outcome.word == "released" and not outcome.records:
        return ("NO SUCH RECORD", "bold yellow")
    return _HEADINGS[outcome.word]


def _lines(scene: Scene, outcome: Outcome, glossary: Glossary) -> list[Text]:
    """Return what there is to say about an outcome, a line each."""
    lines = [_given(record) for record in outcome.records if record.values]
    if lines and (kept := outcome.kept_back):
        lines.append(_labelled("Withheld", ", ".join(map(plain, kept))))
    several = len(outcome.rows) > 1
    for row in outcome.rows:
        about = f" ({', '.join(map(plain, row.names))})" if several else ""
        lines.append(_ground(f"{_rule(outcome, row)}{about}", row))
    if not outcome.rows:
        lines.append(_labelled("Told", outcome.title))
    if outcome.word == "waiting":
        lines.append(_labelled("Who decides", _decides(outcome)))
    if told := glossary.tell_changes(_would_change(scene, outcome)):
        lines.append(_labelled("What would change it", told))
    if told := glossary.tell_duties(outcome.duties):
        lines.append(_labelled("Duties", told))
    if outcome.entry >= 0:
        where = _written(outcome.entry, scene.county, "before the answer left")
        lines.append(where)
    elif outcome.word == "not_authenticated":
        lines.append(_labelled("Written down", _COUNTED))
    return lines


def _rule(outcome: Outcome, row: Row) -> str:
    """Return what a row's rule is called: one that only some records meet opens."""
    depends = outcome.word == "refused" and row.outcome == "depends"
    return "Rule that could open it" if depends else "Rule"


def _decides(outcome: Outcome) -> str:
    """Return who decides, and until when, as part of a sentence."""
    who = " and ".join(outcome.deciders) or "a person of the county"
    return f"{who}, until {plain_time(outcome.due)}" if outcome.due else who


def _would_change(scene: Scene, outcome: Outcome) -> list[str]:
    """Return what would change a closed outcome and the requester has not already."""
    if outcome.word not in _CLOSED:
        return []
    holds = REQUESTERS[scene.requester].holds
    return [word for word in outcome.change if word not in holds]


def _given(record: Given) -> Text:
    """Return what one record gave; the place of the person where there are more."""
    place = f" (person {record.subject + 1})" if record.subject else ""
    values = (f"{plain(name)} {_value(value)}" for name, value in record.values.items())
    return _labelled(f"Given{place}", "; ".join(values))


def _value(value: object) -> str:
    """Return a value as it is told; what is public already is only pointed to."""
    if isinstance(value, Mapping):
        return f"on the public page {value['public_page']}"
    return str(value)


def _ground(label: str, row: Row) -> Text:
    """Return the weightiest reason of a row; the requester is given all of them."""
    first = row.grounds[0]
    line = _labelled(label, first.title.rstrip("."))
    if first.citation:
        line.append(f"  [{first.citation}]", style="blue")
    return line


def _written(entry: int, county: str, when: str) -> Text:
    log = f"entry {entry} of {county.title()}'s log"
    return _labelled("Written down", f"{log}, {when}")


def _labelled(label: str, text: str) -> Text:
    """Return a line that begins with a quiet label."""
    return Text.assemble((f"{label}: ", "dim"), text)
