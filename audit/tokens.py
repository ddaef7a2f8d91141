"""Private keys in a token (PKCS#11): the key signs there and can't be read.

A key's file holds two lines: the public key, and where the private one is, as a
``pkcs11:`` URI (RFC 7512)::

    county.gov/log+b3f2c1a0+AQ...
    pkcs11:token=county;object=county.gov%2Flog?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=/run/pin

Needs python-pkcs11 (extra ``pkcs11``), which is imported when a token is opened. A
token of PKCS#11 has Ed25519 (version 3.0) and no ML-DSA-44.
"""

from __future__ import annotations

import threading
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from audit.errors import KeyFileRefused, Malformed, ProofInvalid
from audit.privatefiles import read_secret
from audit.vkey import SEED_SIZE, Verifier

__all__ = ["SCHEME", "TokenSigner", "TokenUri", "make_key"]

SCHEME = "pkcs11:"
_CURVE = b"\x13\x0cedwards25519"
"""The curve's name as PKCS#11 3.0 takes it: a PrintableString."""

_POINT = b"\x04\x20"
"""What stands before a public point as DER: an octet string of 32 bytes."""

_KNOWN = frozenset({"token", "object", "module-path", "pin-source"})

Value = TypeVar("Value")


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenUri:
    """Where a private key is: the module, the token in it, the key's label."""

    module: Path
    token: str
    label: str
    pin: Path
    """The file with the token's PIN; only its owner may read it."""

    @property
    def text(self) -> str:
        """The place as a ``pkcs11:`` URI."""
        said = [urllib.parse.quote(word, safe="") for word in (self.token, self.label)]
        return (
            f"{SCHEME}token={said[0]};object={said[1]}?"
            f"module-path={urllib.parse.quote(str(self.module))}"
            f"&pin-source={urllib.parse.quote(str(self.pin))}"
        )

    @classmethod
    def parse(cls, text: str) -> TokenUri:
        """Read a URI that names exactly these four things.

        Raises:
            Malformed: ``pkcs11-scheme``, ``pkcs11-attribute``, ``pkcs11-missing``.
        """
        if not text.startswith(SCHEME):
            raise Malformed("pkcs11-scheme")
        path, _, query = text.removeprefix(SCHEME).partition("?")
        pairs = [each.partition("=") for each in (path.split(";") + query.split("&"))]
        found = {name: urllib.parse.unquote(value) for name, _, value in pairs if name}
        if len(found) != len(pairs) or not found.keys() <= _KNOWN:
            # A PIN in the URI itself (pin-value) is one of these.
            raise Malformed("pkcs11-attribute")
        if found.keys() != _KNOWN or not all(found.values()):
            missing = sorted(name for name in _KNOWN if not found.get(name))
            raise Malformed("pkcs11-missing", ", ".join(missing))
        return cls(
            module=Path(found["module-path"]),
            token=found["token"],
            label=found["object"],
            pin=Path(found["pin-source"].removeprefix("file:")),
        )


class TokenSigner:
    """An Ed25519 key in a token. One thread signs at a time."""

    def __init__(self, *, uri: TokenUri, verifier: Verifier) -> None:
        """Open the token and find the key.

        Raises:
            KeyFileRefused: the module, token, PIN or key is not there, or the key is
                not the one that ``verifier`` names.
        """
        self.verifier = verifier
        self._uri = uri
        self._turn = threading.Lock()
        self._key = self._open()
        try:
            # No note has an empty text, so this signature says nothing to anybody.
            verifier.verify(b"", self.sign(b""))
        except ProofInvalid:
            raise KeyFileRefused(
                f"{_where(uri)}: is not the key {verifier.name} of the file"
            ) from None

    def _open(self) -> Any:  # noqa: ANN401 - as below
        session = _session(self._uri)
        kind = _pkcs11().ObjectClass.PRIVATE_KEY
        return _asked(
            self._uri,
            lambda: session.get_key(object_class=kind, label=self._uri.label),
        )

    def sign(self, message: bytes) -> bytes:
        """Return the signature; a token that was gone for a moment is opened again.

        Raises:
            KeyFileRefused: it does not answer.
        """
        with self._turn:
            try:
                return bytes(self._key.sign(message, mechanism=_eddsa()))
            except _pkcs11().PKCS11Error:
                self._key = self._open()
            again = _asked(
                self._uri, lambda: self._key.sign(message, mechanism=_eddsa())
            )
            return bytes(again)

    def __repr__(self) -> str:
        return f"TokenSigner({self.verifier.text})"


def make_key(uri: TokenUri, name: str, kind: int) -> Verifier:
    """Make an Ed25519 key in a token, never to leave it; return its public half.

    Raises:
        KeyFileRefused: the token is not there, does not make such keys, or has one of
            this label already.
    """
    pkcs11 = _pkcs11()
    attribute = pkcs11.Attribute
    session = _session(uri, writing=True)
    try:
        _asked(uri, lambda: _none_called(session, uri))
        parameters = session.create_domain_parameters(
            pkcs11.KeyType.EC_EDWARDS, {attribute.EC_PARAMS: _CURVE}, local=True
        )
        public, _ = _asked(
            uri,
            lambda: parameters.generate_keypair(
                mechanism=pkcs11.Mechanism.EC_EDWARDS_KEY_PAIR_GEN,
                label=uri.label,
                store=True,
                private_template={
                    attribute.SENSITIVE: True,
                    attribute.EXTRACTABLE: False,
                },
            ),
        )
        point = bytes(public[attribute.EC_POINT])
    finally:
        session.close()
    # Tokens give the point as it is, or as DER.
    point = point.removeprefix(_POINT) if len(point) > SEED_SIZE else point
    return Verifier(name=name, kind=kind, public=point)


def _none_called(session: Any, uri: TokenUri) -> None:  # noqa: ANN401 - lazy library
    label = _pkcs11().Attribute.LABEL
    for _ in session.get_objects({label: uri.label}):
        raise KeyFileRefused(f"{_where(uri)}: there is a key of this label")


def _pkcs11() -> Any:  # noqa: ANN401 - a library that is there only where it is used
    try:
        return import_module("pkcs11")
    except ImportError:
        raise KeyFileRefused("a key in a token needs the extra pkcs11") from None


def _eddsa() -> Any:  # noqa: ANN401 - as above
    return _pkcs11().Mechanism.EDDSA


def _where(uri: TokenUri) -> str:
    return f"token {uri.token}, key {uri.label}"


def _asked(uri: TokenUri, work: Callable[[], Value]) -> Value:
    """Ask a token for something; say where it failed, never with what."""
    try:
        return work()
    except (_pkcs11().PKCS11Error, RuntimeError) as error:
        raise KeyFileRefused(f"{_where(uri)}: {type(error).__name__}") from None


def _session(uri: TokenUri, *, writing: bool = False) -> Any:  # noqa: ANN401 - as above
    """Open a session; a process logs in to a token once, whatever opens it again."""
    pkcs11 = _pkcs11()
    pin = read_secret(uri.pin).strip()

    def opened() -> Any:  # noqa: ANN401 - as above
        token = pkcs11.lib(str(uri.module)).get_token(token_label=uri.token)
        try:
            return token.open(user_pin=pin, rw=writing)
        except pkcs11.UserAlreadyLoggedIn:
            return token.open(rw=writing)

    return _asked(uri, opened)
