"""What requesters were told against what the log says, for the length of a fault."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from audit import Receipt
from audit.folder import Folder
from audit.merkle import leaf_hash
from audit.stored import stored_leaves
from scripts.faults import FAULTS, Fault
from tests.exchange.beside import until
from tests.exchange.county import Answer, County
from tests.services.faulty import Wrong

__all__ = ["Account", "account_of", "bad_ways", "fault_of"]

RELEASED = {"released", "partly_released"}
LONGEST_S = 60.0
"""What no configured deadline here comes near; a machine has other work too."""


def fault_of(word: str) -> Fault:
    """Return a fault by its word."""
    [found] = [fault for fault in FAULTS if fault.id == word]
    return found


def bad_ways(part: str) -> pytest.MarkDecorator:
    """Have a test for each thing that is wrong with the way to a part's server."""
    return pytest.mark.parametrize(
        ("word", "wrong"),
        [
            pytest.param(f"{part}-{wrong}", wrong, id=str(wrong))
            for wrong in Wrong
            if wrong is not Wrong.NOTHING
        ],
    )


def sample(text: str, name: str) -> float:
    """Return a sample of ``/metrics``, all its labels summed if it names none."""
    found = (line.rpartition(" ") for line in text.splitlines())
    return sum(
        float(value)
        for head, _, value in found
        if head == name or head.startswith(f"{name}{{")
    )


@dataclass(kw_only=True)
class Account:
    """What is asked while something is wrong, and what came back."""

    county: County
    fault: Fault
    answers: list[Answer] = field(default_factory=list)

    async def ask(self, who: str, body: Mapping[str, Any]) -> Answer:
        """Ask; an answer comes, whatever is wrong."""
        async with asyncio.timeout(LONGEST_S):
            answer = await self.county.post(who, body)
        self.answers.append(answer)
        return answer

    async def refused(self, who: str, body: Mapping[str, Any]) -> Answer:
        """Ask, and see the 503 that the list promises for this fault."""
        answer = await self.ask(who, body)
        assert answer.status == 503, answer.data
        assert answer.body["type"] == f"urn:sallyport:problem:{self.fault.cause}"
        assert "records" not in answer.body
        return answer

    async def counted(self) -> float:
        """Return what the fault's metric says."""
        text = (await self.county.admin("/metrics")).data.decode()
        return sample(text, self.fault.metric)

    async def until(self, status: int, who: str, body: Mapping[str, Any]) -> Answer:
        """Ask until an answer has this status: it heals by itself."""

        async def held() -> bool:
            return (await self.ask(who, body)).status == status

        await until(held)
        return self.answers[-1]


@asynccontextmanager
async def account_of(
    county: County, word: str, *, early: bool = False
) -> AsyncIterator[Account]:
    """Account for all that is asked in the block; at its end the books must balance.

    Each page that a requester got has its entry, each entry of a release was got by
    its requester, none is there twice; and the fault's metric counts it. ``early`` says
    that the fault was there before the block began.
    """
    account = Account(county=county, fault=fault_of(word))
    size, before = county.services.log.size, await account.counted()
    yield account
    if account.fault.cause is not None:
        # A gauge that was up before the block, from a fault at the start, stays up.
        assert await account.counted() > (0 if early else before), account.fault.metric
    await balanced(county, account.answers, since=size)


async def balanced(county: County, answers: Sequence[Answer], *, since: int) -> None:
    """Compare the answers that requesters hold with the entries since an index."""

    def stored() -> dict[int, bytes]:
        folder = Folder(root=county.config.log.directory)
        return {i: leaf for i, leaf in stored_leaves(folder) if i >= since}

    leaves = await asyncio.to_thread(stored)
    told: dict[str, list[int]] = {"released": [], "waiting": []}
    for answer in answers:
        if answer.status in {200, 202}:
            receipt = Receipt.from_json(answer.body["receipt"])
            assert leaf_hash(leaves[receipt.index]) == receipt.leaf_hash
            told["released" if answer.status == 200 else "waiting"].append(
                receipt.index
            )
    written: dict[str, list[int]] = {"released": [], "waiting": []}
    for index, leaf in leaves.items():
        members = json.loads(leaf)
        if members["ev"] == "exchange":
            word = members["decision"]
            written.get("released" if word in RELEASED else word, []).append(index)
    assert {name: sorted(indices) for name, indices in told.items()} == written
