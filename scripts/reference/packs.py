"""A page for each pack: its header, its rules as sentences, and what it comes to.

Written for a lawyer who knows the law and not the program: which rules are off, and
what a rule says where something is not known, stand in sentences.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path

from gateway.policy.header import is_on
from gateway.policy.law import Case, Due, Rule
from gateway.policy.pack import Library, Pack, load_library
from gateway.policy.rules import RuleText
from gateway.policy.sentence.rule import AFTER, LAYER_NAMES, Part, parts_of
from scripts.reference.comesto import matrix
from scripts.reference.markdown import code, page, table
from scripts.reference.packtext import LEAD, OFF_LEAD, OFF_RULES, READING

__all__ = ["PACK_PAGES", "counsel_page"]

POLICIES = Path(__file__).resolve().parents[2] / "policies"

COUNSEL_LEAD = (
    "Every rule whose text was not read in full: from memory, read in part, or known "
    "from a digest. Those are off and decide nothing until counsel turns them on; the "
    "page of each pack says how. Whoever signs a pack begins here."
)
ANSWER_WORDS = {
    "prohibit": "no",
    "review": "a person decides",
    "require": "yes, commanded",
    "permit": "yes",
}
LOOKS_AT = {
    "agency": "who asks",
    "purpose": "what it is asked for",
    "both": "who asks, and what it is asked for",
}


@cache
def _library() -> Library:
    return load_library(POLICIES)


def _rules(pack: str, overlay: str | None = None) -> list[Rule]:
    library = _library()
    return library.rules(library.chosen([pack], overlay))


@cache
def _every_rule(pack: str) -> dict[str, Rule]:
    """Return a pack's rules, those that are off included."""
    found = _rules(pack, "example-counsel")
    return {rule.id: rule for rule in found if rule.pack == pack}


def _page(name: str) -> str:
    library, pack = _library(), _library().packs[name]
    off = _off(pack)
    lawyer = pack.text.verification.lawyer
    signed = f"{lawyer} answers for it" if lawyer else "no lawyer has signed it"
    count = OFF_LEAD.format(off=len(off), all=len(pack.rules))
    parts = [
        *([count] if off else []),
        _header(pack),
        READING,
        *_rule_tables(pack),
        *_clocks(pack),
        *_beside(pack),
        *matrix(library, pack),
        _sentences(pack),
    ]
    title = f"{pack.text.title} ({name})"
    return page(title, LEAD.format(pack=name, signed=signed), *parts)


def _off(pack: Pack) -> list[str]:
    """Return the rules of a pack that are off unless an overlay turns them on."""
    return [text.id for _, _, text in pack.rules if not is_on(text, frozenset())]


def _header(pack: Pack) -> str:
    text = pack.text
    barred = [f"{bar.pack} ({bar.citation})" for bar in text.excludes]
    rows = [
        ("version", text.version),
        ("as of", text.as_of),
        ("time zone of its days", text.time_zone),
        ("its rules look at", LOOKS_AT[text.trigger or "both"]),
        ("counts as immigration enforcement", _scope(pack)),
        ("local policy may narrow what it opens", _yes(text.local_may_restrict)),
        ("local policy may open what it closes", _yes(text.local_may_expand)),
        ("not in force beside", "; ".join(barred)),
        ("litigation", "; ".join(f"{c.status}: {c.case}" for c in text.litigation)),
        ("lawyer", text.verification.lawyer or "none yet"),
    ]
    shown = table(("about the pack", ""), [row for row in rows if row[1]])
    return f"{shown}\n\n{text.notes}"


def _scope(pack: Pack) -> str:
    words = _library().vocabulary.immigration_scopes
    scope = pack.text.immigration_scope
    return ", ".join(map(code, words[scope])) if scope else ""


def _yes(value: bool) -> str:  # noqa: FBT001 - one flag, as a word
    return "yes" if value else "no"


def _rule_tables(pack: Pack) -> Iterator[str]:
    """Yield the rules that are on; then those that are off, and how to change that."""
    texts = {text.id: text for _, _, text in pack.rules}
    off = _off(pack)
    rules = _every_rule(pack.id)
    head = ("rule", "says, and rests on", "in force", "law", "answer", "read")
    rows = {name: _rule_row(texts[name], rule) for name, rule in rules.items()}
    on = [row for name, row in rows.items() if name not in off]
    yield f"## Rules{' that are on' if off else ''}\n\n{table(head, on)}"
    if off:
        told = OFF_RULES.format(rule=min(off), day=pack.text.as_of)
        shown = table(head, [row for name, row in rows.items() if name in off])
        yield f"## Rules that are off\n\n{told}\n\n{shown}"


