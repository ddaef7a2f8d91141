"""The page with proofs and receipts: what stands in the log, and what was promised."""

from __future__ import annotations

import json
from pathlib import Path

from audit.cli import main
from tests.audit.page.opened import MARKS, Reader, files, of_leaves, proved

pytestmark = MARKS


def test_a_proof_with_its_entry(reader: Reader, place: Path, tmp_path: Path) -> None:
    """Holds with the entry, not with another, and alone nobody can tell."""
    proof, leaf = proved(reader, place, tmp_path)
    other = tmp_path / "other"
    other.write_bytes(leaf.read_bytes().replace(b"refused", b"revised"))
    word, said = reader.verdict(proof, leaf)
    assert (word, "leaf stands at index 5" in said) == ("holds", True)
    assert reader.verdict(proof, other)[0] == "tampered"
    assert reader.verdict(proof)[0] == "cannot-tell"
    proof.write_text(proof.read_text().replace("index ", "extra x\nindex ", 1))
    word, said = reader.verdict(proof, leaf)
    assert (word, "does not read as a proof" in said) == ("cannot-tell", True)


def test_a_proof_that_does_not_read_is_no_fault_of_the_log(
    reader: Reader, place: Path, tmp_path: Path
) -> None:
    """Anybody may have cut or altered it; what is wrong with it is said."""
    proof, leaf = proved(reader, place, tmp_path)
    whole = proof.read_bytes()
    for data, why in (
        (whole[:-1], "last line has no end: it was cut short"),
        (whole.replace(b"\n7\n", b"\n7\0\n"), "control characters"),
        (whole[whole.index(b"\n\n") + 2 :], "another head or length"),
        (whole.replace(b"\n7\n", b"\nx\n"), "the size is no number"),
        (whole[:-2] + b"!\n", "not base64"),
    ):
        proof.write_bytes(data)
        word, said = reader.verdict(proof, leaf)
        assert (word, why in said) == ("cannot-tell", True), said
        assert "does not read as a proof" in said


def test_what_an_earlier_key_signed_tells_nothing_under_a_later_one(
    reader: Reader, place: Path, tmp_path: Path
) -> None:
    """Of a receipt and of a proof, as check-receipt and verify-proof have it."""
    own = [place / "new.vkeys"]
    for given in ([place / "receipt-3.json"], proved(reader, place, tmp_path)):
        word, said = reader.verdict(*given, own=own)
        assert (word, "give all of them in one file" in said) == ("cannot-tell", True)


def test_a_file_beside_a_proof_is_proved_or_named(
    reader: Reader, place: Path, tmp_path: Path
) -> None:
    """An altered entry does not hold because the right one lies beside it."""
    proof, leaf = proved(reader, place, tmp_path)
    other = tmp_path / "other"
    other.write_bytes(leaf.read_bytes().replace(b"refused", b"revised"))
    for given in ([leaf, other], [other, leaf]):
        word, said = reader.verdict(proof, *given)
        assert (word, "nothing here proves other" in said) == ("cannot-tell", True)
        assert "leaf stands at index 5" in said
    other.write_bytes(leaf.read_bytes())
    assert reader.verdict(proof, leaf, other)[0] == "holds"
    word, said = reader.verdict(*files(place / "whole"), other)
    assert (word, "not looked at: other, which" in said) == ("cannot-tell", True)


def test_what_two_files_of_a_kind_say_is_not_mixed(
    reader: Reader, place: Path, tmp_path: Path
) -> None:
    """Which of two checkpoints, or files of entries, is meant nobody can tell."""
    whole, others = place / "whole", tmp_path / "others"
    others.mkdir()
    for name in ("checkpoint", "entries.jsonl"):
        copy = others / f"{name}.2"
        copy.write_bytes((whole / name).read_bytes())
        word, said = reader.verdict(*files(whole), copy)
        assert (word, f"{name} and {name}.2" in said) == ("cannot-tell", True)
    word, said = reader.verdict(*files(whole), place / "chosen" / "checkpoint")
    assert (word, "two files called checkpoint are" in said) == ("cannot-tell", True)


