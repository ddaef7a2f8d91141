"""What an activation put in force: leaves name it, its files are what it says."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from tests.audit.builders import leaf, signed, statement, write_act
from tests.audit.published import (
    activation,
    archive,
    check,
    manifest,
    texts,
    tree,
    under,
)


def two_activations(folder: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Publish the first activation and one after it, of other files."""
    changes = "agencies,catalogue,policy"
    files = manifest(agencies=2)
    one = activation(folder)
    return one, activation(folder, 1, content=b"two", files=files, changes=changes)


def test_leaves_name_what_was_activated(tmp_path: Path) -> None:
    """The activation in force, an earlier one (told), or none (a finding)."""
    one, two = two_activations(tmp_path)
    leaves = [leaf(**one), under(one), leaf(**two), under(two)]
    report = tree(tmp_path, *leaves)
    assert report.findings == []

    report = tree(tmp_path, *leaves, under(one), under(two))
    assert report.findings == []
    assert "entry 5: made under an earlier activation" in report.notices

    not_activated = "names a policy or manifest that was not activated"
    assert texts(tree(tmp_path, *leaves, leaf())) == [f"leaf, entry 5: {not_activated}"]
    # An activation in the middle of leaves that go on naming something else.
    odd = {"ev": "act", "act": one["act"], "decision": "activation"}
    found = tree(tmp_path, leaf(**odd), leaf()).findings
    assert [each.index for each in found] == [1]
    # Leaves that name something before anything was activated.
    found = tree(tmp_path, under(one), leaf(**one)).findings
    assert [each.text for each in found] == [f"leaf, entry 1: {not_activated}"]


def started(folder: Path, number: int, activation: int) -> dict[str, str]:
    """Publish a start of the gateway; return what its leaf says of it."""
    run = statement(
        "start", number, activation=str(activation), version="1", witness="none"
    )
    return {**write_act(folder, signed(run)), "ev": "start"}


def stopped(folder: Path, number: int, run: int) -> dict[str, str]:
    """Publish a stop of the gateway; return what its leaf says of it."""
    act = statement("stop", number, run=str(run))
    return {**write_act(folder, signed(act)), "ev": "stop"}


def test_a_start_ends_nothing_for_those_that_run_already(tmp_path: Path) -> None:
    """Several processes write a log: what one began before may end after a start."""
    one, two = two_activations(tmp_path)
    first = under(one, **started(tmp_path, 0, 0))
    anew = under(two, **started(tmp_path, 1, 1))
    over = under(two, **stopped(tmp_path, 0, 0))
    begun = [leaf(**one), first, leaf(**two), anew]

    assert texts(tree(tmp_path, *begun, under(one))) == []
    assert texts(tree(tmp_path, *begun, under(one), over)) == []
    assert texts(tree(tmp_path, *begun, over, under(one))) == [
        "leaf, entry 6: names an activation that another one had ended"
    ]


def test_an_activation_ends_when_another_follows(tmp_path: Path) -> None:
    """What was under way ends in the next hour at the latest, and before a start."""
    one, two = two_activations(tmp_path)
    begun = [leaf(**one), leaf(**two)]
    hours = {hour: [*begun, under(one, t=f"2026-11-23T{hour}Z")] for hour in (10, 11)}
    ended = "leaf, entry 3: names an activation that another one had ended"
    assert tree(tmp_path, *hours[10]).findings == []
    assert texts(tree(tmp_path, *hours[11])) == [ended]

    anew = under(two, **started(tmp_path, 0, 1))
    assert texts(tree(tmp_path, *begun, anew)) == []
    late = ended.replace("entry 3", "entry 4")
    assert texts(tree(tmp_path, *begun, anew, under(one))) == [late]
    old = under(two, **started(tmp_path, 0, 0))
    assert texts(tree(tmp_path, *begun, old)) == [
        "acts, entry 3: the start names activation 0, and 1 holds"
    ]


def test_what_was_under_way_is_counted_from_what_ended_it(tmp_path: Path) -> None:
    """Not from an activation hours before: one that ended just now is not over."""
    zero = activation(tmp_path)
    of_one, of_two = (manifest(agencies=number) for number in (2, 3))
    one = activation(tmp_path, 1, files=of_one, changes="agencies,catalogue")
    two = activation(tmp_path, 2, files=of_two, changes="agencies")
    late = "2026-11-23T15Z"
    leaves = [leaf(**zero), leaf(**one, t=late), leaf(**two, t=late)]
    assert texts(tree(tmp_path, *leaves, under(one, t=late))) == []
    assert texts(tree(tmp_path, *leaves, under(zero, t="2026-11-23T17Z"))) == [
        "leaf, entry 4: names an activation that another one had ended"
    ]


def test_what_an_activation_changes_is_named_and_must_be_so(tmp_path: Path) -> None:
    """Files by name, from the manifests; the act that people signed says the kinds."""
    one = activation(tmp_path)
    new = manifest(agencies=1, catalogue_jail=2)
    two = activation(tmp_path, 1, files=new, changes="catalogue")
    report = tree(tmp_path, leaf(**one), leaf(**two))
    assert report.findings == []
    assert "entry 2: activation changes catalogue/jail.yaml" in report.notices

    lie = activation(tmp_path, 1, files=new, changes="nothing")
    (found,) = tree(tmp_path, leaf(**one), leaf(**lie)).findings
    assert found.index == 2
    assert found.reason.endswith("it changes nothing; the manifests say catalogue")
    lie = activation(tmp_path, changes="nothing")
    assert [each.index for each in tree(tmp_path, leaf(**lie)).findings] == [1]
    same = activation(tmp_path, 1, changes="nothing")
    report = tree(tmp_path, leaf(**one), leaf(**same))
    assert report.findings == []
    assert "entry 2: activation changes nothing" in report.notices


def test_the_manifest_of_an_activation_is_checked(tmp_path: Path) -> None:
    """It must be there and be one; one that is missing is one finding, not more."""
    bad = activation(tmp_path, files=b"no manifest")
    (found,) = tree(tmp_path, leaf(**bad)).findings
    assert found.reason == "is no manifest"

    one = activation(tmp_path)
    two = activation(tmp_path, 1, files=manifest(agencies=2), changes="agencies")
    (tmp_path / "manifest" / one["manifest"]).unlink()
    assert texts(tree(tmp_path, leaf(**one), leaf(**two))) == [
        f"manifest/{one['manifest']}, entry 1: missing"
    ]


def test_the_archive_of_an_activation_is_checked(tmp_path: Path) -> None:
    """It must be there, have its name, be a bundle, and be of that revision."""
    one = activation(tmp_path)
    assert tree(tmp_path, leaf(**one)).findings == []
    (path,) = (tmp_path / "policy").iterdir()
    where = f"policy/{path.name}"
    path.write_bytes(b"x")
    assert [each.where for each in check(tmp_path).findings] == [where]
    path.unlink()
    assert texts(check(tmp_path)) == [f"{where}, entry 1: missing"]
    for data, reason in (
        (archive(b"two")[0], "of another revision"),
        (b"x", "no policy bundle"),
    ):
        other = sha256(data).hexdigest()
        odd = activation(tmp_path, bundle=other)
        (tmp_path / "policy" / f"{other}.tar.gz").write_bytes(data)
        (found,) = tree(tmp_path, leaf(**odd)).findings
        assert reason in found.reason
