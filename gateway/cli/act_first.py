"""Drafting the act that begins a log.

Apart from what other acts need: they are drafted by a gateway, this one here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gateway.cli.act_work import write_draft
from gateway.cli.commanding import configured
from gateway.cli.exit_codes import ExitCode
from gateway.cli.output import fail
from gateway.clock import SystemClock
from gateway.control import DraftGenesis, NotDone, draft_genesis, mistake_of

__all__ = ["draft_first"]


def draft_first(
    config: Path, command: dict[str, Any], *, out: Path | None, as_json: bool
) -> None:
    """Draft the act that begins a log; there is nobody to ask yet."""
    origin = configured(config, as_json=as_json).log.origin
    now_ms = SystemClock().now_ms()
    try:
        result: Any = draft_genesis(
            DraftGenesis(**command), origin=origin, now_ms=now_ms
        )
    except ValidationError as error:
        details = error.errors(include_url=False)
        said = "; ".join(str(mistake_of(item, item["loc"])) for item in details)
        fail(ExitCode.MISTAKES, said, as_json=as_json)
    except NotDone as error:
        fail(ExitCode.NOT_DONE, str(error), as_json=as_json)
    write_draft(result, out, as_json=as_json)
