"""Acts published in a tree with what they name, and the tree verified."""

from __future__ import annotations

import io
import shutil
import tarfile
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from audit.act import Act
from audit.bundle import revision
from audit.reading import FolderSource
from audit.report import Report
from audit.verify import Trust, verify
from tests.audit.builders import (
    GENESIS,
    KEYS,
    ROSTER,
    leaf,
    signed,
    statement,
    write_act,
    write_tree,
)

__all__ = [
    "BOTH",
    "TRUST",
    "act_leaf",
    "activation",
    "archive",
    "check",
    "manifest",
    "texts",
    "tree",
    "under",
]

TRUST = Trust(keys=KEYS.verifiers, roster=ROSTER.digest)
BOTH = ("officer-1", "counsel-1")


def check(folder: Path, trust: Trust = TRUST) -> Report:
    """Verify a tree."""
    return verify(FolderSource(folder), trust)


def texts(report: Report) -> list[str]:
    """Return what was found, each with its place."""
    return [each.text for each in report.findings]


def tree(folder: Path, *leaves: bytes) -> Report:
    """Write a tree that begins with genesis, and verify it."""
    shutil.rmtree(folder / "tile", ignore_errors=True)
    first = leaf(**write_act(folder, GENESIS))
    write_tree(folder, [first, *leaves])
    return check(folder)


def archive(content: bytes) -> tuple[bytes, str]:
    """Return a policy bundle with one file, and its revision."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        member = tarfile.TarInfo("a.rego")
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    return packed.getvalue(), revision({"a.rego": content})


def manifest(**digits: int) -> bytes:
    """Return a manifest: the digest of each file is one digit, repeated."""
    names = {name.replace("_", "/"): digit for name, digit in digits.items()}
    return "".join(
        f"{n}.yaml {str(d) * 64}\n" for n, d in sorted(names.items())
    ).encode()


FILES = manifest(agencies=1, catalogue_jail=1)


def activation(
    folder: Path,
    counter: int = 0,
    *,
    content: bytes = b"one",
    files: bytes = FILES,
    changes: str = "first",
    people: Sequence[str] = BOTH,
    **more: Any,  # noqa: ANN401 - texts by name
) -> dict[str, str]:
    """Publish an activation with what it names; return its leaf's members."""
    data, policy = archive(content)
    bundle, digest = sha256(data).hexdigest(), sha256(files).hexdigest()
    values = {
        "policy": policy,
        "bundle": bundle,
        "manifest": digest,
        "changes": changes,
        "witness": "none",
    }
    act = signed(statement("activation", counter, **(values | more)), *people)
    for name, file in (
        (f"manifest/{digest}", files),
        (f"policy/{bundle}.tar.gz", data),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(file)
    given = act.statement
    basis = {name: given[name] for name in ("policy", "manifest")}
    return {**write_act(folder, act), **basis}


def under(activated: dict[str, str], **more: object) -> bytes:
    """Return an ordinary leaf that names an activation's basis."""
    basis = {name: activated[name] for name in ("policy", "manifest")}
    return leaf(**basis, **more)


def act_leaf(
    folder: Path, act: Act, activated: dict[str, str], **more: object
) -> bytes:
    """Publish an act; return its leaf, made under an activation."""
    return under(activated, **write_act(folder, act), **more)
