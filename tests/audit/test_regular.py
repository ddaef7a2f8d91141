"""Files of a folder that came from somebody else: pipes, devices, sizes on paper."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from audit.errors import FileUnreadable, KeyFileRefused, SourceUnreadable
from audit.reading import FolderSource, Room
from audit.regular import MOST_BYTES, contents, named, regular, small
from audit.tiles import Tile
from audit.vkeyfile import read_vkeys


def test_what_is_no_regular_file_is_refused_at_once(tmp_path: Path) -> None:
    """A pipe would keep the reader waiting, a device would never end."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "zero").symlink_to("/dev/zero")
    source = FolderSource(tmp_path)
    for name in ("pipe", "zero"):
        with pytest.raises(SourceUnreadable, match="not a regular file"):
            source.read(name)
        with pytest.raises(SourceUnreadable, match="not a regular file"):
            source.read_into(name, Room())
    with pytest.raises(SourceUnreadable, match="Is a directory"):
        source.read(".")


def test_a_named_file_is_waited_for_only_where_a_shell_hands_it_over(
    tmp_path: Path,
) -> None:
    """``<(...)`` is a pipe that ends; one in a folder, or a device, may never."""
    os.mkfifo(tmp_path / "log.vkeys")
    for path in (tmp_path / "log.vkeys", Path("/dev/zero")):
        with pytest.raises(OSError, match="not a regular file"):
            named(path)
        with pytest.raises(KeyFileRefused, match="not a regular file"):
            read_vkeys([path])
    reading, writing = os.pipe()
    os.write(writing, b"key")
    os.close(writing)
    assert named(Path(f"/dev/fd/{reading}")) == b"key"
    os.close(reading)
    zero = os.open("/dev/zero", os.O_RDONLY)
    with pytest.raises(OSError, match="File too large"):
        named(Path(f"/dev/fd/{zero}"))
    os.close(zero)


def test_contents_are_those_of_a_regular_file(tmp_path: Path) -> None:
    """Whole; a pipe is not waited for."""
    (tmp_path / "file").write_bytes(b"whole")
    assert contents(tmp_path / "file") == b"whole"
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="not a regular file"):
        contents(tmp_path / "pipe")


def test_a_file_that_is_large_on_paper(tmp_path: Path) -> None:
    """It takes no disk to be large; who asks for a small one is not given it."""
    path = tmp_path / "large"
    path.touch()
    os.truncate(path, MOST_BYTES + 1)
    with pytest.raises(SourceUnreadable, match="File too large"):
        FolderSource(tmp_path).read("large")
    with open(path, "rb", opener=regular) as file:
        assert file.read(1) == b"\0"
    os.truncate(path, MOST_BYTES)
    os.close(small(str(path), os.O_RDONLY))


def test_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    """Two that lead back up have more paths than anybody can walk."""
    for folder in (tmp_path, tmp_path / "acts"):
        folder.mkdir(exist_ok=True)
        for name in ("a", "b"):
            (folder / name).symlink_to(tmp_path)
    (tmp_path / "acts" / "one").touch()
    (tmp_path / "acts" / "two").symlink_to("one")
    assert [*FolderSource(tmp_path).files()] == ["acts/one", "acts/two"]


def test_what_can_not_be_listed_is_named(tmp_path: Path) -> None:
    """A link that leads round and round is a file; what lies below it is unknown."""
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "tile").mkdir()
    (tmp_path / "tile" / "0").symlink_to("0")
    source = FolderSource(tmp_path)
    assert [*source.files()] == ["loop"]
    with pytest.raises(FileUnreadable, match="loop: Too many levels"):
        [*FolderSource(tmp_path / "loop").files()]
    with pytest.raises(FileUnreadable, match=r"000\.p/3: Too many levels"):
        source.wider(Tile(level=0, index=0, width=3))


def test_folders_in_folders(tmp_path: Path) -> None:
    """As many as a path may name are walked, in order."""
    deep = "d/" * 500
    folder = os.open(tmp_path, os.O_RDONLY)
    for _ in range(500):
        os.mkdir("d", dir_fd=folder)
        inner = os.open("d", os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = inner
    os.close(os.open("file", os.O_CREAT, dir_fd=folder))
    os.close(folder)
    (tmp_path / "a").touch()
    (tmp_path / "e").touch()
    assert [*FolderSource(tmp_path).files()] == ["a", f"{deep}file", "e"]
    (tmp_path / deep / "file").unlink()
    os.removedirs(tmp_path / deep)
