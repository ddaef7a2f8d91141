"""All implementations give the same answer to any query over any rows."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors import Query
from tests.contracts.sources import PEOPLE, Maker, Source, read

STORABLE = st.characters(codec="utf-8", exclude_characters="\0")
"""What every database's text can hold."""

RECORDS = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.text(STORABLE, max_size=3),
            "full_name": st.sampled_from(["a", "A", "b", "%", ""]),
            "zip code": st.text(STORABLE, max_size=2),
            "age": st.integers(-(2**63), 2**63 - 1) | st.none(),
            "sealed": st.just(0),
        }
    ),
    max_size=12,
    unique_by=lambda record: str(record["id"]),
)


@pytest.fixture
def loop_and_sources(
    tmp_path: Path, makers: Mapping[str, Maker]
) -> Iterator[tuple[asyncio.Runner, list[Source]]]:
    """All implementations at once, and a loop for them."""
    with asyncio.Runner() as runner:
        sources = [make(tmp_path) for make in makers.values()]
        yield runner, sources
        for each in sources:
            runner.run(each.connector.close())
            each.close()


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data(), records=RECORDS)
def test_implementations_agree(
    loop_and_sources: tuple[asyncio.Runner, list[Source]],
    data: st.DataObject,
    records: list[dict[str, Any]],
) -> None:
    """Any query over any rows gives the same answer from each implementation."""
    runner, sources = loop_and_sources
    ids = [record["id"] for record in records]
    names = st.sampled_from(["a", "A", "b", "%", "c"])
    query = Query(
        table=PEOPLE,
        columns=tuple(data.draw(st.permutations(["name", "zip", "age"]))),
        filters=data.draw(st.just(()) | names.map(lambda name: (("name", name),))),
        keys=tuple(data.draw(st.lists(st.sampled_from([*ids, "zz"]), unique=True))),
        after=data.draw(st.none() | st.text(STORABLE, max_size=2)),
        limit=data.draw(st.integers(20, 30)),
    )

    for each in sources:
        each.replace("people", records)
    first, *others = [runner.run(read(each, query)) for each in sources]

    assert all(other == first for other in others)
