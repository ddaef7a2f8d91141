"""Timestamps of others over a checkpoint (RFC 3161): the log was not made later.

What is stamped is the SHA-256 of the checkpoint's text, without signatures. The
answer is stored first, as it came, and looked at after: a token that does not hold
today may be told apart later, one that was thrown away may not. Needs the extra
``tsa``.
"""

from __future__ import annotations

import http.client
import re
import sys
from argparse import ArgumentParser, Namespace
from datetime import datetime
from pathlib import Path

from cryptography import x509

from audit.command import (
    Command,
    both,
    read_input,
    source_of,
    trust_arguments,
    trust_of,
    warn,
    where_arguments,
)
from audit.disk import no_faults, replace
from audit.errors import CannotTell, ProofInvalid
from audit.note import Note
from audit.report import Outcome, Report
from audit.verify import opened

__all__ = ["COMMANDS", "ask", "stamped_at"]

_QUERY = "application/timestamp-query"
_REPLY = "application/timestamp-reply"
_LIMIT_S = 30.0
_MOST_BYTES = 64 * 1024

_ODD = (x509.DuplicateExtension, x509.InvalidVersion, x509.UnsupportedGeneralNameType)
"""What certificates in a token may be, and no ``ValueError`` says."""

_NO_LIBRARY = "to read a timestamp, install the extra: tsa"
_MISMATCH = "Mismatch between messages"
"""What the library says of a token that holds and is over something else."""
_REASON = re.compile(r'(?:Verify error: |reason: ")([^"]+)"')
"""Where OpenSSL says in words what it missed, the nearest cause last."""


class _TokenUnread(CannotTell):
    """A token that says nothing: it is none, or nobody who is trusted made it."""


def ask(url: str, body: bytes) -> bytes:
    """Have a timestamp authority stamp some bytes; return its answer as it came.

    Raises:
        CannotTell: it could not be reached, or what came is no answer.
    """
    try:
        # Only who asks for timestamps needs the library: the extra [tsa].
        from rfc3161_client import (  # noqa: PLC0415
            HashAlgorithm,
            TimestampRequestBuilder,
        )
    except ImportError:
        raise CannotTell(_NO_LIBRARY) from None
    request = TimestampRequestBuilder(
        data=body, hash_algorithm=HashAlgorithm.SHA256
    ).build()
    kind, token = _post(url, request.as_bytes())
    if kind != _REPLY:
        raise CannotTell(f"{url} answers {kind}, which is no timestamp")
    return token


def _post(url: str, body: bytes) -> tuple[str, bytes]:
    """Return the type and the bytes of an answer."""
    # Only who asks over the web waits for the import of the web's modules.
    import urllib.error  # noqa: PLC0415
    import urllib.request  # noqa: PLC0415 - as above

    from audit.within import opener  # noqa: PLC0415 - as above

    if not url.startswith(("http://", "https://")):
        raise CannotTell(f"{url} is no web address")
    asked = urllib.request.Request(url, body, {"Content-Type": _QUERY})  # noqa: S310 - http and https only
    try:
        with opener(_LIMIT_S, None).open(asked, timeout=_LIMIT_S) as answer:
            return answer.headers.get_content_type(), answer.read(_MOST_BYTES)
    except urllib.error.HTTPError as error:
        error.close()
        raise CannotTell(f"{url} answers with status {error.code}") from None
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise CannotTell(f"{url}: {error}") from None


def stamped_at(token: bytes, body: bytes, roots: list[x509.Certificate]) -> datetime:
    """Return when an authority stamped some bytes.

    Raises:
        ProofInvalid: one of these authorities made it, and over other bytes.
        CannotTell: it does not read or is of nobody who is trusted: whoever has it may
            have broken it, so it says nothing of the bytes. Or the library is missing.
    """
    try:
        from rfc3161_client import (  # noqa: PLC0415 - as above
            VerificationError,
            VerifierBuilder,
            decode_timestamp_response,
        )
    except ImportError:
        raise CannotTell(_NO_LIBRARY) from None
    if not roots:
        raise CannotTell("no authority is trusted")
    builder = VerifierBuilder(roots=list(roots))
    if not token:
        raise _TokenUnread("the timestamp is an empty file")
    try:
        response = decode_timestamp_response(token)
    except (ValueError, *_ODD):
        raise _TokenUnread(
            "the timestamp does not read: it is none, or in a form that this library"
            " refuses; `openssl ts -verify` may read it"
        ) from None
    try:
        builder.build().verify_message(response, body)
    except (VerificationError, ValueError, *_ODD) as error:
        if str(error) == _MISMATCH:
            raise ProofInvalid("the timestamp is over another checkpoint") from None
        raise _TokenUnread(
            "the timestamp is not shown to be of an authority in the file given, or"
            f" was altered: {_short(error)}"
        ) from None
    at: datetime = response.tst_info.gen_time
    return at


