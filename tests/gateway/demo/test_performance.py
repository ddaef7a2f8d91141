"""The whole performance, for real: three gateways, every scene, the auditor."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from gateway.demo.chapters import scenes
from gateway.demo.inspection import verify
from gateway.demo.layout import Layout
from gateway.demo.performance import NotEmpty, new_token, perform

Events = Sequence[dict[str, Any]]

pytestmark = [pytest.mark.slow, pytest.mark.services]


@pytest.fixture(scope="module")
def performed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Layout, Events]:
    """Perform once, in a folder that stays; return it and what was told."""
    folder = tmp_path_factory.mktemp("performance") / "county"
    told = folder.parent / "told.jsonl"
    with told.open("w") as stream, pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdout", stream)
        well = perform(
            directory=folder, serve=False, records=60, as_json=True, colour=False
        )
    assert well
    events = [json.loads(line) for line in told.read_text().splitlines()]
    return Layout(root=folder), events


def of(events: Events, kind: str) -> list[dict[str, Any]]:
    """Return the events of one kind."""
    return [event for event in events if event["event"] == kind]


def test_every_scene_comes_out_as_the_packs_of_law_say(
    performed: tuple[Layout, Events],
) -> None:
    """Each request is really asked, and each answer is the expected one."""
    _, events = performed
    found = {event["name"]: event["outcome"]["word"] for event in of(events, "scene")}

    assert found == {scene.name: scene.expects for scene in scenes()}


def test_everybody_who_was_authenticated_is_in_the_log(
    performed: tuple[Layout, Events],
) -> None:
    """Refusals too have an entry; numbers rise; only the thief has none."""
    _, events = performed
    main = [e for e in of(events, "scene") if e["county"] == "illinois"]
    entries = [e["outcome"]["entry"] for e in main if e["outcome"]["entry"] >= 0]
    without = [e["name"] for e in main if e["outcome"]["entry"] < 0]

    assert entries == sorted(set(entries))
    assert without == ["thief-shows-token"]


def test_the_change_of_one_byte_is_noticed_where_it_is(
    performed: tuple[Layout, Events],
) -> None:
    """The log verifies, is said to be unwitnessed, and its spoilt copy is located."""
    _, events = performed
    facts = {event["name"]: event["text"] for event in of(events, "fact")}

    assert facts["Verified"].startswith("all ")
    assert "unwitnessed" in facts["But"]
    assert "tile/entries/" in facts["Noticed"]
    assert "entry " in facts["Noticed"]


async def test_what_is_left_in_the_folder_can_be_verified(
    performed: tuple[Layout, Events],
) -> None:
    """Each county's public tree is whole, start and stop entries included."""
    layout, _ = performed
    for county in ("illinois", "california", "texas"):
        found = await verify(layout.public_log(county), layout.log_keys(county))
        assert (found.exit_code, found.findings) == (0, ())


def test_nobody_is_named_where_everybody_may_read(
    performed: tuple[Layout, Events],
) -> None:
    """No name, number, address or case of a request is in public tree or log lines."""
    layout, _ = performed
    canaries = [b"Sample Person", b"B-0000", b"X000-0000", b"Exampleton", b"DEMO-2026"]
    for county in ("illinois", "california", "texas"):
        tree = layout.public_log(county)
        public = [path for path in tree.rglob("*") if path.is_file()]
        assert public
        for path in [*public, layout.lines(county)]:
            data = path.read_bytes()
            assert not [word for word in canaries if word in data], path


def test_a_new_token_can_be_minted_for_the_folder(
    performed: tuple[Layout, Events],
) -> None:
    """The command of the last line works after the gateways have gone."""
    layout, _ = performed

    assert new_token(layout.root, "ice-ero").count(".") == 2


def test_a_folder_with_something_in_it_is_refused(
    performed: tuple[Layout, Events],
) -> None:
    """A demo never writes over another one."""
    layout, _ = performed
    with pytest.raises(NotEmpty):
        perform(
            directory=layout.root,
            serve=False,
            records=60,
            as_json=True,
            colour=False,
        )


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    """A file in the way is an error of the operating system, not a crash."""
    (tmp_path / "county").write_text("in the way")

    with pytest.raises(OSError, match="county"):
        perform(
            directory=tmp_path / "county",
            serve=False,
            records=60,
            as_json=True,
            colour=False,
        )
