"""The work of lint, show, explain and new-overlay: what officers read."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
import shutil
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import typer

from gateway.cli.exit_codes import ExitCode
from gateway.cli.output import fail, rows, show, tell
from gateway.cli.policy_files import (
    library_at,
    mistakes_told,
    root_of,
    rules_of,
    told_beside,
)
from gateway.clock import SystemClock
from gateway.errors import InvalidFile, Unavailable
from gateway.policy.casequestion import case_question
from gateway.policy.explained.account import account_of
from gateway.policy.explained.told import told
from gateway.policy.explained.trace import trace_of
from gateway.policy.header import PACK_ID
from gateway.policy.idlefacts import IdleFacts
from gateway.policy.law import Rule
from gateway.policy.lint.finding import CODES, Finding
from gateway.policy.lint.proofs import Proved
from gateway.policy.lint.whole import Stack, lint, states_among
from gateway.policy.newoverlay import starting_point
from gateway.policy.pack import Library, load_library, shipped_policies
from gateway.policy.prove import NoSolver, unheard
from gateway.policy.readcase import read_case
from gateway.policy.sentence.rule import AFTER, Part, parts_of
from gateway.policy.trial import Stacks
from gateway.policy.vocabulary import Vocabulary
from gateway.yamlfile import nearest

__all__ = ["explain", "lint_files", "list_rules", "new_overlay", "say_rule", "today"]

WIDTH = 80
"""Columns that sentences are wrapped to."""


def today(as_of: str, *, as_json: bool) -> dt.date:
    """Return a day that was named, or this one in UTC."""
    if not as_of:
        return dt.datetime.fromtimestamp(
            SystemClock().now_ms() / 1000, tz=dt.UTC
        ).date()
    try:
        return dt.date.fromisoformat(as_of)
    except ValueError:
        fail(ExitCode.MISTAKES, f"{as_of} is no day, YYYY-MM-DD", as_json=as_json)


def lint_files(
    policies: Path | None,
    packs: Sequence[str],
    overlay: str | None,
    *,
    as_of: str,
    prove: bool,
    explain: bool,
    as_json: bool,
) -> None:
    """Print what is wrong in a policies folder; end with 1 if anything stops it."""
    root = root_of(policies)
    if not (root / "vocabulary.yaml").is_file():
        problem = f"{root} is no policies folder: it has no vocabulary.yaml"
        fail(ExitCode.MISTAKES, problem, as_json=as_json)
    stacks: list[Stack] | None = [(tuple(packs), overlay)] if packs else None
    day, prover = today(as_of, as_json=as_json), _proved if prove else None
    try:
        found = lint(root, today=day, stacks=stacks, overlay=overlay, prover=prover)
    except NoSolver as error:
        fail(ExitCode.UNAVAILABLE, str(error), as_json=as_json)
    errors = [finding for finding in found if finding.severity == "error"]
    if as_json:
        show(_lint_document(found), as_json=True)
    else:
        for finding in found:
            typer.echo("\n".join(finding.explained() if explain else [str(finding)]))
        count = Counter(finding.severity for finding in found)
        tell(f"{count['error']} errors, {count['warning']} warnings")
    if errors:
        raise typer.Exit(ExitCode.NOT_DONE)


def _proved(vocabulary: Vocabulary, rules: Sequence[Rule]) -> Iterator[Proved]:
    """Yield what makes no difference to any question of a stack."""
    for one in unheard(vocabulary, rules):
        yield Proved(
            code=one.code, rule=one.rule, case=one.case, said=one.said, by=one.by
        )


def _lint_document(found: Sequence[Finding]) -> dict[str, Any]:
    count = Counter(finding.severity for finding in found)
    codes = sorted({finding.code for finding in found})
    return {
        "errors": count["error"],
        "warnings": count["warning"],
        "findings": [finding.document() for finding in found],
        "codes": {code: CODES[code].title for code in codes},
    }


def list_rules(
    packs: Sequence[str], overlay: str | None, policies: Path | None, *, as_json: bool
) -> None:
    """List the rules of a stack."""
    library = library_at(policies, as_json=as_json)
    found = [
        {
            "rule": rule.id,
            "layer": rule.layer,
            "effects": ", ".join(dict.fromkeys(c.effect for c in reversed(rule.cases))),
            "citation": rule.citation,
        }
        for rule in rules_of(library, packs, overlay, as_json=as_json)
    ]
    if as_json:
        show(found, as_json=True)
    else:
        typer.echo("\n".join(rows(found)))


def say_rule(name: str, policies: Path | None, *, as_json: bool) -> None:
    """Print a rule as a sentence, and what it says beside."""
    library = library_at(policies, as_json=as_json)
    rule = _rule(library, name.partition("#")[0], as_json=as_json)
    parts = parts_of(rule, library.vocabulary)
    if as_json:
        show(
            {
                "rule": rule.id,
                "title": rule.title,
                "sentence": _sentence(parts),
                "parts": [
                    {"role": part.role, "case": part.case, "text": part.text}
                    for part in parts
                ],
            },
            as_json=True,
        )
        return
    typer.echo(f"{rule.id}: {rule.title}\n")
    typer.echo("\n".join(_wrapped(parts)))


def _sentence(parts: Sequence[Part]) -> str:
    return " ".join(part.text for part in parts if part.role not in AFTER)


def _wrapped(parts: Sequence[Part]) -> list[str]:
    """Return the sentence as a paragraph, each exception and each topic on its own."""
    main = " ".join(p.text for p in parts if p.role in {"under", "when", "answer"})
    unless = [f"  {part.text}" for part in parts if part.role == "unless"]
    beside = [part.text for part in parts if part.role in AFTER]
    return [_wrap(main, ""), *map(_wrap, unless), "", *map(_wrap, beside)]


def _wrap(line: str, deeper: str = "  ") -> str:
    """Return a line in columns, what follows its first a step deeper."""
    indent = " " * (len(line) - len(line.lstrip()))
    return textwrap.fill(
        line,
        WIDTH,
        subsequent_indent=indent + deeper,
        break_on_hyphens=False,
        break_long_words=False,
    )


def _rule(library: Library, name: str, *, as_json: bool) -> Rule:
    """Return a rule of any pack or overlay; discretion as its own overlays use it."""
    mistakes: list[Any] = []
    every = {
        rule.id: rule
        for rules in library.every_rule(mistakes).values()
        for rule in rules
    }
    if mistakes:
        told_of = mistakes_told(InvalidFile(mistakes))
        fail(ExitCode.MISTAKES, told_of, as_json=as_json)
    if name not in every:
        problem = f"{name} is no rule here; {nearest(name, every)}".rstrip("; ")
        fail(ExitCode.MISTAKES, problem, as_json=as_json)
    return every[name]


def explain(path: Path, policies: Path | None, *, trace: bool, as_json: bool) -> None:
    """Say in sentences why a case comes to what it does."""
    library = library_at(policies, as_json=as_json)
    try:
        case = read_case(path, library)
        rules = library.rules(library.chosen(case.packs, case.overlay))
        policy = Stacks(library).policy(case.packs, case.overlay)
        accounts = asyncio.run(account_of(case, policy, rules, str(path)))
        question, vector = case_question(case, policy.vocabulary, str(path))
        notices = IdleFacts(library).notices(case)
        seen = trace_of(policy.bundle, question, vector) if trace else None
    except InvalidFile as error:
        fail(ExitCode.MISTAKES, mistakes_told(error), as_json=as_json)
    except Unavailable as error:
        fail(ExitCode.UNAVAILABLE, str(error), as_json=as_json)
    lines = told(accounts, library.vocabulary)
    if as_json:
        document: dict[str, Any] = {
            "case": case.id,
            "asks": [account.document() for account in accounts],
            "sentences": lines,
            "notices": notices,
        }
        show({**document, "trace": seen} if trace else document, as_json=True)
        return
    typer.echo(f"{case.id}: {case.title}\n")
    typer.echo("\n".join(map(_wrap, lines)))
    if seen is not None:
        typer.echo("\nwhat the evaluator saw")
        show(seen, as_json=True)
    told_beside(notices)


def new_overlay(
    name: str, on: Sequence[str], policies: Path, *, title: str, as_json: bool
) -> None:
    """Write the files of a new overlay; a folder that is not there is made first."""
    if not re.fullmatch(PACK_ID, name):
        problem = f"{name} is no id: small letters, digits and hyphens, two at least"
        fail(ExitCode.MISTAKES, problem, as_json=as_json)
    made = not (policies / "vocabulary.yaml").exists()
    folder = policies / "overlays" / name
    if folder.exists():
        problem = f"{folder} is there already; nothing was written"
        fail(ExitCode.NOT_DONE, problem, as_json=as_json)
    day = today("", as_json=as_json).isoformat()
    words = title or name.replace("-", " ").title()
    try:
        library = load_library(shipped_policies() if made else policies)
        files = starting_point(library, name=name, on=on, title=words, day=day)
        if made:
            shutil.copytree(shipped_policies(), policies, dirs_exist_ok=True)
        for place, text in files.items():
            (folder / place).parent.mkdir(parents=True, exist_ok=True)
            (folder / place).write_text(text, encoding="utf-8")
    except (InvalidFile, OSError) as error:
        fail(ExitCode.MISTAKES, mistakes_told(error), as_json=as_json)
    written = [str(folder / place) for place in files]
    if as_json:
        show({"overlay": name, "files": written}, as_json=True)
        return
    typer.echo("\n".join(written))
    states = states_among(library, on)
    if len(states) > 1:
        both = " and ".join(states)
        tell(f"No record is under {both}: write an overlay for each")
    tell(
        "Read them, write your rules, then:"
        f" sallyport policy lint --policies {policies}"
    )
