"""The page that verifies in a browser: real exports, real Chromium, no network."""

from __future__ import annotations

import asyncio
import json
import shutil
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from audit import Receipt
from audit.checkpoint import cosignature_line
from audit.cli import main
from audit.exportfile import Line
from audit.note import COSIGNATURE, Note
from audit.signer import SeedSigner
from tests.audit.builders import (
    CFG,
    KEYS,
    SCHEMA,
    START_MS,
    FakeClock,
    entry,
    opening,
    write_tree,
)

PAGE = Path(__file__).parents[2] / "audit" / "page" / "verify.html"
EXPORT = ("checkpoint", "entries.jsonl", "log.vkeys", "export.json")
WITNESS = SeedSigner(name="board.example/w1", kind=COSIGNATURE, seed=b"\x07" * 32)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.blocking("the loop that runs here is that of the browser's driver"),
]


@pytest.fixture(scope="module")
def browser(chromium: Path, place: Path) -> Iterator[Browser]:
    """Return a browser for all tests of this file.

    After it no event loop can be run here, so the log is made first.
    """
    assert place.is_dir()
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox"]
        )
        yield found
        found.close()


@dataclass(frozen=True, kw_only=True, slots=True)
class Reader:
    """Somebody with the page open, and what the page asked of the network."""

    page: Page
    asked: list[str]

    def verdict(self, *files: Path) -> tuple[str, str]:
        """Give the page files; return the verdict's word and everything it says."""
        self.page.click("#again")
        self.page.set_input_files("#files", files)
        return self.said()

    def said(self) -> tuple[str, str]:
        """Wait for the verdict; return its word and the whole page."""
        ends = ("holds", "tampered", "cannot-tell")
        self.page.wait_for_selector(", ".join(f"#verdict.{each}" for each in ends))
        word = self.page.get_attribute("#verdict", "class")
        return word or "", self.page.inner_text("main")

    def faults(self) -> int:
        """Return how many rules of accessibility the page breaks."""
        found: int = Axe().run(self.page).violations_count
        return found


