"""What the tests of identity share: one small world."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.identity import AgencyRegistry
from tests.gateway.identity.placed import LISTED
from tests.gateway.identity.signing import AgencyCA, SigningKey
from tests.gateway.identity.world import AGENCIES, World


@pytest.fixture(scope="session")
def made() -> tuple[SigningKey, AgencyCA, AgencyCA]:
    """Keys and authorities, made once: making them takes longer than using them."""
    key = SigningKey.es256("key-1")
    return key, AgencyCA.new("ice"), AgencyCA.new("sheriff")


@pytest.fixture
def world(tmp_path: Path, made: tuple[SigningKey, AgencyCA, AgencyCA]) -> World:
    """A fresh world with a clock of its own."""
    key, ice, sheriff = made
    return World(folder=tmp_path, key=key, ice=ice, sheriff=sheriff)


@pytest.fixture(scope="module")
def world_once(
    tmp_path_factory: pytest.TempPathFactory,
    made: tuple[SigningKey, AgencyCA, AgencyCA],
) -> World:
    """One world for all examples of a property; its clock must stand still."""
    key, ice, sheriff = made
    folder = tmp_path_factory.mktemp("world")
    return World(folder=folder, key=key, ice=ice, sheriff=sheriff)


@pytest.fixture(scope="module")
def registry(world_once: World) -> AgencyRegistry:
    """The world's registry with one deputy assigned under 287(g)."""
    return world_once.registry(AGENCIES + LISTED)
