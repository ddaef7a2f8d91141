"""The compiled tables of a bundle as bundles had them before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.policy.vocabulary import Vocabulary

__all__ = ["as_before", "as_long_before"]

Data = dict[str, Any]
SCOPES = ("request", "record", "record_category")


def as_before(data: Data, vocabulary: Vocabulary) -> None:
    """Write tables with categories by name and clauses with their numbers.

    A number that nobody states is compared too, and it is parts that hold other clauses
    where no paper is given.
    """
    data["asked"] = {}
    for (kind, use), asked in vocabulary.asked.items():
        named = {category: f"g-{category}" for category in sorted(asked)}
        data["asked"].setdefault(kind, {})[use] = named
    data["category"] = {
        node: {("*" if c == "*" else f"g-{c}"): name for c, name in table.items()}
        for node, table in data["category"].items()
    }
    data["parts"] = {name: numbered(part) for name, part in data["parts"].items()}
    wanting = set(wanted(data))
    data["paperless"] = {
        name: {key: number for key, number in part.items() if key not in wanting}
        for name, part in data["parts"].items()
    }
    data["requiring"] = numbered(data["requiring"])
    for tests in data["tests"].values():
        compared_too(tests, data["shared"])


def as_long_before(data: Data, vocabulary: Vocabulary) -> None:
    """Write tables in which it is nodes that say what no paper kills."""
    dead = {
        name: dict.fromkeys(wanted_by(tests, data), 0)
        for name, tests in data["paper_tests"].items()
    }
    as_before(data, vocabulary)
    for name, tests in data["paper_tests"].items():
        data["shared"][f"{name}-before"] = dead[name]
        tests["paperless"] = f"{name}-before"
    del data["paperless"]
    del data["requiring"]


def numbered(clauses: Mapping[str, int]) -> dict[str, int]:
    """Return clauses with their numbers."""
    return {key: int(key) for key in clauses}


def wanted_by(tests: Data, data: Data) -> Iterator[str]:
    """Yield the clauses of some nodes that want a paper."""
    for dead in data["shared"][tests["wanted"]].values():
        yield from dead


def wanted(data: Data) -> Iterator[str]:
    """Yield the clauses that want a paper."""
    for tests in data["paper_tests"].values():
        yield from wanted_by(tests, data)


def compared_too(tests: Data, shared: Data) -> None:
    """Have what numbers kill where nobody states them compared, and nowhere else."""
    del tests["bare"]
    for scope in SCOPES:
        for test in tests["compare"][scope]:
            fact = test["fact"]
            if test["unstated"] != "":
                continue
            test["unstated"] = "unknown"
            tests[scope].pop(fact, None)
            values = shared[tests["value"][fact]] if fact in tests["value"] else {}
            if values.get("unknown"):
                tests[scope][fact] = values["unknown"]
