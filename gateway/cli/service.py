"""Running the gateway for ``sallyport serve``: signals, and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from audit import AuditError, LogDamaged, LogLocked, LogMissing
from gateway.app import serving
from gateway.cli.advice import BEGIN
from gateway.cli.exit_codes import ExitCode
from gateway.cli.output import fail, sentence, tell_waiting
from gateway.cli.supervisor import READY, STOPPING, tell_supervisor
from gateway.cli.usable import refuse_unusable
from gateway.config import Config, load
from gateway.errors import GatewayError, InvalidFile, Unavailable
from gateway.telemetry import configure_lines

__all__ = ["run_gateway", "settle_process"]


def run_gateway(path: Path) -> None:
    """Serve until SIGTERM, SIGINT or a stop command; end with an exit code."""
    refused: list[_Refusal] = []
    try:
        config = load(path)
        # Before the policies are read, which takes seconds.
        refuse_unusable(config, sources=False)
        asyncio.run(_serve(config))
    except* InvalidFile as group:
        refused.append(_Refusal(ExitCode.MISTAKES, "", group))
    except* LogLocked as group:
        advice = "; a gateway may run already: sallyport status"
        refused.append(_Refusal(ExitCode.UNAVAILABLE, REFUSED, group, advice))
    except* Unavailable as group:
        refused.append(_Refusal(ExitCode.UNAVAILABLE, BROKE_OFF, group, LOOK))
    except* OSError as group:
        refused.append(_Refusal(ExitCode.UNAVAILABLE, BROKE_OFF, group))
    except* LogMissing as group:
        refused.append(_Refusal(ExitCode.NOT_DONE, REFUSED, group, f"; {BEGIN}"))
    except* LogDamaged as group:
        refused.append(_Refusal(ExitCode.NOT_DONE, REFUSED, group, LOOK))
    except* (GatewayError, AuditError) as group:
        refused.append(_Refusal(ExitCode.NOT_DONE, REFUSED, group))
    # Not inside: what is raised there, the exit too, may come out as a group.
    if refused:
        _end(refused[0])


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Why a gateway did not start, or ended."""

    code: ExitCode
    how: str
    group: BaseExceptionGroup[BaseException]
    advice: str = ""


REFUSED = "refused to start: "
BROKE_OFF = "did not start, or broke off: "
LOOK = "; sallyport doctor says what to do"


async def _serve(config: Config) -> None:
    """Serve until told to stop; told so while starting, break off and undo."""
    loop, starting = asyncio.get_running_loop(), asyncio.current_task()
    _on_signals(loop, lambda: starting and starting.cancel())
    with contextlib.suppress(asyncio.CancelledError):
        async with serving(config, waits=tell_waiting) as running:
            _on_signals(loop, running.stop.set)
            settle_process()
            await asyncio.to_thread(tell_supervisor, READY)
            await running.stop.wait()
            await asyncio.to_thread(tell_supervisor, STOPPING)


def settle_process() -> None:
    """Have the interpreter do for a server what it does not by itself.

    The collector leaves alone what was read at start, which stays for good: law and
    catalogue are some hundred thousand objects, and to walk over them again and again
    cost a tenth of each answer. What answers make is young and gone at once. And who
    waits for the interpreter's lock gets it after one ms, not after five: the thread
    that just made entries durable must not wait so long for one that builds the tree.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    sys.setswitchinterval(0.001)


def _on_signals(loop: asyncio.AbstractEventLoop, end: Callable[[], object]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end)


def _end(refusal: _Refusal) -> NoReturn:
    """Write the line that alerts wait for, say why to who started it, and end.

    The sentence may repeat what stands in a file; the line has the error's class.
    """
    first: BaseException = refusal.group
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    configure_lines().error("refused-to-start", error=type(first).__name__)
    fail(refusal.code, f"{refusal.how}{sentence(refusal.group)}{refusal.advice}")
