"""Reading a log over the web and from folders."""

from __future__ import annotations

import contextlib
import http.server
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from audit import web
from audit.cli import main
from audit.errors import Malformed, SourceUnreadable
from audit.reading import FolderSource, open_source, read_tile
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
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on a port of its own."""
    handler = partial(Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
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


def test_partial_tiles_come_from_full_ones(tmp_path: Path) -> None:
    """A server that only kept the full tile is served from."""
    write_tree(tmp_path, [b"%d" % number for number in range(256)])
    source = FolderSource(tmp_path)

    assert len(read_tile(source, Tile(level=0, index=0, width=7)) or b"") == 7 * 32
    assert read_tile(source, Tile(level=-1, index=0, width=2)) == b"\0\x010\0\x011"
    assert read_tile(source, Tile(level=0, index=1, width=7)) is None
