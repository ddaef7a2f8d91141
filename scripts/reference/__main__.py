"""Write the reference pages from the code, or check that they are what it says.

::

    python -m scripts.reference --write
    python -m scripts.reference --check

A page that differs is an error of ``make check``: a setting, a command, a cause or
a rule can't be added without its line here.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from scripts.reference import (
    case,
    commands,
    dataset,
    failures,
    formats,
    interface,
    law,
    lint,
    packs,
    running,
    settings,
)

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "reference"

PAGES: Mapping[str, Callable[[], str]] = {
    "acts.md": formats.acts_page,
    "case.md": case.page,
    "case.schema.json": case.schema,
    "commands.md": commands.page,
    "configuration.md": settings.page,
    "dataset.md": dataset.page,
    "failures.md": failures.page,
    "for-counsel.md": packs.counsel_page,
    "leaf.md": formats.leaf_page,
    "lint.md": lint.page,
    "openapi.json": interface.openapi,
    "problems.md": interface.problems_page,
    "rules.md": law.rules_page,
    "telemetry.md": running.page,
    "vocabulary.md": law.vocabulary_page,
    **packs.PACK_PAGES,
}


def main(arguments: list[str]) -> int:
    """Write or check every page; 0 when all are what the code says."""
    parser = argparse.ArgumentParser(description=__doc__)
    choice = parser.add_mutually_exclusive_group(required=True)
    choice.add_argument("--check", action="store_true")
    choice.add_argument("--write", action="store_true")
    write = parser.parse_args(arguments).write
    differ = []
    for name, make in PAGES.items():
        path = FOLDER / name
        text = make().rstrip("\n") + "\n"
        if path.exists() and path.read_text() == text:
            continue
        if write:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
            print(f"wrote docs/reference/{name}")
        else:
            differ.append(name)
    for name in differ:
        print(f"docs/reference/{name} is not what the code says; `make docs` writes it")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