def _short(error: Exception) -> str:
    """Return the last cause that an error names, without the library's own places."""
    causes = _REASON.findall(str(error))
    return causes[-1] if causes else str(error)


def _text(note: bytes) -> bytes:
    return Note.parse(note).text.encode()


def _roots(path: Path) -> list[x509.Certificate]:
    data = read_input(path, bytes)
    try:
        return x509.load_pem_x509_certificates(data)
    except ValueError:
        raise CannotTell(f"{path.name}: no certificates in PEM") from None


# --- commands -------------------------------------------------------------------


def _authorities(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--tsa-ca",
        type=Path,
        required=True,
        metavar="FILE",
        help="the authority's root certificates, PEM",
    )


def _timestamp_arguments(parser: ArgumentParser) -> None:
    where_arguments(parser)
    trust_arguments(parser)
    parser.add_argument("--tsa", required=True, metavar="URL", help="whom to ask")
    _authorities(parser)
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FOLDER", help="where they go"
    )


def _timestamp(arguments: Namespace) -> Outcome:
    """Have a log's checkpoint stamped; keep SIZE.checkpoint and SIZE.tsr.

    A checkpoint that was stamped already is not stamped again.
    """
    roots, report = _roots(arguments.tsa_ca), Report()
    found = opened(source_of(arguments), trust_of(arguments), report)
    if found is None or report.findings or report.doubts:
        sys.stderr.write("".join(f"{line}\n" for line in report.lines()))
        return report.outcome()
    warn(report)
    folder, size = arguments.out, found.checkpoint.size
    folder.mkdir(parents=True, exist_ok=True)
    kept, stamp = folder / f"{size}.checkpoint", folder / f"{size}.tsr"
    body = _text(found.note)
    if not stamp.exists():
        token = ask(arguments.tsa, body)
        replace(kept, found.note, faults=no_faults)
        replace(stamp, token, faults=no_faults)
    try:
        at = stamped_at(read_input(stamp, bytes), body, roots)
    except (ProofInvalid, _TokenUnread) as error:
        # Kept, but out of the way: the next look asks again.
        stamp.replace(stamp.with_name(f"{stamp.name}.refused"))
        raise CannotTell(f"{error}; it is kept as {stamp.name}.refused") from None
    sys.stdout.write(f"{size} entries were there at {at:%Y-%m-%dT%H:%M:%SZ}\n")
    return Outcome.OK


def _check_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("token", type=Path, help="SIZE.tsr")
    parser.add_argument("checkpoint", type=Path, help="the checkpoint it is over")
    _authorities(parser)


def _check(arguments: Namespace) -> Outcome:
    """Check a timestamp over a checkpoint, offline; say when it was made.

    Who signed the checkpoint is not looked at: that is what verify does.
    """
    (body, token), roots = both(
        lambda: both(
            lambda: read_input(arguments.checkpoint, _text),
            lambda: read_input(arguments.token, bytes),
        ),
        lambda: _roots(arguments.tsa_ca),
    )
    at = stamped_at(token, body, roots)
    sys.stdout.write(f"stamped at {at:%Y-%m-%dT%H:%M:%SZ}\n")
    return Outcome.OK


COMMANDS = {
    "timestamp": Command(
        help="have a checkpoint stamped by an authority (RFC 3161)",
        arguments=_timestamp_arguments,
        run=_timestamp,
    ),
    "check-timestamp": Command(
        help="check such a timestamp, offline",
        arguments=_check_arguments,
        run=_check,
    ),
}
