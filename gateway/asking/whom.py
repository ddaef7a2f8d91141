"""Whom a request asks about, in the terms in which that is counted and remembered."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from gateway.catalogue import Catalogue, Dataset
from gateway.identity import Asked, AskedBefore, Requester, parts_of
from gateway.model import Request
from gateway.policy import Vocabulary

__all__ = ["exigent", "whom"]

EXIGENT_PURPOSE = "exigent_life_safety"
EXIGENT_STATEMENT = "exigent_claimed"


def whom(
    request: Request,
    *,
    requester: Requester,
    asked: AskedBefore,
    catalogue: Catalogue,
    vocabulary: Vocabulary,
    day: int,
) -> Asked:
    """Return whom a request asks about; nothing is counted yet.

    Words that do not exist are left to :func:`gateway.asking.inquiry.inquire`, which
    names them all: such a request is refused before anything is counted.
    """
    dataset = catalogue.datasets.get(request.dataset)
    categories = {} if dataset is None else _categories(dataset)
    recipient = vocabulary.requester_classes.get(request.recipient or "")
    return asked.look(
        (parts_of(subject, categories) for subject in request.subjects),
        families=requester.families,
        recipient="" if recipient is None else recipient.family,
        way=(request.purpose, request.recipient or "", request.channel),
        day=day,
    )


def exigent(request: Request) -> bool:
    """Tell whether a request claims danger to life, by its purpose or a statement.

    Anybody may claim it. It gains a place sooner, never an answer, and it is on record.
    """
    return (
        request.purpose == EXIGENT_PURPOSE
        or request.statements.get(EXIGENT_STATEMENT) is True
    )


@lru_cache(maxsize=64)
def _categories(dataset: Dataset) -> Mapping[str, str]:
    """Return the category of each selector."""
    return {name: item.category for name, item in dataset.selectors.items()}
