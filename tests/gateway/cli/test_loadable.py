"""What the doctor says of files that only a start would load."""

from __future__ import annotations

import asyncio
import json
import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from gateway.cli.finding import Verdict
from gateway.cli.loadable import files_looked_at, issuers_looked_at
from gateway.clock import SystemClock
from gateway.config import load
from tests.gateway.county import found_county

pytestmark = [pytest.mark.slow]

PUBLIC = ec.generate_private_key(ec.SECP256R1()).public_key()
KEY_SET = {"keys": [{**ECAlgorithm.to_jwk(PUBLIC, as_dict=True), "kid": "1"}]}


class _Keys(BaseHTTPRequestHandler):
    """An issuer's key server."""

    def do_GET(self) -> None:  # the library's name
        """Answer with the key set."""
        data = json.dumps(KEY_SET).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_each_kind_of_file_has_a_line(county: Path) -> None:
    """Keys, TLS, issuers and papers; what is wrong is said under its own part."""
    config = load(county / "sallyport.yaml")
    found = list(files_looked_at(config, SystemClock()))
    parts = ["keys", "witnesses", "tls", "issuers", "papers"]
    assert list(dict.fromkeys(item.part for item in found)) == parts
    assert Verdict.WRONG not in {item.verdict for item in found}
    (county / "auditor.pub").write_text("x\n")
    (wrong,) = [
        item
        for item in files_looked_at(config, SystemClock())
        if item.verdict is Verdict.WRONG
    ]
    assert wrong.part == "keys"
    assert "sallyport audit keygen" in wrong.advice


async def test_issuers_are_asked_for_their_keys(
    tmp_path: Path, free_port: Callable[[], int]
) -> None:
    """One that nobody answers for is wrong, with its address; one that does is well."""
    port = free_port()
    with HTTPServer(("127.0.0.1", 0), _Keys) as server:
        authority = trustme.CA()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        (tmp_path / "ca.pem").write_bytes(authority.cert_pem.bytes())
        issuers = [
            {
                "issuer": f"https://{name}.example",
                "audience": "x",
                "algorithms": ["ES256"],
                "jwks_url": f"https://127.0.0.1:{at}/jwks",
                "ca_file": "../ca.pem",
            }
            for name, at in (("here", server.server_port), ("gone", port))
        ]
        folder = tmp_path / "c"
        config = await asyncio.to_thread(found_county, folder, issuers=issuers)
        found = [item async for item in issuers_looked_at(config)]
        await asyncio.to_thread(server.shutdown)
        thread.join()
    here, gone = found
    assert (here.verdict, gone.verdict) == (Verdict.WELL, Verdict.WRONG)
    assert here.sentence == "https://here.example gives 1 keys that can be used"
    assert "https://gone.example gives no keys" in gone.sentence
    assert f"https://127.0.0.1:{port}/jwks is the right address" in gone.advice
