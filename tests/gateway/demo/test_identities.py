"""The demo's identities, seen by the gateway's own verifier of bindings."""

from __future__ import annotations

import jwt
import pytest
from cryptography import x509

from gateway.clock import SystemClock
from gateway.demo.cast import REQUESTERS
from gateway.demo.identities import UnknownRequester, mint_token
from gateway.demo.layout import Layout
from gateway.demo.pki import thumbprint
from gateway.demo.tokens import AUDIENCE


@pytest.mark.parametrize("name", REQUESTERS)
def test_each_requester_holds_a_token_bound_to_its_certificate(
    county: Layout, name: str
) -> None:
    """The token names the certificate that lies beside it, and the right system."""
    folder = county.requester(name)
    certificate = x509.load_pem_x509_certificate(folder.certificate.read_bytes())
    key = jwt.PyJWKSet.from_json(county.jwks.read_text()).keys[0]

    claims = jwt.decode(
        folder.token.read_text().strip(), key, algorithms=["ES256"], audience=AUDIENCE
    )

    assert claims["cnf"] == {"x5t#S256": thumbprint(certificate)}
    assert claims["client_id"] == REQUESTERS[name].client_id


def test_a_new_token_replaces_the_old_one(county: Layout) -> None:
    """Minting again writes another token for the same certificate."""
    before = county.requester("broker").token.read_text()

    after = mint_token(county, "broker", clock=SystemClock())

    assert before.strip() != after
    assert county.requester("broker").token.read_text().strip() == after


def test_an_unknown_requester_is_named_with_those_that_exist(county: Layout) -> None:
    """A wrong name is refused in a sentence that lists the right ones."""
    with pytest.raises(UnknownRequester, match="ice-ero"):
        mint_token(county, "ice-er", clock=SystemClock())
