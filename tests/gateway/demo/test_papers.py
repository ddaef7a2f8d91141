"""The invented papers of the story."""

from __future__ import annotations

import datetime as dt

from gateway.demo.chapters import scenes
from gateway.demo.papers import PAPERS, instruments_yaml, paper
from gateway.identity import subject_digest
from gateway.identity.instruments import InstrumentsFile
from gateway.yamlfile import parse

TODAY = dt.date(2026, 3, 1)


def test_every_paper_shown_in_the_story_exists() -> None:
    """Requests name papers by the digests that the county's list has."""
    known = {one.document for one in PAPERS.values()}
    shown = {
        item["document_sha256"]
        for scene in scenes()
        for item in scene.body.get("instruments", ())
    }

    assert shown <= known
    assert paper("detainer-18")["type"] == "i247a"


def test_the_clerks_file_is_one_the_gateway_reads() -> None:
    """``instruments.yaml`` is valid, binds each paper to whom it names, raises none."""
    key = b"k" * 32
    text = instruments_yaml(subject_key=key, today=TODAY)
    file = InstrumentsFile.model_validate(parse(text, "instruments.yaml"))

    assert set(file.papers) == {one.document for one in PAPERS.values()}
    for one in PAPERS.values():
        (subject,) = file.papers[one.document].subjects
        assert subject.digest == subject_digest(key, {one.selector: one.value})
        assert file.papers[one.document].state == "unverified"


def test_documents_say_that_they_are_invented() -> None:
    """No two papers are the same document; each digest is of a marked text."""
    documents = [one.document for one in PAPERS.values()]

    assert len(set(documents)) == len(documents)
