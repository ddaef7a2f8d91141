"""The words of malformed bytes that people bring are said in a sentence, too."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import audit
from audit.auditors import AuditorKey
from audit.errors import KeyFileRefused, Malformed
from audit.keyfiles import write_secret
from audit.reasons import WORDS
from tests.audit.builders import AUDITOR, LOG_KEY

_Sink = tuple[str, int, str]
"""A function that raises ``Malformed``, which argument is the reason, and its form."""


def _called(tree: ast.Module) -> Iterator[tuple[list[str], str, list[ast.expr], str]]:
    """Yield each call with the name and the parameters of the function around it."""
    for around in ast.walk(tree):
        if isinstance(around, ast.FunctionDef):
            given = [each.arg for each in around.args.args]
            for node in ast.walk(around):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    yield given, around.name, node.args, node.func.id


def _form(said: ast.expr) -> tuple[str, str]:
    """Return a reason; or one with a gap, and the parameter that fills it."""
    match said:
        case ast.Constant(value=str(reason)):
            return reason, ""
        case ast.Name(id=name):
            return "{}", name
        case ast.JoinedStr(values=[ast.FormattedValue(value=ast.Name(id=name)), rest]):
            return "{}" + ast.literal_eval(rest), name
        # Raised again with another detail.
        case ast.Attribute(attr="reason"):
            return "", ""
        case _:
            pytest.fail(f"nobody can tell which reason this is: {ast.unparse(said)}")


def _followed(tree: ast.Module, sinks: set[_Sink]) -> tuple[set[str], set[_Sink]]:
    """Return the reasons that a module says, and its functions that are told one."""
    reasons: set[str] = set()
    more: set[_Sink] = set()
    for given, around, arguments, name in _called(tree):
        for sink, place, form in sinks:
            if sink == name:
                said, parameter = _form(arguments[place])
                if parameter:
                    more.add((around, given.index(parameter), form.format(said)))
                elif said:
                    reasons.add(form.format(said))
    return reasons, more


def _reasons() -> set[str]:
    """Return every reason that the code of the package can give."""
    files = Path(audit.__file__).parent.rglob("*.py")
    trees = [ast.parse(each.read_text("utf-8")) for each in files]
    shared: set[_Sink] = {("Malformed", 0, "{}")}
    while True:
        reasons: set[str] = set()
        told = set(shared)
        for tree in trees:
            _, own = _followed(tree, shared)
            found, _ = _followed(tree, shared | own)
            reasons |= found
            # What begins with _ is called nowhere else.
            told |= {sink for sink in own if not sink[0].startswith("_")}
        if told == shared:
            return reasons
        shared = told


def test_each_reason_for_bytes_that_do_not_read_is_a_sentence_too() -> None:
    """Keys, trust policies, tokens, papers, receipts, tiles: whoever brings which."""
    reasons = _reasons()
    assert {"vkey-base64", "skey-name", "policy-log-key", "pkcs11-scheme"} <= reasons
    assert not reasons ^ WORDS.keys()
    assert str(Malformed("proof-index")) == f"proof-index ({WORDS['proof-index']})"


def test_a_key_that_is_no_auditors_is_called_so(tmp_path: Path) -> None:
    """Only what claims to be one is told what is wrong in it."""
    for number, (text, said) in enumerate(
        (
            (LOG_KEY.secret_text, "not an auditor's private key"),
            (f"{AUDITOR.secret_text}!", "auditor-base64 (its key is not in base64)"),
        )
    ):
        path = tmp_path / f"{number}.key"
        write_secret(path, text)
        with pytest.raises(KeyFileRefused) as caught:
            AuditorKey.read(path)
        assert str(caught.value) == f"{number}.key: {said}"
