"""Where everything of the demo is, in the folder it was given."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["MAIN", "Layout", "RequesterFolder"]

MAIN: Final = "illinois"
"""The county whose gateway lies at the root of the folder."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RequesterFolder:
    """What one requester holds: certificate, key, token, and whom to trust."""

    path: Path

    @property
    def certificate(self) -> Path:
        """The client certificate, PEM."""
        return self.path / "client.pem"

    @property
    def key(self) -> Path:
        """The client certificate's key, PEM, 0600."""
        return self.path / "key.pem"

    @property
    def token(self) -> Path:
        """The newest access token; it lives ten minutes."""
        return self.path / "token"

    @property
    def authority(self) -> Path:
        """The certificate the gateway's own is signed by, PEM."""
        return self.path / "ca.pem"


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """The demo's folder. The main county lies at its root, two others beside."""

    root: Path

    @property
    def databases(self) -> Path:
        """The county's databases, shared by the three gateways."""
        return self.root / "databases"

    @property
    def catalogue(self) -> Path:
        """One file per dataset."""
        return self.root / "catalogue"

    @property
    def keys(self) -> Path:
        """Private keys of the main county's gateway."""
        return self.root / "keys"

    @property
    def people(self) -> Path:
        """Keys of the two who decide; in real life they never come near."""
        return self.root / "people"

    @property
    def authorities(self) -> Path:
        """Certificates of the agencies' authorities and of the gateway's."""
        return self.root / "authorities"

    @property
    def issuer(self) -> Path:
        """What the demo's identity provider holds; no gateway reads its key."""
        return self.root / "issuer"

    @property
    def jwks(self) -> Path:
        """The identity provider's public key."""
        return self.issuer / "jwks.json"

    @property
    def issuer_key(self) -> Path:
        """The identity provider's private key, PEM, 0600."""
        return self.issuer / "key.pem"

    @property
    def requests(self) -> Path:
        """Ready request documents."""
        return self.root / "requests"

    @property
    def auditor_key(self) -> Path:
        """The private key that opens the sealed side of the log."""
        return self.root / "auditor.key"

    @property
    def witness(self) -> Path:
        """What the witness of the logs holds; no gateway reads its key."""
        return self.root / "witness"

    @property
    def witness_config(self) -> Path:
        """How the witness is set up."""
        return self.witness / "witness.toml"

    @property
    def policy(self) -> Path:
        """Whom the counties have sign along, and whom a verifier may ask for."""
        return self.root / "trust.policy"

    @property
    def receipt(self) -> Path:
        """The first answer's receipt, as the requester keeps it."""
        return self.root / "receipt.json"

    def requester(self, name: str) -> RequesterFolder:
        """Return the folder of one requester."""
        return RequesterFolder(path=self.root / "requesters" / name)

    def gateway(self, county: str) -> Path:
        """Return the folder of a county's gateway: its configuration and log."""
        return self.root if county == MAIN else self.root / county

    def config(self, county: str = MAIN) -> Path:
        """Return the configuration of a county's gateway."""
        return self.gateway(county) / "sallyport.yaml"

    def socket(self, county: str = MAIN) -> Path:
        """Return where a county's own people give its gateway commands."""
        return self.gateway(county) / "run" / "control.sock"

    def public_log(self, county: str = MAIN) -> Path:
        """Return the public tree of a county's log."""
        return self.gateway(county) / "log"

    def log_key(self, county: str = MAIN) -> Path:
        """Return the public key that signs a county's checkpoints."""
        return self.gateway(county) / "log.vkey"

    def log_keys(self, county: str = MAIN) -> Path:
        """Return all public keys of a county's log: checkpoints, receipts, time."""
        return self.gateway(county) / "log.vkeys"

    def lines(self, county: str = MAIN) -> Path:
        """Return where a county's gateway writes what operators read."""
        return self.gateway(county) / "gateway.jsonl"
