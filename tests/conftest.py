"""What every test gets: honest event loops, pinned tools, seeds that can be repeated.

Two environment variables matter. ``CI=true`` turns every missing tool into a
failure: a suite that skips what it cannot run proves nothing there.
``HYPOTHESIS_PROFILE`` picks another profile than ``ci`` or ``here``.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest
from blockbuster import BlockBuster, blockbuster_ctx

from scripts.packages import CHROMIUM, PACKAGES, find
from tests.distribution import (  # noqa: F401 - hooks
    pytest_collection_modifyitems,
    pytest_runtest_teardown,
    pytest_xdist_make_scheduler,
)
from tests.measuring import (  # noqa: F401 - hooks
    pytest_collection_finish,
    pytest_runtest_protocol,
)
from tests.services.cluster import run_server
from tests.services.postgres import Server, programs

if TYPE_CHECKING:
    from tests.audit.kept import Database
    from tests.services.objects import Objects

ROOT = Path(__file__).parent.parent
TOOLS = ROOT / ".tools"

IN_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}

hypothesis.settings.register_profile(
    "here",
    deadline=None,  # a shared machine stalls; the suite has its own time limit
    print_blob=True,
)
hypothesis.settings.register_profile(
    "ci",
    parent=hypothesis.settings.get_profile("here"),
    derandomize=True,  # the same commit gives the same result
    database=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],  # as for the deadline
)
hypothesis.settings.register_profile(
    "deep",
    parent=hypothesis.settings.get_profile("here"),
    max_examples=5_000,
)
hypothesis.settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE", "ci" if IN_CI else "here"),
)

WAITS_ALLOWED: tuple[tuple[str, str, str], ...] = (
    # (function, file, caller): why a moment's wait on the loop is right there.
    # A thread is started under a lock that nobody else can hold yet.
    ("threading.Lock.acquire", "/threading.py", "start"),
    # Giving work to a thread takes its queue's lock for a few instructions.
    ("threading.Lock.acquire", "/concurrent/futures/thread.py", "submit"),
    ("threading.Lock.acquire", "/concurrent/futures/thread.py", "_adjust_thread_count"),
    ("threading.Lock.acquire", "/queue.py", "put"),
    # Log lines go to a stream; structlog holds its lock for one write.
    ("threading.Lock.acquire", "/structlog/_output.py", "msg"),
    # Counters are read and changed under a lock of a few instructions.
    ("threading.Lock.acquire", "/prometheus_client/values.py", "inc"),
    # A bucket that nobody holds any more may be noticed while a loop runs here.
    ("threading.Lock.acquire", "/audit/objects/source.py", "_left"),
    # Coverage notes a file it sees for the first time under such a lock.
    ("threading.Lock.acquire", "/coverage/collector.py", "lock_data"),
)


@pytest.fixture(autouse=True)
def blockbuster(request: pytest.FixtureRequest) -> Iterator[BlockBuster | None]:
    """Fail when our code waits on the event loop's own thread.

    ``@pytest.mark.blocking("why")`` turns this off for one test.
    """
    marker = request.node.get_closest_marker("blocking")
    if marker is not None:
        if not marker.args:
            pytest.fail("@pytest.mark.blocking needs its reason as an argument")
        yield None
        return
    with blockbuster_ctx(["gateway", "connectors", "audit"]) as detector:
        for function, file, caller in WAITS_ALLOWED:
            if function in detector.functions:
                detector.functions[function].can_block_in(file, caller)
        yield detector


@pytest.fixture
def free_port() -> Callable[[], int]:
    """Return a function that finds a TCP port nobody listens on at 127.0.0.1."""

    def find() -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
            return port

    return find


@pytest.fixture(scope="session")
def demo_turn() -> Callable[[], AbstractContextManager[None]]:
    """Return a context in which no other test of this machine runs the demo.

    The demo's folder says its ports before anybody listens on them, so two demos
    at once can take the same ones.
    """

    @contextlib.contextmanager
    def turn() -> Iterator[None]:
        with (Path(tempfile.gettempdir()) / "sallyport-demo-turn").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    return turn


def missing(what: str, remedy: str) -> None:
    """Skip with the reason, or fail where nothing may be missing."""
    sentence = f"{what} is not here: {remedy}"
    if IN_CI:
        pytest.fail(sentence)
    pytest.skip(sentence)


@pytest.fixture(scope="session")
def require_tool() -> Callable[[str], Path]:
    """Return a function that finds a program: pinned in ``.tools/``, then PATH.

    Without it the test is skipped with the reason; under ``CI=true`` it fails.
    """

    def find(name: str) -> Path:
        pinned = TOOLS / "bin" / name
        if pinned.exists():
            return pinned
        found = shutil.which(name)
        if found is None:
            missing(name, "`make tools` installs it")
        return Path(found or "")

    return find


@pytest.fixture(scope="session")
def require_folder() -> Callable[[str], Path]:
    """Return a function that finds a folder below ``.tools/`` (``oidc``)."""

    def find(name: str) -> Path:
        folder = TOOLS / name
        if not folder.is_dir():
            missing(f".tools/{name}", "`make tools` installs it")
        return folder

    return find


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A real PostgreSQL with TLS, one for the whole run; it stops by itself."""
    found = programs()
    if found is None:
        missing("PostgreSQL", "`make tools` installs it")
    with run_server(found or Path()) as server:
        yield server


