"""A small law, one case under it, and what is said of that; papers of a case."""

# ruff: noqa: ANN401 - documents made by hand hold values of any type

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from gateway.policy.build import assemble
from gateway.policy.case import CaseFile
from gateway.policy.explained.account import Account, account_of
from gateway.policy.explained.told import sentences_of
from gateway.policy.facade import Policy
from gateway.policy.pack import Library
from tests.gateway.policy.small import REVEALS, case_text, library, rule

__all__ = ["CASE", "LAW", "TRUE", "WARRANT", "Told", "paper", "rested"]

CASE = case_text()
TRUE: dict[str, Any] = {"fact": "convicted", "is": True}
WARRANT: dict[str, Any] = {"paper": ["warrant"], "state": "confirmed"}
LAW = rule(
    "st.law",
    citation="Law 1",
    reveals=REVEALS,
    unless=[
        {"id": "public", "when": [{"fact": "public", "is": True}], "effect": "permit"},
        {"id": "convicted", "when": [TRUE, WARRANT], "effect": "permit"},
        {
            "id": "old",
            "when": [{"fact": "validated_on", "before_years": 5}],
            "effect": "permit",
        },
    ],
)


class Told:
    """A small law, and what is said of cases under it."""

    def __init__(self, root: Path, *rules: dict[str, Any]) -> None:
        self.library: Library = library(root, rules={"st": rules})
        self.bundle = assemble(self.library, ["st"])
        self.rules = self.library.rules(self.library.chosen(["st"], None))
        self.policy = Policy(bundle=self.bundle)

    def accounts(self, **members: Any) -> list[Account]:
        """Return the accounts of a case."""
        case = CaseFile.model_validate({**CASE, **members})
        return asyncio.run(account_of(case, self.policy, self.rules, "case"))

    def one(self, **members: Any) -> Account:
        """Return the account of a case that asks one thing."""
        (account,) = self.accounts(**members)
        return account

    def lines(self, **members: Any) -> list[str]:
        """Return what is said of a case that asks one thing."""
        return sentences_of(self.one(**members), self.library.vocabulary)


def paper(kind: str, state: str, **members: Any) -> dict[str, Any]:
    """Return a paper of a case."""
    signer = "judge" if kind == "warrant" else "officer"
    return {"type": kind, "signer": signer, "state": state, **members}


def rested(lines: list[str]) -> list[str]:
    """Return what is said of papers and statements."""
    return [line.strip() for line in lines if line.startswith("  Rested on")]
