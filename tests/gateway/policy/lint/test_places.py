"""Lines of findings: paths are followed through the YAML as far as they go."""

from __future__ import annotations

from pathlib import Path

from gateway.errors import Mistake
from gateway.policy.lint.places import Place, Places

RULES = """\
- id: st.one
  title: One
  reach:
    kinds: [read]
- id: st.two.more
  unless:
    - id: a.b
      when:
        - fact: sealed
    - {id: c, effect: permit}
  obligations: [log]
- just text
- 7
"""


def line(tmp_path: Path, where: str) -> int:
    """Return the line found for a path into the rules above."""
    file = tmp_path / "rules.yaml"
    file.write_text(RULES)
    return Places().of(f"{file}:{where}").line


def test_line_of_a_path(tmp_path: Path) -> None:
    """Numbers, numbers with an id, ids and keys, dots in ids included, are followed."""
    assert line(tmp_path, "0.reach.kinds.0") == 4
    assert line(tmp_path, "0(st.one).title") == 2
    assert line(tmp_path, "st.two.more.unless") == 6
    assert line(tmp_path, "1(st.two.more).unless.a.b.when.0.fact") == 9
    assert line(tmp_path, "1.unless.c.effect") == 10


def test_line_as_far_as_the_file_goes(tmp_path: Path) -> None:
    """A member that is missing is said to be where it should stand."""
    assert line(tmp_path, "1.citation") == 5
    assert line(tmp_path, "1.obligations.0.days") == 11
    assert line(tmp_path, "9.title") == 1
    assert line(tmp_path, "1.unless.nowhere") == 6
    assert line(tmp_path, "3.x") == 13
    assert line(tmp_path, "") == 1


def test_what_does_not_read(tmp_path: Path) -> None:
    """A file that is no YAML is at the line its parser names, one that is gone at 1."""
    broken = tmp_path / "broken.yaml"
    broken.write_text("a: 1\nb: [\n")
    places = Places()
    assert places.of(str(broken), "no end of list: line 3, column 1").line == 3
    assert places.of(f"{broken}:a").line == 1
    assert places.of(str(tmp_path / "gone.yaml")).line == 1
    assert places.of("packs") == Place(file="packs", line=1, where="")


def test_paths_as_people_say_them(tmp_path: Path) -> None:
    """An item is told by its id, or counted from 1; the line leads there."""

    def told(where: str) -> str:
        return Places().of(f"{tmp_path / 'rules.yaml'}:{where}").said

    assert line(tmp_path, "0.title") == 2
    assert told("0.reach.kinds.0") == "st.one.reach.kinds.1"
    assert told("1(st.two.more).unless.0.when.0.fact") == (
        "st.two.more.unless.a.b.when.1.fact"
    )
    assert told("2.title") == "3.title"
    assert told("9.title") == "9.title"
    file = tmp_path / "rules.yaml"
    said = Places().said(Mistake(path=f"{file}:0(st.one).title", problem="is odd"))
    assert said == f"{file}:2: st.one.title: is odd"
    assert Places().said(Mistake(path="packs", problem="none")) == "packs: none"
    gone = Mistake(path=f"{tmp_path}/gone.yaml", problem="cannot be read")
    assert Places().said(gone) == f"{tmp_path}/gone.yaml: cannot be read"
    assert str(Places().of(str(file))) == f"{file}:1"
