"""Pages of documentation as data: their code blocks and links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = [
    "CLEAN_ROOT",
    "PAGES",
    "ROOT",
    "Block",
    "anchors",
    "before",
    "blocks",
    "links",
    "paragraph_above",
    "script",
]

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

_FENCE = re.compile(
    r"(?:^<!-- file: (?P<file>[\w./-]+) -->\n)?"
    r"^(?P<indent> *)```(?P<info>[^\n]*)\n(?P<body>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)
CLEAN_ROOT = "<!-- in a clean root: tests/deploy runs this page -->"
"""What a page says that needs a whole machine; see tests/deploy/test_clean_root.py."""

_CONTINUES = re.compile(
    r"^<!-- continues: (?P<page>[\w./-]+) until: (?P<heading>#+ .+) -->$", re.MULTILINE
)
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """A fenced block: its language, its text, its line, and the file it is."""

    language: str
    text: str
    line: int
    file: str | None


def blocks(text: str) -> Iterator[Block]:
    """Yield the fenced blocks of a page, in order.

    ``<!-- file: NAME -->`` on the line before a block makes it a file that the
    page's later commands find.
    """
    for found in _FENCE.finditer(text):
        words = found["info"].split()
        yield Block(
            language=words[0] if words else "",
            text=found["body"],
            line=text[: found.start()].count("\n") + 1,
            file=found["file"],
        )


def links(text: str) -> list[str]:
    """Return where a page's links go, code blocks left out."""
    return _LINK.findall(_FENCE.sub("", text))


def anchors(text: str) -> set[str]:
    """Return the anchors of a page's headings."""
    plain = (re.sub(r"[^\w\- ]", "", title) for title in _HEADING.findall(text))
    return {title.strip().lower().replace(" ", "-") for title in plain}


def paragraph_above(text: str, line: int) -> str:
    """Return the text that a reader sees just above a line of a page.

    A comment is not rendered; the lines above it up to an empty one are.
    """
    above = "\n".join(text.splitlines()[: line - 1]).rstrip()
    return above.rpartition("\n\n")[2]


PRELUDE = """\
set -euo pipefail
trap 'status=$?; kill $(jobs -p) 2>/dev/null || true; wait; exit $status' EXIT
# A page may tell the reader to `make` something that is not for a test to repeat:
# here it is only looked whether there is such a target.
make() { command make --no-print-directory -n -C "$REPOSITORY" "$@" >/dev/null; }
"""


def before(text: str) -> str:
    """Return the part of another page that a page says it continues, or nothing.

    ``<!-- continues: PAGE until: HEADING -->`` names a page of the documentation and
    the heading that it is followed to.
    """
    found = _CONTINUES.search(text)
    if found is None:
        return ""
    other = (ROOT / "docs" / found["page"]).read_text()
    start, heading, _ = other.partition(f"\n{found['heading']}\n")
    assert heading, f"{found['page']} has no heading {found['heading']}"
    return start + "\n"


def script(text: str) -> str:
    """Return the one shell script that a page's commands, programs and files are."""
    parts = []
    for block in (*blocks(before(text)), *blocks(text)):
        if block.file is not None:
            parts.append(f"mkdir -p \"$(dirname '{block.file}')\"")
            parts.append(f"cat > '{block.file}' <<'END-OF-BLOCK'")
            parts.append(f"{block.text}END-OF-BLOCK")
        elif block.language == "bash":
            parts.append(f"echo '# line {block.line}' >&2\n{block.text}")
        elif block.language == "python":
            parts.append(f"echo '# line {block.line}' >&2")
            parts.append(f"python - <<'END-OF-BLOCK'\n{block.text}END-OF-BLOCK")
    return PRELUDE + "\n".join(parts) + "\n" if parts else ""
