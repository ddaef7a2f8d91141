"""The bundle: evaluator, compiled law, vocabulary and the sources, under one revision.

The revision is SHA-256 over sorted ``path SP sha256`` lines of all files but the
manifest, the signatures, ``meta/data.json`` and ``proofs/``. Every JSON file is
canonical, so that OPA's hash of its value is the hash of its bytes. Archives are
reproducible: sorted names, no times, no owners.
"""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import orjson

from gateway.canonical import Json, canonical, digest
from gateway.policy.vocabulary import Vocabulary

__all__ = ["ROOTS", "Bundle", "revision_of", "with_revision"]

MANIFEST = ".manifest"
SIGNATURES = ".signatures.json"
META = "meta/data.json"
OUTSIDE = (MANIFEST, SIGNATURES, META)
LEVEL = 6
"""How hard gzip tries: the hardest takes four times as long for a tenth of the size."""
ROOTS = ("compiled", "conformance", "meta", "sallyport", "table", "vocabulary")


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """The files of a bundle by path."""

    files: Mapping[str, bytes]

    @cached_property
    def revision(self) -> str:
        """The revision, as ``meta/data.json`` and the manifest say it."""
        return str(orjson.loads(self.files[META])["revision"])

    @cached_property
    def rego(self) -> Mapping[str, str]:
        """The evaluator's modules by path."""
        return {
            path: data.decode()
            for path, data in self.files.items()
            if path.endswith(".rego")
        }

    @cached_property
    def data(self) -> bytes:
        """What evaluators see as ``data``: compiled law and revision."""
        return b'{"compiled":%s,"meta":%s}' % (
            self.files["compiled/data.json"],
            self.files[META],
        )

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The closed lists in force with this bundle."""
        return Vocabulary.model_validate(self.document("vocabulary/data.json"))

    def document(self, path: str) -> Json:
        """Return a JSON file of the bundle."""
        found: Json = orjson.loads(self.files[path])
        return found

    def looks_at(self, fact: str) -> bool:
        """Tell whether a rule of the compiled law looks at a fact."""
        return f'"{fact}":'.encode() in self.files["compiled/data.json"]

    def archive(self) -> bytes:
        """Return the gzipped tar: the same bundle gives the same bytes."""
        tar = io.BytesIO()
        with tarfile.open(fileobj=tar, mode="w", format=tarfile.USTAR_FORMAT) as out:
            for path in sorted(self.files):
                info = tarfile.TarInfo(name=path)
                info.size = len(self.files[path])
                info.mode = 0o644
                out.addfile(info, io.BytesIO(self.files[path]))
        packed = io.BytesIO()
        with gzip.GzipFile("", "wb", LEVEL, fileobj=packed, mtime=0) as out:
            out.write(tar.getvalue())
        return packed.getvalue()

    @classmethod
    def read(cls, archive: bytes) -> Bundle:
        """Read an archive; nothing of it is believed yet (see ``audit.bundle``).

        Raises:
            ValueError: for what is no bundle archive.
        """
        from audit.bundle import read_archive  # noqa: PLC0415  # only who reads needs it

        return cls(files=read_archive(archive))


def with_revision(files: Mapping[str, bytes]) -> Bundle:
    """Return the bundle of these files with manifest and revision."""
    revision = revision_of(files)
    manifest = {"revision": revision, "roots": list(ROOTS), "rego_version": 1}
    return Bundle(
        files={
            **files,
            META: canonical({"revision": revision}),
            MANIFEST: canonical(manifest),
        }
    )


def revision_of(files: Mapping[str, bytes]) -> str:
    """Return the revision of a bundle's files."""
    lines = (
        f"{path} {digest(files[path])}\n"
        for path in sorted(files)
        if path not in OUTSIDE and not path.startswith("proofs/")
    )
    return digest("".join(lines).encode())
