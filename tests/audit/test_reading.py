"""Reading a log over the web and from folders."""

from __future__ import annotations

import contextlib
import datetime as dt
import http.server
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from audit import web
from audit.cli import main
from audit.errors import Malformed, SourceUnreadable
from audit.reading import FolderSource, Room, read_tile
from audit.sources import open_source
from audit.tiles import Tile
from audit.web import WebSource
from tests.audit.builders import KEYS, filled, write_tree


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves a folder, and misbehaves where asked."""

    def log_message(self, *_: object) -> None:
        """Stay quiet."""

    def do_GET(self) -> None:
        """Answer."""
        if "moved" in self.path:
            self.send_response(302)
            self.send_header("Location", "/checkpoint")
            self.end_headers()
        elif "broken" in self.path:
            self.send_error(500)
        else:
            super().do_GET()


@contextlib.contextmanager
def served(folder: Path, context: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve a folder on a port of its own."""
    handler = partial(Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            scheme = "http" if context is None else "https"
            yield f"{scheme}://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_a_log_is_verified_over_the_web(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same command takes an address."""
    filled(tmp_path / "store", 300)
    KEYS.write(tmp_path / "keys")
    options = ["--vkey", str(tmp_path / "keys" / "log.vkeys")]
    with served(tmp_path / "store" / "live") as address:
        assert main(["verify", address, *options]) == 3
        assert main(["verify", f"{address}/broken", *options]) == 2
    capsys.readouterr()
    assert main(["verify", address, *options]) == 2


def test_what_a_server_may_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not there is none; anything else that is no file can't be read."""
    write_tree(tmp_path, [b"a"])
    with served(tmp_path) as address:
        source = WebSource(address)
        assert source.read("checkpoint") is not None
        assert source.read("none") is None
        for path in ("moved", "broken"):
            with pytest.raises(SourceUnreadable, match="status"):
                source.read(path)
        monkeypatch.setattr(web, "_MAX_BYTES", 10)
        with pytest.raises(SourceUnreadable, match="more than"):
            source.read("checkpoint")
        assert list(source.tiles()) == []
    assert isinstance(open_source(address), WebSource)


def certificate(folder: Path) -> tuple[Path, Path]:
    """Write a certificate for this machine, its own authority, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    start = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert, secret = folder / "cert.pem", folder / "key.pem"
    cert.write_bytes(made.public_bytes(Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    return cert, secret


def test_a_log_that_wants_a_certificate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With authority, certificate and key it reads; without, TLS's reason is said."""
    write_tree(tmp_path / "log", [b"a"])
    KEYS.write(tmp_path / "keys")
    cert, key = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    context.load_verify_locations(cert)
    context.verify_mode = ssl.CERT_REQUIRED
    options = ["--tree-only", "--vkey", str(tmp_path / "keys" / "log.vkeys")]
    with served(tmp_path / "log", context) as address:
        trusted = [*options, "--cacert", str(cert)]
        mine = ["--cert", str(cert), "--key", str(key)]
        assert main(["verify", address, *trusted, *mine]) == 3
        capsys.readouterr()
        assert main(["verify", address, *options]) == 2
        assert "certificate" in "".join(capsys.readouterr())
        assert main(["verify", address, *trusted]) == 2
        assert "checkpoint: " in "".join(capsys.readouterr())
    assert main(["verify", address, *options, "--cacert", str(key)]) == 2
    assert "CANNOT TELL  key.pem: " in capsys.readouterr().err


def test_folders(tmp_path: Path) -> None:
    """A store is read at its live tree; odd files are named."""
    filled(tmp_path / "store", 3)
    live = tmp_path / "store" / "live"
    assert open_source(str(tmp_path / "store")) == FolderSource(live)
    assert open_source(str(live)) == FolderSource(live)
    assert FolderSource(tmp_path).read("store/state.json/x") is None
    with pytest.raises(SourceUnreadable):
        FolderSource(tmp_path).read("store")
    (live / "tile" / "odd").write_bytes(b"")
    with pytest.raises(Malformed, match="tile/odd"):
        list(FolderSource(live).tiles())


def test_a_folder_that_is_not_there_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A name that was mistyped is told, and nothing is said about a log."""
    where = str(tmp_path / "exprt")

    assert main(["verify", where]) == 2
    said = capsys.readouterr()
    told = f"CANNOT TELL  {where}: there is no such folder\n"
    assert (said.out, said.err) == ("", told)


def test_partial_tiles_come_from_full_ones(tmp_path: Path) -> None:
    """A server that only kept the full tile is served from."""
    write_tree(tmp_path, [b"%d" % number for number in range(256)])
    source = FolderSource(tmp_path)

    assert len(read_tile(source, Tile(level=0, index=0, width=7)) or b"") == 7 * 32
    assert read_tile(source, Tile(level=-1, index=0, width=2)) == b"\0\x010\0\x011"
    assert read_tile(source, Tile(level=0, index=1, width=7)) is None


class Apart(FolderSource):
    """A folder that is read as any other source is."""


def read_in(room: Room, source: FolderSource, tile: Tile) -> bytes | None:
    """Return what a room holds after a tile was read into it."""
    length = room.read(source, tile)
    return None if length is None else bytes(room.memory[:length])


def test_a_room_holds_what_is_there(tmp_path: Path) -> None:
    """It grows for what is larger, is used again, and ends where the file ends."""
    for width, entry in ((1, b"large" * 10_000), (2, b"small")):
        write_tree(tmp_path / str(width), [entry] * width)
    room = Room(memory=bytearray(16))
    (tmp_path / "none" / "tile" / "entries").mkdir(parents=True)
    (tmp_path / "none" / "tile" / "entries" / "007").write_bytes(b"")
    assert read_in(room, Apart(tmp_path / "none"), Tile(level=-1, index=7)) == b""
    for width in (1, 2, 1):
        bundle = Tile(level=-1, index=0, width=width)
        folder = FolderSource(tmp_path / str(width))
        there = (folder.root / bundle.path).read_bytes()
        assert read_in(room, folder, bundle) == there
        assert read_in(Room(), Apart(folder.root), bundle) == there
        assert read_in(room, folder, Tile(level=-1, index=7)) is None
    assert len(room.memory) > 50_000


def test_a_room_takes_what_is_cut_or_does_not_read(tmp_path: Path) -> None:
    """A narrower bundle comes from the full one; a folder is no file."""
    write_tree(tmp_path, [b"%d" % number for number in range(256)])
    source = FolderSource(tmp_path)
    narrow = Tile(level=-1, index=0, width=2)
    assert read_in(Room(), source, narrow) == b"\0\x010\0\x011"
    (tmp_path / Tile(level=-1, index=1).path).mkdir()
    with pytest.raises(SourceUnreadable, match="tile/entries/001: Is a directory"):
        Room().read(source, Tile(level=-1, index=1))
