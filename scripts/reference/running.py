"""The page of what a running gateway says: lines, metrics, span attributes."""

from __future__ import annotations

import re
from collections.abc import Mapping

from gateway.telemetry.measures import METRICS
from gateway.telemetry.names import EVENTS, FIELDS, SPAN_ATTRIBUTES, Field
from scripts.reference import markdown
from scripts.reference.markdown import code, table

__all__ = ["page"]

LEAD = (
    "What a gateway says about itself is an allow-list. A key, event, label or "
    "attribute that is not on this page can't appear: lines drop it and count it, "
    "labels say `other`. No metric carries agency with dataset, and nothing here has "
    "a place for a person, a case or a value."
)


def page() -> str:
    """Return events, keys, metrics and attributes."""
    metrics = (
        (code(item.name), item.kind, _labels(item.labels), item.help)
        for item in METRICS
    )
    keys = ((code(name), _form(field), field.help) for name, field in FIELDS.items())
    parts = (
        ("Events of log lines", table(("event", "means"), _rows(EVENTS))),
        ("Keys of log lines", table(("key", "form", "means"), keys)),
        ("Metrics", table(("metric", "kind", "labels", "means"), metrics)),
        ("Attributes of spans", table(("attribute", "means"), _rows(SPAN_ATTRIBUTES))),
    )
    written = (f"## {title}\n\n{body}" for title, body in parts)
    return markdown.page("Log lines, metrics and spans", LEAD, *written)


def _rows(words: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(code(word), meaning) for word, meaning in words.items()]


def _form(field: Field) -> str:
    pattern = isinstance(field.form, re.Pattern)
    return "text" if pattern else str(field.form)


def _labels(labels: Mapping[str, tuple[str, ...]]) -> str:
    return "; ".join(
        f"{name} ({', '.join(values) or 'as configured'})"
        for name, values in labels.items()
    )
