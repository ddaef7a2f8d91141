"""Commands that look into a log: show entries, count them. Each is proved first."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain

from audit.command import (
    Command,
    checked,
    jobs_argument,
    say,
    source_of,
    trust_arguments,
    where_arguments,
)
from audit.counting import BY, Counts, counted
from audit.encoding import Json
from audit.errors import CannotTell
from audit.progress import Progress
from audit.proof import leaf_at, prove
from audit.proven import Proven
from audit.report import Outcome
from audit.selection import Selection, selection_arguments, selection_of
from audit.table import table
from audit.unmatched import unmatched
from audit.verify import Opened

__all__ = ["COMMANDS"]

_COLUMNS = ("t", "ev", "db", "agency", "class", "decision", "n", "rules")
_DEFAULT_BY = ("month", "event", "dataset", "agency", "decision")

Row = tuple[int, bytes, dict[str, Json] | None]


# --- show -------------------------------------------------------------------


def _show_arguments(parser: ArgumentParser) -> None:
    where_arguments(parser)
    parser.add_argument("--index", type=int, help="one entry; without, the checkpoint")
    parser.add_argument("--entries", action="store_true", help="all entries")
    parser.add_argument("--raw", action="store_true", help="the stored bytes")
    selection_arguments(parser)
    jobs_argument(parser)
    trust_arguments(parser)


def _show(arguments: Namespace) -> Outcome:
    """Print the checkpoint, or entries after proving each to the signed root.

    With a filter (or --entries) as a table, or with --json one object a line.
    """
    selection = selection_of(arguments)
    if arguments.raw and arguments.json:
        raise CannotTell("either --raw or --json")
    source = source_of(arguments)
    found = checked(source, arguments)
    if isinstance(found, Outcome):
        return found
    if arguments.index is not None:
        if selection or arguments.entries:
            raise CannotTell("either --index or a filter")
        return _show_one(arguments, found)
    if not selection and not arguments.entries:
        _print_checkpoint(found, as_json=arguments.json)
        return Outcome.OK
    rows = _rows(arguments, found, selection)
    first = next(rows, None)
    if first is None:
        _say_unmatched(arguments, found)
        return Outcome.OK
    _print(chain((first,), rows), arguments)
    return Outcome.OK


def _print_checkpoint(found: Opened, *, as_json: bool) -> None:
    text, head = found.note.decode(), found.checkpoint
    if not as_json:
        sys.stdout.write(text)
        return
    facts = {"origin": head.origin, "entries": head.size, "root": head.root.hex()}
    say({**facts, "checkpoint": text})


def _say_unmatched(arguments: Namespace, found: Opened) -> str:
    """Say beside the output, which is empty, that nothing matches; return it too."""
    said = unmatched(_proven(arguments, found), jobs=arguments.jobs)
    sys.stderr.write(f"{said}\n")
    return said


def _show_one(arguments: Namespace, found: Opened) -> Outcome:
    source, size = source_of(arguments), found.checkpoint.size
    leaf = leaf_at(source, arguments.index, size)
    prove(source, arguments.index, found.note, size).check(leaf, found.keyring)
    if arguments.raw:
        sys.stdout.buffer.write(leaf)
    else:
        say(_read(leaf, arguments.index))
    return Outcome.OK


def _read(leaf: bytes, index: int) -> Json:
    try:
        return json.loads(leaf)
    except (ValueError, RecursionError):
        raise CannotTell(f"entry {index} is no JSON: --raw writes its bytes") from None


def _rows(arguments: Namespace, found: Opened, selection: Selection) -> Iterator[Row]:
    proven = _proven(arguments, found)

    def chosen(first: int, entries: Sequence[bytes]) -> list[Row]:
        return [*selection.among(first, entries)]

    with Progress(total=proven.size, stream=sys.stderr) as progress:
        for rows in proven.mapped(chosen, jobs=arguments.jobs, progress=progress.add):
            yield from rows


def _proven(arguments: Namespace, found: Opened) -> Proven:
    checkpoint = found.checkpoint
    return Proven.of(source_of(arguments), size=checkpoint.size, root=checkpoint.root)


def _print(rows: Iterator[Row], arguments: Namespace) -> None:
    if arguments.raw:
        for _, data, _ in rows:
            sys.stdout.buffer.write(data + b"\n")
    elif arguments.json:
        for index, _, leaf in rows:
            line = json.dumps({"index": index, "leaf": leaf}, ensure_ascii=False)
            sys.stdout.write(f"{line}\n")
    else:
        for line in table(("index", *_COLUMNS), map(_cells, rows)):
            sys.stdout.write(f"{line}\n")


def _cells(row: Row) -> list[str]:
    index, _, leaf = row
    values = [(leaf or {"ev": "(no JSON)"}).get(name, "") for name in _COLUMNS]
    return [str(index), *map(_cell, values)]


def _cell(value: Json) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


# --- counts -----------------------------------------------------------------


def _counts_arguments(parser: ArgumentParser) -> None:
    where_arguments(parser)
    parser.add_argument(
        "--by",
        action="append",
        choices=sorted(BY),
        default=[],
        help=f"what to count by; repeatable ({', '.join(_DEFAULT_BY)})",
    )
    selection_arguments(parser)
    jobs_argument(parser)
    trust_arguments(parser)


def _counts(arguments: Namespace) -> Outcome:
    """Count entries again from their public faces, each proved to the signed root."""
    selection = selection_of(arguments)
    by = tuple(arguments.by) or _DEFAULT_BY
    if len(set(by)) != len(by):
        raise CannotTell("--by names the same thing twice")
    found = checked(source_of(arguments), arguments)
    if isinstance(found, Outcome):
        return found
    counts = _sum(arguments, found, by, selection)
    empty = selection and not counts.entries
    said = _say_unmatched(arguments, found) if empty else ""
    if arguments.json:
        say(
            {
                "schema": "sallyport.counts/1",
                "origin": found.checkpoint.origin,
                "entries": found.checkpoint.size,
                "root": found.checkpoint.root.hex(),
                "asked": selection.to_json(),
                "by": list(by),
                "counts": counts.groups(by),
                "no_json": counts.other,
                **({"unmatched": said} if said else {}),
            }
        )
        return Outcome.OK
    head = (*by, "entries", "records_at_most")
    groups = counts.groups(by)
    rows = ([str(group[name]) for name in head] for group in groups)
    sys.stdout.write("".join(f"{line}\n" for line in table(head, rows)))
    if counts.other:
        sys.stdout.write(f"{counts.other} entries are no JSON of a leaf\n")
    return Outcome.OK


def _sum(
    arguments: Namespace, found: Opened, by: Sequence[str], selection: Selection
) -> Counts:
    proven, counts = _proven(arguments, found), Counts()
    work = partial(counted, selection=selection, by=by)
    with Progress(total=proven.size, stream=sys.stderr) as progress:
        for some in proven.mapped(work, jobs=arguments.jobs, progress=progress.add):
            counts.add(some)
    return counts


COMMANDS = {
    "show": Command(
        help="print the checkpoint, or entries", arguments=_show_arguments, run=_show
    ),
    "counts": Command(
        help="count entries again", arguments=_counts_arguments, run=_counts
    ),
}
