"""A chapter: one question, three states' laws."""

from __future__ import annotations

from typing import Final

from gateway.demo.requests import confirmation, release
from gateway.demo.scenes import Chapter, Deed, Scene

__all__ = ["STATES"]

STATES: Final = Chapter(
    title="One question, three states",
    text="ICE sends the same request to three counties: when does this person go "
    "free, and where do they live? It shows the same detainer each time.",
    parts=(
        Scene(
            name="illinois-release",
            expects="refused",
            county="illinois",
            requester="ice-ero",
            says="asks in Illinois, about somebody convicted of a serious felony.",
            note="Illinois forbids it, whatever the conviction.",
            body=release(18),
        ),
        Scene(
            name="california-release-convicted",
            expects="partly_released",
            county="california",
            requester="ice-ero",
            says="asks in California, about the same person.",
            note="California leaves it to the county where there is such a conviction; "
            "this county has chosen to tell.",
            body=release(18),
        ),
        Scene(
            name="california-release-ordinary",
            expects="waiting",
            note="Whoever gets nothing waits, also where there is nobody of that "
            "number: refusing at once would tell who has no such conviction.",
            county="california",
            requester="ice-ero",
            says="asks in California, about somebody without such a conviction.",
            body=release(17),
        ),
        Scene(
            name="california-release-three",
            expects="partly_released",
            county="california",
            requester="ice-ero",
            says="asks in California about three people at once, with no paper: the "
            "two above, and one whose release is on the jail's public list.",
            body=release(17, 18, 20),
            note="Each record is decided by itself, field by field.",
        ),
        Deed(
            says="In Texas the ICE office that signed the detainer confirms it by "
            "telephone.",
            command=confirmation("detainer-18"),
            by="records clerk of the demo",
            county="texas",
        ),
        Scene(
            name="texas-release",
            expects="partly_released",
            county="texas",
            requester="ice-ero",
            says="asks in Texas, about the same person.",
            note="Texas orders the county to tell, once the paper is confirmed.",
            body=release(18),
        ),
    ),
)
