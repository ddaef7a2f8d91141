"""The fold and the screen as formulas say what ``policies/rego`` says."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeAlias, cast

import orjson
import pytest
import regorus

from audit.rows import COMES_TO
from gateway.policy.clauses import SILENT
from gateway.policy.prove.answers import Answer
from gateway.policy.prove.cells import PLACES, effect_of, outcome_of
from gateway.policy.prove.folding import folded
from gateway.policy.prove.screening import Screened

REGO = Path(__file__).parents[4] / "policies" / "rego"
ASK = """package ask

decided := {"by": data.sallyport.fold.folded(min(said), said)} if {
	said := {clause | some clause in input.said}
}

screened := data.sallyport.screen.screened({"s": input.left}, input.left).s
"""
RULES = ["data.ask.decided", "data.ask.screened"]
CELLS = (
    *(110, 120),
    *(220, 230),
    *(340, 341, 342, 343),
    *(410, 412, 420, 440, 442),
    *(510, 511, 512, 513, 514, 520, 521, 530, 540, 541, 542, 543),
    *(610, 612, 613, 614, 620, 630, 641, 643),
    *(710, 713, 721, 730, 743),
    *(910, 950, 960, 970),
)
"""Cells of every layer, effect and flag that clauses have."""
REQUIRES = (53, 63, 73)
"""Layer and effect of what requires below."""
PAIRS = [*combinations(CELLS, 2)]
DRAWS = 200


MODULES = [
    *(
        (path.name, path.read_text())
        for path in sorted(REGO.glob("*.rego"))
        if not path.name.endswith("_test.rego")
    ),
    ("ask.rego", ASK),
]
Ask: TypeAlias = "Callable[[str, object, object], dict[str, Any]]"
"""Return what a rule says of an input and a compiled law."""


def asking(
    know: Callable[[str], object],
    hear: Callable[[str], object],
    answer: Callable[[str], str],
) -> Ask:
    """Return how an evaluator is asked: what it knows, what it hears, what it says."""

    def ask(rule: str, document: object, compiled: object) -> dict[str, Any]:
        know(orjson.dumps({"compiled": compiled}).decode())
        hear(orjson.dumps(document).decode())
        found = orjson.loads(answer(rule))
        assert isinstance(found, dict), document
        return found

    return ask


def interpreter() -> Ask:
    """Return regorus's interpreter with the evaluator's own rules."""
    made = regorus.Engine()
    for path, text in MODULES:
        made.add_policy(path, text)

    def know(data: str) -> None:
        made.clear_data()
        made.add_data_json(data)

    return asking(know, made.set_input_json, made.eval_rule_as_json)


def machine() -> Ask:
    """Return regorus's machine with the evaluator's own rules."""
    made = regorus.Rvm()
    made.load_program(regorus.Program.compile_from_modules("{}", MODULES, RULES))
    return asking(made.set_data_json, made.set_input_json, made.execute_entry_point)


@pytest.fixture(scope="module", params=[interpreter, machine])
def ask(request: pytest.FixtureRequest) -> Ask:
    """The evaluator's own rules, to be asked of any clauses, in both ways."""
    made: Ask = request.param()
    return made


def drawn(dice: random.Random) -> list[int]:
    """Return a few clauses that speak, most of them of few layers."""
    layers = dice.sample([1, 2, 3, 4, 5, 5, 6, 7, 9], k=dice.randint(1, 5))
    near = [cell for cell in CELLS if cell // 100 in layers]
    cells = dice.sample(near, k=min(len(near), dice.randint(1, 6)))
    return sorted(cell * PLACES + dice.randint(1, 3) for cell in cells)


def test_the_formula_folds_as_the_rules_do(ask: Ask) -> None:
    """Whatever speaks, the cell that decides is the same, and so what comes of it.

    Every two cells, which shows what one does to the other; then some more at once.
    """
    dice = random.Random(5)  # noqa: S311 - repeatable draws, no secret
    pairs = [[one * PLACES + 1, two * PLACES + 1] for one, two in PAIRS]
    for some in [*pairs, *(drawn(dice) for _ in range(DRAWS))]:
        said = [*some, SILENT]
        found = ask("data.ask.decided", {"said": [*map(str, sorted(said))]}, {})
        cells = {cell: cell in {n // PLACES for n in said} for cell in CELLS}
        (cell,) = [cell for cell, guard in folded(cells).items() if guard]
        assert cell == int(found["by"]) // PLACES, said
        effect, outcome = COMES_TO[found["by"][1:3]]
        assert outcome_of(cell) == outcome, said
        assert EFFECTS[effect_of(cell)] == effect, said


EFFECTS = {1: "prohibit", 2: "review", 3: "require", 4: "permit"}


def walks_of(dice: random.Random) -> list[tuple[int, ...]]:
    """Return clauses put into rules: some have two, one behind the other."""
    left = drawn(dice)
    dice.shuffle(left)
    walks = []
    while left:
        size = min(len(left), dice.choice([1, 1, 2]))
        walks.append(tuple(left[:size]))
        left = left[size:]
    return walks


def document(
    walks: list[tuple[int, ...]], pending: set[int], standing: set[int]
) -> dict[str, Any]:
    """Return the compiled data that a screen of these clauses looks at."""
    return {
        "requiring": {
            str(number): 0 for number in standing if number // 100_000 in REQUIRES
        },
        "later": {
            str(number): dict.fromkeys(map(str, walk[i + 1 :]), 0)
            for walk in walks
            for i, number in enumerate(walk)
            if walk[i + 1 :]
        },
        "pending": {str(number): {"sealed": 0} for number in pending},
    }


def said(found: dict[str, Any]) -> Iterator[int]:
    """Yield the cells that a screen says may decide."""
    clauses = [found["by"]] if "by" in found else found["may"]
    yield from {int(clause) // PLACES for clause in clauses}


def left_of(walks: list[tuple[int, ...]], standing: set[int]) -> dict[str, int]:
    """Return the clauses that stand, each marked if others are behind it."""
    ends = {walk[-1] for walk in walks}
    marks = {str(number): int(number not in ends) for number in standing}
    return {**marks, str(SILENT): 0}


def test_the_formula_screens_as_the_rules_do(ask: Ask) -> None:
    """Whatever holds and whatever waits, what is still possible is the same."""
    dice = random.Random(6)  # noqa: S311 - repeatable draws, no secret
    pairs: list[list[tuple[int, ...]]] = [
        [(one * PLACES + 1,), (two * PLACES + 1,)] for one, two in PAIRS
    ]
    for walks in [*pairs, *(walks_of(dice) for _ in range(DRAWS))]:
        numbers = [number for walk in walks for number in walk]
        pending = {number for number in numbers if dice.random() < HALF}
        standing = {number for number in numbers if dice.random() < MOST}
        screen = screen_of(walks, pending, standing)
        compiled = document(walks, pending, standing)
        found = ask("data.ask.screened", {"left": left_of(walks, standing)}, compiled)
        assert {cell for cell, guard in screen.items() if guard} == set(said(found)), (
            walks,
            pending,
            standing,
        )


HALF, MOST = 0.5, 0.8


def screen_of(
    walks: list[tuple[int, ...]], pending: set[int], standing: set[int]
) -> dict[int, bool]:
    """Return what the formula says where all is settled but the record."""
    numbers = [number for walk in walks for number in walk]
    answer = SimpleNamespace(
        law=SimpleNamespace(walks=walks, pending=pending),
        reaches=dict.fromkeys(numbers, True),
        allowed={number: number in standing for number in numbers},
    )
    return Screened(cast("Answer", answer)).possible
