"""The resolved configuration, as ``sallyport check`` prints it."""

from __future__ import annotations

from gateway.canonical import Json
from gateway.config.document import Config

__all__ = ["resolved"]


def resolved(config: Config) -> dict[str, Json]:
    """Return every setting with its value in force, defaults filled in.

    Secrets are paths in the configuration and stay paths here.
    """
    value = config.model_dump(mode="json", by_alias=True, exclude_none=True)
    assert isinstance(value, dict)  # noqa: S101  # a model dumps to a mapping
    return value
