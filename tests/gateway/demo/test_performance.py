"""The whole performance, for real: three gateways, every scene, the auditor."""

from __future__ import annotations

import asyncio
import json
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from gateway.demo.chapters import scenes
from gateway.demo.client import ask, client_context
from gateway.demo.files import COUNTIES
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
    events = [json.loads(line) for line in told.read_text().splitlines()]
    assert well, [event["text"] for event in of(events, "fact")]
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
    """The log verifies, is witnessed, and its spoilt copy is located."""
    _, events = performed
    facts = {event["name"]: event["text"] for event in of(events, "fact")}

    assert facts["Verified"].startswith("all ")
    assert "with a key of its own" in facts["Witnessed"]
    assert "But" not in facts
    assert "tile/entries/" in facts["Noticed"]
    assert "entry " in facts["Noticed"]


async def test_what_is_left_in_the_folder_can_be_verified(
    performed: tuple[Layout, Events],
) -> None:
    """Each county's public tree is whole and witnessed, from start to stop."""
    layout, _ = performed
    for county in COUNTIES:
        found = await verify(
            layout.public_log(county), layout.log_keys(county), layout.policy
        )
        assert (found.exit_code, found.findings, found.witnessed) == (0, (), True)


def test_a_program_of_others_accepts_each_log(
    performed: tuple[Layout, Events], require_tool: Callable[[str], Path]
) -> None:
    """Tessera's fsck computes every hash again and finds what was signed."""
    layout, _ = performed
    fsck = require_tool("fsck")
    for county in COUNTIES:
        url = f"file://{layout.public_log(county)}/"
        key = layout.log_key(county)
        ended = subprocess.run(
            [fsck, "-ui=false", "-storage_url", url, "-public_key", key],
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        assert "Successfully fsck'd log" in ended.stderr


def test_nobody_is_named_where_everybody_may_read(
    performed: tuple[Layout, Events],
) -> None:
    """No name, number, address or case of a request is in public tree or log lines."""
    layout, _ = performed
    canaries = [b"Sample Person", b"B-0000", b"X000-0000", b"Exampleton", b"DEMO-2026"]
    for county in COUNTIES:
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


def test_a_folder_that_is_a_file_is_refused(short_path: Path) -> None:
    """A file in the way is an error of the operating system, not a crash."""
    (short_path / "county").write_text("in the way")

    with pytest.raises(OSError, match="county"):
        perform(
            directory=short_path / "county",
            serve=False,
            records=60,
            as_json=True,
            colour=False,
        )


def test_it_stays_up_when_asked_and_ends_when_interrupted(
    short_path: Path, repository: Path
) -> None:
    """After the story the gateways answer whoever has a token; Ctrl-C ends them."""
    folder = short_path / "county"
    command = ["demo", "--dir", str(folder), "--records", "60", "--serve", "--json"]
    process = subprocess.Popen(
        [sys.executable, "-c", "from gateway.cli.main import run; run()", *command],
        cwd=repository,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        last = {}
        for line in process.stdout:
            last = json.loads(line)
            if last["event"] == "commands":
                break
        layout = Layout(root=folder)
        curl = next(line for line in last["lines"] if line.startswith("curl"))
        before = asyncio.run(_ask_once(layout, curl))
        process.send_signal(signal.SIGINT)
        process.stdout.read()
    found = asyncio.run(verify(layout.public_log(), layout.log_keys(), layout.policy))

    assert process.returncode == 0
    assert before == 200
    assert found.exit_code == 0


async def _ask_once(layout: Layout, curl: str) -> int:
    """Ask what a curl line asks, with a freshly minted token; return the status."""
    words = shlex.split(curl)
    url = words[-1].removesuffix("/v1/exchanges")
    body = Path(words[words.index("-d") + 1].removeprefix("@"))
    name = Path(words[words.index("--cert") + 1]).parent.name
    token = await asyncio.to_thread(new_token, layout.root, name)
    context = await asyncio.to_thread(client_context, layout.requester(name))
    request = json.loads(await asyncio.to_thread(body.read_text))
    status, _ = await ask(url, request, context=context, token=token)
    return status
