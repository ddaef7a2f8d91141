"""Reading policy folders: every mistake at once, with its place and what is right."""

# ruff: noqa: ANN401 - documents made by hand hold values of any type

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import InvalidFile
from gateway.policy.build import assemble, build, read_once
from gateway.policy.pack import Library, load_library, shipped_policies
from gateway.policy.vocabulary import load_vocabulary
from tests.gateway.policy.small import (
    REVEALS,
    decided,
    library,
    policy_of,
    question,
    rule,
    vocabulary_text,
    write,
)


def mistakes(root: Path, *rules: dict[str, Any], **written: Any) -> str:
    """Return the mistakes of a stack, one a line."""
    overlay = "county" if "overlay" in written else None
    with pytest.raises(InvalidFile) as caught:
        assemble(library(root, rules={"st": rules}, **written), ["st"], overlay)
    return str(caught.value)


def test_days_are_of_the_calendar(tmp_path: Path) -> None:
    """The thirtieth of February is no day, and that is said at its place."""
    found = mistakes(tmp_path, rule("st.a", effective={"from": "2026-02-30"}))
    assert "effective.from: " in found
    assert "2026-02-30 is no day of the calendar" in found


CONVICTED = {"fact": "convicted", "is": True}
WRONG_WORDS: list[tuple[dict[str, Any], str]] = [
    ({"reach": {"custodians": ["sherif"]}}, "reach.custodians: sherif .* sheriff"),
    ({"reach": {"not_purposes": ["crimes"]}}, "not_purposes: crimes .* crime"),
    ({"reach": {"kinds": ["group:mine"]}}, "reach.kinds: mine is not a known word"),
    ({"reach": {"categories": ["group:bad"]}}, "reach.categories: nowhere"),
    ({"when": [{"fact": "bulck", "is": True}]}, "when.0.fact: bulck .* bulk"),
    ({"when": [{"fact": "bulk", "is": "yes"}]}, "when.0: yes .* true or false"),
    ({"when": [{"fact": "bulk", "at_least": 1}]}, "a boolean cannot be tested so"),
    ({"when": [{"fact": "level", "is": 9}]}, "when.0: 9 .* whole number from 0 to 3"),
    ({"when": [{"fact": "agreement", "is": "unknown"}]}, "unknown is not a value"),
    ({"when": [{"fact": "agreement", "in": ["inforce"]}]}, "did you mean in_force"),
    ({"when": [{"paper": ["warant"], "state": "confirmed"}]}, "warant .* warrant"),
    ({"when": [{"paper": ["warrant"], "state": "sure"}]}, "when.0.state: sure"),
    ({"when": [{"no_paper": ["warrant"], "state": "absent"}]}, "ask for no_paper"),
    (
        {"when": [{"paper": ["warrant"], "by": ["officer"], "state": "confirmed"}]},
        "none of these papers has such a signer",
    ),
    (
        {"when": [{"paper": ["warrant"], "by": ["jugde"], "state": "confirmed"}]},
        "when.0.by: jugde .* judge",
    ),
    ({"obligations": ["logg"]}, "obligations.0: logg .* log"),
    ({"obligations": [{"do": "logg", "days": 3}]}, "obligations.0: logg .* log"),
    ({"obligations": [{"do": "tell", "dayz": 3}]}, "dayz .* days"),
    ({"obligations": [{"do": "tell", "days": "soon"}]}, "days must be a integer"),
    ({"obligations": [{"do": "tell", "form": "writting"}]}, "writting .* writing"),
    ({"obligations_on": {"permit": ["logg"]}}, "obligations_on.permit.0: logg"),
    ({"reason": "BECAUSE"}, "reason: BECAUSE"),
    ({"reviewer": "councel"}, "reviewer: councel .* counsel"),
    ({"change": ["agrement"]}, "change.0: agrement .* agreement"),
    ({"reveals": {"categories": ["stat"], "citation": "Law 1"}}, "reveals: stat"),
]


