"""A real object store for tests: versitygw, on loopback, gone at the end."""

from __future__ import annotations

import contextlib
import itertools
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from botocore.session import get_session

from audit.objects.bucket import Place
from tests.services import watched

__all__ = ["KEY", "Objects", "run_objects"]

KEY = ("synthetic-key-id", "a synthetic secret of the tests")
_READY_S = 30.0
_NUMBERS = itertools.count()


@dataclass(kw_only=True)
class Objects:
    """A running object store."""

    program: Path
    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def endpoint(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def place(self, *, lock: bool = True, retention_days: int = 1) -> Place:
        """Make a bucket, and return a place in it that nobody has used."""
        name = f"log-{next(_NUMBERS)}"
        place = Place(
            bucket=name,
            prefix="county/",
            endpoint=self.endpoint,
            region="us-east-1",
            key=lambda: KEY,
            retention_days=retention_days,
            timeout_s=5.0,
        )
        self._client.create_bucket(Bucket=name, ObjectLockEnabledForBucket=lock)
        return place

    @cached_property
    def _client(self) -> Any:  # noqa: ANN401 - untyped
        """The owner's client; to make one reads the whole protocol."""
        return get_session().create_client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=KEY[0],
            aws_secret_access_key=KEY[1],
        )

    def elsewhere(self, place: Place, port: int) -> Place:
        """Return a place as it is reached through a proxy at a port."""
        return replace(place, endpoint=f"http://127.0.0.1:{port}")

    def environment(self) -> dict[str, str]:
        """Return the variables with which commands find it."""
        return {
            "AWS_ACCESS_KEY_ID": KEY[0],
            "AWS_SECRET_ACCESS_KEY": KEY[1],
            "AWS_ENDPOINT_URL_S3": self.endpoint,
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    def start(self) -> None:
        """Start, and wait until it answers."""
        versions = self.folder / "versions"
        self.process = watched.start(
            [
                *(self.program, "--access", KEY[0], "--secret", KEY[1]),
                *("--port", f"127.0.0.1:{self.port}", "--quiet", "posix"),
                *("--sidecar", self.folder / "attributes"),
                *("--versioning-dir", versions, self.folder / "data"),
            ],
            ended_by="TERM",
            log=self.folder / "log",
        )
        ends_at = time.monotonic() + _READY_S
        while not self._answers():
            said = (self.folder / "log").read_text()[-2000:]
            assert self.process.poll() is None, said
            assert time.monotonic() < ends_at, said
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop it."""
        if "_client" in vars(self):
            self._client.close()
            del self._client
        process, self.process = self.process, None
        if process is not None:
            watched.end(process)

    def _answers(self) -> bool:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        return False


@contextlib.contextmanager
def run_objects(program: Path) -> Iterator[Objects]:
    """Run an object store for the length of the block."""
    folder = Path(tempfile.mkdtemp(prefix="sallyport-objects-"))
    for name in ("data", "versions", "attributes"):
        (folder / name).mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    objects = Objects(program=program, folder=folder, port=port)
    try:
        objects.start()
        yield objects
    finally:
        objects.stop()
        shutil.rmtree(folder, ignore_errors=True)
