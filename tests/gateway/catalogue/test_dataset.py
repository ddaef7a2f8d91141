"""A dataset is one object, and names the subject of each record."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors import Key
from gateway.catalogue import Dataset


def test_subjects_are_pinned(dataset: Dataset) -> None:
    """Dataset and catalogue key, as a JSON list."""
    assert dataset.subject("B1") == '["county-jail","B1"]'
    assert dataset.subject(7) == '["county-jail",7]'
    assert dataset.subject(("x", 1)) == '["county-jail","x",1]'


KEYS = st.one_of(
    st.text(max_size=5),
    st.integers(),
    st.tuples(st.text(max_size=3), st.text(max_size=3)),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=KEYS, second=KEYS)
def test_other_records_are_other_subjects(
    dataset: Dataset, first: Key, second: Key
) -> None:
    """Two keys never make one subject."""
    same = dataset.subject(first) == dataset.subject(second)

    assert same == (first == second)


def test_identity(dataset: Dataset) -> None:
    """A dataset is itself: memos keyed by it die with its catalogue."""
    assert hash(dataset) == object.__hash__(dataset)
