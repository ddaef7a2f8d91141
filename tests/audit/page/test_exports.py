"""The page with exports: real ones, real Chromium, no network."""

from __future__ import annotations

import shutil
from base64 import b64encode
from pathlib import Path

import pytest

from audit.cli import main
from audit.exportfile import Line
from tests.audit.page.opened import MARKS, Reader, altered, files, of_leaves

pytestmark = MARKS


def test_the_page_can_be_used_by_everybody(
    reader: Reader, place: Path, tmp_path: Path
) -> None:
    """No rule of axe is broken, before and after each verdict."""
    assert reader.faults() == 0
    assert reader.verdict(*files(place / "whole"))[0] == "holds"
    assert reader.faults() == 0
    assert reader.verdict(place / "whole" / "checkpoint")[0] == "cannot-tell"
    assert reader.faults() == 0
    assert reader.verdict(*files(place / "whole"), own=())[0] == "cannot-tell"
    assert reader.faults() == 0
    copy = altered(place / "whole", tmp_path / "copy", "checkpoint", b"\n7\n", b"\n6\n")
    assert reader.verdict(*files(copy))[0] == "tampered"
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


DROP = """([where, given]) => {
    const dataTransfer = new DataTransfer();
    for (const [name, said] of given) dataTransfer.items.add(new File([said], name));
    const target = document.querySelector(where);
    target.dispatchEvent(new DragEvent("drop", {dataTransfer, bubbles: true}));
}"""


def test_files_can_be_dropped(reader: Reader, place: Path) -> None:
    """A drop is as good as a choice; on the field for keys they are own keys."""
    given = [[each.name, each.read_text()] for each in files(place / "whole")]
    reader.page.click("#again")
    reader.page.evaluate(DROP, ["h1", given])
    assert reader.said()[0] == "cannot-tell"
    reader.page.evaluate(DROP, ["#keys-hint", [["mine", reader.keys.read_text()]]])
    reader.page.wait_for_selector("#verdict.holds")
    assert "Given: mine" in reader.said()[1]


def test_the_page_is_used_with_the_keyboard_alone(reader: Reader, place: Path) -> None:
    """Both fields and the button are reached in order, and open with a key."""
    page = reader.page
    page.click("#again")
    page.focus("#keys")
    for field, given in ("keys", [reader.keys]), ("files", files(place / "whole")):
        assert page.evaluate("document.activeElement.id") == field
        with page.expect_file_chooser() as chooser:
            page.keyboard.press("Enter")
        chooser.value.set_files(given)
        page.keyboard.press("Tab")
    assert reader.said()[0] == "holds"
    page.keyboard.press("Enter")
    assert "Nothing was given yet" in page.inner_text("#verdict")


def test_an_export_that_does_not_say_what_it_is_of_is_incomplete(
    reader: Reader, place: Path
) -> None:
    """Nobody can tell without ``export.json``, as verify has it."""
    for which in ("whole", "chosen"):
        given = [each for each in files(place / which) if each.name != "export.json"]
        word, said = reader.verdict(*given)
        assert (word, "export.json is missing" in said) == ("cannot-tell", True)


FOLDER = """given => {
    const file = ([name, said]) => ({
        name, isFile: true, file: (done) => done(new File([said], name))});
    const folder = (name, parts) => ({name, isDirectory: true, createReader: () => {
        const rest = [parts, []];
        return {readEntries: (done) => done(rest.shift())};
    }});
    const inner = ["handover", "acts"].map((name) => folder(name, [file([name, ""])]));
    const whole = folder("export", [...given.map(file), ...inner]);
    const item = {kind: "file", webkitGetAsEntry: () => whole, getAsFile: () => null};
    return dropped([item]).then((some) => some.map((each) => each.name));
}"""


def test_of_a_folder_the_handovers_are_taken_too(reader: Reader) -> None:
    """They say that the log changed its keys; its other folders are not read."""
    found = reader.page.evaluate(FOLDER, [["checkpoint", ""]])
    assert found == ["checkpoint", "handover"]


def test_a_checkpoint_alone_shows_nothing(reader: Reader, place: Path) -> None:
    """That it is signed is said, and that nothing was compared with it."""
    word, said = reader.verdict(place / "whole" / "checkpoint")
    assert (word, "the checkpoint is signed; give" in said) == ("cannot-tell", True)


