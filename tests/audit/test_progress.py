"""How far a check has come, told where somebody looks."""

from __future__ import annotations

from typing import Any

from audit.progress import Progress


def test_progress_is_only_for_terminals() -> None:
    """A bar where somebody looks, nothing elsewhere."""

    class Screen:
        def __init__(self, *, terminal: bool) -> None:
            self.text = ""
            self.terminal = terminal

        def isatty(self) -> bool:
            return self.terminal

        def write(self, text: str) -> int:
            self.text += text
            return len(text)

        def flush(self) -> None:
            pass

    for terminal in (True, False):
        screen: Any = Screen(terminal=terminal)
        with Progress(total=40_000, stream=screen) as progress:
            for _ in range(4):
                progress.add(10_000)
            progress.add(0)
        assert ("100 %" in screen.text) == terminal
