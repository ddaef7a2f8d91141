"""Everything that was activated together: one value, replaced whole.

The manifest (catalogue, registry, configuration) and the policy bundle are read from
their files at start and at each activation. An exchange keeps the value it began
with; if another is in force when a page is to be released, it ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeVar

from gateway.acts import ActsInForce, face_commitment, paper_commitment
from gateway.catalogue import Catalogue, load_catalogue
from gateway.config import Config
from gateway.errors import Cause, GatewayError, InvalidFile, Mistake, Unavailable
from gateway.identity import (
    AgencyRegistry,
    PaperConfirmation,
    PaperFile,
    PaperRecord,
    Papers,
    PaperState,
    read_agencies,
    read_instruments,
)
from gateway.known_words import catalogue_words, paper_words, registry_words
from gateway.manifest import Manifest, read_manifest
from gateway.policy import Bundle, Policy, Vocabulary
from gateway.policy.build import build
from gateway.policy.vocabulary import load_vocabulary

__all__ = [
    "CurrentPapers",
    "InForce",
    "LoggedPapers",
    "MakePolicy",
    "Written",
    "put_in_force",
    "read_files",
    "read_papers",
]

PAPERS_S = 1.0
"""How often it is looked whether instruments.yaml has changed, in seconds."""

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class InForce:
    """What decides and describes: policy, catalogue, registry, and the digest."""

    policy: Policy
    catalogue: Catalogue
    registry: AgencyRegistry
    manifest: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """What the files come to now, whether or not it was activated."""

    manifest: Manifest
    bundle: Bundle
    catalogue: Catalogue
    registry: AgencyRegistry

    @property
    def vocabulary(self) -> Vocabulary:
        """The closed lists of the bundle."""
        return self.bundle.vocabulary


def read_files(config: Config) -> Written:
    """Read the manifest's files and the policies; blocks.

    Raises:
        InvalidFile: with the mistakes of every kind of file; of registry and catalogue
            only where the vocabulary reads, whose words they use.
    """
    mistakes: list[Mistake] = []
    manifest = _tried(mistakes, lambda: read_manifest(config))
    bundle = _tried(mistakes, lambda: _law(config))
    vocabulary = (
        bundle.vocabulary if bundle else _tried(mistakes, lambda: _words(config))
    )
    if vocabulary is None:
        raise InvalidFile([*dict.fromkeys(mistakes)])
    words, classes = catalogue_words(vocabulary), registry_words(config, vocabulary)
    agencies = _tried(mistakes, lambda: read_agencies(config.registry, classes))
    catalogue = _tried(
        mistakes,
        lambda: load_catalogue(config.catalogue, words=words, sources=config.sources),
    )
    if manifest is None or bundle is None or agencies is None or catalogue is None:
        raise InvalidFile([*dict.fromkeys(mistakes)])
    families = classes.classes or {}
    written = Written(
        manifest=manifest,
        bundle=bundle,
        catalogue=catalogue,
        registry=AgencyRegistry(agencies, zone=config.zone, families=families),
    )
    if changed := manifest.difference(read_manifest(config)):
        # What was read may be of before, and its digest of after.
        problem = "was changed while it was read; try again"
        raise InvalidFile([Mistake(path=name, problem=problem) for name in changed])
    return written


def _tried(mistakes: list[Mistake], read: Callable[[], T]) -> T | None:
    """Return what is read; where it has mistakes, none, and add them to the others."""
    try:
        return read()
    except InvalidFile as error:
        mistakes += error.mistakes
        return None


def _law(config: Config) -> Bundle:
    """Build the bundle; a pack that is not there is told where it was asked for."""
    law = config.jurisdiction
    try:
        return build(config.policies, law.packs, law.overlay)
    except InvalidFile as error:
        at = f"{config.path.name}:jurisdiction"
        named = [
            replace(item, path=f"{at}.{item.path}")
            if item.path in {"packs", "overlay"}
            else item
            for item in error.mistakes
        ]
        raise InvalidFile(named) from error


def _words(config: Config) -> Vocabulary:
    return load_vocabulary(config.policies / "vocabulary.yaml")


MakePolicy: TypeAlias = Callable[[Bundle], Policy]
"""Makes a policy of a bundle, with engines as configured."""


async def put_in_force(
    written: Written, make_policy: MakePolicy = lambda bundle: Policy(bundle=bundle)
) -> InForce:
    """Load what the files came to into the engines of this process, and try them.

    An engine of another process is tried when it has polled for the bundle.

    Raises:
        Unavailable: policy-unavailable, when an engine does not take the bundle, or
            answers the bundle's own conformance questions wrong.
    """
    policy = make_policy(written.bundle)
    problem = await policy.problem("local", trial=True)
    if problem:
        raise Unavailable(Cause.POLICY_UNAVAILABLE, problem)
    return InForce(
        policy=policy,
        catalogue=written.catalogue,
        registry=written.registry,
        manifest=written.manifest.digest,
    )


class CurrentPapers:
    """The papers of ``instruments.yaml`` as the file is now.

    Papers arrive every day, so the file is outside the manifest and is read again
    when it changes, or the vocabulary in force does. A file with mistakes is not
    taken; the one before stays.
    """

    def __init__(
        self,
        config: Config,
        vocabulary: Callable[[], Vocabulary],
        entries: LoggedPapers,
    ) -> None:
        """Read the file for the first time; blocks.

        Args:
            config: where the file is, and the zone of its days.
            vocabulary: tells the vocabulary in force.
            entries: the log's word on papers.

        Raises:
            InvalidFile: with every mistake.
        """
        self._config = config
        self._vocabulary = vocabulary
        self._entries = entries
        self._stamp = self._stamped()
        self._words = vocabulary()
        self._papers: Papers = read_papers(config, self._words, entries)

    def find(self, document: str) -> PaperRecord | None:
        """Return what is known of a document, or None: it is then unverified."""
        return self._papers.find(document)

    async def follow(self, refused: Callable[[GatewayError], None]) -> None:
        """Read the file again when it changes, until cancelled."""
        while True:
            await asyncio.sleep(PAPERS_S)
            stamp, words = await asyncio.to_thread(self._stamped), self._vocabulary()
            if stamp == self._stamp and words is self._words:
                continue
            self._stamp, self._words = stamp, words
            try:
                self._papers = await asyncio.to_thread(
                    read_papers, self._config, words, self._entries
                )
            except GatewayError as error:
                refused(error)

    def _stamped(self) -> tuple[int, int]:
        try:
            found = self._config.instruments.stat()
        except OSError:
            return (0, 0)
        return (found.st_mtime_ns, found.st_size)


class LoggedPapers:
    """The log's word on papers: what the acts say about a document."""

    def __init__(self, *, secret: bytes, acts: Callable[[], ActsInForce]) -> None:
        """Take the key of the commitments and what tells the acts in force."""
        self._secret = secret
        self._acts = acts

    def latest(self, document: str, face: str) -> PaperConfirmation | None:
        """Return the newest entry about a document, or None if there is none.

        One that confirmed another face of it is none: the register was edited since.
        """
        commitment, salt = paper_commitment(self._secret, document)
        act = self._acts().papers.get(commitment)
        if act is None:
            return None
        confirmed = act.state == PaperState.ISSUER_CONFIRMED
        if confirmed and act.face != face_commitment(salt, face):
            return None
        return PaperConfirmation(state=PaperState(act.state), entry=act.index)


def read_papers(
    config: Config, vocabulary: Vocabulary, entries: LoggedPapers
) -> PaperFile:
    """Read ``instruments.yaml``, which is outside the manifest; blocks.

    Raises:
        InvalidFile: with every mistake.
    """
    file = read_instruments(config.instruments, paper_words(vocabulary))
    return PaperFile(file, entries=entries, zone=config.zone)
