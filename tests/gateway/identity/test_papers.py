"""Papers as facts: the state that counts, and time to the instant."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.face import Face
from gateway.identity import (
    InstrumentsFile,
    PaperConfirmation,
    PaperFile,
    PaperState,
    Presented,
    paper_facts,
)
from tests.gateway.identity.warrants import (
    ASK,
    CONFIRMED,
    DOCUMENT,
    SECOND,
    SIGNERS,
    Entries,
    ms,
    paper,
    papers,
    state_of,
)
from tests.gateway.identity.world import CHICAGO


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
