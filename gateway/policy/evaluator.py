"""Regorus with one bundle's rules: text of JSON in, text of JSON out.

Its machine runs compiled rules in half its interpreter's time or less, and stops after
25,000 instructions. In two things it is no interpreter: ``:=`` binds what is undefined,
and where ``some`` finds nothing no ``else`` is tried. So it is given rules that do
neither (``tests/gateway/policy/test_rego.py`` says so of ours); the rules of bundles
built before that was so are the interpreter's.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from gateway.policy.bundle import Bundle

if TYPE_CHECKING:
    import regorus

__all__ = ["DECIDE", "SCREEN", "UNDEFINED", "Evaluator", "TooLong"]

SCREEN = "data.sallyport.screen.answer"
DECIDE = "data.sallyport.decide.answer"
UNDEFINED = '"<undefined>"'
"""What is printed of a value that there is not; no answer has such a word."""
_ASSIGNED = re.compile(r"(?m)^[ \t].*:=")
_LIMIT = "exceeded maximum instruction limit"


class TooLong(Exception):
    """The machine stopped before it had an answer: ask less at once."""


class Evaluator:
    """The rules of one bundle; it lives on the thread that made it.

    Its methods raise regorus's plain exceptions where there is no answer.
    """

    def __init__(self, bundle: Bundle) -> None:
        """Load a bundle.

        Raises:
            ImportError: there is no regorus for this platform.
            Exception: regorus does not take the bundle.
        """
        self._bundle = bundle
        assigned = any(_ASSIGNED.search(text) for text in bundle.rego.values())
        self._machine = None if assigned else _machine(bundle)
        if assigned:
            self._interpreter  # noqa: B018  # what is not taken is told now

    def brief(self, rule: str, question: str) -> str:
        """Return what a rule says of a question.

        Raises:
            TooLong: the question takes more instructions than one call may have.
        """
        if self._machine is None:
            return self.patient(rule, question)
        self._machine.set_input_json(question)
        try:
            answer: str = self._machine.execute_entry_point(rule)
        except RuntimeError as error:
            if _LIMIT in str(error):
                raise TooLong from None
            raise
        return answer

    def patient(self, rule: str, question: str) -> str:
        """Return what a rule says of a question, however long that takes."""
        self._interpreter.set_input_json(question)
        answer: str = self._interpreter.eval_rule_as_json(rule)
        return answer

    @cached_property
    def _interpreter(self) -> regorus.Engine:
        """The interpreter: a bundle's data a second time, so only where it is asked."""
        import regorus  # noqa: PLC0415  # 20 ms, and not on every platform

        made = regorus.Engine()
        for path, text in self._bundle.rego.items():
            made.add_policy(path, text)
        made.add_data_json(self._bundle.data.decode())
        return made


def _machine(bundle: Bundle) -> regorus.Rvm:
    import regorus  # noqa: PLC0415  # 20 ms, and not on every platform

    modules = [*bundle.rego.items()]
    made = regorus.Rvm()
    made.load_program(
        regorus.Program.compile_from_modules("{}", modules, [SCREEN, DECIDE])
    )
    made.set_data_json(bundle.data.decode())
    return made
