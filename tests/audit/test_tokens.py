"""Keys in a token, over SoftHSM: they sign there, and nobody reads them."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any, Protocol

import pytest

from audit import KeyFileRefused, Log, LogKeys, Malformed
from audit.checkpoint import open_checkpoint
from audit.cli import main
from audit.keyfiles import make_in_token, read_signer, read_vkeys
from audit.signer import SeedSigner
from audit.tokens import TokenSigner, TokenUri, make_key
from audit.vkey import ED25519, MLDSA44
from tests.audit.builders import AUDITOR, FakeClock, entry

pytestmark = pytest.mark.services


class Token(Protocol):
    """What the fixture gives."""

    module: Path
    name: str
    pin: Path


def uri(token: Token, label: str) -> TokenUri:
    """Return where a key of the token is."""
    return TokenUri(module=token.module, token=token.name, label=label, pin=token.pin)


def test_a_log_that_signs_in_its_token(token: Token, tmp_path: Path) -> None:
    """Checkpoints and their time hold; the private keys can't be read out."""
    origin = "token.example/log"
    keys = make_in_token(
        tmp_path / "keys",
        origin,
        module=token.module,
        token=token.name,
        pin=token.pin,
    )
    read = LogKeys.read(tmp_path / "keys")
    assert read.verifiers == keys.verifiers
    assert read_vkeys([tmp_path / "keys" / "log.vkeys"]) == list(keys.verifiers)
    assert isinstance(read.log, TokenSigner)
    assert "county" not in repr(read.log)

    async def run() -> bytes:
        async with Log.open(
            tmp_path / "store",
            origin=origin,
            keys=read,
            auditors=[AUDITOR.auditor],
            clock=FakeClock(),
            create=True,
        ) as log:
            await log.append(entry())
            await log.settle()
            return log.checkpoint()

    opened = open_checkpoint(asyncio.run(run()), keys.verifiers)
    assert opened.checkpoint.size == 1
    import pkcs11  # noqa: PLC0415 - only to look into the token

    key: Any = read.log._key
    assert key[pkcs11.Attribute.SENSITIVE]
    assert not key[pkcs11.Attribute.EXTRACTABLE]
    with pytest.raises(pkcs11.AttributeSensitive):
        key[pkcs11.Attribute.VALUE]
    with pytest.raises(KeyFileRefused, match="exists"):
        make_in_token(
            tmp_path / "keys",
            origin,
            module=token.module,
            token=token.name,
            pin=token.pin,
        )


def test_the_command_makes_them(
    token: Token, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """``keygen`` with a token writes where the keys are, and the public halves."""
    where = ["--module", str(token.module), "--token", token.name]
    asked = ["keygen", str(tmp_path), "--origin", "cli.example/log", *where]
    assert main([*asked, "--pin-file", str(token.pin)]) == 0
    assert capsys.readouterr().out.count("cli.example/log") == 4
    assert "pkcs11:token=county" in (tmp_path / "log.key").read_text()
    assert main(asked) == 2
    assert "--pin-file" in capsys.readouterr().err


def test_a_token_that_was_gone_is_opened_again(token: Token) -> None:
    """A session that ended is renewed once; a key that is gone refuses."""
    where = uri(token, "again")
    verifier = make_key(where, "again.example", ED25519)
    signer = TokenSigner(uri=where, verifier=verifier)
    signer._key.session.close()
    verifier.verify(b"message", signer.sign(b"message"))

    import pkcs11  # noqa: PLC0415 - only to look into the token

    with (
        pkcs11.lib(str(token.module))
        .get_token(token_label=token.name)
        .open(rw=True) as session
    ):
        for found in session.get_objects({pkcs11.Attribute.LABEL: "again"}):
            found.destroy()
    with pytest.raises(KeyFileRefused, match="token county, key again: NoSuchKey"):
        signer.sign(b"message")


def test_what_is_not_there_or_not_the_key_is_refused(
    token: Token, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Module, token, PIN file, label, public key, library: each is said."""
    where = uri(token, "one")
    verifier = make_key(where, "one.example", ED25519)
    with pytest.raises(KeyFileRefused, match="there is a key of this label"):
        make_key(where, "one.example", ED25519)
    other = SeedSigner.generate("one.example").verifier
    with pytest.raises(KeyFileRefused, match="is not the key"):
        TokenSigner(uri=where, verifier=other)
    for wrong, said in (
        ({"label": "none"}, "NoSuchKey"),
        ({"token": "none"}, "NoSuchToken"),
        ({"module": Path("/nonexistent.so")}, "PKCS11Error"),
        ({"pin": tmp_path / "none"}, "No such file"),
    ):
        parts: dict[str, Any] = {
            "module": token.module,
            "token": token.name,
            "label": "one",
            "pin": token.pin,
            **wrong,
        }
        with pytest.raises(KeyFileRefused, match=said):
            TokenSigner(uri=TokenUri(**parts), verifier=verifier)
    seeds = LogKeys.generate("one.example")
    in_token = make_key(uri(token, "r"), "one.example/receipt", ED25519)
    receipt = TokenSigner(uri=uri(token, "r"), verifier=in_token)
    with pytest.raises(KeyFileRefused, match="requesters wait"):
        LogKeys(log=seeds.log, receipt=receipt, time=seeds.time)
    monkeypatch.setitem(sys.modules, "pkcs11", None)
    with pytest.raises(KeyFileRefused, match="extra pkcs11"):
        TokenSigner(uri=where, verifier=verifier)


GOOD = "pkcs11:token=a;object=b?module-path=/m.so&pin-source=/pin"


def test_a_place_reads_back() -> None:
    """As it is written, and as others write it."""
    place = TokenUri(
        module=Path("/m b.so"), token="a;b", label="c/d?", pin=Path("/p&q")
    )
    assert TokenUri.parse(place.text) == place
    assert TokenUri.parse(GOOD).pin == Path("/pin")
    other = GOOD.replace("pin-source=/", "pin-source=file:/")
    assert TokenUri.parse(other) == TokenUri.parse(GOOD)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "pkcs11-scheme"),
        ("pkcs11:", "pkcs11-attribute"),
        (GOOD + "&pin-value=1234", "pkcs11-attribute"),
        (GOOD + "&module-path=/other.so", "pkcs11-attribute"),
        (GOOD.replace("object=b", "object="), "pkcs11-missing"),
        (GOOD.replace("token=a;", ""), "pkcs11-missing"),
    ],
)
def test_each_bad_place_has_its_name(text: str, reason: str, tmp_path: Path) -> None:
    """What is no place of a key says why; a PIN is never in it."""
    with pytest.raises(Malformed) as caught:
        TokenUri.parse(text)
    assert caught.value.reason == reason
    path = tmp_path / "key"
    path.touch(mode=0o600)
    path.write_text(f"{SeedSigner.generate('a', MLDSA44).verifier.text}\n{text}x\n")
    with pytest.raises(Malformed):
        read_signer(path)
