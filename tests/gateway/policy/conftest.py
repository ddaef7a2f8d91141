"""What the tests of policy share: the shipped law, a small law of their own, OPA."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from gateway.policy import Bundle, Policy
from gateway.policy.build import assemble
from gateway.policy.embedded import EmbeddedEngine
from gateway.policy.law import Rule
from gateway.policy.pack import Library, load_library
from tests.gateway.policy.scripted import BAR, LAW
from tests.gateway.policy.small import policy_of

REPOSITORY = Path(__file__).parents[3]
STACKS: tuple[tuple[tuple[str, ...], str | None], ...] = (
    (("us-federal",), None),
    (("us-federal", "us-il"), "example-county"),
    (("us-federal", "us-ca"), "example-county"),
    (("us-federal", "us-tx"), "example-county"),
)
"""The stacks that are decided in tests."""


@pytest.fixture(scope="session")
def library() -> Library:
    """The shipped policies, read once."""
    return load_library(REPOSITORY / "policies")


class Built:
    """A stack that was built: its rules, bundle, engine and policy."""

    def __init__(
        self, library: Library, packs: Sequence[str], overlay: str | None
    ) -> None:
        self.rules: list[Rule] = library.rules(library.chosen(packs, overlay))
        self.bundle: Bundle = assemble(library, packs, overlay)
        self.engine = EmbeddedEngine(self.bundle)
        self.policy = Policy(bundle=self.bundle)


@pytest.fixture(scope="session")
def built(library: Library) -> Callable[..., Built]:
    """Return the stack of some packs and an overlay, built once a session."""
    kept: dict[object, Built] = {}

    def one(packs: Sequence[str], overlay: str | None = None) -> Built:
        key = (tuple(packs), overlay)
        if key not in kept:
            kept[key] = Built(library, packs, overlay)
        return kept[key]

    return one


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    """Return the policy of the small law of two rules."""
    return policy_of(tmp_path, LAW, BAR)


class Opa:
    """A real OPA server on loopback, with whatever bundle was put into it."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)

    def put(self, bundle: Bundle) -> None:
        """Load a bundle's modules and data."""
        for name in ("place", "dead", "fold", "stricter", "decide", "screen", "ask"):
            path = f"sallyport/{name}.rego"
            text = bundle.rego[path]
            self._call("PUT", f"/v1/policies/{path.replace('/', '-')}", text.encode())
        for name, document in json.loads(bundle.data).items():
            self._call("PUT", f"/v1/data/{name}", json.dumps(document).encode())

    def close(self) -> None:
        """Let the connection go."""
        self._connection.close()

    def _call(self, method: str, path: str, body: bytes) -> bytes:
        self._connection.request(method, path, body=body)
        response = self._connection.getresponse()
        data = response.read()
        assert response.status < 300, data
        return data


@pytest.fixture(scope="session")
def opa(require_tool: Callable[[str], Path]) -> Iterator[Opa]:
    """Start one real OPA server for the session."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = [
        str(require_tool("opa")),
        "run",
        "--server",
        "--addr",
        f"127.0.0.1:{port}",
    ]
    process = subprocess.Popen(
        [*command, "--log-level", "error", "--disable-telemetry"],
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert time.monotonic() < deadline, "OPA did not start"
                time.sleep(0.05)
        server = Opa(port)
        yield server
        server.close()
    finally:
        process.terminate()
        process.wait(timeout=10)
