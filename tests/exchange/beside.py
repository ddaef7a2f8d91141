"""An OPA server beside a county of the tests: its settings, its files, its process."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import secrets
import shlex
import shutil
import socket
import subprocess
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from gateway.cli.opa_files import write_files
from gateway.config import load
from gateway.demo.layout import Layout
from gateway.policy.opaconfig import start_command
from tests.exchange.county import County, vouch

LONGEST_S = 60.0
"""How long something may take here that comes by itself, in seconds."""

POLICIES = Path(__file__).parents[2] / "policies"


def free_ports(number: int) -> list[int]:
    """Return ports of this machine that nobody listens on."""
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(number)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]


def write_signing_key(path: Path) -> None:
    """Write a key that signs bundles."""
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    path.write_bytes(pem)
    path.chmod(0o600)


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something holds that comes by itself; machines are shared."""
    async with asyncio.timeout(LONGEST_S):
        held = await holds()
        while not held:
            await asyncio.sleep(0.05)
            held = await holds()


async def is_closed(county: County) -> bool:
    """Tell whether the log says that the gateway closed itself."""
    return county.services.ledger.acts.in_force.closed is not None


def own_law(layout: Layout) -> None:
    """Give a county rules of its own to change: one state's law alone.

    An engine has it in a fraction of the time that a whole stack takes.
    """
    shutil.copytree(POLICIES, layout.root / "policies")
    path = layout.config()
    text = path.read_text().replace("  overlay: example-county\n", "")
    text = text.replace("[us-federal, us-il]", "[us-il]")
    path.write_text(f"{text}\npolicies: policies\n")
    vouch(load(path))


def with_opa(
    layout: Layout,
    *,
    url_port: int,
    admin_port: int,
    engines: Sequence[str] = ("opa", "embedded"),
    deadline_ms: int = 1000,
) -> None:
    """Give a county an OPA server, and a law of its own."""
    own_law(layout)
    token = layout.keys / "opa.token"
    token.write_text(secrets.token_hex(32))
    token.chmod(0o600)
    write_signing_key(layout.keys / "bundle.key")
    path = layout.config()
    server, admin = "  listen: 127.0.0.1:0\n", f"  listen: 127.0.0.1:{admin_port}\n"
    first, second, third = path.read_text().split(server)
    path.write_text(
        f"{first}{server}{second}{admin}{third}"
        f"\nengines: [{', '.join(engines)}]\n"
        "opa:\n"
        f"  url: http://127.0.0.1:{url_port}\n"
        "  token: keys/opa.token\n"
        "  signing_key: keys/bundle.key\n"
        f"  deadline_ms: {deadline_ms}\n"
    )


@dataclass(kw_only=True)
class Beside:
    """A real OPA server as ``sallyport opa config`` starts it."""

    program: Path
    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = field(default=None)

    def start(self) -> None:
        """Start it as ``sallyport opa config`` says, and wait until it listens."""
        command = start_command(str(self.folder), f"127.0.0.1:{self.port}")
        _, *words = shlex.split(command)
        self.process = subprocess.Popen(
            [str(self.program), *words],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + LONGEST_S
        while not self.alive():
            assert time.monotonic() < deadline, "OPA did not start"
            time.sleep(0.05)

    def alive(self) -> bool:
        """Tell whether it says that it lives."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == http.client.OK
        except OSError:
            return False
        finally:
            connection.close()

    def signal(self, number: int) -> None:
        """Send it a signal."""
        assert self.process is not None
        self.process.send_signal(number)

    def stop(self) -> None:
        """End it, however it is."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(timeout=10)
            self.process = None


def start_beside(layout: Layout, program: Path, port: int) -> Beside:
    """Start an OPA server with the files of a county's configuration."""
    folder = layout.root / "opa"
    write_files(layout.config(), folder, as_json=True)
    server = Beside(program=program, folder=folder, port=port)
    server.start()
    return server
