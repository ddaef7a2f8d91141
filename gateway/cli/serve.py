"""``sallyport serve``, ``status`` and ``stop``: the gateway's life."""

from __future__ import annotations

from pathlib import Path

from gateway.cli.later import later
from gateway.cli.options import AsJson, ConfigPath, Wait

__all__ = ["serve", "status", "stop"]

carry_out = later("gateway.cli.commanding:carry_out")
run_gateway = later("gateway.cli.service:run_gateway")


def serve(*, config: ConfigPath = Path("sallyport.yaml")) -> None:
    """Run the gateway until SIGTERM, SIGINT or sallyport stop."""
    run_gateway(config)


def status(
    *,
    config: ConfigPath = Path("sallyport.yaml"),
    wait: Wait = 0,
    as_json: AsJson = False,
) -> None:
    """Say what runs, under which activation."""
    carry_out(config, {"command": "status"}, as_json=as_json, wait_s=wait)


def stop(
    *, config: ConfigPath = Path("sallyport.yaml"), as_json: AsJson = False
) -> None:
    """Tell the running gateway to end: pages in flight finish."""
    carry_out(config, {"command": "stop"}, as_json=as_json)