@pytest.mark.parametrize(
    ("members", "says"), WRONG_WORDS, ids=[str(i) for i in range(len(WRONG_WORDS))]
)
def test_wrong_words(tmp_path: Path, members: dict[str, Any], says: str) -> None:
    """A word that is not in its list is named with its place and the nearest."""
    found = mistakes(
        tmp_path, rule("st.a", **members), header={"groups": {"bad": ["nowhere"]}}
    )
    pattern = says.replace(" .* ", ".*")
    assert any(re.search(pattern, line) for line in found.splitlines())
    assert "st.a" in found


WRONG_SHAPES: list[tuple[dict[str, Any], str]] = [
    ({"effect": "allow"}, "effect"),
    ({"on_unknown": "permit"}, "on_unknown"),
    ({"verification": None}, "verification"),
    ({"colour": "red"}, "colour"),
    ({"when": [{"fact": "bulk"}]}, "exactly one test"),
    ({"when": [{"fact": "bulk", "is": True, "is_not": False}]}, "exactly one test"),
    ({"when": [{"paper": ["warrant"]}]}, "papers, and only papers"),
    ({"when": [{"fact": "bulk", "is": True, "by": ["judge"]}]}, "papers, and only"),
    ({"when": [{"is": True}]}, "names one of"),
    (
        {"when": [{"paper": ["warrant"], "no_paper": ["detainer"], "state": "any"}]},
        "names one of",
    ),
    ({"id": "other.a"}, "must begin with st."),
    ({"layer": "overlay"}, "a pack of kind state has no overlay rules"),
]


@pytest.mark.parametrize(
    ("members", "says"), WRONG_SHAPES, ids=[str(i) for i in range(len(WRONG_SHAPES))]
)
def test_wrong_shapes(tmp_path: Path, members: dict[str, Any], says: str) -> None:
    """A rule of another shape is refused with the place in its file."""
    assert says in mistakes(tmp_path, {**rule("st.a"), **members})


CONTRADICTIONS: list[tuple[dict[str, Any], str]] = [
    ({"effective": {"from": "2026-01-01", "until": "2026-01-01"}}, "on no day"),
    ({"reach": {"datasets": ["jail"], "not_datasets": ["jail"]}}, "reaches nothing"),
    ({"overridable_by": ["warrant"]}, "only a record_bar is lifted"),
    ({"layer": "process", "effect": "permit"}, "layer process cannot permit"),
    ({"layer": "saving"}, "layer saving cannot prohibit"),
    ({"layer": "record_bar", "effect": "require"}, "cannot require"),
    ({"layer": "saving", "effect": "permit", "resists_saving": True}, "only a state"),
    ({"when": [CONVICTED]}, "depends on convicted of the record"),
    (
        {"unless": [{"id": "a", "when": [CONVICTED], "effect": "permit"}]},
        r"declare reveals",
    ),
    (
        {
            "unless": [
                {"id": "a", "when": [{"fact": "bulk", "is": True}], "effect": "permit"},
                {"id": "a", "when": [{"fact": "bulk", "is": True}], "effect": "review"},
            ]
        },
        "a is named twice",
    ),
]


@pytest.mark.parametrize(
    ("members", "says"),
    CONTRADICTIONS,
    ids=[str(i) for i in range(len(CONTRADICTIONS))],
)
def test_contradictions(tmp_path: Path, members: dict[str, Any], says: str) -> None:
    """What a rule says against itself is refused."""
    assert says in mistakes(tmp_path, rule("st.a", **members))


def test_every_mistake_at_once(tmp_path: Path) -> None:
    """Mistakes of several rules and places come together."""
    found = mistakes(
        tmp_path,
        rule("st.a", reason="WHY", reach={"kinds": ["reed"]}),
        rule("st.b", change=["nothing_known"]),
    )
    assert len(found.splitlines()) == 3


