"""What a prover says comes to a rule, or to its exception."""

from __future__ import annotations

from pathlib import Path

from gateway.policy.lint.proofs import Proved, mistake_of
from tests.gateway.policy.small import REVEALS, library, rule


def test_mistake_of(tmp_path: Path) -> None:
    """A finding stands at the exception it is of, and names what is to be seen."""
    when = [{"fact": "convicted", "is": True}]
    law = rule(
        "st.a",
        reveals=REVEALS,
        unless=[{"id": "c", "when": when, "effect": "permit"}],
    )
    found = library(tmp_path, rules={"st": [law]})
    rules = found.rules(found.chosen(["st"], None))
    whole = Proved(code="shadowed", rule="st.a", case="", said="never", by=("st.b",))
    one = Proved(code="unreachable", rule="st.a", case="c", said="never")
    assert mistake_of(whole, rules).path == rules[0].file
    assert mistake_of(whole, rules).problem == "never (see st.b)"
    assert mistake_of(one, rules).path == f"{rules[0].file}.unless.c"
    assert (mistake_of(one, rules).problem, mistake_of(one, rules).code) == (
        "never",
        "unreachable",
    )
