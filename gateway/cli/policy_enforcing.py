"""The work of verify, activate, rollback and history."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import typer

from audit.bundle import BadBundle
from audit.bundle import verify as verify_signature
from gateway.cli.act_work import draft
from gateway.cli.commanding import configured, result_of
from gateway.cli.exit_codes import ExitCode
from gateway.cli.output import fail, rows, show, tell
from gateway.cli.policy_compare import put, written
from gateway.cli.policy_files import mistakes_told
from gateway.cli.policy_reading import today
from gateway.cli.policy_replaying import archive_under, read_bundle
from gateway.config import Config
from gateway.errors import InvalidFile, Unavailable
from gateway.policy.build import build
from gateway.policy.bundle import Bundle
from gateway.policy.compare.report import digest_of, roughly
from gateway.policy.compare.sides import Side, side_of
from gateway.policy.compare.tally import Tally
from gateway.policy.drafts import drafts_in
from gateway.policy.examine import examined
from gateway.policy.gate import FIRST_RULES, Gate, Replay
from gateway.policy.never import stack_of
from gateway.policy.pack import DEFAULT_PACK, load_library
from gateway.policy.proofs import unproved
from gateway.policy.restore import restored

__all__ = ["activate", "history", "rollback", "verify"]

_DIGITS = 12
"""Digits of a digest that people are shown."""


def verify(path: Path, key: Path, *, as_json: bool) -> None:
    """Check a bundle's signature; print what it is made of."""
    try:
        bundle = read_bundle(path)
        revision = verify_signature(bundle.files, public_key=key.read_bytes())
    except BadBundle as error:
        fail(ExitCode.NOT_DONE, f"{path}: {error}", as_json=as_json)
    except (InvalidFile, OSError, ValueError) as error:
        fail(ExitCode.MISTAKES, mistakes_told(error), as_json=as_json)
    found = {
        "revision": revision,
        "signed": True,
        "packs": _packs(bundle),
        "drafts": drafts_in(bundle),
    }
    show(found, as_json=as_json)


def _packs(bundle: Bundle) -> list[str]:
    ending = "/pack.yaml"
    named = (path for path in bundle.files if path.endswith(ending))
    return sorted(path.removesuffix(ending).rpartition("/")[2] for path in named)


def history(config: Path, *, as_json: bool) -> None:
    """List the activations."""
    found: Any = result_of(config, {"command": "policy-history"}, as_json=as_json)
    if as_json:
        show(found, as_json=True)
        return
    short = [
        {
            name: f"{cell[:_DIGITS]}..."
            if name in {"policy", "checks"} and cell != "none"
            else cell
            for name, cell in row.items()
        }
        for row in found
    ]
    typer.echo("\n".join(rows(short)) or "nothing was activated yet")


def activate(
    path: Path,
    *,
    since: str,
    reason: str,
    expires: str,
    words: str,
    out: Path | None,
    by: str,
    as_json: bool,
) -> None:
    """Look at the draft, and write the act that puts it into force."""
    config = configured(path, as_json=as_json)
    try:
        gate = _looked_at(config, path, since=since, by=by, as_json=as_json)
    except InvalidFile as error:
        fail(ExitCode.MISTAKES, mistakes_told(error), as_json=as_json)
    except Unavailable as error:
        fail(ExitCode.UNAVAILABLE, str(error), as_json=as_json)
    if not gate.open:
        fail(ExitCode.NOT_DONE, "\n".join(gate.refused), as_json=as_json)
    tell(
        f"lint has no errors, {gate.cases} cases come to what they expect,"
        f" {len(gate.proofs)} claims are proved"
    )
    if gate.drafts:
        tell(f"no lawyer has signed {', '.join(gate.drafts)}: who signs accepts that")
    command = {
        "command": "draft-activation",
        "reason": reason,
        "expires": expires,
        "words": words,
        "gate": gate.text.decode(),
    }
    draft(path, command, out=out, as_json=as_json)


def _looked_at(
    config: Config, path: Path, *, since: str, by: str, as_json: bool
) -> Gate:
    """Return the state of the draft that the configured files are."""
    law = config.jurisdiction
    library = load_library(config.policies)
    bundle = build(config.policies, law.packs, law.overlay)
    status: Any = result_of(path, {"command": "status"}, as_json=as_json)
    active = status["activation"]
    if active and active["policy"] == bundle.revision:
        problem = "the rules are those in force; for other files: sallyport activate"
        fail(ExitCode.NOT_DONE, problem, as_json=as_json)
    looked = FIRST_RULES
    # Without its proof it is refused anyway: no past question is read for that.
    if active and not unproved(bundle):
        after = side_of(bundle, str(config.policies))
        before, past = archive_under(path, after, since, by=by, as_json=as_json)
        tally = put(before, after, past)
        looked = _reported(tally, before, after, as_json=as_json)
    return examined(
        library,
        bundle,
        (law.packs, law.overlay),
        today=today("", as_json=as_json),
        replay=looked,
    )


def _reported(tally: Tally, before: Side, after: Side, *, as_json: bool) -> Replay:
    """Say what past answers would be, but where JSON is to follow."""
    document, lines = written(tally, before, after, roughly)
    if not as_json:
        typer.echo("\n".join(lines))
    return Replay(digest_of(document), lines[0])


def rollback(path: Path, number: int, *, discard: bool, as_json: bool) -> None:
    """Put the rules of an earlier activation back into the policies folder."""
    config = configured(path, as_json=as_json)
    found: Any = result_of(path, {"command": "policy-history"}, as_json=as_json)
    command = {"command": "policy-bundle", "number": number}
    row: Any = result_of(path, command, as_json=as_json)
    bundle = Bundle.read(base64.b64decode(row["archive"]))
    try:
        now = _revision(config)
        if now != found[-1]["policy"] and not discard:
            problem = (
                f"{config.policies} has changes that were never in force: save them,"
                " or say --discard"
            )
            fail(ExitCode.NOT_DONE, problem, as_json=as_json)
        restored(bundle, config.policies)
        now = _revision(config)
    except InvalidFile as error:
        fail(ExitCode.MISTAKES, mistakes_told(error), as_json=as_json)
    except Unavailable as error:
        fail(ExitCode.UNAVAILABLE, str(error), as_json=as_json)
    if now != row["policy"]:
        fail(ExitCode.NOT_DONE, _other(config, bundle, number), as_json=as_json)
    said = "run: sallyport policy activate --reason rollback"
    if now == found[-1]["policy"]:
        said = "these are the rules in force"
    show({"policy": now, "number": number, "said": said}, as_json=as_json)


def _other(config: Config, bundle: Bundle, number: int) -> str:
    """Say why rules that were laid out again are not those of then, and what to do."""
    law, (packs, overlay) = config.jurisdiction, stack_of(bundle.files)
    again = f"{config.policies} holds the rules of activation {number} again, but"
    if (packs, overlay) == (
        tuple(sorted({*law.packs} - {DEFAULT_PACK})),
        law.overlay,
    ):
        return (
            f"{again} they come to other rules; look in the folder for files that are"
            " not of then, such as a must_never.yaml, and whether another version of"
            " sallyport was here then"
        )
    then = f"packs: [{', '.join(packs)}] and overlay: {overlay or 'none'}"
    return (
        f"{again} with jurisdiction as it is configured now they come to other rules."
        f" Then it had {then}; write that into {config.path.name}:jurisdiction, then"
        " run: sallyport policy activate --reason rollback"
    )


def _revision(config: Config) -> str:
    law = config.jurisdiction
    return build(config.policies, law.packs, law.overlay).revision