def test_an_entry_does_not_hide_behind_another_form(
    reader: Reader, place: Path, tmp_path: Path
) -> None:
    """One in base64 that need not be is tampering; what must be is counted too."""
    odd = [b'{"ev":"exchange", "decision":"refused"}', b'{"a":"\\ud800"}', b'["a"]']
    odd += [b'{"10":1,"9":[{"a":true}]}', '{"\u00e9":"\u2028\\u0001"}'.encode()]
    word, said = reader.verdict(*of_leaves(tmp_path / "log", odd, tmp_path))
    assert (word, "exchange\trefused\t1" in said) == ("holds", True)
    copy = Path(shutil.copytree(place / "whole", tmp_path / "copy"))
    path = copy / "entries.jsonl"
    lines = [Line.parse(each) for each in path.read_bytes().splitlines(keepends=True)]
    said_so = [
        b'{"index":%d,"base64":"%b"}\n' % (e.index, b64encode(e.data)) for e in lines
    ]
    path.write_bytes(b"".join(said_so))
    word, said = reader.verdict(*files(copy))
    assert (word, "in base64, which hides" in said) == ("tampered", True)
    path.write_bytes(path.read_bytes().replace(b"base64", b"leaf"))
    assert reader.verdict(*files(copy))[0] == "tampered"


def test_an_entry_shown_in_another_form_is_tampering(
    reader: Reader, tmp_path: Path
) -> None:
    """One that was signed so stands in base64, as the command line has it."""
    given = of_leaves(tmp_path / "log", [b'{"b":1,"a":2}'], tmp_path)
    assert reader.verdict(*given)[0] == "holds"
    given[1].write_bytes(b'{"index":0,"leaf":{"b":1,"a":2}}\n')
    word, said = reader.verdict(*given)
    assert (word, "not in the one form" in said) == ("tampered", True)


NOTES: list[tuple[str, str]] = [
    ("— other.example/w AAAAAAAA\n" * 100, "more than 100 signature lines"),
    ("— a+b AAAAAAAA\n", "a signature line that does not read"),
    ("— other.example/w AAAA\n", "a signature that is too short"),
    ("— other.example/w " + "AAAA" * 260_000 + "\n", "the note is too long"),
]


@pytest.mark.parametrize(("more", "reason"), NOTES, ids=["many", "plus", "no", "long"])
def test_a_checkpoint_that_the_command_line_refuses_is_refused(
    reader: Reader, tmp_path: Path, *, more: str, reason: str
) -> None:
    """Lines of others are read as strictly, though nobody checks them."""
    log = tmp_path / "log"
    given = of_leaves(log, [b"{}"], tmp_path)
    keys = ["--vkey", str(reader.keys), "--allow-unwitnessed"]
    verify = ["verify", str(log), "--tree-only", *keys]
    assert (reader.verdict(*given)[0], main(verify)) == ("holds", 0)
    with (log / "checkpoint").open("a", encoding="utf-8") as file:
        file.write(more)
    word, said = reader.verdict(*given)
    assert (word, reason in said, main(verify)) == ("tampered", True, 1)


def test_a_far_future_is_no_tampering(reader: Reader, tmp_path: Path) -> None:
    """A time that JavaScript's numbers can't hold is signed as well as another."""
    leaves = [b'{"ev":"exchange"}'] * 3
    given = of_leaves(tmp_path / "log", leaves, tmp_path, seconds=(1 << 62) + 1)
    assert reader.verdict(*given)[0] == "holds"


def test_an_export_of_nothing_is_one(
    reader: Reader, place: Path, tmp_path: Path
) -> None:
    """It holds if it says that it was chosen; without that nobody can tell."""
    old, new = b'"exported": 2', b'"exported": 0'
    export = altered(place / "chosen", tmp_path / "none", "export.json", old, new)
    (export / "entries.jsonl").write_bytes(b"")
    word, said = reader.verdict(*files(export))
    assert (word, "No entry is here." in said) == ("holds", True)
    given = [each for each in files(export) if each.name != "export.json"]
    word, said = reader.verdict(*given)
    assert (word, "entries.jsonl is empty" in said) == ("cannot-tell", True)
