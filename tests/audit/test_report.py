"""What a report says to people: one line each, and no commands to their terminal."""

from __future__ import annotations

from audit.finding import Finding
from audit.monitor import Look
from audit.report import Report, shown


def test_a_name_can_not_pass_for_a_verdict() -> None:
    """A file's name may hold a new line and what follows it."""
    odd = "a\nTAMPERED  \x1b[2J\udcff"
    report = Report(
        findings=[Finding(where=odd, reason="missing")],
        doubts=[odd],
        notices=[odd],
        facts={"origin": odd},
    )
    look = Look(report=report, checkpoint=b"", before=0, gone=(odd,))
    for lines in (report.lines(), look.lines()):
        assert all(map(str.isprintable, lines))
    assert shown(odd) == r"a\nTAMPERED  \x1b[2J\udcff"
    assert shown("Bürgerbüro") == "Bürgerbüro"