@pytest.fixture(scope="session")
def log_template(postgres: Server) -> Iterator[str]:
    """A database with the tables of a log, and the roles that may use them."""
    # Imported where it is used: most runs of one file have no such log.
    from tests.audit.kept import template  # noqa: PLC0415 - as said

    yield from template(postgres)


@pytest.fixture
def log_database(postgres: Server, log_template: str) -> Iterator[Database]:
    """A database of a test's own, with the tables of a log."""
    from tests.audit.kept import copied  # noqa: PLC0415 - as said

    yield from copied(postgres, log_template)


@pytest.fixture(scope="session")
def objects(require_tool: Callable[[str], Path]) -> Iterator[Objects]:
    """A real object store with Object Lock, one for the whole run."""
    program = require_tool("versitygw")
    # Imported where it is used: most runs of one file need none.
    from tests.services.objects import run_objects  # noqa: PLC0415 - as said

    with run_objects(program) as found:
        yield found


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of this source tree."""
    return ROOT


@pytest.fixture(scope="session")
def reference() -> Path:
    """The folder of reference data beside the tree, where there is one.

    What it holds is also covered by data of our own, so its absence skips.
    """
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("no folder of reference data beside this tree")
    return folder


@dataclass(frozen=True, kw_only=True, slots=True)
class Token:
    """A PKCS#11 token: its module, its name, the file with its PIN."""

    module: Path
    name: str
    pin: Path


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The program of a real browser."""
    program = find(CHROMIUM)
    if program is None:
        missing("chromium", "it is a package of Debian's")
    return program or Path()


@pytest.fixture(scope="session")
def token(tmp_path_factory: pytest.TempPathFactory) -> Token:
    """A SoftHSM token that holds nothing yet; the same for all tests of a process.

    The library reads where its tokens are once, so this process has only this one.
    """
    [package] = [each for each in PACKAGES if each.name == "softhsm2"]
    module = find(package)
    if module is None:
        missing("softhsm2", "it is a package of Debian's")
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder}/tokens\n")
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    pins = ("--pin", "24680", "--so-pin", "13579")
    subprocess.run(
        ["softhsm2-util", "--init-token", "--free", "--label", "county", *pins],
        check=True,
        capture_output=True,
    )
    pin = folder / "pin"
    pin.touch(mode=0o600)
    pin.write_text("24680\n")
    return Token(module=module or Path(), name="county", pin=pin)
