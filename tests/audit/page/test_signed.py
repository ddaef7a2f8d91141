"""The page with keys: who signed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from audit.checkpoint import cosignature_line, without_mldsa
from audit.note import COSIGNATURE, MLDSA44, Note
from audit.signer import SeedSigner
from tests.audit.builders import KEYS
from tests.audit.page.opened import MARKS, Reader, files, forged, proved

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
    *export, theirs = forged(tmp_path, [b'{"decision":"released"}'] * 7)
    for given in (export, [*export, theirs]):
        word, said = reader.verdict(*given)
        assert (word, "has not signed this" in said) == ("tampered", True)
    mine = tmp_path / "mine.vkeys"
    mine.write_bytes(reader.keys.read_bytes())
    for given in ([theirs], [theirs, mine]):
        word, said = reader.verdict(*export, *given, own=())
        assert (word, "the only keys came with it" in said) == ("cannot-tell", True)
    board = tmp_path / "board.vkey"
    board.write_text(WITNESS.verifier.text)
    assert reader.verdict(*export, theirs, own=[board])[0] == "cannot-tell"


def test_own_keys_of_one_name_from_two_files_are_the_same(
    reader: Reader, place: Path, tmp_path: Path
) -> None:
    """Else nobody can tell; of a log that changed its keys, one file has all."""
    *export, theirs = forged(tmp_path, [b"{}"] * 7)
    word, said = reader.verdict(*export, own=[place / "log.vkeys", theirs])
    assert (word, "give only the one" in said) == ("cannot-tell", True)
    word, said = reader.verdict(*export, own=[place / "whole" / "log.vkeys", theirs])
    assert (word, "two files called log.vkeys have" in said) == ("cannot-tell", True)
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


def test_a_change_of_the_logs_keys_is_not_followed_and_is_no_tampering(
    reader: Reader, place: Path, tmp_path: Path
) -> None:
    """The reader's key announced it; what another key announced does not count."""
    export = place / "changed"
    [handover] = (export / "handover").iterdir()
    given = [*files(export), handover]
    assert reader.verdict(*given, own=[place / "new.vkeys"])[0] == "holds"
    word, said = reader.verdict(*given)
    assert (word, "itself announced" in said) == ("cannot-tell", True)
    word, said = reader.verdict(*files(export))
    assert (word, "drop the export's whole folder" in said) == ("tampered", True)
    theirs = tmp_path / "theirs"
    theirs.write_text(SeedSigner.generate(KEYS.origin).verifier.text)
    assert reader.verdict(*given, own=[theirs])[0] == "tampered"
    bad = tmp_path / handover.name
    for old, new in ((b"index 3", b"index 2"), (b"extra ", b"extra AAAA")):
        bad.write_bytes(handover.read_bytes().replace(old, new))
        assert reader.verdict(*files(export), bad)[0] == "tampered"
    proof, _ = proved(reader, place, tmp_path)
    bad.write_bytes(proof.read_bytes())
    assert reader.verdict(*files(export), bad)[0] == "tampered"
