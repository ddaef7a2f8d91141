"""Every fault that a gateway has to stand, and what then holds: data, nothing else.

``docs/reference/failures.md`` is made of this list, and each line of it is bound to
tests by ``@pytest.mark.fault("id")``: a fault without a test fails the suite, and so
does a test of a fault that is not here (tests/structure/test_failures.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gateway.errors import Cause

__all__ = ["FAULTS", "Fault", "Heals"]


class Heals(StrEnum):
    """What it takes until the gateway answers again, once the fault is over."""

    ITSELF = "by itself"
    RESTART = "a restart"
    OPERATOR = "an operator"


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One fault.

    Attributes:
        id: its word, by which tests name it.
        what: what is wrong.
        cause: the cause of the 503 that requesters get; None where they get none.
        seen: what they get instead, or besides; empty where the 503 is all.
        metric: the sample of ``/metrics`` that counts or shows it.
        alert: the alert of ``deploy/prometheus/sallyport.rules.yaml`` for it; empty
            where nobody has to be told.
        within: what bounds the time until the answer, where a setting does.
        heals: what it takes.
        do: what to do.
    """

    id: str
    what: str
    metric: str
    do: str
    cause: Cause | None = None
    seen: str = ""
    alert: str = ""
    within: str = ""
    heals: Heals = Heals.ITSELF


def _unavailable(cause: Cause) -> str:
    return f'sallyport_unavailable_total{{cause="{cause}"}}'


def _engine(fault: str) -> str:
    return f'sallyport_engine_failures_total{{engine="opa",fault="{fault}"}}'


_OPA = "SallyportEngineFails"
_LOOK_AT_OPA = (
    "Look at OPA: it runs, listens where `opa.url` says, and has time. Nothing is to be"
    " done at the gateway."
)


def _opa(word: str, what: str, fault: str, do: str = _LOOK_AT_OPA) -> Fault:
    """Return a fault of the OPA server after which it is simply asked again."""
    return Fault(
        id=f"opa-{word}",
        what=f"The OPA server {what}",
        cause=Cause.POLICY_UNAVAILABLE,
        metric=_engine(fault),
        alert=_OPA,
        within="`opa.deadline_ms`",
        do=do,
    )


_POSTGRES: Mapping[str, tuple[str, str]] = {
    "gone": (
        "is gone: nobody listens, or the network says no",
        "Start it, or mend the way to it.",
    ),
    "hung": (
        "hangs: connections stay, nothing comes",
        "Look at the server's load and disk, and at firewalls that drop silently.",
    ),
    "half-closed": (
        "closes its side of connections and says no more",
        "Look at what stands between (poolers, balancers) and at its time limits.",
    ),
    "slow": (
        "drips: a byte now and then",
        "Look at the network and at the server's load.",
    ),
    "restarted": (
        "is restarted",
        "Nothing. What is asked in between is refused by name.",
    ),
    "failed-over": (
        "is replaced by its standby, and the connections to the old one hang",
        "Nothing, if the standby is synchronous.",
    ),
}


_STATE_SEEN = (
    "Only what has to wait for a person needs it; what is released goes on. With"
    " several gateways (`replicas`) every answer needs it, after five seconds: what was"
    " asked is counted there."
)


def _servers(
    part: str, whose: str, cause: Cause, *, alert: str, seen: str, within: str = ""
) -> list[Fault]:
    """Return what may be wrong with the PostgreSQL server of a part."""
    return [
        Fault(
            id=f"{part}-{word}",
            what=f"{whose} PostgreSQL server {what}",
            cause=cause,
            seen=seen,
            metric=_unavailable(cause),
            alert=alert,
            within=within,
            do=do,
        )
        for word, (what, do) in _POSTGRES.items()
    ]


