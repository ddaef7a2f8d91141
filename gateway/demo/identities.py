"""Certificates, keys and tokens of the demo, written where each party keeps them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from cryptography import x509

from gateway.clock import Clock
from gateway.demo.cast import AUTHORITIES, REQUESTERS
from gateway.demo.layout import Layout
from gateway.demo.pki import Authority, new_authority, thumbprint, write_private
from gateway.demo.tokens import Issuer

__all__ = ["UnknownRequester", "mint_token", "write_identities"]


class UnknownRequester(Exception):
    """The demo has no requester of this name, or the folder is not a demo's."""


def write_identities(layout: Layout, *, clock: Clock) -> None:
    """Make every authority, certificate, key and first token of the demo.

    Raises:
        FileExistsError: when some are there already.
    """
    now = dt.datetime.fromtimestamp(clock.now_ms() / 1000, tz=dt.UTC)
    own = new_authority("gateway authority", now=now)
    server = own.issue_server("sallyport demo gateway", now=now)
    (layout.authorities / "gateway.pem").write_bytes(own.pem)
    (layout.authorities / "server.pem").write_bytes(server.certificate)
    write_private(layout.keys / "server.key", server.key)

    agencies = {
        name: new_authority(f"{name} authority", now=now) for name in AUTHORITIES
    }
    for name, authority in agencies.items():
        (layout.authorities / f"{name}.pem").write_bytes(authority.pem)

    issuer = Issuer.new()
    write_private(layout.issuer_key, issuer.pem)
    layout.jwks.write_text(issuer.jwks)
    for name in REQUESTERS:
        _write_requester(layout, name, agencies, own, now)
        mint_token(layout, name, clock=clock)


def mint_token(layout: Layout, name: str, *, clock: Clock) -> str:
    """Mint a token for a requester, write it to its folder and return it.

    Raises:
        UnknownRequester: when there is no such requester in this folder.
    """
    if not layout.issuer_key.exists():
        problem = f"{layout.root} is not a demo's folder; make one: sallyport demo"
        raise UnknownRequester(f"{problem} --dir {layout.root}")
    player = REQUESTERS.get(name)
    folder = layout.requester(name)
    if player is None or not folder.certificate.exists():
        known = ", ".join(REQUESTERS)
        raise UnknownRequester(f"no requester {name} in {layout.root}; known: {known}")
    certificate = x509.load_pem_x509_certificate(folder.certificate.read_bytes())
    token = Issuer.load(layout.issuer_key).mint(
        client_id=player.client_id,
        subject=player.person,
        thumbprint=thumbprint(certificate),
        now_s=clock.now_ms() // 1000,
        claims=player.claims,
    )
    folder.token.unlink(missing_ok=True)
    write_private(folder.token, token.encode() + b"\n")
    return token


def _write_requester(
    layout: Layout,
    name: str,
    agencies: Mapping[str, Authority],
    own: Authority,
    now: dt.datetime,
) -> None:
    """Write a requester's certificate and key, and whom it trusts."""
    player, folder = REQUESTERS[name], layout.requester(name)
    folder.path.mkdir(mode=0o700, parents=True)
    issued = agencies[player.authority].issue_client(player.client_id, now=now)
    folder.certificate.write_bytes(issued.certificate)
    write_private(folder.key, issued.key)
    folder.authority.write_bytes(own.pem)
