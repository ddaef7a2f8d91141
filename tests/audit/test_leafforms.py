"""What goes together in a leaf, and what a later schema says less."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from audit.leafforms import Forms
from audit.reading import FolderSource
from audit.report import Report
from audit.verify import Trust, verify
from gateway.entries import cfg, leaf_schema
from gateway.entries import leaf as of_gateway
from tests.audit.builders import (
    GENESIS,
    KEYS,
    SCHEMA,
    START_S,
    leaf,
    write_act,
    write_schema,
    write_tree,
)

D = "d" * 64
HOUR = "2026-11-23T09Z"
BY_THE_LOG = {"t": HOUR, "_sd": [D], "side": [D] * 3, "tags": [D], "pad": ""}
TEN_S = START_S + 3600
"""When the hour after that of the tests begins."""
BASIS: dict[str, Any] = {"policy": "", "manifest": ""}


def check(folder: Path) -> Report:
    """Verify a tree."""
    return verify(FolderSource(folder), Trust(keys=KEYS.verifiers))


def changed(**members: object) -> bytes:
    """Return the schema of these tests, with other members."""
    return json.dumps({**json.loads(SCHEMA), **members}).encode()


def said(**members: Any) -> str:  # noqa: ANN401  # whatever a leaf may hold
    """Return what the gateway's own schema finds wrong with a leaf of the gateway."""
    forms = Forms.parse(leaf_schema())
    assert forms is not None
    whole = of_gateway(event="exchange", decision="refused", **BASIS)
    return forms.fault({**whole, **BY_THE_LOG, **members})


@pytest.mark.parametrize(
    ("event", "decision", "members"),
    [
        ("exchange", "refused", {"agency": "ice", "redacted": ["name"]}),
        ("exchange", "released", {"released": ["name"]}),
        ("exchange", "released", {}),
        ("act", "cutoff-lift", {"act": D}),
        ("act", "activation", {"act": D, "counter": 3}),
        ("start", "start", {"act": D}),
        ("stop", "stop", {"act": D}),
        ("review", "closed", {}),
        ("counts", "refused", {}),
    ],
)
def test_what_the_gateway_writes_goes_together(
    event: str, decision: str, members: dict[str, object]
) -> None:
    """Each event with its words and with what it tells."""
    assert said(ev=event, decision=decision, **members) == ""


@pytest.mark.parametrize(
    ("event", "decision", "members"),
    [
        ("exchange", "refuzed", {}),
        ("exchange", "genesis", {}),
        ("exchange", "cutoff-lift", {"act": D}),
        ("exchange", "refused", {"released": ["name"]}),
        ("exchange", "released", {"act": D}),
        ("act", "released", {"act": D}),
        ("act", "cutoff-lift", {}),
        ("act", "paper", {"act": D, "agency": "ice"}),
        ("act", "paper", {"act": D, "counter": 1}),
        ("start", "stop", {"act": D}),
        ("start", "start", {}),
        ("review", "released", {}),
        ("counts", "refused", {"agency": "ice"}),
    ],
)
def test_what_does_not_go_together_is_a_fault(
    event: str, decision: str, members: dict[str, object]
) -> None:
    """An exchange is no act, an act names itself, what was refused was not released."""
    fault = said(ev=event, decision=decision, **members)
    assert fault == "its members do not go together as its schema says"


@pytest.mark.parametrize(
    "shape",
    [
        {"is": {"x": ["a"]}, "empty": [], "given": []},
        {"is": {}, "empty": ["t"], "given": []},
        {"is": {}, "empty": []},
        {"is": [], "empty": [], "given": []},
        "odd",
    ],
)
def test_a_shape_of_another_form_makes_no_schema(shape: object) -> None:
    """Nor one of a member whose type is not said."""
    assert Forms.parse(changed(shapes=[shape])) is None


def test_an_act_that_names_none_is_found_under_any_schema(tmp_path: Path) -> None:
    """So is an act that an entry names which is none: it would pass unread."""
    act = write_act(tmp_path, GENESIS)
    for odd in ({**act, "act": ""}, {**act, "ev": "exchange"}):
        write_tree(tmp_path, [leaf(**act), leaf(**odd)])
        assert [(each.index, each.reason) for each in check(tmp_path).findings] == [
            (1, "an act that it does not name, or names without being one")
        ]


def test_a_new_schema_that_no_act_brought_is_told(tmp_path: Path) -> None:
    """Mostly the start of the program that writes so brings it; others may go on."""
    forms = json.loads(SCHEMA)["forms"]
    new = write_schema(tmp_path, changed(forms={**forms, "n": {"type": "integer"}}))
    said = f"schema {new} from here on"
    write_tree(tmp_path, [leaf(), leaf(), leaf(cfg=new), leaf()])
    report = check(tmp_path)
    assert report.findings == []
    assert f"entry 2: {said}, which no act brought" in report.notices

    act = write_act(tmp_path, GENESIS)
    write_tree(tmp_path, [leaf(**act), leaf(**{**act, "cfg": new}), leaf(cfg=new)])
    assert f"entry 1: {said}" in check(tmp_path).notices


def test_what_a_new_schema_says_less_is_told(tmp_path: Path) -> None:
    """A member, a type, a closed list that is gone or longer, what goes together."""
    before = json.loads(SCHEMA)
    shape = {"is": {"ev": ["exchange"]}, "empty": [], "given": []}
    strict = Forms.parse(changed(shapes=[shape]))
    assert strict is not None

    def less(**members: object) -> list[str]:
        after = Forms.parse(changed(**{"shapes": [shape], **members}))
        assert after is not None
        return after.less_than(strict)

    forms = before["forms"]
    assert less() == []
    assert less(forms={**forms, "act": {"type": "digest-or-empty"}}) == ["act"]
    assert less(forms={k: v for k, v in forms.items() if k != "db"}) == ["db"]
    assert less(forms={**forms, "n": {"type": "integer"}}) == ["n"]
    longer = {"type": "integer", "in": [1, 2, 5, 10]}
    assert less(forms={**forms, "n": longer}) == ["n"]
    assert less(forms={**forms, "n": {"type": "integer", "in": [1]}}) == []
    assert less(members={k: "" for k in before["members"] if k != "act"}) == ["act"]
    assert less(shapes=[]) == ["what goes together"]

    loose = write_schema(tmp_path, changed(forms={}))
    write_tree(tmp_path, [leaf(), leaf(cfg=loose)])
    told = "from entry 1 on the schema says less of db, ev, n, policy and v than"
    assert any(each.startswith(told) for each in check(tmp_path).notices)


def test_an_entry_later_than_its_checkpoint_is_found(tmp_path: Path) -> None:
    """Within some minutes it may be the clocks of two machines."""
    leaves = [leaf(), leaf(t="2026-11-23T10Z")]
    write_tree(tmp_path, leaves, seconds=TEN_S - 300)
    assert check(tmp_path).findings == []
    write_tree(tmp_path, leaves, seconds=TEN_S - 301)
    assert [(each.index, each.reason) for each in check(tmp_path).findings] == [
        (1, "is of 2026-11-23T10Z, and the checkpoint was signed before that")
    ]


def test_the_schema_is_the_one_that_leaves_name() -> None:
    """Its shapes are part of what ``cfg`` is the digest of."""
    assert of_gateway(event="counts", decision="refused", **BASIS)["cfg"] == cfg()
    assert json.loads(leaf_schema())["shapes"]