def test_a_rule_named_twice(tmp_path: Path) -> None:
    """Two rules of one id are refused."""
    assert "is named twice" in mistakes(tmp_path, rule("st.a"), rule("st.a"))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """Bad YAML in any file is a named mistake, beside all others."""
    write(tmp_path, rules={"st": [], "other": [], "third": []})
    (tmp_path / "packs/st/rules/bad.yaml").write_text("a: [")
    (tmp_path / "packs/other/pack.yaml").write_text("a: [")
    header = tmp_path / "packs/third/pack.yaml"
    header.write_text(header.read_text().replace('"third"', '"fourth"', 1))
    (tmp_path / "packs/agency-default/pack.yaml").write_text("{}")
    with pytest.raises(InvalidFile) as caught:
        load_library(tmp_path)
    found = str(caught.value)
    for place in ("bad.yaml", "other/pack.yaml", "folder third", "agency-default"):
        assert place in found


def test_what_is_not_there(tmp_path: Path) -> None:
    """Packs, overlays and exercised rules that do not exist are named."""
    found = library(tmp_path, rules={"us-aa": []}, overlay=[])
    with pytest.raises(
        InvalidFile, match=r"us-ab is not a pack here; did you mean us-aa"
    ):
        found.chosen(["us-ab"], None)
    with pytest.raises(InvalidFile, match=r"did you mean county"):
        found.chosen(["us-aa"], "conty")


def test_what_the_registry_may_state() -> None:
    """Facts about agencies, by name; what requesters state is not among them."""
    words = load_vocabulary(shipped_policies() / "vocabulary.yaml")
    assert "task_force_primary_immigration" in words.registry_facts
    assert words.registry_facts.isdisjoint(words.sayable)


def test_only_what_is_wanted_is_read(tmp_path: Path) -> None:
    """A mistake in another pack stops no stack; its rules may be named all the same."""
    uses = [
        {"rule": name, "decision": "release", "citation": "Ord. 1"}
        for name in ("st.a", "other.a", "st.b", "oher.a")
    ]
    turned = {"counsel": "County counsel", "on": "2026-01-01", "citation": "Ord. 2"}
    header = {
        "exercise": uses,
        "turned_on": [{**turned, "rule": "other.b"}, {**turned, "rule": "st.b"}],
    }
    root = write(
        tmp_path,
        rules={"st": [rule("st.a")], "other": [{"odd": 1}]},
        overlay=[],
        overlay_header=header,
    )
    with pytest.raises(InvalidFile, match="other"):
        load_library(root)
    wanted = read_once(root, ["st"], "county")
    assert wanted.unread == {"other"}
    with pytest.raises(InvalidFile) as caught:
        wanted.rules(wanted.chosen(["st"], "county"))
    said = [mistake.problem for mistake in caught.value.mistakes]
    assert said == [
        "st.b is no rule (or rule#case) of a pack here",
        "oher.a is no rule (or rule#case) of a pack here",
        "st.b is no rule that is off: none known from a digest",
    ]
    with pytest.raises(InvalidFile, match="did you mean other"):
        read_once(root, ["st"]).chosen(["othr"], None)
    assert build(root, ["st"]).revision


def test_exercise_names_rules(tmp_path: Path) -> None:
    """Discretion is used by an overlay, over a rule that exists."""
    use = {"rule": "st.b", "decision": "release", "citation": "Ord. 1"}
    found = mistakes(
        tmp_path / "1", rule("st.a"), overlay=[], overlay_header={"exercise": [use]}
    )
    assert "st.b is no rule" in found
    found = mistakes(tmp_path / "2", rule("st.b"), header={"exercise": [use]})
    assert "only an overlay" in found


FIRM = rule("st.a", effect="permit", when=[{"fact": "bulk", "is": True}])
OVERLAYS: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    (
        FIRM,
        rule("county.a", layer="overlay"),
        "narrows what local policy may not narrow",
    ),
    (
        rule("st.a"),
        rule("county.a", layer="overlay", effect="permit"),
        "opens what local policy",
    ),
    (
        rule("st.a"),
        rule("county.a", layer="overlay", effect="require"),
        "cannot require",
    ),
]


