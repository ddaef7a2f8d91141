"""The requests of the story."""

from __future__ import annotations

from gateway.demo.papers import PAPERS
from gateway.demo.requests import SUBPOENAED, confirmation, release, request


def test_what_is_not_said_is_left_out() -> None:
    """A request names only what it needs."""
    body = request("county-jail", "criminal_investigation")

    assert set(body) == {"schema", "dataset", "kinds", "purpose", "case_number"}


def test_a_release_request_shows_the_right_persons_detainer() -> None:
    """Paper and selector are about the same person."""
    body = release(18)

    assert body["subjects"] == [{"booking_number": "B-000018"}]
    assert body["instruments"][0]["document_sha256"] == PAPERS["detainer-18"].document


def test_the_confirmed_paper_is_the_one_that_is_shown() -> None:
    """The clerk's draft is about the subpoena of the request."""
    (shown,) = SUBPOENAED["instruments"]

    assert confirmation("subpoena-31")["document"] == shown["document_sha256"]
