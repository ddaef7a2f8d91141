"""``sallyport serve``, ``status`` and ``stop``: the gateway's life."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.cli.commanding import carry_out, configured
from gateway.cli.exit_codes import ExitCode
from gateway.cli.options import AsJson, ConfigPath
from gateway.cli.output import fail

if TYPE_CHECKING:
    from gateway.config import Config

__all__ = ["serve", "status", "stop"]


def serve(config: ConfigPath = Path("sallyport.yaml")) -> None:
    """Run the gateway until SIGTERM, SIGINT or ``sallyport stop``."""
    from audit import AuditError, LogLocked
    from gateway.errors import GatewayError, InvalidFile, Unavailable

    loaded = configured(config)
    try:
        asyncio.run(_serve(loaded))
    except InvalidFile as error:
        fail(ExitCode.MISTAKES, str(error))
    except (Unavailable, LogLocked, OSError) as error:
        fail(ExitCode.UNAVAILABLE, f"did not start, or broke off: {error}")
    except (GatewayError, AuditError) as error:
        fail(ExitCode.NOT_DONE, f"refused to start: {error}")


def status(config: ConfigPath = Path("sallyport.yaml"), as_json: AsJson = False) -> None:
    """Say what runs, under which activation."""
    carry_out(config, {"command": "status"}, as_json=as_json)


def stop(config: ConfigPath = Path("sallyport.yaml"), as_json: AsJson = False) -> None:
    """Tell the running gateway to end: pages in flight finish."""
    carry_out(config, {"command": "stop"}, as_json=as_json)


async def _serve(config: Config) -> None:
    from gateway.app import serving

    async with serving(config) as running:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, running.stop.set)
        await running.stop.wait()
