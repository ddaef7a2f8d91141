"""A connection's weather: a proxy that cuts, holds or delays what passes."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

__all__ = ["Between", "between"]

_CHUNK = 65_536
_LOOK_S = 0.01


class Between:
    """Passes TCP on to a port of this machine, as well as it is told to."""

    def __init__(self, target: int) -> None:
        """Listen at a free port; see :func:`between`."""
        self.target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._flows = threading.Event()
        self._flows.set()
        self._ended = False
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._lock = threading.Lock()
        self.delay_s = 0.0
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Break every connection off; new ones are taken."""
        with self._lock:
            pairs, self._pairs = self._pairs, []
        for pair in pairs:
            for each in pair:
                # Children of this process may have the socket too: close would wait.
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def hold(self) -> None:
        """Let nothing pass: nobody is told, and nobody gets an answer."""
        self._flows.clear()

    def let(self) -> None:
        """Let everything pass, also what was held."""
        self._flows.set()

    def end(self) -> None:
        """Listen no more."""
        self._ended = True
        self.let()
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while not self._ended:
            try:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self.target), 5)
                far.settimeout(None)
            except OSError:
                continue
            with self._lock:
                self._pairs.append((near, far))
            for one, other in ((near, far), (far, near)):
                threading.Thread(
                    target=self._pass, args=(one, other), daemon=True
                ).start()

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(_CHUNK):
                while not self._flows.wait(_LOOK_S) and not self._ended:
                    pass
                time.sleep(self.delay_s)
                other.sendall(data)
        for each in (one, other):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


@contextlib.contextmanager
def between(target: int) -> Iterator[Between]:
    """Have a proxy in front of a port for the length of the block."""
    proxy = Between(target)
    try:
        yield proxy
    finally:
        proxy.end()
