"""Rosters: their one form, who is one person, whose signatures hold."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from audit.errors import ActRefused, Malformed
from audit.note import COSIGNATURE, Signature
from audit.roster import MOST_KEYS, MOST_PEOPLE, Roster, read_key, signers
from audit.signer import SeedSigner
from audit.sshsig import SshVerifier
from audit.vkey import Verifier
from tests.audit.builders import PEOPLE, ROSTER, signed, statement

LINES = [key.text for key in ROSTER.keys]
CUT = statement("cutoff", scope="all", name="-")


def test_a_roster_has_one_text_and_one_digest() -> None:
    """Its lines are those of the act; their SHA-256 can be read aloud."""
    text = "".join(f"person {line}\n" for line in LINES)
    assert Roster.parse(LINES) == ROSTER
    assert ROSTER.text == text
    assert ROSTER.digest == hashlib.sha256(text.encode()).hexdigest()
    assert ROSTER.people == ("clerk-1", "counsel-1", "officer-1")


def test_a_spare_key_is_the_same_person() -> None:
    """Three keys are one person; a fourth is too many."""
    keys = [
        SeedSigner(name="officer-1", kind=1, seed=bytes([n]) * 32) for n in range(4)
    ]
    lines = [LINES[0], *(key.verifier.text for key in keys)]
    assert Roster.parse(sorted(lines[: MOST_KEYS + 1])).people == (
        "clerk-1",
        "officer-1",
    )
    with pytest.raises(ActRefused, match="officer-1 has more than 3 keys"):
        Roster.parse(sorted(lines))


def test_one_key_is_not_two_people() -> None:
    """The same key under two names is refused, whatever its form."""
    raw = PEOPLE["officer-1"].verifier.public
    twin = SeedSigner(name="twin", kind=1, seed=b"\x13" * 32)
    ssh = SshVerifier(name="twin", public=raw)
    for other in (twin.verifier, ssh):
        assert other.public == raw
        with pytest.raises(ActRefused, match="one key is there twice"):
            Roster.parse(sorted([*LINES, other.text]))


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (LINES[:1], "has 2 to 16 people, this one has 1"),
        (LINES[::-1], "not in order"),
        ([LINES[0], LINES[0], LINES[1]], "one line is there twice"),
        ([LINES[0], LINES[1][:-4]], "person 2 is no key: vkey-length .its key has"),
        ([LINES[0], "x+00000000+AA=="], "person 2 is no key"),
        ([LINES[0], LINES[1].replace("counsel-1", "counsel-2")], "vkey-hash"),
        (
            [
                LINES[0],
                SeedSigner(name="z", kind=COSIGNATURE, seed=b"\x07" * 32).verifier.text,
            ],
            "vkey-type",
        ),
    ],
)
def test_other_rosters_are_refused(lines: list[str], problem: str) -> None:
    """A roster that breaks a rule is refused by that rule."""
    with pytest.raises(ActRefused, match=problem):
        Roster.parse(lines)


def test_a_roster_is_bounded() -> None:
    """Sixteen people fit, seventeen don't."""
    lines = sorted(
        SeedSigner(name=f"p{n:02d}", kind=1, seed=bytes([n]) * 32).verifier.text
        for n in range(MOST_PEOPLE + 1)
    )
    assert len(Roster.parse(lines[:-1]).people) == MOST_PEOPLE
    with pytest.raises(ActRefused, match="this one has 17"):
        Roster.parse(lines)


def test_keys_of_both_kinds_are_read() -> None:
    """A note's own key and OpenSSH's; nothing else is a key."""
    ssh = SshVerifier(name="officer-1", public=b"\x01" * 32)
    assert read_key(ssh.text) == ssh
    assert read_key(LINES[0]) == ROSTER.keys[0]
    with pytest.raises(Malformed):
        read_key("officer-1")


def test_signatures_that_hold_are_of_their_keys() -> None:
    """Each key that signed is found once."""
    found = signers(signed(CUT, "officer-1", "clerk-1"), ROSTER.keys)
    assert [key.name for key in found] == ["officer-1", "clerk-1"]


def test_signatures_that_do_not_hold_are_refused() -> None:
    """Of another text, of a stranger, of a stranger under a known name, or twice."""
    once = signed(CUT, "officer-1")
    other = signed(statement("cutoff", 1, scope="all", name="-"), "officer-1")
    (theirs,) = other.signatures
    with pytest.raises(ActRefused, match="signature of officer-1 does not hold"):
        signers(signed(CUT).signed(theirs), ROSTER.keys)
    with pytest.raises(ActRefused, match="same key of officer-1 has signed twice"):
        signers(once.signed(once.signatures[0]), ROSTER.keys)
    for name in ("stranger", "officer-1"):
        stranger = SeedSigner(name=name, kind=1, seed=b"\x55" * 32)
        with pytest.raises(ActRefused, match=f"of {name} by a key that is not in"):
            signers(signed(CUT, a=stranger), ROSTER.keys)
    forged = Signature(
        name="officer-1", id=PEOPLE["officer-1"].verifier.id, signature=b"x"
    )
    with pytest.raises(ActRefused, match="does not hold"):
        signers(signed(CUT).signed(forged), ROSTER.keys)


WEAK = (
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
)
"""Encodings of points of small order, some with the sign bit, some not reduced."""


@pytest.mark.parametrize("public", WEAK)
@pytest.mark.parametrize("ssh", [False, True])
def test_a_key_that_anybody_can_sign_for_is_none(public: str, *, ssh: bool) -> None:
    """Refused in either form, so that two people stay two."""
    raw = bytes.fromhex(public)
    key = (
        SshVerifier(name="counsel-1", public=raw)
        if ssh
        else Verifier(name="counsel-1", kind=1, public=raw)
    )
    with pytest.raises(Malformed, match="vkey-weak"):
        read_key(key.text)


def test_signatures_hold_for_such_a_key_that_nobody_made() -> None:
    """Why it is refused: a signature of zeros under the neutral point."""
    neutral = bytes([1]) + bytes(31)
    forged = neutral + bytes(32)
    Ed25519PublicKey.from_public_bytes(neutral).verify(forged, b"any act")
