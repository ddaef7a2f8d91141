"""The page with keys, proofs and receipts: who signed, and what was promised."""

from __future__ import annotations

import json
import shutil
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from audit.checkpoint import cosignature_line, without_mldsa
from audit.cli import main
from audit.note import COSIGNATURE, MLDSA44, Note
from audit.signer import SeedSigner
from tests.audit.builders import KEYS
from tests.audit.page.opened import MARKS, Reader, files, forged, of_leaves

WITNESS = SeedSigner(name="board.example/w1", kind=COSIGNATURE, seed=b"\x07" * 32)

pytestmark = MARKS


def test_without_the_right_key_nobody_can_tell(
    reader: Reader, place: Path, tmp_path: Path
) -> None:
    """No key, that of another log, or another key of this log's name."""
    given = [each for each in files(place / "whole") if each.name != "log.vkeys"]
    assert reader.verdict(*given, own=())[0] == "cannot-tell"
    key = tmp_path / "log.vkeys"
    key.write_text(SeedSigner.generate("other.example/log").verifier.text + "\n")
    assert reader.verdict(*given, own=[key])[0] == "cannot-tell"
    key.write_text(SeedSigner.generate(KEYS.origin).verifier.text + "\n")
    word, said = reader.verdict(*given, own=[key])
    assert (word, "has not signed this" in said) == ("tampered", True)
    key.write_text(KEYS.log.verifier.text.replace("+", "+0", 1) + "\n")
    assert reader.verdict(*given, own=[key])[0] == "cannot-tell"


def test_keys_that_came_with_the_files_show_nothing(
    reader: Reader, place: Path
) -> None:
    """Under them alone the verdict is no "holds", of an export or of a receipt."""
    for given in (files(place / "whole"), files(place / "chosen")):
        word, said = reader.verdict(*given, own=())
        assert (word, "the only keys came with it" in said) == ("cannot-tell", True)
        assert "Unwitnessed" not in said
    promised = [place / "receipt-3.json", *files(place / "whole")]
    word, said = reader.verdict(*promised, own=())
    assert (word, "the only keys came with it" in said) == ("cannot-tell", True)


def test_a_forgery_with_keys_to_match_is_found(reader: Reader, tmp_path: Path) -> None:
    """Only the reader's own keys count, wherever those of the forger lie."""
    checkpoint, lines, theirs = forged(tmp_path, [b'{"decision":"released"}'] * 7)
    for given in ([checkpoint, lines], [checkpoint, lines, theirs]):
        word, said = reader.verdict(*given)
        assert (word, "has not signed this" in said) == ("tampered", True)
    mine = tmp_path / "mine.vkeys"
    mine.write_bytes(reader.keys.read_bytes())
    for given in ([theirs], [theirs, mine]):
        word, said = reader.verdict(checkpoint, lines, *given, own=())
        assert (word, "the only keys came with it" in said) == ("cannot-tell", True)
    board = tmp_path / "board.vkey"
    board.write_text(WITNESS.verifier.text)
    assert reader.verdict(checkpoint, lines, theirs, own=[board])[0] == "cannot-tell"


def test_own_keys_of_one_name_from_two_files_are_the_same(
    reader: Reader, place: Path, tmp_path: Path
) -> None:
    """Else nobody can tell; of a log that changed its keys, one file has all."""
    checkpoint, lines, theirs = forged(tmp_path, [b"{}"] * 7)
    word, said = reader.verdict(checkpoint, lines, own=[place / "log.vkeys", theirs])
    assert (word, "give only the one" in said) == ("cannot-tell", True)
    alike = tmp_path / "published"
    alike.write_text(KEYS.log.verifier.text)
    own = [place / "log.vkeys", alike]
    assert reader.verdict(*files(place / "whole"), own=own)[0] == "holds"
    alike.write_bytes(theirs.read_bytes() + reader.keys.read_bytes())
    assert reader.verdict(*files(place / "whole"), own=[alike])[0] == "holds"


def test_the_field_for_keys_takes_nothing_else(reader: Reader, place: Path) -> None:
    """Who drops the whole export there is told what belongs into it."""
    given = files(place / "whole")
    word, said = reader.verdict(*given, own=given)
    assert (word, "is no file of public keys" in said) == ("cannot-tell", True)


