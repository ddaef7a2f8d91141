"""What the files change against what is in force, read off the log's public tree.

The newest entry names the rules and the manifest that it was made under. Reading it
takes no lock and asks nobody, so it is as well while a gateway runs. It proves nothing:
``serve`` and ``doctor`` compare with the act itself.
"""

from __future__ import annotations

from audit.changes import manifest_lines, names_changed
from audit.checkpoint import Checkpoint
from audit.errors import AuditError
from audit.note import Note
from audit.proof import leaf_at
from audit.reading import FolderSource
from audit.selection import leaf_of
from gateway.config import Config
from gateway.in_force import Written

__all__ = ["changed_since"]


def changed_since(config: Config, written: Written) -> list[str] | None:
    """Return the files and sections that differ from those of the newest entry.

    The rules are named as ``policy``. None where there is nothing to compare with: no
    activation yet, no log that this user may read, or one in a database, which would
    have to be asked.
    """
    if config.log.database is not None:
        return None
    source = FolderSource(config.log.directory / "live")
    try:
        note = Note.parse(source.read("checkpoint") or b"")
        size = Checkpoint.parse(note.text).size
        leaf = leaf_of(leaf_at(source, size - 1, size)) or {}
        before = manifest_lines(source.read(f"manifest/{leaf.get('manifest')}") or b"")
    except AuditError:
        return None  # what is wrong with a log, doctor says
    if not before:
        return None
    changed = leaf.get("policy") != written.bundle.revision
    return names_changed(before, dict(written.manifest.files), policy=changed)
