"""The small types of settings: addresses, zones, URLs, names."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from gateway.config import address
from gateway.config.types import (
    Listen,
    LoopbackListen,
    Name,
    Origin,
    TimeZone,
    Url,
)


@pytest.mark.parametrize(
    ("listen", "host", "port"),
    [
        ("127.0.0.1:8443", "127.0.0.1", 8443),
        ("[::1]:443", "::1", 443),
        ("gateway.example:0", "gateway.example", 0),
        ("0.0.0.0:65535", "0.0.0.0", 65535),  # noqa: S104  # text that is parsed
    ],
)
def test_an_address_is_split(listen: str, host: str, port: int) -> None:
    """Host and port, IPv6 in brackets."""
    assert address(listen) == (host, port)


REFUSED: dict[str, tuple[Any, list[str]]] = {
    "listen": (Listen, ["8443", "host:", "::1:443", "host:99999", "a b:1"]),
    "loopback": (LoopbackListen, ["10.0.0.1:1", "[::]:1", "example.com:1"]),
    "zone": (TimeZone, ["Chicago", "../etc/passwd", ""]),
    "url": (
        Url,
        ["ftp://x", "https://", "https://x/?q=1", "https://u:p@x", "https://x/#f"],
    ),
    "name": (Name, ["Upper", "", "a/b"]),
    "origin": (Origin, ["has space", "plus+plus", ""]),
}


@pytest.mark.parametrize("kind", list(REFUSED))
def test_other_forms_are_refused(kind: str) -> None:
    """What is not of its form does not load."""
    annotation, values = REFUSED[kind]
    for value in values:
        with pytest.raises(ValidationError):
            TypeAdapter(annotation).validate_python(value)


@pytest.mark.parametrize("listen", ["127.0.0.1:1", "[::1]:1", "localhost:1"])
def test_loopback_in_its_spellings(listen: str) -> None:
    """Loopback by number or by name."""
    assert TypeAdapter(LoopbackListen).validate_python(listen) == listen
