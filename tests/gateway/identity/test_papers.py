"""Papers as facts: the state that counts, scope, subjects, and time to the instant."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.face import Face
from gateway.identity import (
    InstrumentsFile,
    PaperAsk,
    PaperConfirmation,
    PaperFile,
    PaperState,
    Presented,
    paper_facts,
    subject_digest,
)
from tests.gateway.identity.world import CHICAGO

KEY = b"k" * 32
DOCUMENT = "1" * 64
SECOND = "2" * 64
SIGNERS = {"ao93": ("article_iii", "magistrate"), "i247a": ("immigration_officer",)}
ROE = {"booking_number": "B-17"}
ASK = PaperAsk(
    dataset="jail",
    asks=[("notify", "release_date")],
    subjects=[ROE],
    subject_key=KEY,
    now_ms=int(dt.datetime(2026, 2, 1, 12, tzinfo=CHICAGO).timestamp()) * 1000,
)
CONFIRMED = PaperConfirmation(state=PaperState.ISSUER_CONFIRMED, entry=17)


@dataclass
class Entries:
    """The log's word, as a test wants it."""

    said: dict[str, PaperConfirmation] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def latest(self, document: str, face: str) -> PaperConfirmation | None:
        """The newest entry about a document."""
        self.asked.append(face)
        return self.said.get(document)


def paper(**changes: object) -> dict[str, Any]:
    """A warrant in force for the subject, as the file has it."""
    bound = {"selectors": ["booking_number"], "digest": subject_digest(KEY, ROE)}
    return {
        "type": "ao93",
        "signer": "article_iii",
        "issued": "2026-01-20",
        "expires": "2026-03-01",
        "subjects": [bound],
        "state": "issuer_confirmed",
        "entry": 17,
        **changes,
    }


def papers(
    *items: dict[str, Any], logged: PaperConfirmation | None = CONFIRMED
) -> PaperFile:
    """The papers of a file with these entries."""
    documents = [DOCUMENT, SECOND][: len(items)]
    file = InstrumentsFile.model_validate(
        {
            "schema": "sallyport.instruments/1",
            "papers": dict(zip(documents, items, strict=True)),
        }
    )
    said = {} if logged is None else dict.fromkeys(documents, logged)
    return PaperFile(file, entries=Entries(said=said), zone=CHICAGO)


def state_of(
    found: PaperFile,
    ask: PaperAsk = ASK,
    claimed: str = "ao93",
    face: Face | None = None,
) -> str:
    """The word for the one category asked."""
    presented = [Presented(type=claimed, document=DOCUMENT)]
    faces = {} if face is None else {claimed: face}
    facts = paper_facts(found, presented, ask, signers=SIGNERS, faces=faces)
    return facts["notify", "release_date"].get("paper.ao93.article_iii", "absent")


def ms(text: str) -> int:
    """A wall time in Chicago, as Unix ms."""
    moment = dt.datetime.fromisoformat(text).replace(tzinfo=CHICAGO)
    return int(moment.timestamp()) * 1000


def test_a_confirmed_paper_in_scope_is_confirmed() -> None:
    """The control: everything in order gives the state that the log recorded."""
    presented = [Presented(type="ao93", document=DOCUMENT)]

    facts = paper_facts(papers(paper()), presented, ASK, signers=SIGNERS)

    assert facts == {
        ("notify", "release_date"): {"paper.ao93.article_iii": "issuer_confirmed"}
    }


def test_a_paper_nobody_looked_at_is_unverified_for_every_signer() -> None:
    """Nobody knows who signed it, so it is presented for all who might have."""
    presented = [Presented(type="ao93", document=SECOND)]

    facts = paper_facts(papers(paper()), presented, ASK, signers=SIGNERS)

    assert facts["notify", "release_date"] == {
        "paper.ao93.article_iii": "unverified",
        "paper.ao93.magistrate": "unverified",
    }


def test_a_paper_of_another_type_is_no_paper_of_this_one() -> None:
    """A detainer presented as a warrant opens nothing that a warrant opens."""
    found = papers(paper(type="i247a", signer="immigration_officer"))

    assert state_of(found) == "defective"


