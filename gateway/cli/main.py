"""``sallyport``: every command, and nothing imported that ``--help`` does not need."""

from __future__ import annotations

import typer

from gateway import __version__
from gateway.cli import cutoff, instrument, review
from gateway.cli.activate import activate
from gateway.cli.audit import audit
from gateway.cli.check import check
from gateway.cli.doctor import doctor
from gateway.cli.serve import serve, status, stop

__all__ = ["app", "run"]

app = typer.Typer(
    name="sallyport",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # importing rich would be half the time of --help
    pretty_exceptions_enable=False,
    help=(
        "A gateway in front of a local government's databases that shares by written"
        " law and can prove it."
    ),
    epilog=(
        "Exit codes: 0 done, 1 not done, 2 mistakes in files or arguments,"
        " 3 unwitnessed, 4 unavailable."
    ),
)

app.command()(serve)
app.command()(status)
app.command()(stop)
app.command()(check)
app.command()(doctor)
app.command()(activate)
app.add_typer(cutoff.app, name="cutoff")
app.add_typer(instrument.app, name="instrument")
app.add_typer(review.app, name="review")
app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    add_help_option=False,
)(audit)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def run() -> None:
    """Run the command line."""
    app()
