"""The files of an export: each has one form, and reads back."""

from __future__ import annotations

import pytest

from audit.errors import Malformed
from audit.exportfile import About, Line, parse_sums
from audit.merkle import leaf_hash
from tests.audit.builders import ORIGIN, leaf

PATH = (leaf_hash(b"a"), leaf_hash(b"b"))


@pytest.mark.parametrize("path", [None, (), PATH])
@pytest.mark.parametrize("data", [b"{}", b"\x00 no JSON", leaf(), b""])
def test_a_line_has_one_form(data: bytes, path: tuple[bytes, ...] | None) -> None:
    """What was packed reads back, whatever the entry is."""
    line = Line(index=7, data=data, path=path)
    assert Line.parse(line.pack()) == line


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b'{"index":07,"leaf":{}}\n',
        b'{"index":7,"leaf":{}}',
        b'{"index":7,"leaf":{ }}\n',
        b'{"index":7,"leaf":{},"proof":[""]}\n',
        b'{"index":7,"leaf":{},"proof":["AAAA"]}\n',
        b'{"index":7,"base64":"e30="}\n',
        b'{"index":7,"base64":"?"}\n',
        Line(index=7, data=b"{}", path=PATH * 32).pack(),
    ],
)
def test_any_other_form_of_a_line_is_refused(line: bytes) -> None:
    """Each has its one name."""
    with pytest.raises(Malformed, match="export-line"):
        Line.parse(line)


def test_what_an_export_is_of_reads_back() -> None:
    """And digests are read in the form that sha256sum writes."""
    about = About(origin=ORIGIN, size=3, root="00", exported=1, asked={"ev": ["act"]})
    assert About.parse(about.pack()) == about
    with pytest.raises(Malformed, match="export-sums"):
        parse_sums(b"A" * 64 + b"  name\n")
    assert parse_sums(b"") == {}
