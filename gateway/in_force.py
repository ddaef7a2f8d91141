"""Everything that was activated together: one value, replaced whole.

The manifest (catalogue, registry, configuration) and the policy bundle are read from
their files at start and at each activation. An exchange keeps the value it began
with; if another is in force when a page is to be released, it ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from gateway.acts import ActsInForce, face_commitment, paper_commitment
from gateway.catalogue import Catalogue, FactWord, Words, load_catalogue
from gateway.config import Config
from gateway.errors import Cause, GatewayError, InvalidFile, Mistake, Unavailable
from gateway.identity import (
    AgencyRegistry,
    PaperConfirmation,
    PaperFile,
    PaperRecord,
    Papers,
    PaperState,
    PaperWords,
    RegistryWords,
    read_agencies,
    read_instruments,
)
from gateway.manifest import Manifest, read_manifest
from gateway.policy import Bundle, Policy, Vocabulary
from gateway.policy.build import build

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

_CERTIFICATION = "certification."


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
        InvalidFile: with the mistakes of the first kind of file that has any.
    """
    manifest, jurisdiction = read_manifest(config), config.jurisdiction
    bundle = build(config.policies, jurisdiction.packs, jurisdiction.overlay)
    vocabulary = bundle.vocabulary
    families = {
        name: item.family for name, item in vocabulary.requester_classes.items()
    }
    agencies = read_agencies(
        config.registry,
        RegistryWords(
            classes=families,
            certifications=[
                name.removeprefix(_CERTIFICATION)
                for name in vocabulary.facts
                if name.startswith(_CERTIFICATION)
            ],
            facts=vocabulary.registry_facts,
            issuers=[item.issuer for item in config.issuers],
            client_cas=config.server.client_cas,
        ),
    )
    written = Written(
        manifest=manifest,
        bundle=bundle,
        catalogue=load_catalogue(
            config.catalogue, words=_catalogue_words(vocabulary), sources=config.sources
        ),
        registry=AgencyRegistry(agencies, zone=config.zone, families=families),
    )
    if changed := manifest.difference(read_manifest(config)):
        # What was read may be of before, and its digest of after.
        problem = "was changed while it was read; try again"
        raise InvalidFile([Mistake(path=name, problem=problem) for name in changed])
    return written


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
    words = PaperWords(
        signers={code: item.signers for code, item in vocabulary.instruments.items()},
        datasets=vocabulary.datasets,
        categories=vocabulary.categories,
        kinds=vocabulary.kinds,
        boxes=vocabulary.face_boxes,
    )
    file = read_instruments(config.instruments, words)
    return PaperFile(file, entries=entries, zone=config.zone)


def _catalogue_words(vocabulary: Vocabulary) -> Words:
    """Return the vocabulary's words that dataset files may use."""

    def words(scope: str) -> Mapping[str, FactWord]:
        return {
            name: FactWord(
                type=fact.type,
                values=vocabulary.code_values.get(name, frozenset()),
                maximum=fact.max if fact.max is not None else 2**53 - 1,
            )
            for name, fact in vocabulary.facts.items()
            if fact.scope == scope
        }

    return Words(
        dataset_kinds=frozenset(vocabulary.datasets),
        custodian_types=frozenset(vocabulary.custodian_types),
        categories=frozenset(vocabulary.categories),
        record_facts=words("record"),
        category_facts=words("record_category"),
    )
