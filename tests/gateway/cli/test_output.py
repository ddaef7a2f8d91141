"""What commands print: lines, tables, JSON, and the sentence of a failure."""

from __future__ import annotations

import errno
import json

import pytest

from gateway.cli.exit_codes import ExitCode
from gateway.cli.output import fail, rows, sentence, show


def test_a_table_has_its_names_and_columns() -> None:
    """Columns are as wide as their widest cell; no line ends in blanks."""
    assert rows([{"number": 1, "name": "a"}, {"number": 22, "name": "longer"}]) == [
        "number  name",
        "1       a",
        "22      longer",
    ]
    assert rows([]) == []


def test_an_object_is_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """Objects inside objects get dotted names, lists their places."""
    show({"a": {"b": 1}, "c": [], "d": ["x", "y"], "e": [{"f": 2}]}, as_json=False)
    assert capsys.readouterr().out == "a.b: 1\nc: \nd: x, y\ne.0.f: 2\n"


def test_an_empty_list_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing to list is the word none; in JSON it is an empty list."""
    show([], as_json=False)
    show([], as_json=True)
    show("text", as_json=False)
    assert capsys.readouterr().out == "none\n[]\ntext\n"


@pytest.mark.parametrize("as_json", [False, True])
def test_a_failure_is_a_sentence_and_a_code(
    capsys: pytest.CaptureFixture[str], *, as_json: bool
) -> None:
    """People read it on standard error, programs as JSON."""
    with pytest.raises(SystemExit) as caught:
        fail(ExitCode.UNAVAILABLE, "gone", as_json=as_json)
    assert caught.value.code == 4
    printed = capsys.readouterr()
    if as_json:
        assert json.loads(printed.out) == {"outcome": "unavailable", "problem": "gone"}
    else:
        assert printed.err == "gone\n"


def test_an_error_of_the_system_is_said_without_its_number() -> None:
    """Groups are what is in them; a file's error keeps the file."""
    taken = OSError(errno.EADDRINUSE, "127.0.0.1:1: address already in use")
    gone = FileNotFoundError(errno.ENOENT, "No such file or directory", "x.pem")

    assert sentence(ExceptionGroup("", [taken, ValueError()])) == (
        "127.0.0.1:1: address already in use; ValueError"
    )
    assert sentence(gone) == "x.pem: No such file or directory"
