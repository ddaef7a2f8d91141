"""The policies folder that a command is about, or an end with every mistake named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from gateway.cli.exit_codes import ExitCode
from gateway.cli.output import fail, sentence, tell
from gateway.errors import InvalidFile
from gateway.policy.law import Rule
from gateway.policy.lint.places import Places
from gateway.policy.pack import Library, load_library, shipped_policies

__all__ = ["library_at", "mistakes_told", "root_of", "rules_of", "told_beside"]


def mistakes_told(error: Exception) -> str:
    """Return every mistake on a line of its own, with the line of its file.

    What else goes wrong is one sentence.
    """
    if not isinstance(error, InvalidFile):
        return sentence(error)
    return "\n".join(map(Places().said, error.mistakes))


def told_beside(notices: Iterable[str]) -> None:
    """Say what is worth a look and no mistake; how the command ends is the same."""
    for said in notices:
        tell(f"note: {said}")


def root_of(policies: Path | None) -> Path:
    """Return the folder that was named, or the one that came with the gateway."""
    return policies or shipped_policies()


def library_at(policies: Path | None, *, as_json: bool) -> Library:
    """Read a policies folder."""
    try:
        return load_library(root_of(policies))
    except InvalidFile as error:
        fail(ExitCode.MISTAKES, mistakes_told(error), as_json=as_json)


def rules_of(
    library: Library, packs: Sequence[str], overlay: str | None, *, as_json: bool
) -> list[Rule]:
    """Return the rules of a stack with every word looked up."""
    try:
        return library.rules(library.chosen(packs, overlay))
    except InvalidFile as error:
        fail(ExitCode.MISTAKES, mistakes_told(error), as_json=as_json)
