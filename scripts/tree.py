"""Look at the tree itself: nothing of one machine in it, each suppression reasoned.

* No path of somebody's machine, no address of a person, no place to install from.
* ``noqa``, ``type: ignore`` and ``pragma: no cover`` name their rule and say why.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

FORBIDDEN: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "a path of one machine",
        re.compile(r"(?<![\w.$}/-])/(?:root|home|Users|work)/\w"),
    ),
    (
        "where packages come from",
        re.compile(
            r"(?i)index[-_]url\s*=|registry\s*=\s*[\"']?https?:|GOPROXY\s*=|\"resolved\":"
        ),
    ),
    (
        "an address outside example domains",
        re.compile(
            # OpenSSH calls types of its keys and signatures by names under its domain.
            r"[\w.+-]+@(?!(?:[\w-]+\.)*(?:example|invalid|test|localhost)\b)"
            r"(?!openssh\.com\b)"
            r"[a-z][\w-]*(?:\.[\w-]+)*\.(?:com|org|net|gov|edu|us|io|dev)\b"
        ),
    ),
)
SUPPRESSION = re.compile(
    r"#\s*(?:noqa(?P<noqa>:\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*)?"
    r"|type:\s*ignore(?P<ignore>\[[\w, -]+\])?"
    r"|pragma:\s*no\s*(?:cover|branch))"
)
PLAIN = {".py", ".md", ".toml", ".txt", ".in", ".yaml", ".yml", ".json", ".rego"}
PLAIN |= {
    ".service",
    ".timer",
    ".conf",
    ".sh",
    ".mjs",
    ".js",
    ".go",
    ".mod",
    ".cfg",
    ".html",
    ".j2",
    "",
}


def files() -> list[Path]:
    """Return the files that belong to the tree, as git sees them."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    named = [ROOT / name for name in done.stdout.split("\0") if name]
    return sorted(path for path in named if path.is_file())


def strangers(text: str) -> Iterator[tuple[int, str]]:
    """Yield line numbers with what must not stand there."""
    for number, line in enumerate(text.splitlines(), start=1):
        for what, pattern in FORBIDDEN:
            if pattern.search(line):
                yield number, what


def bare_suppressions(text: str) -> Iterator[tuple[int, str]]:
    """Yield suppressions that name no rule, or give no reason beside or above."""
    lines = text.splitlines()
    for number, line in enumerate(lines, start=1):
        found = SUPPRESSION.search(line)
        if found is None:
            continue
        rule = found["noqa"] or found["ignore"] or "pragma" in found.group()
        if not rule:
            yield number, "a suppression that names no rule"
        above = lines[number - 2].strip() if number > 1 else ""
        beside = re.search(r"\w{4,}", line[found.end() :])
        if not beside and not above.startswith("#"):
            yield number, "a suppression without its reason"


def problems() -> list[str]:
    """Return every problem as ``path:line: sentence``."""
    found = []
    for path in files():
        if path.suffix not in PLAIN:
            continue
        name = path.relative_to(ROOT)
        text = path.read_text(errors="replace")
        seen = list(strangers(text))
        if path.suffix == ".py":
            seen += bare_suppressions(text)
        found += [f"{name}:{number}: {what}" for number, what in seen]
    return found


def main() -> int:
    """Print every problem; 0 when there is none."""
    found = problems()
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
