"""An issuer's key set behind a real TLS server that can go away and come back."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import trustme

__all__ = ["KeyServer", "key_server"]


@dataclass(kw_only=True)
class KeyServer:
    """Publishes a key set at ``https://localhost:PORT/jwks``; starts away."""

    context: ssl.SSLContext
    ca_file: Path
    keys: str
    port: int
    fetched: int = 0
    _server: ThreadingHTTPServer | None = field(default=None, repr=False)
    _thread: threading.Thread | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """Where the key set is."""
        return f"https://localhost:{self.port}/jwks"

    def come(self) -> None:
        """Listen. Blocks for a moment."""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            """Answers with the key set as it is now."""

            def do_GET(self) -> None:
                """Answer."""
                outer.fetched += 1
                self.send_response(200)
                self.end_headers()
                self.wfile.write(outer.keys.encode())

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        self._server.socket = self.context.wrap_socket(
            self._server.socket, server_side=True
        )
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()

    def go(self) -> None:
        """Listen no more. Blocks for a moment."""
        server, self._server = self._server, None
        if server is not None and self._thread is not None:
            server.shutdown()
            server.server_close()
            self._thread.join(timeout=10)


@contextmanager
def key_server(folder: Path, port: int, keys: str) -> Iterator[KeyServer]:
    """Make such a server for the length of the block; it is away at first."""
    authority = trustme.CA()
    ca_file = folder / "keys-ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    server = KeyServer(context=context, ca_file=ca_file, keys=keys, port=port)
    try:
        yield server
    finally:
        server.go()