@pytest.mark.parametrize(
    ("entry", "logged", "state"),
    [
        (17, CONFIRMED, "issuer_confirmed"),
        (None, CONFIRMED, "issuer_confirmed"),
        (17, None, "unverified"),
        (18, CONFIRMED, "unverified"),
        (17, replace(CONFIRMED, state=PaperState.FORM_CHECKED), "form_checked"),
        (17, replace(CONFIRMED, state=PaperState.REVOKED), "revoked"),
    ],
)
def test_a_state_counts_only_with_its_log_entry(
    entry: int | None, logged: PaperConfirmation | None, state: str
) -> None:
    """The file alone raises no paper; where log and file differ, the log counts."""
    assert state == state_of(papers(paper(entry=entry), logged=logged))


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"boxes": {"signed": True}, "edition": "12/13"}, "issuer_confirmed"),
        ({"boxes": {"signed": False}}, "defective"),
        ({"edition": "01/99"}, "defective"),
        ({"boxes": {"matches_record": False}}, "identity_mismatch"),
    ],
)
def test_what_a_paper_shows_on_its_face_counts(
    changes: dict[str, object], state: str
) -> None:
    """A confirmed paper that lacks what its form wants is not enough."""
    form = Face(needs=["signed"], editions=["12/13"])

    assert state_of(papers(paper(**changes)), face=form) == state


@pytest.mark.parametrize(
    ("now", "state"),
    [
        ("2026-02-03T23:59:59", "issuer_confirmed"),
        ("2026-02-04T00:00:00", "expired"),
    ],
)
def test_a_form_that_must_be_executed_in_time(now: str, state: str) -> None:
    """Fourteen days after its date, to the county's midnight."""
    form = Face(executed_within_days=14)

    assert state_of(papers(paper()), replace(ASK, now_ms=ms(now)), face=form) == state


@pytest.mark.parametrize(
    "against", ["defective", "identity_mismatch", "revoked", "suspected_forgery"]
)
def test_a_mark_against_a_paper_needs_no_entry(against: str) -> None:
    """A clerk's doubt counts at once, even over a confirmation in the log."""
    assert against == state_of(papers(paper(state=against)))
    assert against == state_of(papers(paper(state=against), logged=None))


def test_a_mark_against_a_paper_is_told_before_anything_else() -> None:
    """A revoked warrant is revoked, also when it would be outside its scope."""
    found = papers(paper(state="revoked", scope={"kinds": []}))

    assert state_of(found) == "revoked"


@pytest.mark.parametrize(
    ("now", "state"),
    [
        ("2026-01-19T23:59:59", "defective"),
        ("2026-01-20T00:00:00", "issuer_confirmed"),
        ("2026-02-28T23:59:59", "issuer_confirmed"),
        ("2026-03-01T00:00:00", "expired"),
    ],
)
def test_days_on_a_paper_are_the_countys_days(now: str, state: str) -> None:
    """Both sides of both midnights, in the county's zone."""
    assert state == state_of(papers(paper()), replace(ASK, now_ms=ms(now)))


def test_a_paper_expires_at_its_instant_within_a_day() -> None:
    """A warrant that ends at three in the afternoon is expired a second later."""
    found = papers(paper(expires="2026-02-01T15:00:00-06:00"))
    end = ms("2026-02-01T15:00:00")

    assert state_of(found, replace(ASK, now_ms=end - 1)) == "issuer_confirmed"
    assert state_of(found, replace(ASK, now_ms=end)) == "expired"


@pytest.mark.parametrize(
    ("scope", "state"),
    [
        ({}, "issuer_confirmed"),
        ({"datasets": ["jail"]}, "issuer_confirmed"),
        ({"datasets": ["dmv"]}, "outside_scope"),
        ({"categories": ["release_date", "hold"]}, "issuer_confirmed"),
        ({"categories": ["home_address"]}, "outside_scope"),
        ({"categories": []}, "outside_scope"),
        ({"kinds": ["notify"]}, "issuer_confirmed"),
        ({"kinds": ["hold"]}, "outside_scope"),
    ],
)
def test_a_paper_is_for_what_it_says(scope: dict[str, list[str]], state: str) -> None:
    """Outside its datasets, categories or kinds it is outside its scope."""
    assert state == state_of(papers(paper(scope=scope)))


def test_each_category_asked_has_its_own_word() -> None:
    """One question may be in scope with one category and outside with another."""
    found = papers(paper(scope={"categories": ["release_date"]}))
    ask = replace(ASK, asks=[("notify", "release_date"), ("notify", "home_address")])
    presented = [Presented(type="ao93", document=DOCUMENT)]

    facts = paper_facts(found, presented, ask, signers=SIGNERS)

    assert [
        facts["notify", category]["paper.ao93.article_iii"]
        for category in ("release_date", "home_address")
    ] == ["issuer_confirmed", "outside_scope"]


