"""Whether the files a configuration names are there, and private where they must be."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from gateway.config.databases import OnServer
from gateway.config.document import Config
from gateway.config.secrets import CLOSED, private_file_problem
from gateway.errors import Mistake

__all__ = ["file_mistakes"]

VOCABULARY = "vocabulary.yaml"
"""What makes a folder one of policies."""


def file_mistakes(config: Config) -> Iterator[Mistake]:
    """Yield one mistake for each file that cannot be used as configured."""
    for path, file in _secrets(config):
        problem, _, advice = private_file_problem(file).partition("; ")
        if problem:
            yield Mistake(path=path, problem=f"{file} {problem}", advice=advice)
    for path, file in _plain(config):
        if not (_may(file, os.R_OK) and file.is_file()):
            problem = f"{file} is not a readable file"
            yield Mistake(path=path, problem=problem, advice=_advice(file))
    for path, folder in (
        ("policies", config.policies),
        ("catalogue", config.catalogue),
    ):
        if not _opens(folder):
            problem = f"{folder} is not a folder that can be read"
            yield Mistake(path=path, problem=problem, advice=_advice(folder))
    if _opens(config.policies) and not (config.policies / VOCABULARY).is_file():
        problem = f"{config.policies} is no policies folder: it has no {VOCABULARY}"
        yield Mistake(path="policies", problem=problem)


def _opens(folder: Path) -> bool:
    """Tell whether a folder is there and this process's user may look into it."""
    return _may(folder, os.R_OK | os.X_OK) and folder.is_dir()


def _may(place: Path, mode: int) -> bool:
    return os.access(place, mode, effective_ids=True)


def _advice(place: Path) -> str:
    """Return what to do about what can't be read."""
    try:
        if not place.exists():
            return "make it, or correct the path"
    except PermissionError:  # a folder above it is closed to this process's user
        return CLOSED
    return "" if _may(place, os.R_OK) else CLOSED


def _secrets(config: Config) -> Iterator[tuple[str, Path]]:
    yield "server.key", config.server.key
    yield "log.keys.log", config.log.keys.log
    yield "log.keys.receipt", config.log.keys.receipt
    yield "log.keys.time", config.log.keys.time
    if config.log.keys.mldsa is not None:
        yield "log.keys.mldsa", config.log.keys.mldsa
    yield "state.key", config.state.key
    for path, database in _on_servers(config):
        for name in ("password_file", "client_key"):
            file = getattr(database, name)
            if file is not None:
                yield f"{path}.{name}", file
    if config.opa is not None:
        yield "opa.token", config.opa.token
        yield "opa.signing_key", config.opa.signing_key


def _plain(config: Config) -> Iterator[tuple[str, Path]]:
    yield "server.certificate", config.server.certificate
    yield "registry", config.registry
    yield "instruments", config.instruments
    for name, file in config.server.client_cas.items():
        yield f"server.client_cas.{name}", file
    for place, issuer in enumerate(config.issuers):
        if issuer.jwks_file is not None:
            yield f"issuers.{place}.jwks_file", issuer.jwks_file
        if issuer.ca_file is not None:
            yield f"issuers.{place}.ca_file", issuer.ca_file
    yield from _of_the_log(config)
    yield from _of_servers(config)


def _of_servers(config: Config) -> Iterator[tuple[str, Path]]:
    """Yield what vouches for servers that are asked, and for us before them."""
    if config.opa is not None and config.opa.ca_file is not None:
        yield "opa.ca_file", config.opa.ca_file
    for path, database in _on_servers(config):
        for name in ("ca_file", "client_certificate"):
            file = getattr(database, name)
            if file is not None:
                yield f"{path}.{name}", file


def _of_the_log(config: Config) -> Iterator[tuple[str, Path]]:
    for place, auditor in enumerate(config.log.auditors):
        yield f"log.auditors.{place}.key", auditor.key
    if config.log.quorum is not None:
        yield "log.witness", config.log.quorum
    if config.log.witness_ca is not None:
        yield "log.witness_ca", config.log.witness_ca


def _on_servers(config: Config) -> Iterator[tuple[str, OnServer]]:
    """Yield the databases that are on servers, each with its place in the file."""
    yield "state", config.state
    if config.log.database is not None:
        yield "log.database", config.log.database
        yield "log.database.integrator", config.log.database.integrating
    for name, source in config.sources.items():
        if isinstance(source, OnServer):
            yield f"sources.{name}", source
