"""Who carries out an obligation."""

from __future__ import annotations

from pathlib import Path

from gateway.policy.duties import nobody_executes
from tests.gateway.policy.small import REVEALS, library, rule


def test_nobody_executes(tmp_path: Path) -> None:
    """What the gateway is to do and does not know is found, in exceptions too."""
    when = [{"fact": "convicted", "is": True}]
    laws = [
        rule(
            "st.a",
            reveals=REVEALS,
            obligations=["tell"],
            unless=[
                {"id": "c", "when": when, "effect": "permit", "obligations": ["log"]}
            ],
        ),
        rule("st.b", obligations_on={"permit": ["log", "log"]}),
    ]
    made = library(tmp_path, rules={"st": laws})
    rules = made.rules(made.chosen(["st"], None))
    found = list(nobody_executes(rules, made.vocabulary))
    assert [m.path.partition("yaml:")[2] for m in found] == [
        "0(st.a).unless.c.obligations",
        "1(st.b).obligations",
    ]
    assert found[0].problem == "the gateway does not know how to do log"