@pytest.fixture(scope="module")
def reader(browser: Browser) -> Iterator[Reader]:
    """Open the page, without a network."""
    context = browser.new_context(offline=True)
    page, asked = context.new_page(), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.goto(PAGE.as_uri())
    yield Reader(page=page, asked=asked)
    assert asked == [PAGE.as_uri()]
    context.close()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a log, two exports of it, its keys, proof and receipts."""
    folder = tmp_path_factory.mktemp("page")
    receipts = asyncio.run(appended(folder / "store"))
    for number, receipt in enumerate(receipts):
        (folder / f"receipt-{number}.json").write_text(json.dumps(receipt.to_json()))
    keys = folder / "log.vkeys"
    keys.write_text("".join(f"{key.text}\n" for key in KEYS.verifiers))
    log = [str(folder / "store"), "--vkey", str(keys), "--allow-unwitnessed"]
    where, options = log[0], log[1:]
    assert main(["export", where, str(folder / "whole"), *options]) == 0
    chosen = ["--decision", "refused"]
    assert main(["export", where, str(folder / "chosen"), *options, *chosen]) == 0
    return folder


async def appended(folder: Path) -> list[Receipt]:
    """Make a log of seven entries; return their receipts."""
    async with opening(folder, create=True, clock=FakeClock(START_MS)) as log:
        words = ["refused" if number % 3 == 2 else "released" for number in range(7)]
        schema = {f"schema/{CFG}.json": SCHEMA}
        return [
            await log.append(entry(decision=word, attachments=schema)) for word in words
        ]


def files(export: Path) -> list[Path]:
    """Return what is dropped of an export."""
    return [export / name for name in EXPORT]


def altered(export: Path, target: Path, name: str, old: bytes, new: bytes) -> Path:
    """Return a copy of an export with one change in one file."""
    copy = Path(shutil.copytree(export, target))
    data = (copy / name).read_bytes()
    assert old in data
    (copy / name).write_bytes(data.replace(old, new, 1))
    return copy


def test_the_page_can_be_used_by_everybody(reader: Reader, place: Path) -> None:
    """No rule of axe is broken, before and after each verdict."""
    assert reader.faults() == 0
    assert reader.verdict(*files(place / "whole"))[0] == "holds"
    assert reader.faults() == 0
    assert reader.verdict(place / "whole" / "checkpoint")[0] == "cannot-tell"
    assert reader.faults() == 0


def test_a_whole_export_holds(reader: Reader, place: Path) -> None:
    """Every entry, its place, the root, and what the entries say."""
    word, said = reader.verdict(*files(place / "whole"))
    assert word == "holds"
    assert "Every entry that was signed is here, unaltered and in its place." in said
    assert "Unwitnessed" in said
    assert "exchange\treleased\t5" in said
    assert "exchange\trefused\t2" in said


def test_chosen_entries_hold_one_by_one(reader: Reader, place: Path) -> None:
    """Each leads to the signed root; that none was left out is not claimed."""
    word, said = reader.verdict(*files(place / "chosen"))
    assert word == "holds"
    assert "Whether others were left out is not shown" in said


def test_files_can_be_dropped(reader: Reader, place: Path) -> None:
    """A drop is as good as a choice."""
    reader.page.click("#again")
    given = [[each.name, each.read_text()] for each in files(place / "whole")]
    reader.page.evaluate(
        """(given) => {
            const dataTransfer = new DataTransfer();
            for (const [name, said] of given) {
                dataTransfer.items.add(new File([said], name));
            }
            document.dispatchEvent(new DragEvent("drop", {dataTransfer}));
        }""",
        given,
    )
    assert reader.said()[0] == "holds"


CHANGES: list[tuple[str, str, bytes, bytes, str]] = [
    ("whole", "entries.jsonl", b'"refused"', b'"revised"', "do not give the root"),
    ("whole", "entries.jsonl", b'{"index":6', b'{"index":7', "entry 7 after entry 5"),
    ("whole", "entries.jsonl", b'{"index":6,', b'{"index":6 ,', "line 7: does not"),
    ("whole", "checkpoint", b"\n7\n", b"\n6\n", "does not hold"),
    ("whole", "checkpoint", b"\n\xe2\x80\x94 ", b"\n\xe2\x80\x94", "does not read"),
    ("whole", "export.json", b'"exported": 7', b'"exported": 8', "export.json"),
    ("whole", "export.json", b'"entries": 7', b'"entries": 8', "export.json"),
    ("whole", "export.json", b"county", b"town", "export.json"),
    ("chosen", "entries.jsonl", b'"refused"', b'"revised"', "does not lead to"),
    ("chosen", "entries.jsonl", b'"proof":["', b'"proof":["A', "not base64"),
]


@pytest.mark.parametrize(("which", "name", "old", "new", "reason"), CHANGES)
def test_what_was_altered_is_tampering(
    reader: Reader,
    place: Path,
    tmp_path: Path,
    *,
    which: str,
    name: str,
    old: bytes,
    new: bytes,
    reason: str,
) -> None:
    """An entry, its index, its form, the checkpoint, a path."""
    copy = altered(place / which, tmp_path / "copy", name, old, new)
    word, said = reader.verdict(*files(copy))
    assert (word, reason in said) == ("tampered", True), said


def test_paths_that_share_nodes_are_each_followed(
    reader: Reader, place: Path, tmp_path: Path
) -> None:
    """Neighbours hold together; a hash altered behind their shared node is found."""
    export, keys = tmp_path / "all", str(place / "log.vkeys")
    options = ["--vkey", keys, "--allow-unwitnessed", "--event", "exchange"]
    assert main(["export", str(place / "store"), str(export), *options]) == 0
    assert reader.verdict(*files(export))[0] == "holds"
    path = export / "entries.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    head, comma, last = lines[1].rpartition(b',"')
    lines[1] = head + comma + (b"B" if last.startswith(b"A") else b"A") + last[1:]
    path.write_bytes(b"".join(lines))
    word, said = reader.verdict(*files(export))
    assert (word, "the path of entry 1 does not lead" in said) == ("tampered", True)


def test_an_entry_removed_is_tampering(
    reader: Reader, place: Path, tmp_path: Path
) -> None:
    """Fewer entries than were signed."""
    copy = Path(shutil.copytree(place / "whole", tmp_path / "copy"))
    path = copy / "entries.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    word, said = reader.verdict(*files(copy))
    assert (word, "6 entries are here, 7 were signed" in said) == ("tampered", True)


def test_without_the_right_key_nobody_can_tell(
    reader: Reader, place: Path, tmp_path: Path
) -> None:
    """No key, that of another log, or another key of this log's name."""
    given = [each for each in files(place / "whole") if each.name != "log.vkeys"]
    assert reader.verdict(*given)[0] == "cannot-tell"
    key = tmp_path / "log.vkeys"
    key.write_text(SeedSigner.generate("other.example/log").verifier.text + "\n")
    assert reader.verdict(*given, key)[0] == "cannot-tell"
    key.write_text(SeedSigner.generate(KEYS.origin).verifier.text + "\n")
    word, said = reader.verdict(*given, key)
    assert (word, "has not signed this" in said) == ("tampered", True)
    key.write_text(KEYS.log.verifier.text.replace("+", "+0", 1) + "\n")
    assert reader.verdict(*given, key)[0] == "cannot-tell"


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
    (copy / "log.vkeys").write_text(KEYS.log.verifier.text)
    assert reader.verdict(*files(copy))[0] == "holds"


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
        word, said = reader.verdict(*given, key)
        assert (word, board.verifier.name in said) == ("holds", True)
    key.write_text(f"{words[1]}=")
    assert reader.verdict(*given, key)[0] == "cannot-tell"


