"""Tickets: which exchange a request is, and that one runs only once."""

import dataclasses

import pytest

from gateway.asking.idempotency import Busy, Ticket, Tickets

SECRET = b"s" * 32


@dataclasses.dataclass
class Somebody:
    """What tickets look at of a requester."""

    issuer: str = "https://issuer.example"
    client_id: str = "client"
    person: str = "p" * 64
    certificate_sha256: str = "c" * 64


def issue(key: str | None, **who: str) -> Ticket:
    """Return the ticket of one request."""
    return Tickets(secret=SECRET).issue(Somebody(**who), key, b"{}")  # type: ignore[arg-type]  # what is looked at


def test_the_same_request_with_a_key_is_the_same_exchange() -> None:
    """Issuer, client, person, certificate and key name it; nothing random does."""
    assert issue("k") == issue("k")


@pytest.mark.parametrize(
    "change", ["issuer", "client_id", "person", "certificate_sha256"]
)
def test_another_caller_with_the_same_key_is_another_exchange(change: str) -> None:
    """A seen key is of no use to anybody else."""
    assert issue("k").key != issue("k", **{change: "other"}).key


def test_parts_cannot_run_into_each_other() -> None:
    """Two lists of parts that read the same side by side are not the same."""
    one = issue("k", client_id="ab", person="c")
    other = issue("k", client_id="a", person="bc")

    assert one.key != other.key


def test_without_a_key_every_request_is_new() -> None:
    """Nothing is recognised that the requester did not name."""
    assert issue(None).key != issue(None).key
    assert not issue(None).retryable


def test_pages_and_content_are_told_apart() -> None:
    """A page's dedup key is its own; other content shows in the content digest."""
    ticket = issue("k")
    first = ticket.page(SECRET, 0, b"x")
    second = ticket.page(SECRET, 1, b"x")
    changed = ticket.page(SECRET, 0, b"y")

    assert first.key != second.key
    assert (first.key, first.request) == (changed.key, changed.request)
    assert first.content != changed.content


def test_a_key_that_runs_is_busy_until_it_ends() -> None:
    """The second of two at once is refused; after the first has ended it is not."""
    tickets = Tickets(secret=SECRET)
    ticket = tickets.issue(Somebody(), "k", b"{}")  # type: ignore[arg-type]  # as above

    with tickets.running(ticket), pytest.raises(Busy), tickets.running(ticket):
        pytest.fail("it ran twice")
    with tickets.running(ticket):
        pass