def _rule_row(text: RuleText, rule: Rule) -> tuple[str, ...]:
    dates = text.effective
    parts = [
        f"from {dates.from_}" if dates.from_ else "",
        f"until {dates.until}" if dates.until else "",
    ]
    said = f"{text.title} ({text.citation})"
    if text.succeeds:
        said += f"; until then {text.succeeds}"
    when = " ".join(part for part in parts if part)
    read = _status(text)
    return code(text.id), said, when, LAYER_NAMES[rule.layer], _answers(rule), read


def _answers(rule: Rule) -> str:
    """Return the answer of a rule, and the others that its exceptions give."""
    *exceptions, own = (_answer_word(rule, case) for case in rule.cases)
    others = ", ".join(dict.fromkeys(exceptions))
    return f"{own}; by exception: {others}" if others else own


def _answer_word(rule: Rule, case: Case) -> str:
    if rule.layer == "record_bar" and case.effect == "permit":
        return "silent"
    chosen = case.effect == "permit" and case.discretion
    return "yes, if chosen" if chosen else ANSWER_WORDS[case.effect]


def _clocks(pack: Pack) -> Iterator[str]:
    """Yield the duties that have a clock, a recipient or another parameter."""
    found: dict[str, list[str]] = {}
    off = _off(pack)
    for rule in _every_rule(pack.id).values():
        for case in rule.cases:
            dues = [
                *case.obligations,
                *(d for s in case.obligations_on.values() for d in s),
            ]
            for due in dues:
                if due.parameters:
                    rules = found.setdefault(_due(due), [])
                    name = code(rule.id) + (" (off)" if rule.id in off else "")
                    rules += [name] if name not in rules else []
    if found:
        rows = [(duty, ", ".join(rules)) for duty, rules in found.items()]
        yield f"## Duties with clocks and reports\n\n{table(('duty', 'rules'), rows)}"


def _due(due: Due) -> str:
    told = [f"{k.replace('_', ' ')} {_value(v)}" for k, v in due.parameters]
    return f"{due.code.replace('_', ' ')}: {'; '.join(told)}"


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)).replace("_", " ")
    return str(value).lower().replace("_", " ")


def _beside(pack: Pack) -> Iterator[str]:
    if pack.text.beside:
        rows = [(b.about, b.citation, b.why) for b in pack.text.beside]
        shown = table(("what the law also says", "citation", "why no rule"), rows)
        yield f"## Beside the rules\n\n{shown}"


def _sentences(pack: Pack) -> str:
    vocabulary = _library().vocabulary
    off = _off(pack)
    told = [
        f"### {rule.id}\n\n"
        + "\n".join(_said(parts_of(rule, vocabulary), off=rule.id in off))
        for rule in _every_rule(pack.id).values()
    ]
    return "## Each rule in sentences\n\n" + "\n\n".join(told)


def _said(parts: list[Part], *, off: bool) -> Iterator[str]:
    """Yield a rule's sentence, each exception below it, and what it says after."""
    if off:
        yield (
            "- **Off**: this rule decides nothing until counsel"
            " [turns it on](#rules-that-are-off). Once it is on:"
        )
    main = " ".join(p.text for p in parts if p.role in {"under", "when", "answer"})
    yield f"- {main}"
    yield from (f"    - {part.text}" for part in parts if part.role == "unless")
    yield from (f"- {part.text}" for part in parts if part.role in AFTER)


def counsel_page() -> str:
    """Return the table of rules whose text was not read in full."""
    rows = [
        (code(text.id), text.citation, _status(text))
        for pack in _library().packs.values()
        for _, _, text in sorted(pack.rules, key=lambda rule: rule[2].id)
        if text.verification.status not in {"source_read", "local"}
    ]
    return page("For counsel", COUNSEL_LEAD, table(("rule", "citation", "read"), rows))


def _status(text: RuleText) -> str:
    """Return how a rule's text was checked."""
    off = "" if is_on(text, frozenset()) else ", off"
    note = f": {text.verification.note}" if text.verification.note else ""
    return text.verification.status.replace("_", " ") + off + note


PACK_PAGES = {
    f"packs/{path.parent.name}.md": partial(_page, path.parent.name)
    for path in sorted((POLICIES / "packs").glob("*/pack.yaml"))
}
"""The page of each pack, by its name below docs/reference."""