def test_that_a_proofs_mldsa_line_was_not_checked_is_said(
    reader: Reader, place: Path, tmp_path: Path
) -> None:
    """Of one that is there, of one that is not; a line too short is tampering."""
    proof, leaf = proved(reader, place, tmp_path)
    assert "There is no ML-DSA signature" in reader.verdict(proof, leaf)[1]
    proof, leaf = proved(reader, place, tmp_path, "--pq")
    word, said = reader.verdict(proof, leaf)
    assert (word, "on the proof was not checked" in said) == ("holds", True)
    head, gap, note = proof.read_bytes().rpartition(b"\n\n")
    lines = note.splitlines(keepends=True)
    [long] = [number for number, each in enumerate(lines) if len(each) > 2000]
    lines[long] = lines[long][:-9] + b"\n"
    proof.write_bytes(head + gap + b"".join(lines))
    word, said = reader.verdict(proof, leaf)
    assert (word, "is no cosignature" in said) == ("tampered", True)


def test_a_receipt_and_whether_it_was_kept(
    reader: Reader, place: Path, tmp_path: Path
) -> None:
    """Kept where the export has its entry; another entry there is tampering."""
    receipt, export = place / "receipt-3.json", files(place / "whole")
    word, said = reader.verdict(receipt, *export)
    assert (word, "the promise was kept" in said) == ("holds", True)
    word, said = reader.verdict(receipt)
    assert (word, "give an export that has the entry" in said) == ("cannot-tell", True)

    shifted = json.loads(receipt.read_text())
    shifted["index"] = 4
    (tmp_path / "r.json").write_text(json.dumps(shifted))
    word, said = reader.verdict(tmp_path / "r.json", *export)
    assert (word, "index is not in what was signed" in said) == ("tampered", True)

    rewritten = tmp_path / "rewritten"
    word, said = reader.verdict(receipt, *of_leaves(rewritten, [b"{}"] * 7, tmp_path))
    assert (word, "another entry stands at index 3" in said) == ("tampered", True)
    word, said = reader.verdict(receipt, *of_leaves(rewritten, [b"{}"] * 2, tmp_path))
    assert (word, "a later checkpoint does not have it" in said) == ("tampered", True)


def test_a_receipt_that_readers_could_differ_on_is_not_read(
    reader: Reader, place: Path, tmp_path: Path
) -> None:
    """Nobody can tell what it promises; its spaces and escapes are free."""
    right, path = json.loads((place / "receipt-3.json").read_text()), tmp_path / "r"
    said = json.dumps(right)
    odd = [
        json.dumps({**right, "more": 1}),
        said.replace('"index": 3', '"index": 4, "index": 3'),
        said.replace('"index": 3', '"index": 3.0'),
        json.dumps({**right, "index": -1}),
        json.dumps({**right, "path": [""] * 11}),
        json.dumps({**right, "leaf_hash": None}),
    ]
    for text in odd:
        path.write_text(text)
        word, found = reader.verdict(path, *files(place / "whole"))
        assert (word, "r does not read as a receipt" in found) == ("cannot-tell", True)
        checked = ["check-receipt", str(path), str(place / "store")]
        assert main([*checked, "--vkey", str(reader.keys)]) == 2
    for text in (said, json.dumps(right, indent=1, ensure_ascii=False)):
        path.write_text(text)
        assert reader.verdict(path, *files(place / "whole"))[0] == "holds"


def test_what_reads_as_no_receipt_does_not_hold_with_an_export(
    reader: Reader, place: Path, tmp_path: Path
) -> None:
    """Nobody can tell of a file that was not read, whatever an editor made of it."""
    said, path = (place / "receipt-3.json").read_text(), tmp_path / "mine.json"
    forged = {**json.loads(said), "schema": "sallyport.receipt/9", "index": 4}
    odd = [
        said.encode("utf-8-sig"),
        said.encode("utf-16"),
        *(said.encode() + more for more in (b"{}", b"\0", b"\f", b"\xc2\xa0")),
        f"[{said}]".encode(),
        b"null",
        b"",
        json.dumps(forged).encode(),
    ]
    for which in ("whole", "chosen"):
        for data in odd:
            path.write_bytes(data)
            word, found = reader.verdict(*files(place / which), path)
            assert (word, "not looked at: mine.json" in found) == ("cannot-tell", True)
    checked = ["check-receipt", str(path), str(place / "store")]
    assert main([*checked, "--vkey", str(reader.keys)]) == 2


def test_what_a_system_leaves_in_a_folder_is_passed_over(
    reader: Reader, place: Path, tmp_path: Path
) -> None:
    """Whoever looked into the folder before dropping it brought nothing."""
    left = [tmp_path / name for name in (".DS_Store", "Thumbs.db", "desktop.ini")]
    for each in left:
        each.write_bytes(b"\0")
    assert reader.verdict(*files(place / "whole"), *left)[0] == "holds"
