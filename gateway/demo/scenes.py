"""What a story is made of: scenes, deeds, chapters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.demo.layout import MAIN

__all__ = ["Chapter", "Deed", "Scene"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """One exchange of the story."""

    name: str
    """Also the request's file: ``requests/NAME.json``."""
    requester: str
    says: str
    """What is asked, in a plain sentence that follows the requester's title."""
    body: Mapping[str, Any]
    expects: str
    """The word the packs give; another one is a fault, and the demo says so."""
    county: str = MAIN
    stolen_from: str = ""
    """Whose token is shown, where it is not the requester's own."""
    note: str = ""
    """What is worth knowing about this outcome."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Deed:
    """Something the county's own people do: a command to a running gateway."""

    says: str
    command: Mapping[str, Any]
    """As it goes over the gateway's control socket."""
    by: str = ""
    """Who hands it in, where it is the draft of an act that two people sign."""
    county: str = MAIN


@dataclass(frozen=True, kw_only=True, slots=True)
class Chapter:
    """A few scenes and deeds under one heading."""

    title: str
    text: str
    parts: tuple[Scene | Deed, ...]