def test_an_entry_does_not_hide_behind_another_form(
    reader: Reader, place: Path, tmp_path: Path
) -> None:
    """What an entry says is counted, written as JSON or in base64."""
    copy = Path(shutil.copytree(place / "whole", tmp_path / "copy"))
    path = copy / "entries.jsonl"
    lines = [Line.parse(each) for each in path.read_bytes().splitlines(keepends=True)]
    said = [
        b'{"index":%d,"base64":"%b"}\n' % (e.index, b64encode(e.data)) for e in lines
    ]
    path.write_bytes(b"".join(said))
    assert "exchange\trefused\t2" in reader.verdict(*files(copy))[1]


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
    word, said = reader.verdict(*files(copy), key)
    assert word == "holds"
    assert "Countersigned by board.example/w1, whose key you gave." in said
    assert "Unwitnessed" not in said
    line = cosignature_line(body.replace("7", "8", 1), WITNESS, seconds=1_795_424_401)
    (copy / "checkpoint").write_text(note + line)
    word, said = reader.verdict(*files(copy), key)
    assert (word, "of board.example/w1 does not hold" in said) == ("tampered", True)


def test_a_proof_with_its_entry(
    reader: Reader, place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Holds with the entry, not with another, and alone nobody can tell."""
    keys, leaf, other = (tmp_path / name for name in ("k", "leaf", "other"))
    keys.write_bytes((place / "log.vkeys").read_bytes())
    where = [str(place / "store"), "--vkey", str(keys), "--index", "5"]
    capsys.readouterr()
    assert main(["prove", *where, "--leaf", str(leaf)]) == 0
    proof = tmp_path / "entry.tlog-proof"
    proof.write_text(capsys.readouterr().out)
    other.write_bytes(leaf.read_bytes().replace(b"refused", b"revised"))
    word, said = reader.verdict(proof, leaf, keys)
    assert (word, "stands at index 5" in said) == ("holds", True)
    assert reader.verdict(proof, other, keys)[0] == "tampered"
    assert reader.verdict(proof, keys)[0] == "cannot-tell"
    proof.write_text(proof.read_text().replace("index ", "extra x\nindex ", 1))
    assert reader.verdict(proof, leaf, keys)[0] == "tampered"


def test_a_receipt_and_whether_it_was_kept(
    reader: Reader, place: Path, tmp_path: Path
) -> None:
    """Kept where the export has its entry; another entry there is tampering."""
    receipt, export = place / "receipt-3.json", files(place / "whole")
    word, said = reader.verdict(receipt, *export)
    assert (word, "the promise was kept" in said) == ("holds", True)
    word, said = reader.verdict(receipt, place / "log.vkeys")
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


def of_leaves(log: Path, leaves: Sequence[bytes], folder: Path) -> list[Path]:
    """Return the files of an export of a log that would not be exported."""
    write_tree(log, leaves, seconds=START_MS // 1000 + 61)
    lines = [b'{"index":%d,"leaf":%b}\n' % each for each in enumerate(leaves)]
    (folder / "entries.jsonl").write_bytes(b"".join(lines))
    keys = folder / "log.vkeys"
    keys.write_text("".join(f"{key.text}\n" for key in KEYS.verifiers))
    return [log / "checkpoint", folder / "entries.jsonl", keys]
