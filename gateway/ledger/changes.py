"""Which files differ from what was activated, by name."""

from __future__ import annotations

from audit.changes import manifest_lines, names_changed
from gateway.acts import Activation, require_active
from gateway.ledger.registrar import Registrar
from gateway.manifest import Manifest

__all__ = ["changed_names", "require_files"]


async def changed_names(
    registrar: Registrar, *, policy: str, manifest: Manifest
) -> list[str] | None:
    """Return the files and sections in which these differ from the activation.

    The rules are named as ``policy``. None before the first activation.

    Args:
        registrar: the acts of the log.
        policy: revision of the bundle that the files come to now.
        manifest: what they come to.

    Raises:
        Unavailable: log-unavailable.
    """
    active = registrar.in_force.activation
    if active is None:
        return None
    text = await registrar.public_file(f"manifest/{active.manifest}")
    before = manifest_lines(text or b"") or {}
    changed = active.policy != policy
    return names_changed(before, dict(manifest.files), policy=changed)


async def require_files(
    registrar: Registrar, *, policy: str, manifest: Manifest
) -> Activation:
    """Return the activation in force, if it is of these files.

    Raises:
        NotActivated: naming the files that differ, and what to run.
        Unavailable: log-unavailable.
    """
    changed = await changed_names(registrar, policy=policy, manifest=manifest)
    return require_active(
        registrar.in_force.activation,
        policy=policy,
        manifest=manifest.digest,
        changed=changed or (),
    )
