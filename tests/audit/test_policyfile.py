"""Policy files: who is trusted, and when a quorum is met."""

from __future__ import annotations

import pytest

from audit.errors import Malformed
from audit.policyfile import Policy
from audit.signer import SeedSigner
from audit.vkey import COSIGNATURE, MLDSA44, Verifier

LOG = SeedSigner(name="log.example", kind=1, seed=b"\x01" * 32).verifier.text
PQ = SeedSigner(name="log.example", kind=MLDSA44, seed=b"\x01" * 32).verifier.text
W = [
    SeedSigner(
        name=f"w{n}.example", kind=COSIGNATURE, seed=bytes([n + 2]) * 32
    ).verifier.text
    for n in range(4)
]
NAMES = "".join(f"witness w{n} {W[n]} https://w{n}.example/\n" for n in range(4))


def met(rest: str, *signed: int) -> bool:
    """Return whether witnesses of these numbers meet a policy."""
    policy = Policy.parse((NAMES + rest).encode())
    return policy.satisfied({Verifier.parse(W[number]) for number in signed})


def test_a_whole_file() -> None:
    """Logs, witnesses, comments, groups, the quorum."""
    policy = Policy.parse(
        b"# who we trust\n\n\t log %b \thttps://x/\n%b  # more\nquorum none"
        % (LOG.encode(), NAMES.encode())
    )

    assert [key.name for key in policy.logs] == ["log.example"]
    assert policy.urls[policy.logs[0]] == "https://x/"
    assert policy.urls[policy.witnesses["w1"]] == "https://w1.example/"
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
        (f"log {LOG}\nlog {PQ}\nlog {LOG}\n", "policy-log-twice"),
        (f"log {LOG} # said twice\n", "policy-line"),
        ("quorum\u2003none\n", "policy-line"),
        ("quorum none\r\n", "policy-octet"),
        ("quorum none\x7f\n", "policy-octet"),
        (f"witness w {LOG}\n", "policy-witness-key"),
        (f"witness none {W[0]}\n", "policy-name"),
        (f"witness w {W[0]}\nwitness w {W[1]}\n", "policy-name-twice"),
        (f"witness w {W[0]}\nwitness v {W[0]}\n", "policy-witness-twice"),
        ("group g any\n", "policy-line"),
        ("group g any x\n", "policy-members"),
        (f"{NAMES}group g any w0 w0\n", "policy-member-twice"),
        (f"{NAMES}group g any w0 w1\ngroup h any w1\n", "policy-member-twice"),
        (f"{NAMES}group g any none\n", "policy-members"),
        (f"{NAMES}group w0 any w1\n", "policy-name-twice"),
        (f"{NAMES}group g any w0\ngroup g any w1\n", "policy-name-twice"),
        (f"{NAMES}group g 1000000 w0\n", "policy-threshold"),
        (f"{NAMES}group g 01 w0\n", "policy-threshold"),
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
        Policy.parse(text.encode())
    assert caught.value.reason == reason


def test_names_are_octets() -> None:
    """Two spellings of one letter are two names; bytes of no encoding are one too."""
    rest = NAMES.encode().replace(b"witness w0 ", b"witness \xff+\xe2\x84\xaa ")
    policy = Policy.parse(rest + b"quorum \xff+\xe2\x84\xaa\n")

    assert policy.satisfied({Verifier.parse(W[0])})
    with pytest.raises(Malformed, match="policy-unknown-name: line 5"):
        Policy.parse(rest + b"quorum \xffK\n")


def test_a_witness_may_sign_with_mldsa() -> None:
    """A key of either kind cosigns; a plain one does not."""
    policy = Policy.parse(f"log {PQ}\nwitness w {PQ}\nquorum w\n".encode())

    assert policy.logs == policy.cosigners == [Verifier.parse(PQ)]
    assert policy.satisfied(policy.cosigners)
