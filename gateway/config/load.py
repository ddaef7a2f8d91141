"""Reading ``sallyport.yaml``: every mistake at once, each with its path and advice."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from gateway.config.contradictions import contradictions
from gateway.config.document import Config
from gateway.config.files import file_mistakes
from gateway.config.reference import as_written, help_at, keys_at
from gateway.config.repair import set_aside
from gateway.config.types import NAME
from gateway.errors import InvalidFile, Mistake
from gateway.yamlfile import nearest, parse

__all__ = ["check_files", "load", "parse_config"]

_NAME_ADVICE = "a name: lower case letters, digits, - and _; at most 64"

_KINDS = "which kind it is decides what else is to be said"

_MAX_ROUNDS = 20
"""Rounds of setting mistakes aside; two are usual, the bound is for odd files."""


def load(path: Path, *, files: bool = True) -> Config:
    """Read and check a configuration file and, by default, the files it names.

    Raises:
        InvalidFile: with every mistake found: unknown words, wrong types,
            contradictions, and files that are missing or open to others.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        problem = f"cannot be read ({error.strerror})"
        raise InvalidFile([Mistake(path=str(path), problem=problem)]) from error
    return parse_config(data, path, files=files)


def parse_config(data: bytes, path: Path, *, files: bool = False) -> Config:
    """Check a configuration given as bytes; ``path`` is where it lies.

    Raises:
        InvalidFile: with every mistake found.
    """
    document = parse(data, path.name)
    if not isinstance(document, dict):
        problem = "is not a mapping of settings"
        raise InvalidFile([Mistake(path=path.name, problem=problem)])
    config, mistakes = _read(document, path.resolve())
    if config is not None:
        mistakes += list(_rest(config, mistakes, files=files))
    if mistakes or config is None:
        raise InvalidFile(_named(mistakes, path.name))
    return config


def check_files(config: Config) -> None:
    """Look again at the files a configuration names.

    Raises:
        InvalidFile: when one is missing, of the wrong kind or open to others.
    """
    mistakes = list(file_mistakes(config))
    if mistakes:
        raise InvalidFile(_named(mistakes, config.path.name))


def _read(document: object, path: Path) -> tuple[Config | None, list[Mistake]]:
    """Validate; where that fails name the mistakes, set them aside, try again.

    What comes back with mistakes is never used: it only lets the contradictions
    among the healthy settings be named in the same breath.
    """
    mistakes: dict[str, Mistake] = {}
    # As JSON: there, strict mode takes lists as tuples and text as paths. Names
    # that are not text (YAML allows them) become text and are then looked up.
    rest = json.loads(json.dumps(document, default=str))
    for _ in range(_MAX_ROUNDS):
        try:
            config = Config.model_validate_json(
                json.dumps(rest), context={"base": path.parent}
            )
        except ValidationError as error:
            details = error.errors(include_url=False)
            for item in map(_mistake, _innermost(details)):
                mistakes.setdefault(item.path, item)
            if not set_aside(rest, [as_written(item["loc"]) for item in details]):
                break
        else:
            config._path = path  # noqa: SLF001  # the model's only reader sets it
            return config, list(mistakes.values())
    return None, list(mistakes.values())


def _innermost(details: Sequence[ErrorDetails]) -> Iterator[ErrorDetails]:
    """Leave out "too short" where the reason is a mistake in an item itself."""
    locs = [item["loc"] for item in details]
    for item in details:
        loc = item["loc"]
        inside = any(other[: len(loc)] == loc != other for other in locs)
        if not (item["type"] == "too_short" and inside):
            yield item


def _mistake(item: ErrorDetails) -> Mistake:
    loc, kind = item["loc"], item["type"]
    path = ".".join(str(part) for part in as_written(loc) if part != "[key]")
    if kind.startswith("union_tag"):
        return _kind_mistake(item, path)
    if kind == "extra_forbidden":
        words = keys_at(loc[:-1])
        advice = nearest(str(loc[-1]), words) or f"known here: {', '.join(words)}"
        return Mistake(path=path, problem="is not a setting", advice=advice)
    if kind == "missing":
        return Mistake(path=path, problem="is missing", advice=help_at(loc))
    if kind == "literal_error":
        expected = str(item["ctx"]["expected"])
        words = tuple(expected.replace(" or ", ", ").replace("'", "").split(", "))
        advice = nearest(str(item["input"]), words)
        return Mistake(
            path=path, problem=f"is not one of: {', '.join(words)}", advice=advice
        )
    problem = item["msg"].removeprefix("Value error, ")
    if kind == "too_short":
        problem = "needs at least one"
    if kind == "string_pattern_mismatch":
        # Never with what was written: somebody may have put a password there.
        problem = "is not of the form that is wanted"
        if item["ctx"]["pattern"] == NAME:
            return Mistake(path=path, problem=problem, advice=_NAME_ADVICE)
    return Mistake(path=path, problem=problem, advice=help_at(loc))


def _kind_mistake(item: ErrorDetails, path: str) -> Mistake:
    """Say which kinds there are, where one was to be said."""
    place = f"{path}.{item['ctx']['discriminator'].strip(chr(39))}"
    if item["type"] == "union_tag_not_found":
        return Mistake(path=place, problem="is missing", advice=_KINDS)
    words = tuple(item["ctx"]["expected_tags"].replace("'", "").split(", "))
    return Mistake(
        path=place,
        problem=f"is not one of: {', '.join(words)}",
        advice=nearest(str(item["ctx"]["tag"]), words),
    )


def _rest(
    config: Config, mistakes: Sequence[Mistake], *, files: bool
) -> Iterator[Mistake]:
    """Yield contradictions and file mistakes that no earlier mistake explains."""
    wrong = tuple(item.path for item in mistakes)
    found = list(contradictions(config))
    found += file_mistakes(config) if files else ()
    for item in found:
        if not any((item.path + ".").startswith(path + ".") for path in wrong):
            yield item


def _named(mistakes: Sequence[Mistake], name: str) -> list[Mistake]:
    return [
        Mistake(path=f"{name}:{item.path}", problem=item.problem, advice=item.advice)
        for item in mistakes
    ]
