"""``sallyport``: every command, and nothing imported that ``--help`` does not need."""

from __future__ import annotations

import gc
import importlib

import typer
from typer.core import TyperCommand, TyperGroup

from gateway import __version__
from gateway.cli import act, cutoff, instrument, opa, review, task
from gateway.cli.activate import activate
from gateway.cli.audit import audit
from gateway.cli.check import check
from gateway.cli.doctor import doctor
from gateway.cli.reopen import reopen
from gateway.cli.rotate import rotate_keys
from gateway.cli.serve import serve, status, stop

__all__ = ["app", "command_tree", "run", "settle_command", "version"]

GROUPS = {
    "policy": "Write, read, try and build the rules, without a server.",
    "demo": "Show a synthetic county at work, from the first request to the audit.",
}
"""Groups in modules of their own that are slow to import, and their line of help."""


class _Late(TyperGroup):
    """Imports the groups above when they are asked for, not when they are listed."""

    listing = False

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]  # typer's own types
        """Return every command's name."""
        return [*super().list_commands(ctx), *GROUPS]

    def get_command(self, ctx: typer.Context, cmd_name: str) -> TyperCommand | None:  # type: ignore[override]  # typer's own types
        """Return a command; while they are listed, only its name and help."""
        if cmd_name not in GROUPS:
            return super().get_command(ctx, cmd_name)  # type: ignore[return-value]  # typer's own types
        if self.listing:
            return TyperCommand(cmd_name, help=GROUPS[cmd_name])
        module = importlib.import_module(f"gateway.cli.{cmd_name}")
        return typer.main.get_command(module.app)  # type: ignore[return-value]  # typer's own types

    def format_commands(self, ctx: typer.Context, formatter: object) -> None:  # type: ignore[override]  # typer's own types
        """List the commands."""
        self.listing = True
        try:
            super().format_commands(ctx, formatter)  # type: ignore[arg-type]  # typer's own types
        finally:
            self.listing = False


app = typer.Typer(
    name="sallyport",
    cls=_Late,
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
app.command()(rotate_keys)
app.command()(reopen)
app.add_typer(act.app, name="act")
app.add_typer(cutoff.app, name="cutoff")
app.add_typer(instrument.app, name="instrument")
app.add_typer(review.app, name="review")
app.add_typer(opa.app, name="opa")
app.add_typer(task.app, name="task")
app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    add_help_option=False,
)(audit)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def command_tree() -> TyperGroup:
    """Return every command with all that is below it, for pages made of them."""
    tree = typer.main.get_command(app)
    for name in GROUPS:
        module = importlib.import_module(f"gateway.cli.{name}")
        tree.commands[name] = typer.main.get_command(module.app)  # type: ignore[attr-defined]  # a group has commands
    return tree  # type: ignore[return-value]  # an app of several commands is a group


def settle_command() -> None:
    """Have the collector look through young objects seldom, as suits a command.

    What is imported and read stays until a command ends. To look through it again and
    again, as the collector does by default, is a sixth of the time of a short one.
    """
    gc.set_threshold(100_000, 50, 20)


def run() -> None:
    """Run the command line."""
    settle_command()
    app()


if __name__ == "__main__":
    run()
