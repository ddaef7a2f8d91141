"""The catalogue's part of transforms: kinds and their settings."""

from __future__ import annotations

from gateway.catalogue import Transform, TransformKind
from gateway.catalogue.transforms import SETTINGS, SHARE


def test_every_kind_has_its_settings_listed() -> None:
    """No kind is forgotten, and no setting is one a transform cannot hold."""
    names = set(Transform.__dataclass_fields__) - {"kind"}

    assert set(SETTINGS) == set(TransformKind)
    assert set().union(*SETTINGS.values()) == names


def test_the_default() -> None:
    """Without a word a field is shared as it is, if the policy opens it."""
    assert Transform(kind=TransformKind.SHARE) == SHARE
