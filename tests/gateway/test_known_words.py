"""What the vocabulary says is what each kind of file may say."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from gateway.known_words import catalogue_words, paper_words, registry_words
from gateway.policy.vocabulary import load_vocabulary

WORDS = load_vocabulary(Path(__file__).parents[2] / "policies" / "vocabulary.yaml")


def test_each_kind_of_file_has_its_words() -> None:
    """Codes without the prefix of their facts; facts by what they are about."""
    config: Any = SimpleNamespace(
        issuers=[SimpleNamespace(issuer="https://issuer.example.invalid")],
        server=SimpleNamespace(client_cas={"state": Path("state.pem")}),
    )
    registry, papers = registry_words(config, WORDS), paper_words(WORDS)
    catalogue = catalogue_words(WORDS)

    assert registry.classes is not None
    assert registry.classes["ice_ero"] == "dhs_immigration"
    assert registry.certifications
    assert not any("." in code for code in registry.certifications)
    assert registry.issuers == ["https://issuer.example.invalid"]
    assert registry.client_cas == config.server.client_cas
    assert papers.signers.keys() == WORDS.instruments.keys()
    assert catalogue.categories == frozenset(WORDS.categories)
    assert {WORDS.facts[name].scope for name in catalogue.record_facts} == {"record"}
