"""Commands the reader may try next, ready to be copied."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from gateway.demo.chapters import scenes
from gateway.demo.layout import Layout

__all__ = ["after_serving", "after_telling", "program"]


def program() -> str:
    """Return how this reader calls ``sallyport``: what was typed, if it was that."""
    called = Path(sys.argv[0])
    if called.name != "sallyport" or shutil.which("sallyport") == str(called):
        return "sallyport"
    return _short(called)


def after_telling(kept: Path | None) -> list[str]:
    """Return some commands to go on with.

    Args:
        kept: the demo's folder, or None where it was removed.
    """
    sallyport = program()
    if kept is None:
        return [
            f"{sallyport} demo --dir demo-county --serve",
            f"{sallyport} policy test",
            f"{sallyport} --help",
        ]
    layout = Layout(root=kept)
    log, key = _short(layout.public_log()), _short(layout.log_keys())
    store, auditor = _short(layout.root / "store"), _short(layout.auditor_key)
    return [
        f"{sallyport} audit show {log} --vkey {key} --index 3",
        f"{sallyport} audit open {store} --index 3 --key {auditor} --vkey {key}",
        f"{sallyport} audit witness serve {_short(layout.witness_config)} &",
        f"{sallyport} serve --config {_short(layout.config())}",
    ]


def after_serving(layout: Layout, urls: Mapping[str, str]) -> list[str]:
    """Return how to mint each requester's token, and a curl call for a few scenes."""
    chosen = [scene for scene in scenes() if scene.name in _SHOWN]
    shown = dict.fromkeys(scene.requester for scene in chosen)
    mint = f"{program()} demo token --dir {_short(layout.root)}"
    return [
        *(f"{mint} {name}" for name in shown),
        *(
            _curl(layout, scene.requester, scene.name, urls[scene.county])
            for scene in chosen
        ),
    ]


_SHOWN = frozenset(
    {"neighbour-asks-custody", "illinois-release", "california-release-convicted"}
)
"""The scenes whose calls are shown; the others are in the same folder."""


def _curl(layout: Layout, requester: str, scene: str, url: str) -> str:
    """Return the call that asks what a scene asks."""
    folder = layout.requester(requester)
    return (
        f"curl -s --cert {_short(folder.certificate)} --key {_short(folder.key)} "
        f"--cacert {_short(folder.authority)} "
        f'-H "Authorization: Bearer $(cat {_short(folder.token)})" '
        f'-H "Content-Type: application/json" '
        f"-d @{_short(layout.requests / scene)}.json {url}/v1/exchanges"
    )


def _short(path: Path) -> str:
    """Return a path as one would type it from here, quoted for a shell."""
    relative = os.path.relpath(path)
    chosen = str(path) if relative.startswith("..") else relative
    return shlex.quote(chosen)
