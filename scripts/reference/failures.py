"""The page of faults: what each looks like from outside, and what shows that."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from scripts.faults import FAULTS, Fault, Heals
from scripts.reference import markdown
from scripts.reference.markdown import code, table

__all__ = ["bound", "page"]

ROOT = Path(__file__).resolve().parents[2]
LEAD = (
    "Every fault that a gateway has to stand. While it lasts nothing is released that"
    " is not in the log, and a requester who gets no answer gets a named reason. What"
    " is asked again under the same Idempotency-Key is answered once. The alerts are"
    " those of `deploy/prometheus/sallyport.rules.yaml`. Each line is shown by tests"
    " over the real thing, named in its last column; where the time of an answer is"
    " bounded by a setting, that is named too."
)


def bound() -> Mapping[str, tuple[str, ...]]:
    """Return the test files that show each fault, by the words of their marks."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted((ROOT / "tests").rglob("*.py")):
        text = path.read_text()
        for word in _marks(ast.parse(text)) if ".fault(" in text else ():
            found[word].add(path.relative_to(ROOT).as_posix())
    return {word: tuple(sorted(paths)) for word, paths in found.items()}


def _marks(tree: ast.AST) -> Iterator[str]:
    """Yield the words of ``pytest.mark.fault("...")``."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Attribute(attr="mark"), attr="fault"),
                args=words,
            ):
                yield from (str(w.value) for w in words if isinstance(w, ast.Constant))
            case _:
                pass


def _seen(fault: Fault) -> str:
    parts = []
    if fault.cause is not None:
        within = f", within {fault.within}" if fault.within else ""
        parts.append(f"503 `{fault.cause}`{within}.")
    return " ".join([*parts, fault.seen]).strip()


def _over(fault: Fault) -> str:
    return {
        Heals.ITSELF: "by itself",
        Heals.RESTART: "after a restart",
        Heals.OPERATOR: "when an operator has acted",
    }[fault.heals]


def page() -> str:
    """Return the page.

    Raises:
        KeyError: no test shows a fault.
    """
    tests = bound()
    rows = (
        (
            f"{fault.what} (`{fault.id}`)",
            _seen(fault),
            code(fault.metric),
            code(fault.alert),
            _over(fault),
            fault.do,
            ", ".join(map(code, tests[fault.id])),
        )
        for fault in FAULTS
    )
    head = ("fault", "requester sees", "metric", "alert", "over", "do", "shown by")
    return markdown.page("Failures", LEAD, table(head, rows))
