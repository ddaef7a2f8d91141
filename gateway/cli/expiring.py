"""What ends by itself: certificates, agreements, the activation. ``doctor``'s words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509

from gateway.cli.finding import Finding, warning, well, wrong
from gateway.clock import Clock
from gateway.config import Config
from gateway.config.databases import OnServer
from gateway.errors import InvalidFile
from gateway.identity import AgenciesFile, RegistryWords, read_agencies
from gateway.identity.periods import instant_ms

__all__ = ["agreements_looked_at", "certificates_looked_at", "how_old"]

_SOON = dt.timedelta(days=14)
"""How long before its end a certificate is worth a warning: what is renewed by a
program every 47 days is renewed before."""

_SOON_ON_PAPER = dt.timedelta(days=30)
"""The same for what people have to sign."""

_RENEW = "renew it, put it in the same place, and restart the gateway"
_NEW_CA = (
    "put the agency's new authority into the same file, beside the old one, and"
    " activate the change"
)
_NEW_ANCHOR = "get the new one from who runs that server, and activate the change"


@dataclass(frozen=True, kw_only=True, slots=True)
class _File:
    """A file of certificates: what it is, where, and what to do when it ends."""

    part: str
    what: str
    path: Path
    advice: str
    anchors: bool
    """Whether each of them is trusted by itself; else it is one chain."""


def certificates_looked_at(config: Config, clock: Clock) -> Iterator[Finding]:
    """Yield until when every certificate is good that the configuration names."""
    now = _now(clock)
    for file in _files(config):
        try:
            found = x509.load_pem_x509_certificates(file.path.read_bytes())
        except (OSError, ValueError):
            # What is wrong with these two is said where their keys are looked at.
            if file.part != "tls":
                said = f"{file.what}: {file.path} holds no certificate in PEM"
                yield wrong(file.part, said, "name a PEM file of certificates")
            continue
        yield from _period(file, found, now)
        yield from _kind(file, found)


def _period(
    file: _File, found: Sequence[x509.Certificate], now: dt.datetime
) -> Iterator[Finding]:
    """Yield when a chain's first certificate ends, or the last of the trusted ones."""
    choose = max if file.anchors else min
    begins = max(item.not_valid_before_utc for item in found[:1])
    ends = choose(item.not_valid_after_utc for item in found)
    if ends <= now:
        yield wrong(file.part, f"{file.what} ended on {ends:%Y-%m-%d}", file.advice)
    elif begins > now and not file.anchors:
        said = f"{file.what} begins on {begins:%Y-%m-%d} only"
        yield wrong(file.part, said, "look at the clock, or at the certificate")
    elif ends - now < _SOON:
        said = f"{file.what} is good until {ends:%Y-%m-%d} only"
        yield warning(file.part, said, file.advice)
    else:
        yield well(file.part, f"{file.what} is good until {ends:%Y-%m-%d}")


def _kind(file: _File, found: Sequence[x509.Certificate]) -> Iterator[Finding]:
    """Yield that a certificate can't be what it is named for."""
    if file.what == "the server's certificate" and not _names(found[0]):
        yield wrong(
            file.part,
            f"{file.what} names no host in subjectAltName, so no client accepts it",
            "have one issued for the name that requesters use",
        )
    if file.anchors and not any(map(_issues, found)):
        yield warning(
            file.part,
            f"{file.what}: none of its certificates may issue others",
            "give the authority's own certificate, not one that it issued",
        )
    elif file.anchors and file.part == "tls":
        lacks = [_lacks(item) for item in found if _issues(item)]
        if all(lacks):
            yield wrong(
                file.part,
                f"{file.what} lacks {' and '.join(lacks[0])}, so TLS refuses every"
                " certificate that it issued",
                "have the authority make its certificate anew, as RFC 5280 has it, and"
                " activate the change",
            )


def _lacks(certificate: x509.Certificate) -> list[str]:
    """Return what an authority's certificate has to have, and this one has not."""
    extensions = certificate.extensions
    lacks = []
    try:
        usage = extensions.get_extension_for_class(x509.KeyUsage).value
        signs = usage.key_cert_sign
    except x509.ExtensionNotFound:
        signs = False
    if not signs:
        lacks.append("keyUsage with keyCertSign")
    try:
        extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    except x509.ExtensionNotFound:
        lacks.append("subjectKeyIdentifier")
    return lacks