@pytest.mark.parametrize(
    ("law", "local", "says"), OVERLAYS, ids=["narrow", "open", "require"]
)
def test_what_an_overlay_may_not_do(
    tmp_path: Path, law: dict[str, Any], local: dict[str, Any], says: str
) -> None:
    """An overlay that the law does not allow is refused with that law's citation."""
    assert says in mistakes(tmp_path, law, overlay=[local])


@pytest.mark.parametrize(
    "members",
    [
        {"reach": {"requesters": ["fbi"]}},
        {"when": [{"fact": "bulk", "is": False}]},
        {"effective": {"until": "2017-01-01"}},
        {"reach": {"categories": ["record_exists"]}},
    ],
)
def test_an_overlay_beside_the_law(tmp_path: Path, members: dict[str, Any]) -> None:
    """An overlay that reaches nothing of the law's is none of its business."""
    law = {
        **FIRM,
        "reach": {"requesters": ["ice"], "categories": ["date"]},
        "effective": {"from": "2018-01-01"},
    }
    local = rule(
        "county.a", layer="overlay", **{"reach": {"categories": ["date"]}, **members}
    )
    found = library(tmp_path, rules={"st": [law]}, overlay=[local])
    assert assemble(found, ["st"], "county").revision


def test_a_rule_is_looked_up_once_for_all_its_stacks(tmp_path: Path) -> None:
    """Stacks share a rule, unless what is exercised of it differs."""
    opens = rule("st.a", effect="permit", discretion=True)
    used = {"rule": "st.a", "decision": "release", "citation": "Order 1"}
    found = library(
        tmp_path,
        rules={"st": [opens, rule("st.b")], "tx": []},
        overlay=[],
        overlay_header={"exercise": [used], "on": ["st"]},
    )
    alone, beside, local = (
        {one.id: one for one in found.rules(found.chosen(packs, overlay))}
        for packs, overlay in ((["st"], None), (["st", "tx"], None), (["st"], "county"))
    )
    assert beside["st.a"] is alone["st.a"]
    assert local["st.b"] is alone["st.b"]
    exercised = [one["st.a"].cases[-1].exercised for one in (alone, local)]
    assert exercised == [False, True]


def test_mistakes_are_named_each_time(tmp_path: Path) -> None:
    """A rule with a mistake is not kept: whoever asks again is told again."""
    found = library(tmp_path, rules={"st": [rule("st.a", reason="NONE")]})
    for _ in range(2):
        with pytest.raises(InvalidFile, match="NONE is not a known word"):
            found.rules(found.chosen(["st"], None))


def test_only_with(tmp_path: Path) -> None:
    """A rule bound to another pack is not part of a stack without it."""
    law = rule("st.a", effect="permit", only_with=["elsewhere"])
    policy = policy_of(tmp_path, law)
    (decision,) = decided(policy, question(policy.vocabulary))
    assert [ask.rule.id for ask in decision.asks.values()] == ["none"]


def test_groups_are_written_out(tmp_path: Path) -> None:
    """A pack's own group stands for its words."""
    law = rule("st.a", effect="permit", reach={"requesters": ["group:fed"]})
    policy = policy_of(tmp_path, law, header={"groups": {"fed": ["ice", "fbi"]}})
    asked = [question(policy.vocabulary, requester=r) for r in ("fbi", "police")]
    found = [decided(policy, one)[0] for one in asked]
    effects = [ask.effect for one in found for ask in one.asks.values()]
    assert effects == ["permit", "prohibit"]


def test_the_shipped_policies_are_found() -> None:
    """The policies that came with the gateway are there."""
    assert (shipped_policies() / "vocabulary.yaml").is_file()


