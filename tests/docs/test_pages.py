"""Nothing in the documentation is unrun: commands, programs, files, links."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import ModuleType

import jsonschema
import pytest

from gateway import yamlfile
from gateway.config.load import parse_config
from gateway.model import parse_request
from tests.services.objects import Objects
from tests.services.postgres import Server


def _load(name: str) -> ModuleType:
    """Load a neighbour: tests are no packages, so that none shadows ours."""
    spec = importlib.util.spec_from_file_location(
        f"docs_{name}", Path(__file__).with_name(f"{name}.py")
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


pages = _load("pages")
ROOT: Path = pages.ROOT
LANGUAGES = {"bash", "python", "yaml", "json", "text"}
LONGEST_S = 240


def relative(path: Path) -> str:
    """Return a page's path as it is written in this tree."""
    return path.relative_to(ROOT).as_posix()


EACH = pytest.mark.parametrize("page", pages.PAGES, ids=relative)
WITH_COMMANDS = pytest.mark.parametrize(
    "page",
    [
        page
        for page in pages.PAGES
        if pages.script(page.read_text()) and pages.CLEAN_ROOT not in page.read_text()
    ],
    ids=relative,
)


@EACH
def test_each_block_says_what_it_is(page: Path) -> None:
    """A block is a command, a program, data or a drawing; and says which."""
    strange = [
        f"{relative(page)}:{block.line}: {block.language!r}"
        for block in pages.blocks(page.read_text())
        if block.language not in LANGUAGES
    ]

    assert strange == []


@EACH
def test_a_file_is_named_where_it_can_be_seen(page: Path) -> None:
    """What stands just above a file says its name: the comment is not rendered."""
    text = page.read_text()
    unseen = [
        f"{relative(page)}:{block.line}: {block.file}"
        for block in pages.blocks(text)
        if block.file is not None
        and f"`{block.file}`" not in pages.paragraph_above(text, block.line)
    ]

    assert unseen == []


def _refuse(value: object) -> None:
    """Compare a document that names its format with that format."""
    data = json.dumps(value).encode()
    match value:
        case {"schema": "sallyport.config/1"}:
            parse_config(data, Path("sallyport.yaml"))
        case {"schema": "sallyport.request/1"}:
            parse_request(data, most_depth=8)
        case {"schema": "sallyport.case/1"}:
            schema = ROOT / "docs" / "reference" / "case.schema.json"
            jsonschema.validate(value, json.loads(schema.read_text()))
        case _:
            pass  # a part of a file, or one that the page's own commands check


@EACH
def test_data_is_what_it_says(page: Path) -> None:
    """YAML and JSON in a page parse, and are of the format that they name."""
    for block in pages.blocks(page.read_text()):
        where = f"{relative(page)}:{block.line}"
        if block.language == "yaml":
            _refuse(yamlfile.parse(block.text, where))
        if block.language == "json":
            _refuse(json.loads(block.text))


SAID = ("127.0.0.1:8443", "127.0.0.1:8181", "127.0.0.1:7380")
"""Addresses that pages say; here each run has its own, for several suites at once."""


COUNTY = "sallyport demo --dir county >/dev/null"
"""How most pages begin; what it says of itself is the tutorial's."""

FRESH_S = 240
"""How long a county is good for: its tokens live for ten minutes."""


