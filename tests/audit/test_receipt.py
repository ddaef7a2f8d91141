"""Receipts: what they promise, in which bytes, and what is no receipt."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from audit.batch import receipt_of, receipts_of
from audit.checkpoint import Checkpoint, open_checkpoint
from audit.errors import AuditError, CannotTell, Malformed, ProofInvalid
from audit.merkle import leaf_hash
from audit.note import b64encode
from audit.receipt import Receipt, Statement
from audit.signer import SeedSigner
from tests.audit.builders import KEYS, ORIGIN

HASHES = tuple(leaf_hash(b"%d" % number) for number in range(5))
RECEIPTS = receipts_of(
    100, 1_795_424_400_123, HASHES, origin=ORIGIN, signer=KEYS.receipt
)
KEY = [KEYS.receipt.verifier]


def test_every_receipt_of_a_batch_leads_to_the_signed_root() -> None:
    """One note for all, one path for each."""
    for place, receipt in enumerate(RECEIPTS):
        statement = receipt.statement(KEY)
        assert receipt.index == 100 + place
        assert (statement.first, statement.count) == (100, 5)
        assert statement.due_ms == 1_795_424_400_123 + 60_000
        assert receipt.claimed_ms == statement.ms
    assert len({receipt.note for receipt in RECEIPTS}) == 1


def test_one_receipt_is_the_one_of_its_batch() -> None:
    """Who asks again is told what was told before."""
    for place, receipt in enumerate(RECEIPTS):
        again = receipt_of(
            place, 100, 1_795_424_400_123, HASHES, origin=ORIGIN, signer=KEYS.receipt
        )
        assert again == receipt


def test_pinned_bytes() -> None:
    """The signed text is a format that lasts."""
    assert RECEIPTS[0].note == (
        "sallyport-receipt/v1\n"
        "log.example/county\n"
        "100\n"
        "5\n"
        "tnSPbtepnefahP2X4aO6xvq4mZ9KQ2lcq5Uoot5DEUc=\n"
        "1795424400123\n"
        "60\n"
        "\n"
        "— log.example/county/receipt XR1tEiIQqgX3Qp7fz8uUGfcLTKdhf9pgw9t7m8Cb1"
        "twAK8kkVGOq42YltJMOqfxJ4tbXL5fbrpxQT70SwGZgmZGT9g0=\n"
    )


def test_a_receipt_is_no_checkpoint() -> None:
    """Not even for an origin that looks like a number."""
    with pytest.raises(AuditError):
        open_checkpoint(RECEIPTS[0].note.encode(), KEYS.verifiers)
    odd = Statement(origin="7", first=1, count=1, root=bytes(32), ms=1)
    with pytest.raises(Malformed):
        Checkpoint.parse(odd.text)


def test_json_reads_back() -> None:
    """As an object and as text; the leaf is no part of it."""
    receipt = RECEIPTS[3]
    with_leaf = dataclasses.replace(receipt, leaf=b"x")

    assert Receipt.from_json(receipt.to_json()) == receipt
    assert Receipt.from_json(json.dumps(with_leaf.to_json())) == receipt
    assert with_leaf == receipt


def changed(**members: object) -> dict[str, Any]:
    """Return a receipt's object with some members changed."""
    return {**RECEIPTS[3].to_json(), **members}


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("", "receipt-json"),
        ("[" * 100_000, "receipt-json"),
        ("[]", "receipt-json"),
        ("{" * 2, "receipt-json"),
        ('{"schema": 1, "schema": 2}', "receipt-members"),
        ("9" * 5000, "receipt-json"),
        (b"\xff", "receipt-json"),
        (json.dumps(RECEIPTS[3].to_json()).encode("utf-16"), "receipt-json"),
        (changed(schema="x"), "receipt-schema"),
        ({"schema": "sallyport.receipt/1"}, "receipt-members"),
        (changed(more=1), "receipt-members"),
        (changed(index="1"), "receipt-index"),
        (changed(index=True), "receipt-index"),
        (changed(index=-1), "receipt-index"),
        (changed(index=1 << 63), "receipt-index"),
        (changed(note=1), "receipt-members"),
        (changed(path="x"), "receipt-path"),
        (changed(path=[b64encode(bytes(32))] * 11), "receipt-path"),
        (changed(path=["AAAA"]), "receipt-hash"),
        (changed(path=[1]), "receipt-hash"),
        (changed(leaf_hash="!"), "receipt-hash"),
    ],
)
def test_each_malformation_has_its_name(
    value: dict[str, Any] | str | bytes, reason: str
) -> None:
    """What is no receipt says why."""
    with pytest.raises(Malformed) as caught:
        Receipt.from_json(value)
    assert caught.value.reason == reason


LINES = RECEIPTS[0].statement(KEY).text.split("\n")


@pytest.mark.parametrize(
    ("line", "text", "reason"),
    [
        (0, "other/v1", "receipt-label"),
        (1, "", "receipt-lines"),
        (2, "01", "receipt-number"),
        (3, "0", "receipt-count"),
        (3, "1025", "receipt-count"),
        (4, "AAAA", "receipt-root"),
        (4, "!", "receipt-root"),
        (5, "x", "receipt-number"),
        (6, "60\nmore", "receipt-lines"),
    ],
)
def test_each_bad_statement_has_its_name(line: int, text: str, reason: str) -> None:
    """What is no statement says why."""
    lines = list(LINES)
    lines[line] = text
    with pytest.raises(Malformed) as caught:
        Statement.parse("\n".join(lines))
    assert caught.value.reason == reason


def test_a_batch_has_one_entry_or_1024() -> None:
    """As few as there can be and as many; and a path of so many steps."""
    for count in ("1", "1024"):
        text = "\n".join([*LINES[:3], count, *LINES[4:]])
        assert Statement.parse(text).count == int(count)
    longest = changed(path=[b64encode(bytes(32))] * 10, index=0)
    read = Receipt.from_json(longest)
    assert (len(read.path), read.index) == (10, 0)


def test_a_receipt_of_another_key_index_or_leaf_does_not_hold() -> None:
    """Only the log's receipt key counts, and only for this entry."""
    receipt = RECEIPTS[3]
    with pytest.raises(CannotTell, match=r"log\.vkeys"):
        receipt.statement([KEYS.log.verifier])
    with pytest.raises(CannotTell, match="the keys given are of"):
        receipt.statement([SeedSigner.generate("log.example/other").verifier])
    with pytest.raises(ProofInvalid):
        receipt.statement([SeedSigner.generate(f"{ORIGIN}/receipt").verifier])
    for wrong in (
        dataclasses.replace(receipt, index=99),
        dataclasses.replace(receipt, index=105),
        dataclasses.replace(receipt, index=102),
        dataclasses.replace(receipt, leaf_hash=HASHES[0]),
        dataclasses.replace(receipt, path=receipt.path[:-1]),
    ):
        with pytest.raises(ProofInvalid):
            wrong.statement(KEY)
    with pytest.raises(Malformed, match="note-utf8"):
        dataclasses.replace(receipt, note="\ud800").statement(KEY)
