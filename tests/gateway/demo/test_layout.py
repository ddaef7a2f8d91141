"""Where everything of the demo is."""

from __future__ import annotations

from pathlib import Path

from gateway.demo.layout import MAIN, Layout

LAYOUT = Layout(root=Path("/county"))


def test_the_main_county_lies_at_the_root() -> None:
    """The other gateways have folders of their own beside what they share."""
    assert LAYOUT.config() == LAYOUT.config(MAIN) == Path("/county/sallyport.yaml")
    assert LAYOUT.config("texas") == Path("/county/texas/sallyport.yaml")
    assert LAYOUT.public_log("texas") == Path("/county/texas/log")


def test_the_names_are_those_that_were_promised() -> None:
    """People and programs rely on these names."""
    folder = LAYOUT.requester("broker")

    assert LAYOUT.log_key() == Path("/county/log.vkey")
    assert folder.certificate == Path("/county/requesters/broker/client.pem")
    assert folder.key == Path("/county/requesters/broker/key.pem")
    assert folder.token == Path("/county/requesters/broker/token")
    assert LAYOUT.requests == Path("/county/requests")