def test_installed_policies_come_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In an installed wheel the policies lie inside the package."""
    (tmp_path / "gateway" / "_policies").mkdir(parents=True)
    place = tmp_path / "gateway" / "policy" / "pack.py"
    monkeypatch.setattr("gateway.policy.pack.__file__", str(place))
    assert shipped_policies() == tmp_path / "gateway" / "_policies"


def test_building_from_a_folder(tmp_path: Path) -> None:
    """A folder and the ids of packs are enough; the same files give the same bundle."""
    write(tmp_path, rules={"st": [rule("st.a", reveals=REVEALS)]})
    once = build(tmp_path, ["st"])
    again = assemble(load_library(tmp_path), ["st"])

    assert once.revision == again.revision
    assert build(tmp_path, ["st"]) is once, "files that did not change are not built"
    assert read_once(tmp_path) is read_once(tmp_path), "nor read"


def test_what_changed_is_built_anew(tmp_path: Path) -> None:
    """One more byte in one file, and also a byte that comes while files are read."""
    write(tmp_path, rules={"st": [rule("st.a", reveals=REVEALS)]})
    first = build(tmp_path, ["st"])
    path = tmp_path / "vocabulary.yaml"
    path.write_text(path.read_text() + "\n")
    second = build(tmp_path, ["st"])

    assert second.revision != first.revision

    def changing(root: Path, only: frozenset[str]) -> Library:
        path.write_text(path.read_text() + "\n")
        return load_library(root, only)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gateway.policy.build.load_library", changing)
        path.write_text(path.read_text() + "\n")
        third = build(tmp_path, ["st"])
    assert build(tmp_path, ["st"]) is not third


WORDS: list[tuple[list[str | int], object, str]] = [
    (["requester_classes", "ice", "family"], "fd", "family: fd .*did you mean fed"),
    (["families", "fed", "presumed_purpose"], "cvil", "purpose: cvil .*civil"),
    (["families", "fed", "certified_by"], ["agrement"], "agrement .*agreement"),
    (["kinds", "hold", "category"], "holding", "kinds.hold.category"),
    (["kinds", "hold"], {"title": "x"}, "either fields: true or a category"),
    (["instruments", "warrant", "signers"], ["king"], "king is not in the list"),
    (["paper_groups", "any"], ["odd"], "odd is not in the list"),
    (["paper_states"], ["issuer_confirmed"], "absent is not in the list"),
    (["reason_codes"], {}, "NO_RULE is not in the list"),
    (["facts", "paper.x"], {"type": "boolean", "scope": "record"}, "come from"),
    (["facts", "bulk", "values"], ["a"], "a code, and only a code"),
    (["facts", "agreement", "also"], ["pending"], "reserved words: pending"),
    (["facts", "level", "max"], None, "an integer, and only an integer"),
    (["facts", "sealed", "default"], False, "has no default"),
    (["facts", "sealed", "said_by"], "requester", "may not state"),
    (["facts", "agreement", "said_by"], "registry", "yes or no only"),
    (["facts", "level", "default"], 7, "not a value"),
]


@pytest.mark.parametrize(
    ("path", "value", "says"), WORDS, ids=[str(i) for i in range(len(WORDS))]
)
def test_wrong_vocabulary(
    tmp_path: Path, path: list[str], value: object, says: str
) -> None:
    """What the lists say against each other is named."""
    words = vocabulary_text()
    here: Any = words
    for name in path[:-1]:
        here = here[name]
    if value is None:
        del here[path[-1]]
    else:
        here[path[-1]] = value
    (tmp_path / "vocabulary.yaml").write_text(json.dumps(words))
    with pytest.raises(InvalidFile, match=says):
        load_vocabulary(tmp_path / "vocabulary.yaml")


@pytest.mark.parametrize("layer", ["state", "process", "saving", "agency_default"])
def test_no_local_file_speaks_as_the_law(tmp_path: Path, layer: str) -> None:
    """A rule of an overlay stands in the overlay's layer and in no other."""
    local = rule("county.a", layer=layer, effect="permit")
    says = f"a pack of kind overlay has no {layer} rules"
    assert says in mistakes(tmp_path, rule("st.a"), overlay=[local])
