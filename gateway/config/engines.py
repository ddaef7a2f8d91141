"""Which engines decide, and where the OPA server is that is one of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field

from gateway.config.types import File, Name, Section, Url
from gateway.errors import Mistake

__all__ = ["LOOPBACK", "EngineName", "OpaSection", "engine_mistakes"]

EngineName = Literal["embedded", "opa"]

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""Hosts that are this machine."""


class OpaSection(Section):
    """The OPA server that is asked, and the bundle it polls from the admin port."""

    url: Url = Field(
        default="http://127.0.0.1:8181", description="Where the OPA server listens."
    )
    token: File = Field(
        description="File: the bearer token that the gateway shows to OPA, mode 0600."
    )
    signing_key: File = Field(
        description="PEM file: the EC P-256 key that signs bundles, mode 0600."
    )
    key_id: Name = Field(
        default="sallyport", description="The name of that key in OPA's configuration."
    )
    deadline_ms: int = Field(
        default=1000, ge=10, le=10_000, description="Longest time for one question."
    )
    other_hosts: bool = Field(
        default=False, description="OPA may be on another machine; then over https."
    )
    ca_file: File | None = Field(
        default=None, description="PEM file: who vouches for its certificate."
    )


def engine_mistakes(
    engines: Sequence[str], opa: OpaSection | None
) -> Iterator[Mistake]:
    """Yield what the engines and their settings say against each other."""
    for name, times in Counter(engines).items():
        if times > 1:
            yield Mistake(
                path="engines",
                problem=f"names {name} {times} times",
                advice="each engine once: two answers of one engine prove nothing",
            )
    named = "opa" in engines
    if named and opa is None:
        yield Mistake(
            path="opa",
            problem="is missing, and engines names opa",
            advice="say where its token and the key that signs bundles are",
        )
    if opa is None:
        return
    if not named:
        yield Mistake(
            path="opa",
            problem="is given, and engines does not name opa: it would not be asked",
            advice="engines: [opa, embedded]",
        )
    yield from _opa(opa)


def _opa(opa: OpaSection) -> Iterator[Mistake]:
    parts = urlsplit(opa.url)
    here = parts.hostname in LOOPBACK
    if not here and not opa.other_hosts:
        yield Mistake(
            path="opa.url",
            problem="is not on this machine",
            advice="127.0.0.1; or say other_hosts: true to accept that in writing",
        )
    if not here and parts.scheme == "http":
        yield Mistake(
            path="opa.url",
            problem="is plain http to another machine: token and questions in clear",
            advice="use https",
        )
    if parts.path not in {"", "/"}:
        yield Mistake(
            path="opa.url",
            problem="has a path; which rule is asked for is not configured",
            advice=f"only {parts.scheme}://{parts.netloc}",
        )
    if opa.ca_file is not None and parts.scheme == "http":
        yield Mistake(
            path="opa.ca_file",
            problem="vouches for nothing where the url is plain http",
            advice="leave it out, or use https",
        )
    if opa.token == opa.signing_key:
        yield Mistake(
            path="opa.token",
            problem="is the same file as signing_key",
            advice="one secret for each purpose",
        )
