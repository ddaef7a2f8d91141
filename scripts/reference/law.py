"""The pages of the law as it is shipped: words, rules and case files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gateway import yamlfile
from scripts.reference.markdown import code, page, table

__all__ = ["rules_page", "vocabulary_page"]

POLICIES = Path(__file__).resolve().parents[2] / "policies"

WORDS_LEAD = (
    "The closed lists that rules, questions, dataset files and case files are written "
    "in. They belong to the policy bundle: a new word is a new revision. A word that "
    "is not here is refused, with the nearest one that is."
)
RULES_LEAD = (
    "Every rule of the packs and overlays in this tree, as data: what it is called, "
    "what it rests on, at which layer it speaks and what it says when no exception "
    "holds. The packs are drafts: the column *read* says how its text was checked, and "
    "no rule counts as reviewed by counsel until its pack names who reviewed it. "
    "`sallyport policy show` reads one aloud."
)


def _read(path: Path) -> Any:  # noqa: ANN401 - YAML, checked by the product's loader
    return yamlfile.read(path)


def vocabulary_page() -> str:
    """Return every list of the vocabulary as a table."""
    words = _read(POLICIES / "vocabulary.yaml")
    parts = [
        f"## {name}\n\n{_listed(entries)}"
        for name, entries in words.items()
        if name != "schema"
    ]
    return page("Vocabulary", WORDS_LEAD, *parts)


def _listed(entries: object) -> str:
    """Return one list: words alone in a line, words with members as a table."""
    if not isinstance(entries, Mapping):
        return ", ".join(code(str(word)) for word in _many(entries))
    rows = [(code(str(word)), *_members(entry)) for word, entry in entries.items()]
    return table(("word", "meaning", "details"), rows)


def _members(entry: object) -> tuple[str, str]:
    if not isinstance(entry, Mapping):
        return "", ", ".join(code(str(word)) for word in _many(entry))
    details = "; ".join(
        f"{key}: {_plain(value)}" for key, value in entry.items() if key != "title"
    )
    return str(entry.get("title", "")), details


def _plain(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} ({_plain(inner)})" for key, inner in value.items())
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _many(entries: object) -> list[object]:
    return list(entries) if isinstance(entries, list) else [entries]


def _packs() -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Yield each pack's folder with what its pack.yaml says."""
    for kind in ("packs", "overlays"):
        for path in sorted((POLICIES / kind).glob("*/pack.yaml")):
            yield path.parent, _read(path)


def _rules(folder: Path) -> Iterator[Mapping[str, Any]]:
    """Yield a pack's rules in the order of their files."""
    for path in sorted((folder / "rules").glob("*.yaml")):
        content = _read(path)
        rules = content.get("rules", []) if isinstance(content, Mapping) else content
        yield from rules or []


def _rule_row(rule: Mapping[str, Any]) -> tuple[str, ...]:
    effect = str(rule["effect"])
    effect += " (discretion)" if rule.get("discretion") else ""
    cases = len(rule.get("unless", []))
    effect += f", {cases} exception{'s' if cases > 1 else ''}" if cases else ""
    checked = rule.get("verification", {}).get("status", "")
    text = f"{rule['title']} ({rule['citation']})"
    return code(rule["id"]), text, rule["layer"], effect, checked.replace("_", " ")


def rules_page() -> str:
    """Return a table of rules for each pack."""
    head = ("rule", "says, and rests on", "layer", "effect", "read")
    parts = []
    for folder, pack in _packs():
        lead = f"## {pack['id']}\n\n{pack['title']}. As of {pack['as_of']}."
        rules = list(_rules(folder))
        if rules:
            lead += f"\n\n{table(head, map(_rule_row, rules))}"
        parts.append(lead)
    return page("Rules", RULES_LEAD, *parts)
