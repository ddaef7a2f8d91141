"""A county's folder with real keys: enough to open its log and its state."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from audit import AuditorKey, LogKeys
from gateway.config import Config, load
from gateway.config.example import SMALLEST
from gateway.state import create_state_key

__all__ = ["found_county", "smallest"]

ORIGIN = "sallyport.example/log"


def smallest(**changes: Any) -> dict[str, Any]:  # noqa: ANN401  # any JSON
    """Return the smallest configuration with some sections changed."""
    document = copy.deepcopy(SMALLEST)
    document["demo"] = True
    document["log"]["keys"] = {  # type: ignore[index]  # the example has a log
        name: f"keys/{name}.key" for name in ("log", "receipt", "time")
    }
    return document | changes


def found_county(folder: Path, **changes: Any) -> Config:  # noqa: ANN401  # any JSON
    """Write a county's files and return its configuration."""
    LogKeys.generate(ORIGIN).write(folder / "keys")
    auditor = AuditorKey.generate("board").auditor
    create_state_key(folder / "keys/state")
    files = {
        "keys/board.pub": f"{auditor.text}\n",
        "agencies.yaml": "agencies",
        "instruments.yaml": "papers",
        "catalogue/jail.yaml": "jail",
        "tls/agencies.pem": "authority",
        "tls/server.pem": "certificate",
        "tls/server.key": "key",
        "sallyport.yaml": json.dumps(smallest(**changes)),
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    (folder / "tls/server.key").chmod(0o600)
    return load(folder / "sallyport.yaml")
