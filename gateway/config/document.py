"""The whole configuration: the sections in the order of the file."""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, PrivateAttr

from gateway.config.databases import Source, StateSection
from gateway.config.engines import EngineName, OpaSection
from gateway.config.limits import Limits
from gateway.config.sections import (
    Admin,
    Control,
    Issuer,
    Jurisdiction,
    LogSection,
    Retention,
    Reviews,
    Server,
    TelemetrySection,
)
from gateway.config.types import File, Name, Section, packaged_policies, written

__all__ = ["Config"]


class Config(Section):
    """``sallyport.yaml``, schema ``sallyport.config/1``, checked and resolved."""

    schema_: Literal["sallyport.config/1"] = Field(
        alias="schema", description="The format of this file."
    )
    jurisdiction: Jurisdiction = Field(description="Whose law applies.")
    policies: File = Field(
        default_factory=lambda: written(str(packaged_policies())),
        description="Folder of rules; by default the packaged one.",
    )
    demo: bool = Field(
        default=False, description="Synthetic data only: relaxes what says so."
    )
    replicas: int = Field(
        default=1,
        ge=1,
        le=32,
        description="Most gateway processes that share this log and this state.",
        json_schema_extra={"unit": "processes"},
    )
    engines: tuple[EngineName, ...] = Field(
        default=("embedded",),
        min_length=1,
        description="Engines that must agree on a decision.",
    )
    opa: OpaSection | None = Field(
        default=None, description="The OPA server, where engines names opa."
    )
    policy_max_age_seconds: int = Field(
        default=34_560_000,
        ge=3600,
        le=63_072_000,
        description="How long after its activation a bundle may be used.",
    )
    server: Server = Field(description="The door for requesters.")
    admin: Admin = Field(default=Admin(), description="The operator's port.")
    control: Control = Field(  # type: ignore[assignment]  # validated with its base
        default_factory=dict,
        description="The socket for commands.",
    )
    issuers: tuple[Issuer, ...] = Field(
        min_length=1, description="Authorization servers whose tokens are read."
    )
    registry: File = Field(
        default=written("agencies.yaml"), description="Agencies, agreements, people."
    )
    instruments: File = Field(
        default=written("instruments.yaml"),
        description="Papers; outside the manifest, see the log.",
    )
    catalogue: File = Field(
        default=written("catalogue"), description="Folder of datasets, one file each."
    )
    sources: dict[Name, Source] = Field(
        min_length=1, description="The databases, by name."
    )
    log: LogSection = Field(description="The audit log.")
    state: StateSection = Field(description="Reviews, tasks, cut-offs.")
    limits: Limits = Field(default=Limits(), description="How much may be asked.")
    reviews: Reviews = Field(
        default=Reviews(), description="Requests that wait for a person."
    )
    retention: Retention = Field(
        default=Retention(), description="How long state is kept."
    )
    telemetry: TelemetrySection = Field(
        default=TelemetrySection(), description="What operators see."
    )

    _path: Path = PrivateAttr(default=written("sallyport.yaml"))

    @property
    def path(self) -> Path:
        """The file this was read from."""
        return self._path

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which legal days begin."""
        return ZoneInfo(self.jurisdiction.time_zone)

    @property
    def state_path(self) -> Path:
        """The state database's file, where it is one; see ``state.place``."""
        return self.path.parent / self.state.url.removeprefix("sqlite:///")
