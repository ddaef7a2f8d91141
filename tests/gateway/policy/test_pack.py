"""Reading policy folders: what is read, what is not there, and when it is read anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.errors import InvalidFile
from gateway.policy import Policy
from gateway.policy.build import assemble, build, read_once
from gateway.policy.pack import Library, load_library, shipped_policies
from tests.gateway.policy.small import (
    REVEALS,
    decided,
    library,
    policy_of,
    question,
    rule,
    write,
)

OPEN = rule("st.a", effect="permit", discretion=True)


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
    with pytest.raises(InvalidFile, match=r"not a pack here; there are .*us-aa$"):
        found.chosen(["xx"], None)
    with pytest.raises(InvalidFile, match=r"did you mean county"):
        found.chosen(["us-aa"], "conty")
    (tmp_path / "packs/us-ab").mkdir()
    with pytest.raises(
        InvalidFile, match=r"us-ab is not a pack here: packs/us-ab has no pack\.yaml"
    ) as caught:
        found.chosen(["us-ab"], None)
    assert "did you mean" not in str(caught.value)


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
        rules={"st": [OPEN], "other": [{"odd": 1}]},
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
    found = library(tmp_path, rules={"st": [law], "elsewhere": []})
    policy = Policy(bundle=assemble(found, ["st"], None))
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
