"""Policy files: who is trusted, and when a quorum is met."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import Malformed
from audit.note import COSIGNATURE
from audit.policyfile import Policy
from audit.signer import SeedSigner

LOG = SeedSigner(name="log.example", kind=1, seed=b"\x01" * 32).verifier.text
W = [
    SeedSigner(
        name=f"w{n}.example", kind=COSIGNATURE, seed=bytes([n + 2]) * 32
    ).verifier.text
    for n in range(4)
]
NAMES = "".join(f"witness w{n} {W[n]} https://w{n}.example/\n" for n in range(4))


def met(rest: str, *signed: int) -> bool:
    """Return whether witnesses of these numbers meet a policy."""
    policy = Policy.parse(NAMES + rest)
    return policy.satisfied({f"w{number}.example": 1 for number in signed})


def test_a_whole_file() -> None:
    """Logs, witnesses, comments, groups, the quorum."""
    policy = Policy.parse(
        f"# who we trust\n\nlog {LOG} https://x/\n{NAMES}quorum none\n"
    )

    assert [key.name for key in policy.logs] == ["log.example"]
    assert len(policy.cosigners) == 4
    assert policy.quorum == "none"


def test_quorums() -> None:
    """One witness, any, all, some of them, groups of groups, nobody."""
    assert met("quorum w0\n", 0)
    assert not met("quorum w0\n", 1, 2, 3)
    assert met("group g any w0 w1\nquorum g\n", 1)
    assert not met("group g all w0 w1\nquorum g\n", 1)
    assert met("group g 2 w0 w1 w2\nquorum g\n", 0, 2)
    assert not met("group g 2 w0 w1 w2\nquorum g\n", 3, 2)
    nested = "group a any w0 w1\ngroup b all w2 w3\ngroup g all a b\nquorum g\n"
    assert met(nested, 1, 2, 3)
    assert not met(nested, 0, 1, 2)
    assert not met("quorum none\n", 0, 1, 2, 3)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "policy-no-quorum"),
        ("\n" * 10_001, "policy-too-long"),
        ("nonsense\n", "policy-line"),
        ("log\n", "policy-line"),
        (f"log {LOG} a b\n", "policy-line"),
        ("log x\n", "vkey-parts"),
        (f"log {W[0]}\n", "policy-log-key"),
        (f"witness w {LOG}\n", "policy-witness-key"),
        (f"witness none {W[0]}\n", "policy-name"),
        (f"witness a+b {W[0]}\n", "policy-name"),
        (f"witness w {W[0]}\nwitness w {W[1]}\n", "policy-name-twice"),
        (f"witness w {W[0]}\nwitness v {W[0]}\n", "policy-witness-twice"),
        ("group g any\n", "policy-line"),
        ("group g any x\n", "policy-members"),
        (f"{NAMES}group g any w0 w0\n", "policy-members"),
        (f"{NAMES}group g 0 w0\n", "policy-threshold"),
        (f"{NAMES}group g 2 w0\n", "policy-threshold"),
        (f"{NAMES}group g most w0\n", "policy-threshold"),
        ("quorum x\n", "policy-unknown-name"),
        ("quorum none\nquorum none\n", "policy-quorum-twice"),
    ],
)
def test_each_malformation_has_its_name(text: str, reason: str) -> None:
    """What is no policy says why, and in which line."""
    with pytest.raises(Malformed) as caught:
        Policy.parse(text)
    assert caught.value.reason == reason


WHOLE = f"log {LOG}\n{NAMES}group g 2 w0 w1 w2\nquorum g\n"


@given(st.integers(0, len(WHOLE) - 1), st.characters())
def test_nothing_raw_escapes(at: int, letter: str) -> None:
    """Any altered letter gives a policy or a named error."""
    with contextlib.suppress(Malformed):
        Policy.parse(WHOLE[:at] + letter + WHOLE[at + 1 :])
