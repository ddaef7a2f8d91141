"""Which source an argument of the command line names."""

from __future__ import annotations

from pathlib import Path

from audit.errors import CannotTell
from audit.reading import (
    BUCKET,
    DATABASE,
    WEB,
    FolderSource,
    Source,
    driver,
    is_export,
    is_tree,
)
from audit.tls import Tls

__all__ = ["open_source"]


def open_source(where: str, tls: Tls | None = None) -> Source:
    """Return the source that an argument of the command line names.

    A store's own folder is read at its live tree, an export and a public tree are not,
    whatever lies in them; ``tls`` is for web addresses.

    Raises:
        CannotTell: there is no such folder, a file of ``tls`` does not read, or what
            reads a database is not installed.
    """
    if where.startswith(DATABASE):
        found: Source = driver("audit.postgres.keep").keep_of(where).source()
        return found
    if where.startswith(BUCKET):
        place = driver("audit.objects.bucket").place_at(where)
        copied: Source = driver("audit.objects.source").ObjectSource(place)
        return copied
    if where.startswith(WEB):
        # Only who reads over the web waits for the import of the web's modules.
        from audit.web import WebSource  # noqa: PLC0415 - as said

        return WebSource(where, tls)
    root = Path(where)
    if not root.exists():
        raise CannotTell(f"{where}: there is no such folder")
    if is_export(where):
        # Only who has an export waits for the modules that read one.
        from audit.chosen import ChosenSource, is_chosen  # noqa: PLC0415 - as said

        source = FolderSource(root)
        return ChosenSource(source) if is_chosen(root) else source
    live = root / "live"
    stored = not is_tree(where) and (live / "checkpoint").exists()
    return FolderSource(live if stored else root)
