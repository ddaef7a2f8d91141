"""The vocabulary's words that a kind of file may use: catalogue, registry, papers."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.catalogue import FactWord, Words
from gateway.config import Config
from gateway.identity import PaperWords, RegistryWords
from gateway.policy import Vocabulary

__all__ = ["catalogue_words", "paper_words", "registry_words"]

_CERTIFICATION = "certification."


def registry_words(config: Config, vocabulary: Vocabulary) -> RegistryWords:
    """Return the words that the registry may use."""
    return RegistryWords(
        classes={n: item.family for n, item in vocabulary.requester_classes.items()},
        certifications=[
            name.removeprefix(_CERTIFICATION)
            for name in vocabulary.facts
            if name.startswith(_CERTIFICATION)
        ],
        facts=vocabulary.registry_facts,
        issuers=[item.issuer for item in config.issuers],
        client_cas=config.server.client_cas,
    )


def paper_words(vocabulary: Vocabulary) -> PaperWords:
    """Return the words that the register of papers may use."""
    return PaperWords(
        signers={code: item.signers for code, item in vocabulary.instruments.items()},
        datasets=vocabulary.datasets,
        categories=vocabulary.categories,
        kinds=vocabulary.kinds,
        boxes=vocabulary.face_boxes,
    )


def catalogue_words(vocabulary: Vocabulary) -> Words:
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
