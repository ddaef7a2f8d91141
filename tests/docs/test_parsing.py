"""The little parser that makes documentation run finds what is there."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest


def _load() -> ModuleType:
    path = Path(__file__).with_name("pages.py")
    spec = importlib.util.spec_from_file_location("docs_parsing_pages", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


pages = _load()

PAGE = """\
# A page

See [there](other.md#a-part) and `[not](code)`.

```bash
echo one > out
```

<!-- file: sub/x.yaml -->
```yaml
a: [1, 2]
```

```python
print(open("out").read().strip(), open("sub/x.yaml").read().strip())
```

```text
[nothing](to.follow)
```
"""


def test_blocks() -> None:
    """Each block has its language, its line and the file it is."""
    found = [(b.language, b.line, b.file) for b in pages.blocks(PAGE)]

    assert found == [
        ("bash", 5, None),
        ("yaml", 9, "sub/x.yaml"),
        ("python", 14, None),
        ("text", 18, None),
    ]


def test_links() -> None:
    """Links in the text count, those inside blocks don't."""
    assert pages.links(PAGE) == ["other.md#a-part", "code"]


def test_anchors() -> None:
    """Headings have the anchors that readers link to."""
    assert pages.anchors("# A Part\n\n## What's `here`, twice?\n") == {
        "a-part",
        "whats-here-twice",
    }


def _run(text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", pages.script(text)],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
    )


def test_a_page_is_one_script(tmp_path: Path) -> None:
    """Commands, files and programs of a page see each other, in order."""
    done = _run(PAGE, tmp_path)

    assert (done.returncode, done.stdout) == (0, "one a: [1, 2]\n")


@pytest.mark.parametrize(
    "block", ["bash\nfalse\n", "bash\nfalse | cat\n", "python\nraise SystemExit(3)\n"]
)
def test_a_failing_block_fails_the_page(block: str, tmp_path: Path) -> None:
    """A page with one failing command fails, also inside a pipe."""
    done = _run(f"```{block}```\n\n```bash\ntrue\n```\n", tmp_path)

    assert done.returncode != 0


def test_what_a_page_starts_ends_with_it(tmp_path: Path) -> None:
    """A server that a page leaves in the background doesn't outlive it."""
    done = _run("```bash\nsleep 60 &\necho $!\n```\n", tmp_path)

    assert not Path(f"/proc/{done.stdout.strip()}").exists()


def test_a_page_without_commands_is_no_script() -> None:
    """A page of prose and drawings needs no run."""
    assert pages.script("# Title\n\n```text\na\n```\n") == ""
