"""``sallyport act``: what named people sign, from its draft to its entry."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.activate import activate
from gateway.cli.cutoff import lift
from gateway.cli.instrument import confirm
from gateway.cli.later import later
from gateway.cli.options import (
    AsJson,
    By,
    ConfigPath,
    Expires,
    Out,
    Reason,
    Words,
    someone,
)

__all__ = [
    "app",
    "genesis",
    "keygen",
    "new",
    "public",
    "roster",
    "show",
    "sign",
    "submit",
]

draft = later("gateway.cli.act_work:draft")
draft_first = later("gateway.cli.act_first:draft_first")
read_people = later("gateway.cli.act_keys:read_people")
make_key = later("gateway.cli.act_keys:make_key")
write_ssh_key = later("gateway.cli.act_keys:write_ssh_key")
sign_files = later("gateway.cli.act_signing:sign_files")
show_act = later("gateway.cli.act_work:show_act")
submit_files = later("gateway.cli.act_work:submit_files")

app = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Prepare, sign and carry out what two people decide.",
)
new = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Write the file of an act, for people to sign; nothing happens yet.",
)
app.add_typer(new, name="new")

People = Annotated[
    list[Path], typer.Argument(help="Public keys of people: files of act keygen.")
]
Module = Annotated[
    Path | None,
    typer.Option("--module", help="The token's PKCS#11 library."),
]
Token = Annotated[str, typer.Option("--token", help="Make it in a token of this name.")]
PinFile = Annotated[
    Path | None,
    typer.Option("--pin-file", help="A file with the token's PIN, mode 0600."),
]


@new.command()
def genesis(
    people: People,
    *,
    config: ConfigPath = Path("sallyport.yaml"),
    reason: Reason = "setup",
    expires: Expires = "",
    words: Words = "",
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Begin a log: its first roster, which everybody in it signs."""
    command = {
        "people": read_people(people, as_json=as_json),
        "reason": reason,
        "expires": expires,
        "words": words,
    }
    draft_first(config, command, out=out, as_json=as_json)


@new.command()
def roster(
    people: People,
    *,
    config: ConfigPath = Path("sallyport.yaml"),
    reason: Reason = "staff_change",
    expires: Expires = "",
    words: Words = "",
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Change who decides: the keys of the whole new roster.

    Two people of the roster in force sign it, and each new key. It waits a day.
    """
    command = {
        "command": "draft-roster",
        "people": read_people(people, as_json=as_json),
        "reason": reason,
        "expires": expires,
        "words": words,
    }
    draft(config, command, out=out, as_json=as_json)


# The same under the names that acts have; each is told where it is used.
new.command("activation")(activate)
new.command("cutoff-lift")(lift)
new.command("paper")(confirm)


@app.command()
def sign(
    files: Annotated[list[Path], typer.Argument(help="Files of acts.")],
    *,
    key: Annotated[
        Path | None, typer.Option("--key", help="Your NAME.key, made by act keygen.")
    ] = None,
    ssh: Annotated[
        Path | None,
        typer.Option("--ssh", help="Your OpenSSH key; ssh-keygen signs with it."),
    ] = None,
    ssh_signature: Annotated[
        Path | None,
        typer.Option(help="A signature that ssh-keygen -Y sign made already."),
    ] = None,
    person: Annotated[
        str, typer.Option("--as", help="Your roster id, where no key file says it.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask again.")] = False,
) -> None:
    """Show what an act does and add your signature; needs no gateway and no network."""
    sign_files(
        files,
        key=key,
        ssh=ssh,
        ssh_signature=ssh_signature,
        person=person,
        yes=yes,
    )


@app.command()
def submit(
    files: Annotated[
        list[Path], typer.Argument(help="Signed files; copies of one act are joined.")
    ],
    *,
    config: ConfigPath = Path("sallyport.yaml"),
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Carry out signed acts, in this order: each is an entry, in force at once."""
    submit_files(config, files, by=someone(by), as_json=as_json)


@app.command()
def show(
    file: Annotated[Path | None, typer.Argument(help="The file of an act.")] = None,
    *,
    entry: Annotated[
        int, typer.Option("--entry", help="An act in the log, by its entry's index.")
    ] = -1,
    text: Annotated[
        bool, typer.Option("--text", help="Only the text that people sign.")
    ] = False,
    config: ConfigPath = Path("sallyport.yaml"),
    as_json: AsJson = False,
) -> None:
    """Say what an act does, who signed it, whether it counts, and if not, why."""
    show_act(config, file, entry=entry, text=text, as_json=as_json)


@app.command()
def keygen(
    person: Annotated[str, typer.Argument(help="Your roster id, such as records-1.")],
    *,
    directory: Annotated[
        Path, typer.Option("--dir", help="Where the files go; not on the gateway.")
    ] = Path(),
    token: Token = "",
    module: Module = None,
    pin_file: PinFile = None,
) -> None:
    """Make your key, on your own machine: NAME.key, or in a token; and NAME.pub."""
    make_key(person, directory, token=token, module=module, pin_file=pin_file)


@app.command()
def public(
    person: Annotated[str, typer.Argument(help="Your roster id, such as records-1.")],
    ssh: Annotated[Path, typer.Option("--ssh", help="Your OpenSSH public key file.")],
    *,
    directory: Annotated[
        Path, typer.Option("--dir", help="Where NAME.pub goes.")
    ] = Path(),
) -> None:
    """Write NAME.pub for a key that OpenSSH made, in a file or a security key."""
    write_ssh_key(person, ssh, directory)