class County:
    """The folder that :data:`COUNTY` leaves, made by it once for many pages."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._made_at: float | None = None

    def folder(self) -> Path:
        """Return it, made anew if it is not fresh."""
        now, folder = time.monotonic(), self._root / "county"
        if self._made_at is None or now - self._made_at > FRESH_S:
            shutil.rmtree(folder, ignore_errors=True)
            program = Path(sys.executable).with_name("sallyport")
            subprocess.run(
                [program, "demo", "--dir", "county"],
                cwd=self._root,
                env={
                    "PATH": os.environ["PATH"],
                    "PYTHONPATH": str(ROOT),
                    "PYTHONWARNINGS": "error",
                },
                stdout=subprocess.DEVNULL,
                check=True,
            )
            self._made_at = now
        return folder


@pytest.fixture(scope="session")
def county(tmp_path_factory: pytest.TempPathFactory) -> County:
    """A county for the pages that begin with one."""
    return County(tmp_path_factory.mktemp("pages"))


def _run(
    script: str,
    free_port: Callable[[], int],
    county: County,
    server: Server | None = None,
    objects: Objects | None = None,
) -> tuple[int, str]:
    """Run a page's script in an empty folder; return its status and what it said.

    The folder's path is short: a Unix socket's path has room for 103 bytes.
    A page that administers a database server is given a real one, and a page that
    copies to a bucket a new one.
    """
    if COUNTY in script.splitlines():
        script = script.replace(COUNTY, f"cp -a {county.folder()} county")
    for address in SAID:
        if address in script:
            script = script.replace(address, f"127.0.0.1:{free_port()}")
    venv, tools = Path(sys.executable).parent, ROOT / ".tools" / "bin"
    path = [str(venv), str(tools), os.environ["PATH"]]
    administration = {}
    if server is not None:
        path.insert(0, str(server.programs))
        administration = server.environment()
        script = script.replace("db.county.example", server.host)
        script = script.replace("5432", str(server.port))
    if objects is not None:
        administration |= objects.environment()
        script = script.replace("county-log", objects.place().bucket)
    with tempfile.TemporaryDirectory(prefix="page-") as folder:
        process = subprocess.Popen(
            ["bash", "-c", script],
            cwd=folder,
            env={
                "HOME": folder,
                "LANG": "C.UTF-8",
                "NO_COLOR": "1",
                "PATH": os.pathsep.join(path),
                "PYTHONPATH": str(ROOT),
                "PYTHONWARNINGS": "error",
                "REPOSITORY": str(ROOT),
                **administration,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # what the page starts ends with it
        )
        try:
            said, _ = process.communicate(timeout=LONGEST_S)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
        if process.returncode:
            said += _logged(Path(folder))
    return process.returncode, said


def _logged(folder: Path) -> str:
    """Return the ends of what gateways that a page started wrote to their logs."""
    logs = sorted(folder.rglob("*.log"))
    return "".join(f"# {path.name}\n{path.read_text()[-2000:]}" for path in logs)


@pytest.mark.slow
@pytest.mark.timeout(4 * LONGEST_S)  # others may have their turn first
@WITH_COMMANDS
def test_commands_run(
    page: Path,
    free_port: Callable[[], int],
    demo_turn: Callable[[], AbstractContextManager[None]],
    county: County,
    request: pytest.FixtureRequest,
) -> None:
    """A page's commands and programs, in order, in an empty folder, succeed.

    Where many begin with the same command, what it made once is copied.
    """
    script = pages.script(page.read_text())
    server: Server | None = None
    if "psql" in script:
        server = request.getfixturevalue("postgres")
    objects: Objects | None = None
    if "s3://" in script:
        objects = request.getfixturevalue("objects")
    with demo_turn(), server.cleaned() if server else nullcontext():
        status, said = _run(script, free_port, county, server, objects)
        if status and "address already in use" in said:
            # Somebody else on this machine took the port meanwhile.
            status, said = _run(script, free_port, county, server, objects)

    assert status == 0, f"{relative(page)}: it said\n{said[-4000:]}"


@EACH
def test_links_lead_somewhere(page: Path) -> None:
    """A link inside the tree names a file that is there, and a heading in it."""
    broken = []
    for link in pages.links(page.read_text()):
        if "://" in link or link.startswith("mailto:"):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists() or (
            anchor and anchor not in pages.anchors(target.read_text())
        ):
            broken.append(link)

    assert broken == []


IN_THE_TREE = re.compile(
    r"`((?:audit|connectors|deploy|docs|gateway|policies|requirements|scripts|tests)"
    r"/[\w./-]+)`"
)


@EACH
def test_what_pages_name_is_there(page: Path) -> None:
    """A path of this tree that a page names in code exists, or the page writes it."""
    text = page.read_text()
    own = {block.file for block in pages.blocks(text)}
    named = {*IN_THE_TREE.findall(text)} - own

    assert sorted(name for name in named if not (ROOT / name).exists()) == []


def test_every_page_can_be_reached() -> None:
    """From README.md, links lead to every page of the documentation."""
    start = ROOT / "README.md"
    seen, waiting = {start}, [start]
    while waiting:
        page = waiting.pop()
        for link in pages.links(page.read_text()):
            target = (page.parent / link.partition("#")[0]).resolve()
            if target.suffix == ".md" and target.exists() and target not in seen:
                seen.add(target)
                waiting.append(target)

    assert [relative(page) for page in pages.PAGES if page not in seen] == []
