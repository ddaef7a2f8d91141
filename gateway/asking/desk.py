"""Holding the papers of a request against what it asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.catalogue import Dataset
from gateway.identity import PaperAsk, Papers, Presented, paper_facts
from gateway.model import Request
from gateway.policy import Vocabulary

__all__ = ["PaperDesk", "facts_of_papers"]


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperDesk:
    """What is needed to hold the papers of a request against what it asks."""

    papers: Papers
    subject_key: bytes
    now_ms: int


def facts_of_papers(
    request: Request,
    dataset: Dataset,
    keys: Sequence[tuple[str, str, str]],
    desk: PaperDesk,
    vocabulary: Vocabulary,
) -> Mapping[tuple[str, str], Mapping[str, str]]:
    """Return the facts about papers for each (kind, category) to be released."""
    if not request.instruments:
        return defaultdict(dict)
    ask = PaperAsk(
        dataset=dataset.kind,
        asks=[(kind, category) for kind, _, category in keys],
        subjects=[
            {name: str(value) for name, value in subject.items()}
            for subject in request.subjects
        ],
        subject_key=desk.subject_key,
        now_ms=desk.now_ms,
    )
    presented = [
        Presented(type=paper.type, document=paper.document_sha256)
        for paper in request.instruments
    ]
    signers = {code: item.signers for code, item in vocabulary.instruments.items()}
    return paper_facts(
        desk.papers, presented, ask, signers=signers, faces=vocabulary.faces
    )
