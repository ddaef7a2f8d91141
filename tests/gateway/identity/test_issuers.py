"""What may be configured about an issuer, and what is refused with a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.identity import IssuerRules
from gateway.identity.issuers import exact_https_host


def rules(**changes: object) -> IssuerRules:
    """Good rules with changes."""
    base: dict[str, object] = {
        "issuer": "https://a.example",
        "audience": "https://b.example",
        "jwks_url": "https://a.example/jwks",
        **changes,
    }
    return IssuerRules(**base)  # type: ignore[arg-type] # names and values by the tests


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"issuer": ""}, "needs an issuer"),
        ({"audience": ""}, "needs an issuer"),
        ({"jwks_url": None}, "exactly one"),
        ({"jwks_file": Path("x")}, "exactly one"),
        ({"jwks_url": "http://a.example/jwks"}, "https"),
        ({"jwks_url": "file:///etc/passwd"}, "https"),
        ({"jwks_url": "https:///jwks"}, "https"),
        ({"jwks_url": "https://u:p@a.example/"}, "credentials"),
        ({"jwks_url": "https://a.example/#x"}, "fragment"),
        ({"algorithms": ()}, "algorithms"),
        ({"algorithms": ("HS256",)}, "algorithms"),
        ({"algorithms": ("ES256", "none")}, "algorithms"),
        ({"refresh_s": 3601.0}, "refresh_s"),
        ({"refresh_s": 0.0}, "refresh_s"),
        ({"assurance_aal": 4}, "assurance"),
        ({"assurance_ial": -1}, "assurance"),
        ({"claims": {"ori": "x"}}, "claim word"),
    ],
)
def test_contradictions_are_refused(changes: dict[str, object], sentence: str) -> None:
    """Each with words that say what is wrong."""
    with pytest.raises(ValueError, match=sentence):
        rules(**changes)


def test_hosts_are_those_of_the_address_unless_named() -> None:
    """Only hosts that somebody wrote down are asked."""
    assert frozenset({"a.example"}) == rules().allowed_hosts
    assert frozenset({"k.example"}) == rules(hosts=("k.example",)).allowed_hosts
    from_file = rules(jwks_url=None, jwks_file=Path("x"))
    assert frozenset() == from_file.allowed_hosts


def test_claim_names_cannot_be_changed_afterwards() -> None:
    """The rules are a value: what was checked is what is used."""
    own = rules(claims={"aal": "acr_level"})

    assert (own.claims["aal"], own.claims["ial"]) == ("acr_level", "ial")
    with pytest.raises(TypeError):
        own.claims["aal"] = "x"  # type: ignore[index] # that is the point


def test_a_host_is_read_exactly() -> None:
    """The host of a plain address, in lower case."""
    assert exact_https_host("https://A.example:8443/x?y=1") == "a.example"
