"""The sections of ``sallyport.yaml``; the reference page is printed from them.

A unit that the name does not end in (``_ms``, ``_seconds``, ``_bytes``, ``_days``,
``_hours``) is written beside the field.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from gateway.config.types import (
    File,
    Listen,
    LoopbackListen,
    Name,
    Origin,
    Quorum,
    Section,
    TimeZone,
    Url,
    written,
)

__all__ = [
    "Admin",
    "Assurance",
    "Auditor",
    "Control",
    "Issuer",
    "Jurisdiction",
    "LogKeyFiles",
    "LogSection",
    "Retention",
    "Reviews",
    "Server",
    "TelemetrySection",
]

Algorithm = Literal[
    "ES256", "ES384", "ES512", "PS256", "PS384", "PS512", "RS256", "EdDSA"
]


class Jurisdiction(Section):
    """Whose law applies, and in which time zone its days begin."""

    name: str = Field(
        min_length=1, max_length=120, description="The government, as it calls itself."
    )
    time_zone: TimeZone = Field(
        description="Zone in which legal days begin, such as America/Chicago."
    )
    packs: tuple[Name, ...] = Field(
        min_length=1, description="Packs of rules in force; their order is irrelevant."
    )
    overlay: Name | None = Field(
        default=None, description="The local pack on top, if there is one."
    )


class Server(Section):
    """The door for requesters: TLS that asks for the client's certificate."""

    listen: Listen = Field(description="Where requesters connect: host:port.")
    certificate: File = Field(description="PEM file: server certificate and chain.")
    key: File = Field(description="PEM file: its private key, mode 0600.")
    client_cas: dict[Name, File] = Field(
        min_length=1,
        description="Name to PEM file: the client CAs that the registry may pin.",
    )
    connection_seconds: int = Field(
        default=300, ge=1, le=300, description="How long one connection may live."
    )
    header_seconds: int = Field(
        default=10, ge=1, le=60, description="How long request headers may take."
    )
    body_seconds: int = Field(
        default=10, ge=1, le=60, description="How long a request body may take."
    )
    request_seconds: int = Field(
        default=30, ge=1, le=300, description="How long one page may take in all."
    )
    stop_seconds: int = Field(
        default=20, ge=0, le=300, description="How long pages in flight may finish."
    )
    max_body_bytes: int = Field(
        default=65_536, ge=1024, le=1_048_576, description="Largest request body."
    )
    max_depth: int = Field(
        default=16, ge=4, le=64, description="Deepest nesting of a request."
    )


class Admin(Section):
    """The operator's port: probes, metrics, the bundle; never data."""

    listen: LoopbackListen = Field(
        default="127.0.0.1:9443", description="Where to listen; loopback only."
    )


class Control(Section):
    """The socket by which commands reach the running gateway."""

    socket: File = Field(
        default=written("run/control.sock"),
        description="Unix socket; created with mode 0600.",
    )


class Assurance(Section):
    """What a token of an issuer is worth, when the token does not say."""

    ial: int = Field(default=0, ge=0, le=3, description="Identity assurance level.")
    aal: int = Field(default=0, ge=0, le=3, description="Authenticator level.")


class Issuer(Section):
    """An authorization server whose tokens are read."""

    issuer: Url = Field(description="Exact value of the claim iss.")
    audience: str = Field(
        min_length=1, max_length=300, description="Exact value of the claim aud."
    )
    algorithms: tuple[Algorithm, ...] = Field(
        default=("ES256",), min_length=1, description="Signature algorithms accepted."
    )
    discovery: Url | None = Field(
        default=None, description="Metadata document that names the key set."
    )
    jwks_url: Url | None = Field(default=None, description="Key set by URL.")
    jwks_file: File | None = Field(
        default=None, description="Key set in a file (part of the manifest)."
    )
    refresh_seconds: int = Field(
        default=300, ge=5, le=3600, description="How often keys are read again."
    )
    max_stale_seconds: int = Field(
        default=3600, ge=60, le=86_400, description="How old keys may get."
    )
    assurance: Assurance = Field(
        default=Assurance(), description="Levels assumed when a token names none."
    )
    ca_file: File | None = Field(
        default=None,
        description="PEM file: the authority of the key server, where it is private.",
    )
    hosts: tuple[str, ...] = Field(
        default=(),
        description="The only hosts asked for keys; by default the URL's own.",
    )
    claims: dict[Name, str] = Field(
        default_factory=dict,
        description="Our word for a claim to the issuer's name for it.",
    )


class LogKeyFiles(Section):
    """The log's private keys, each in a file of its own, mode 0600."""

    log: File = Field(description="Signs checkpoints.")
    receipt: File = Field(description="Signs receipts.")
    time: File = Field(description="Signs the time of checkpoints.")
    mldsa: File | None = Field(default=None, description="Signs them with ML-DSA-44.")


class Auditor(Section):
    """Somebody who can open the sealed face of the log."""

    name: Name = Field(description="The auditor's name in the log.")
    key: File = Field(description="Their public key file.")


class LogSection(Section):
    """The audit log: where it lies, who signs, who can open it."""

    directory: File = Field(description="The store's own folder; not for web servers.")
    origin: Origin = Field(description="The log's name, such as county.gov/log.")
    keys: LogKeyFiles = Field(description="The log's private keys.")
    auditors: tuple[Auditor, ...] = Field(
        min_length=1, description="Who can open sealed entries; at least one."
    )
    public_delay_seconds: int = Field(
        default=3600, ge=0, le=604_800, description="Delay of the public tree."
    )
    checkpoint_ms: int = Field(
        default=250, ge=50, le=60_000, description="Time between checkpoints."
    )
    witness: Quorum | None = Field(
        default=None,
        description="The word none, or the file that names the witness quorum.",
        json_schema_extra={"default": "required, unless demo"},
    )
    witness_ca: File | None = Field(
        default=None,
        description="PEM file: the witnesses' authority, where it is private.",
    )
    witness_ms: int = Field(
        default=1000, ge=50, le=10_000, description="Time that witnesses have to sign."
    )
    unwitnessed_alarm_seconds: int = Field(
        default=3600, ge=1, le=604_800, description="Entries unsigned so long: alarm."
    )
    unwitnessed_refuse_seconds: int = Field(
        default=86_400,
        ge=1,
        le=604_800,
        description="Entries unsigned so long: nothing is released any more.",
    )

    @property
    def quorum(self) -> Path | None:
        """The file that names the witness quorum, if there is one."""
        return None if self.witness in {None, "none"} else Path(str(self.witness))


class Reviews(Section):
    """Requests that wait for a person."""

    due_hours: int = Field(
        default=72, ge=1, le=2160, description="When a waiting request expires."
    )
    most_waiting: int = Field(
        default=10_000, ge=1, description="Most requests that may wait at once."
    )


class Retention(Section):
    """How long the state database keeps what; the log has its own schedule."""

    reviews_days: int = Field(default=90, ge=1, le=3650, description="Closed reviews.")
    archive_days: int = Field(
        default=400, ge=0, le=400, description="The question archive; 0 keeps none."
    )
    tasks_days: int = Field(default=400, ge=1, le=3650, description="Closed tasks.")


class TelemetrySection(Section):
    """What operators see."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least severe line written."
    )
    traces: bool = Field(
        default=False, description="Make spans (needs the extra [otel] to export)."
    )
