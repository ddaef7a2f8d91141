"""``sallyport opa``: what the OPA server beside the gateway is started with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.later import later
from gateway.cli.options import AsJson, ConfigPath

__all__ = ["app"]

write_files = later("gateway.cli.opa_files:write_files")

app = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Write what the OPA server beside the gateway is started with.",
)

Out = Annotated[
    Path, typer.Option("--out", "-o", help="Folder for the files; made if need be.")
]


@app.callback()
def opa() -> None:
    """Write what the OPA server beside the gateway is started with."""


@app.command()
def config(
    *,
    config: ConfigPath = Path("sallyport.yaml"),
    out: Out = Path("opa"),
    as_json: AsJson = False,
) -> None:
    """Write opa.yaml and authz.rego, and print the command that starts OPA.

    Neither holds a secret: of the token there is a digest, of the signing key the
    public half. Write them again, and restart OPA, when one of the two changes.
    """
    write_files(config, out, as_json=as_json)
