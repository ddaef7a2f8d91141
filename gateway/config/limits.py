"""The section ``limits`` of ``sallyport.yaml``."""

from __future__ import annotations

from pydantic import Field

from gateway.config.types import Section

__all__ = ["Bucket", "Limits"]


class Bucket(Section):
    """A token bucket."""

    per_minute: int = Field(ge=1, description="Requests a minute in the long run.")
    burst: int = Field(ge=1, description="Requests at once.")


class Limits(Section):
    """How much one requester, one agency and one family may ask."""

    client: Bucket = Field(
        default=Bucket(per_minute=120, burst=60), description="For one client."
    )
    agency: Bucket = Field(
        default=Bucket(per_minute=600, burst=200), description="For one agency."
    )
    family: Bucket = Field(
        default=Bucket(per_minute=1200, burst=400), description="For a family, summed."
    )
    subjects_per_day: int = Field(
        default=1000,
        ge=1,
        le=1_000_000,
        description="Distinct people a family may ask for in a day of the law.",
        json_schema_extra={"unit": "people"},
    )
    guesses_per_day: int = Field(
        default=5,
        ge=1,
        description="Distinct values a family may try in a day for one part of a"
        " selector, the other parts unchanged.",
        json_schema_extra={"unit": "values"},
    )
    remember_days: int = Field(
        default=30,
        ge=0,
        le=90,
        description="How long it is remembered, as keyed digests, with which purpose,"
        " recipient and channel somebody was asked for, while a rule looks at it.",
    )
    connections: int = Field(
        default=128,
        ge=1,
        le=65_536,
        description="Open connections of one client certificate.",
        json_schema_extra={"unit": "connections"},
    )
    concurrency: int = Field(
        default=64, ge=2, le=4096, description="Requests worked on at once."
    )
    queue: int = Field(default=256, ge=0, le=65_536, description="Requests that wait.")
    queue_ms: int = Field(
        default=2000, ge=1, le=60_000, description="Longest wait in the queue."
    )
    reserve: int = Field(
        default=8,
        ge=1,
        description="Places kept for requests that claim danger to life.",
    )
