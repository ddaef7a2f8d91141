"""The manifest: one digest over all configuration that decisions depend on.

It is activated like a bundle and stands in every leaf, so that nobody can relabel a
column, map an agency to another class or add an issuer unseen. Its lines are
``name SP sha256`` of each file's bytes, sorted by name; the names are logical, so
that moving a folder changes nothing.

``sallyport.yaml`` itself is in it, whole: limits, engines, retention, the packs in
force and every path; and each of its sections once more
(``sallyport.yaml#retention``), so that whoever compares two manifests can name what
changed. The manifest is public: it says that something changed, never to what.
Secrets are not in it: it has the *path* of a key, never a digest of its bytes. A
public digest would say when a key was changed, and changing one must not need an
activation. ``instruments.yaml`` is outside: a paper's state counts only with its own
log entry. The rules are the bundle's; databases are data.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from audit.changes import names_changed
from gateway import yamlfile
from gateway.canonical import canonical, digest
from gateway.config import Config
from gateway.errors import InvalidFile, Mistake

__all__ = ["Manifest", "manifest_files", "read_manifest"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Manifest:
    """The digests of all files that decisions depend on, by logical name."""

    files: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """Return the sorted lines ``name SP sha256``, each with its newline."""
        return "".join(f"{name} {sha256}\n" for name, sha256 in sorted(self.files))

    @property
    def digest(self) -> str:
        """Return the SHA-256 of :attr:`text`, in lower-case hex."""
        return digest(self.text.encode())

    def difference(self, other: Manifest) -> tuple[str, ...]:
        """Name what differs from another manifest, sorted."""
        return tuple(names_changed(dict(self.files), dict(other.files), policy=False))


def manifest_files(config: Config) -> dict[str, Path]:
    """Return the files of the manifest by logical name, each name once."""
    files = {"sallyport.yaml": config.path, "agencies.yaml": config.registry}
    files |= {f"catalogue/{quote(path.name)}": path for path in _catalogue(config)}
    files |= {
        f"client_cas/{name}.pem": path
        for name, path in config.server.client_cas.items()
    }
    files |= {
        f"issuers/{quote(issuer.issuer, safe='')}.jwks": issuer.jwks_file
        for issuer in config.issuers
        if issuer.jwks_file is not None
    }
    files |= {
        f"issuers/{quote(issuer.issuer, safe='')}.ca": issuer.ca_file
        for issuer in config.issuers
        if issuer.ca_file is not None
    }
    files |= {f"auditors/{item.name}.pub": item.key for item in config.log.auditors}
    files |= {
        f"sources/{name}.ca": source.ca_file
        for name, source in config.sources.items()
        if source.kind == "postgres" and source.ca_file is not None
    }
    if config.state.ca_file is not None:
        files["state.ca"] = config.state.ca_file
    if config.opa is not None and config.opa.ca_file is not None:
        files["opa/ca.pem"] = config.opa.ca_file
    if config.log.quorum is not None:
        files["trust.policy"] = config.log.quorum
    if config.log.witness_ca is not None:
        files["witness.ca"] = config.log.witness_ca
    return files


def read_manifest(config: Config) -> Manifest:
    """Read every file of the manifest and return their digests.

    Raises:
        InvalidFile: naming every file that cannot be read.
    """
    mistakes: list[Mistake] = []
    files = tuple(_digests(config, mistakes))
    if mistakes:
        raise InvalidFile(mistakes)
    return Manifest(files=files)


def _digests(config: Config, mistakes: list[Mistake]) -> Iterator[tuple[str, str]]:
    for name, path in sorted(manifest_files(config).items()):
        try:
            data = path.read_bytes()
        except OSError as error:
            problem = f"cannot be read ({error.strerror})"
            mistakes.append(Mistake(path=str(path), problem=problem))
            continue
        yield name, digest(data)
        if path == config.path:
            yield from _sections(name, yamlfile.parse(data, str(path)))


def _sections(name: str, document: object) -> Iterator[tuple[str, str]]:
    """Yield the digest of each section of the main file, as it is written."""
    if isinstance(document, dict):
        for section, value in document.items():
            yield f"{name}#{quote(str(section))}", digest(canonical(value))


def _catalogue(config: Config) -> list[Path]:
    """Return the dataset files; the catalogue reads the same ones."""
    folder = config.catalogue
    return sorted(folder.glob("*.yaml"))