@pytest.mark.parametrize(
    ("subjects", "state"),
    [
        ([ROE], "issuer_confirmed"),
        ([ROE | {"name": "any"}], "issuer_confirmed"),
        ([{"booking_number": "B-18"}], "outside_scope"),
        ([{"name": "ROE"}], "outside_scope"),
        ([ROE, {"booking_number": "B-18"}], "outside_scope"),
        ([], "outside_scope"),
    ],
)
def test_a_paper_is_for_whom_it_names(
    subjects: list[dict[str, str]], state: str
) -> None:
    """Every subject of the request must be one the paper names, told the same way."""
    assert state == state_of(papers(paper()), replace(ASK, subjects=subjects))


def test_a_paper_may_be_for_anybody() -> None:
    """Only when it says so."""
    found = papers(paper(subjects=[], any_subject=True))

    assert state_of(found, replace(ASK, subjects=[])) == "issuer_confirmed"
    assert state_of(papers(paper(subjects=[]))) == "outside_scope"


def test_another_key_names_nobody() -> None:
    """A paper's subject cannot be matched, or guessed, without the county's key."""
    assert state_of(papers(paper()), replace(ASK, subject_key=b"x")) == "outside_scope"


PINNED = "9c3e40501347f853a469b67e8b333181380bc3d2d8e859c815b60aac810cc629"


def test_the_subject_digest_is_pinned() -> None:
    """It is stored, so its bytes do not change; the order of selectors is no matter."""
    one = subject_digest(KEY, {"name": "ROE", "dob": "1990-01-01"})

    assert one == PINNED
    assert one == subject_digest(KEY, {"dob": "1990-01-01", "name": "ROE"})


def test_of_two_papers_the_stronger_counts() -> None:
    """An expired paper beside a confirmed one takes nothing away."""
    found = papers(paper(expires="2026-01-25"), paper())
    presented = [Presented(type="ao93", document=item) for item in (SECOND, DOCUMENT)]

    facts = paper_facts(found, presented, ASK, signers=SIGNERS)

    assert (
        facts["notify", "release_date"].get("paper.ao93.article_iii")
        == "issuer_confirmed"
    )


def test_a_type_that_does_not_exist_states_nothing() -> None:
    """The reader of requests refuses it by name; here it is no fact."""
    presented = [Presented(type="letter", document=SECOND)]

    facts = paper_facts(papers(paper()), presented, ASK, signers=SIGNERS)

    assert facts == {("notify", "release_date"): {}}


@given(
    state=st.sampled_from(
        ["unverified", "form_checked", "issuer_confirmed", "revoked"]
    ),
    logged=st.none() | st.sampled_from(list(PaperState)),
    entry=st.none() | st.sampled_from([17, 18]),
    dataset=st.sampled_from(["jail", "dmv"]),
    subject=st.sampled_from(["B-17", "B-18"]),
    now=st.integers(ms("2026-01-01T00:00:00"), ms("2026-04-01T00:00:00")),
    claimed=st.sampled_from(["ao93", "i247a"]),
)
def test_confirmed_needs_everything_at_once(
    *,
    state: str,
    logged: PaperState | None,
    entry: int | None,
    dataset: str,
    subject: str,
    now: int,
    claimed: str,
) -> None:
    """No mixture of half-right things makes a paper confirmed."""
    word = None if logged is None else PaperConfirmation(state=logged, entry=17)
    found = papers(
        paper(state=state, entry=entry, scope={"datasets": ["jail"]}), logged=word
    )
    ask = replace(
        ASK, dataset=dataset, subjects=[{"booking_number": subject}], now_ms=now
    )
    presented = [Presented(type=claimed, document=DOCUMENT)]

    facts = paper_facts(found, presented, ask, signers=SIGNERS)[
        "notify", "release_date"
    ]

    sound = (
        state != "revoked"
        and logged is PaperState.ISSUER_CONFIRMED
        and entry in (None, 17)
        and (dataset, subject, claimed) == ("jail", "B-17", "ao93")
        and ms("2026-01-20T00:00:00") <= now < ms("2026-03-01T00:00:00")
    )
    assert sound == ("issuer_confirmed" in facts.values())


def test_the_log_is_asked_about_the_face_that_is_there_now() -> None:
    """What a paper's confirmation is held against: the register's own words on it."""
    entries = Entries()
    file = InstrumentsFile.model_validate(
        {"schema": "sallyport.instruments/1", "papers": {DOCUMENT: paper()}}
    )
    found = PaperFile(file, entries=entries, zone=CHICAGO)
    found.find(DOCUMENT)
    found.find(DOCUMENT)

    assert entries.asked == [file.papers[DOCUMENT].face] * 2
