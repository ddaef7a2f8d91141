"""Says who may decide in a log, from the acts that were read."""

from __future__ import annotations

from audit.acttext import listed
from audit.authority import Authority
from audit.report import Report, date_text

__all__ = ["tell_people"]


def tell_people(authority: Authority, report: Report, expected: str, at_ms: int) -> str:
    """Tell the report; return what is wrong with the first roster, or nothing.

    Args:
        authority: what the acts came to.
        report: what is told.
        expected: the digest of the first roster, if the verifier brings it.
        at_ms: the last hour of the log.
    """
    first = authority.first
    if first is None:
        digest, at_ms = "", 0
    else:
        digest = first.digest
        report.facts["first_roster"] = digest
        report.facts["people"] = ", ".join(authority.roster(at_ms).people)
    if waiting := authority.waiting(at_ms):
        when, names = date_text(waiting[0] // 1000), listed(waiting[1].people)
        report.notices.append(f"from {when} on, {names} decide")
    if expected and digest != expected:
        return "the log begins with another roster than the one that you expect"
    if digest and not expected:
        report.notices.append(
            "nobody said which first roster is right: compare its digest with the"
            " one that was made known, or give it with --roster"
        )
    return ""