def _names(certificate: x509.Certificate) -> bool:
    kind = x509.SubjectAlternativeName
    try:
        return len(certificate.extensions.get_extension_for_class(kind).value) > 0
    except x509.ExtensionNotFound:
        return False


def _issues(certificate: x509.Certificate) -> bool:
    try:
        found = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    except x509.ExtensionNotFound:
        return certificate.issuer == certificate.subject  # as X.509 version 1 was
    return found.value.ca


def _files(config: Config) -> Iterator[_File]:
    """Yield every file of certificates."""
    server = config.server
    yield _chain("tls", "the server's certificate", server.certificate, _RENEW)
    for name, path in server.client_cas.items():
        yield _anchors("tls", f"the client CA {name}", path, _NEW_CA)
    for item in config.issuers:
        if item.ca_file is not None:
            what = f"the authority for {item.issuer}"
            yield _anchors("issuers", what, item.ca_file, _NEW_ANCHOR)
    if config.log.witness_ca is not None:
        what, path = "their authority", config.log.witness_ca
        yield _anchors("witnesses", what, path, _NEW_ANCHOR)
    if config.opa is not None and config.opa.ca_file is not None:
        yield _anchors("opa", "its authority", config.opa.ca_file, _NEW_ANCHOR)
    servers: list[tuple[str, OnServer]] = [("state", config.state)]
    servers += [
        (f"source {name}", source)
        for name, source in config.sources.items()
        if isinstance(source, OnServer)
    ]
    for part, database in servers:
        if database.ca_file is not None:
            yield _anchors(part, "its authority", database.ca_file, _NEW_ANCHOR)
        if database.client_certificate is not None:
            what = "our certificate for it"
            yield _chain(part, what, database.client_certificate, _RENEW)


def _chain(part: str, what: str, path: Path, advice: str) -> _File:
    return _File(part=part, what=what, path=path, advice=advice, anchors=False)


def _anchors(part: str, what: str, path: Path, advice: str) -> _File:
    return _File(part=part, what=what, path=path, advice=advice, anchors=True)


def agreements_looked_at(config: Config, clock: Clock) -> Iterator[Finding]:
    """Yield agreements and certifications that have ended with none after them."""
    try:
        file = read_agencies(config.registry, RegistryWords())
    except InvalidFile:
        return  # said under files
    now = _now(clock)
    for (agency, what), end in _ends(file, config).items():
        if end is None or end - now >= _SOON_ON_PAPER:
            continue
        has = "ended" if end <= now else "ends"
        yield warning(
            f"agency {agency}",
            f"{what} {has} on {end:%Y-%m-%d}, and nothing follows it",
            "enter the new one in the registry and activate it; rules that need one"
            " open nothing without",
        )


def _ends(
    file: AgenciesFile, config: Config
) -> dict[tuple[str, str], dt.datetime | None]:
    """Return when the last paper of each kind ends, by agency; None if it does not."""
    found: dict[tuple[str, str], dt.datetime | None] = {}
    for name, agency in file.agencies.items():
        papers = [("its last agreement", item.until) for item in agency.agreements]
        papers += [
            (f"its certification {item.code}", item.until)
            for item in agency.certifications
        ]
        for what, until in papers:
            key = (name, what)
            end = until and _utc(instant_ms(until, config.zone))
            before = found.get(key, end)
            found[key] = max(before, end) if before and end else None
    return found


def how_old(config: Config, clock: Clock, *, activated_ms: int) -> Iterator[Finding]:
    """Yield that the activation is about to be older than the configuration allows."""
    end = _utc(activated_ms + config.policy_max_age_seconds * 1000)
    said = f"may be used until {end:%Y-%m-%d %H:%M} UTC (policy_max_age_seconds)"
    advice = "have two people sign a new one: sallyport activate"
    if end <= _now(clock):
        yield wrong("activation", f"it {said}, which is past: all is 503", advice)
    elif end - _now(clock) < _SOON_ON_PAPER:
        yield warning("activation", f"it {said}", advice)


def _now(clock: Clock) -> dt.datetime:
    return _utc(clock.now_ms())


def _utc(ms: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(ms / 1000, tz=dt.UTC)