@pytest.mark.parametrize("place_in_keys", [2, 3])
def test_a_line_of_the_log_that_was_taken_away_is_tampering(
    reader: Reader, place: Path, tmp_path: Path, place_in_keys: int
) -> None:
    """Who brings the time key or the ML-DSA key expects its line, as verify does."""
    key = KEYS.verifiers[place_in_keys]
    copy = Path(shutil.copytree(place / "whole", tmp_path / "copy"))
    note = Note.parse((copy / "checkpoint").read_bytes())
    kept = tuple(each for each in note.signatures if each.id != key.id)
    (copy / "checkpoint").write_bytes(Note(text=note.text, signatures=kept).pack())
    word, said = reader.verdict(*files(copy))
    assert (word, "no line of the log's" in said) == ("tampered", True)
    (tmp_path / "log.vkey").write_text(KEYS.log.verifier.text)
    own = [tmp_path / "log.vkey"]
    assert reader.verdict(*files(copy), own=own)[0] == "holds"


def test_a_line_of_a_witness_is_none_of_the_logs(
    reader: Reader, place: Path, tmp_path: Path
) -> None:
    """Its ML-DSA line does not stand in for the one that the log's key lacks."""
    board = SeedSigner.generate("board.example/w2", MLDSA44)
    copy = Path(shutil.copytree(place / "whole", tmp_path / "copy"))
    note = Note.parse((copy / "checkpoint").read_bytes())
    kept = without_mldsa(note.pack()).decode()
    line = cosignature_line(note.text, board, seconds=1_795_424_401)
    (copy / "checkpoint").write_text(kept + line)
    key = tmp_path / "board.vkey"
    key.write_text(board.verifier.text)
    word, said = reader.verdict(*files(copy), own=[reader.keys, key])
    assert (word, "no line of the log's ML-DSA key" in said) == ("tampered", True)


def test_keys_are_read_however_they_were_written(
    reader: Reader, place: Path, tmp_path: Path
) -> None:
    """With the line ends of another system; of a long name, with letters of any."""
    given = [each for each in files(place / "whole") if each.name != "log.vkeys"]
    board = SeedSigner.generate(f"b\u00fcrger.{'x' * 60}.example/w", COSIGNATURE)
    words = [board.verifier.text, *(key.text for key in KEYS.verifiers)]
    key = tmp_path / "log.vkeys"
    for start, end in (("", "\n"), ("\ufeff", "\r\n"), ("\n", "\r")):
        key.write_bytes((start + end.join(words) + end).encode())
        word, said = reader.verdict(*given, own=[key])
        assert (word, board.verifier.name in said) == ("holds", True)
    key.write_text(f"{words[1]}=")
    assert reader.verdict(*given, own=[key])[0] == "cannot-tell"


def test_a_witness_whose_key_is_given_is_named(
    reader: Reader, place: Path, tmp_path: Path
) -> None:
    """Its line is checked; a bad one is tampering."""
    copy = Path(shutil.copytree(place / "whole", tmp_path / "copy"))
    note = (copy / "checkpoint").read_text()
    body = note.partition("\n\n")[0] + "\n"
    line = cosignature_line(body, WITNESS, seconds=1_795_424_401)
    (copy / "checkpoint").write_text(note + line)
    key = tmp_path / "board.vkey"
    key.write_text(WITNESS.verifier.text + "\n")
    word, said = reader.verdict(*files(copy), own=[place / "log.vkeys", key])
    assert word == "holds"
    assert "Countersigned by board.example/w1, whose key you gave." in said
    assert "Unwitnessed" not in said
    line = cosignature_line(body.replace("7", "8", 1), WITNESS, seconds=1_795_424_401)
    (copy / "checkpoint").write_text(note + line)
    word, said = reader.verdict(*files(copy), own=[place / "log.vkeys", key])
    assert (word, "of board.example/w1 does not hold" in said) == ("tampered", True)


def proved(
    reader: Reader, place: Path, folder: Path, *options: str
) -> tuple[Path, Path]:
    """Return the files of a proof and of its entry, which says ``refused``."""
    proof, leaf = folder / "entry.tlog-proof", folder / "leaf"
    where = [str(place / "store"), "--vkey", str(reader.keys), "--index", "5"]
    with redirect_stdout(StringIO()) as printed:
        assert main(["prove", *where, "--leaf", str(leaf), *options]) == 0
    proof.write_text(printed.getvalue())
    return proof, leaf


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
    assert reader.verdict(tmp_path / "r.json", *export)[0] == "tampered"

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
