"""Errors of PostgreSQL and libpq become closed words, and nothing of what they say."""

from __future__ import annotations

import pytest

from connectors import Fault, SourceTimeout, SourceUnavailable
from connectors.postgres.faults import fault_of_opening, fault_of_state


@pytest.mark.parametrize(
    ("state", "fault"),
    [
        ("57014", Fault.TIMEOUT),
        ("25P03", Fault.TIMEOUT),
        ("55P03", Fault.LOCKED),
        ("42P01", Fault.SCHEMA),
        ("42501", Fault.SCHEMA),
        ("22012", Fault.SCHEMA),
        ("25006", Fault.SCHEMA),
        ("54001", Fault.TOO_LARGE),
        ("28P01", Fault.REFUSED),
        ("3D000", Fault.REFUSED),
        ("XX001", Fault.CORRUPT),
        ("57P01", Fault.GONE),
        ("53300", Fault.GONE),
        ("40001", Fault.GONE),
        ("", Fault.GONE),
    ],
)
def test_each_state_has_its_fault(state: str, fault: Fault) -> None:
    """Named by the code, whatever the language of the server."""
    error = fault_of_state("jail", state)

    assert isinstance(error, SourceUnavailable)
    assert error.fault is fault
    assert isinstance(error, SourceTimeout) is (fault is Fault.TIMEOUT)


def test_a_code_is_said_with_its_name() -> None:
    """An operator reads which error it was; a code nobody knows is said as it is."""
    assert "42P01 UndefinedTable" in str(fault_of_state("jail", "42P01"))
    assert str(fault_of_state("jail", "ZZ999")) == "jail: gone (ZZ999)"


@pytest.mark.parametrize(
    ("said", "fault", "detail"),
    [
        ("server does not support SSL, but SSL was required", "untrusted", "no TLS"),
        (
            'server certificate for "a" does not match host name "b"',
            "untrusted",
            "another's",
        ),
        ("SSL error: certificate verify failed", "untrusted", "not verified"),
        ("SSL error: tlsv1 alert unknown ca", "untrusted", "TLS failed"),
        ('root certificate file "x" does not exist', "untrusted", "no authority"),
        (
            'authentication method requirement "scram-sha-256" failed: x',
            "untrusted",
            "otherwise than SCRAM",
        ),
        ('FATAL:  password authentication failed for user "u"', "refused", "auth"),
        ('FATAL:  no pg_hba.conf entry for host "h"', "refused", "authentication"),
        ('FATAL:  database "d" does not exist', "refused", "no such database"),
        ("FATAL:  sorry, too many clients already", "gone", "no connection left"),
        ("FATAL:  the database system is starting up", "gone", "starts or stops"),
        ("connection refused: Connection refused", "gone", "nobody listens"),
        ("could not translate host name", "gone", "no such host"),
        ("timeout expired", "gone", "does not answer"),
        ("etwas anderes über CANARY", "gone", "no connection came about"),
    ],
)
def test_why_a_connection_did_not_come_about(
    said: str, fault: str, detail: str
) -> None:
    """Said in our words: libpq's may name users, and the server's any language."""
    error = fault_of_opening("jail", said)

    assert error.fault == fault
    assert detail in error.detail
    assert "CANARY" not in str(error)