FAULTS: tuple[Fault, ...] = (
    _opa("killed", "was killed", "dropped", "Start OPA; it fetches its bundle itself."),
    _opa("hung", "hangs: it takes questions and answers none", "late"),
    _opa("slow", "answers after the deadline", "late"),
    _opa(
        "garbage",
        "answers what is no answer: another form, another status, no HTTP",
        "garbage",
        "See that nothing else answers at `opa.url`, such as a proxy's page.",
    ),
    Fault(
        id="opa-flipped",
        what="The OPA server permits what the embedded engine does not",
        cause=Cause.POLICY_DISAGREEMENT,
        metric="sallyport_disagreements_total",
        alert="SallyportEnginesDisagree",
        heals=Heals.OPERATOR,
        do="Find out which engine is right: the log has the question and both answers"
        " for an auditor to replay. Then `sallyport reopen`.",
    ),
    _opa(
        "old-revision",
        "answers by another bundle than the one in force",
        "revision",
        "Look why OPA does not fetch `/opa/bundle.tar.gz`, or refuses what it fetches.",
    ),
    *_servers(
        "source",
        "A source's",
        Cause.SOURCE_UNAVAILABLE,
        alert="SallyportSourceUnavailable",
        seen="Other datasets go on.",
        within="`sources.<name>.timeout_ms`",
    ),
    *_servers(
        "state",
        "The state's",
        Cause.STATE_UNAVAILABLE,
        alert="SallyportStateUnavailable",
        seen=_STATE_SEEN,
        within="`state.timeout_ms`",
    ),
    Fault(
        id="source-file",
        what="A source's SQLite file is gone, or locked by its own system",
        cause=Cause.SOURCE_UNAVAILABLE,
        metric=_unavailable(Cause.SOURCE_UNAVAILABLE),
        alert="SallyportSourceUnavailable",
        within="`sources.<name>.timeout_ms`",
        do="Put it back, or find who holds it.",
    ),
    Fault(
        id="state-disk",
        what="The state's SQLite file cannot be written",
        cause=Cause.STATE_UNAVAILABLE,
        seen=_STATE_SEEN,
        metric=_unavailable(Cause.STATE_UNAVAILABLE),
        alert="SallyportStateUnavailable",
        do="Make room, or change the disk.",
    ),
    *_servers(
        "log",
        "The log's",
        Cause.LOG_UNAVAILABLE,
        alert="SallyportLogUnavailable",
        seen="What was being written may stand: the same Idempotency-Key gives its"
        " answer, once.",
    ),
    Fault(
        id="log-full",
        what="The log's disk is full",
        cause=Cause.LOG_UNAVAILABLE,
        metric=_unavailable(Cause.LOG_UNAVAILABLE),
        alert="SallyportLogUnavailable",
        do="Make room: entries are never deleted to make some.",
    ),
    Fault(
        id="log-sync",
        what="The log's disk says that it could not make an entry durable (fsync)",
        cause=Cause.LOG_UNAVAILABLE,
        metric="sallyport_log_failed",
        alert="SallyportLogFailed",
        heals=Heals.RESTART,
        do="Look at the disk first. Then restart: what was written is read again, and"
        " what no receipt was given for may stand or not.",
    ),
    Fault(
        id="keys-at-start",
        what="An issuer's keys cannot be fetched at the start",
        cause=Cause.IDENTITY_UNAVAILABLE,
        metric=_unavailable(Cause.IDENTITY_UNAVAILABLE),
        alert="SallyportKeysStale",
        do="Look at the issuer and at the way to it. It is asked again by itself.",
    ),
    Fault(
        id="keys-later",
        what="An issuer's keys cannot be fetched any more",
        cause=Cause.IDENTITY_UNAVAILABLE,
        seen="200 with the keys there are, until these are older than"
        " `issuers.max_stale_seconds`; the 503 after that.",
        metric="sallyport_keys_age_seconds",
        alert="SallyportKeysStale",
        within="`issuers.max_stale_seconds`",
        do="Look at the issuer and at the way to it. It is asked again by itself.",
    ),
    Fault(
        id="key-rotated",
        what="An issuer signs with a new key in mid-traffic",
        seen="Nothing: the new key is fetched for the first token that names it.",
        metric="sallyport_keys_age_seconds",
        do="Nothing.",
    ),
    Fault(
        id="clock-back",
        what="The machine's clock is set back",
        cause=Cause.CLOCK,
        metric=_unavailable(Cause.CLOCK),
        alert="SallyportClock",
        do="Mend the time. After a quiet minute it is believed again, unless it is"
        " behind the log.",
    ),
    Fault(
        id="clock-forth",
        what="The machine's clock is set forth",
        cause=Cause.CLOCK,
        metric=_unavailable(Cause.CLOCK),
        alert="SallyportClock",
        do="Mend the time. After a quiet minute it is believed again.",
    ),
    Fault(
        id="sealed-between",
        what="A record is sealed after its facts were read and before its values are",
        seen="What the record was when it was read, or less; never a sealed value.",
        metric="sallyport_pages_total",
        do="Nothing: one page is one state of the source.",
    ),
    Fault(
        id="state-restored",
        what="The state is put back from an older copy, or was lost",
        cause=Cause.STATE_UNAVAILABLE,
        metric="sallyport_closed",
        alert="SallyportClosed",
        heals=Heals.OPERATOR,
        do="[Put back the newest copy](../how-to/back-up-and-restore.md), or"
        " `sallyport reopen`: approvals in it are then asked for anew.",
    ),
    Fault(
        id="replica-behind",
        what="One of several gateways has not read, or cannot take over, what another"
        " one did",
        cause=Cause.POLICY_UNAVAILABLE,
        seen="503 `log-unavailable` while acts, 503 `state-unavailable` while counts"
        " were not read for five seconds; 503 `policy-unavailable` ten seconds after an"
        " activation whose files it does not have.",
        metric="sallyport_behind",
        alert="SallyportBehind",
        do="Give it the files that were activated; they are taken over within seconds."
        " What needs a restart is said in its lines.",
    ),
    Fault(
        id="log-restored",
        what="The log is put back from an older copy than the state",
        seen="No connection: the gateway refuses to start and says why.",
        metric="up",
        alert="SallyportDown",
        heals=Heals.OPERATOR,
        do="[Put back the newest copy](../how-to/back-up-and-restore.md): a log that"
        " goes on from an older one is a second history.",
    ),
    Fault(
        id="stopped",
        what="The gateway is told to stop (SIGTERM) while answers stream",
        cause=Cause.STOPPING,
        seen="Pages in flight are finished. A stream ends with a problem line, and an"
        " entry says that it ended there.",
        metric=_unavailable(Cause.STOPPING),
        within="`server.stop_seconds`",
        heals=Heals.RESTART,
        do="Nothing. The requester asks again, with the same Idempotency-Key.",
    ),
    Fault(
        id="killed",
        what="The gateway is killed (SIGKILL, power)",
        seen="A broken connection. The same Idempotency-Key gives the same answer with"
        " the same receipt, whether or not the first was recorded.",
        metric="up",
        alert="SallyportDown",
        heals=Heals.RESTART,
        do="Nothing: the start reads the log to its last whole entry.",
    ),
    Fault(
        id="log-killed",
        what="The log's writer is killed while it writes",
        seen="As above: what was acknowledged stands, once.",
        metric="up",
        alert="SallyportDown",
        heals=Heals.RESTART,
        do="Nothing.",
    ),
)
"""Every fault, in the order of the page."""
