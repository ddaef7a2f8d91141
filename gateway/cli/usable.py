"""Whether everything that ``serve`` loads can be loaded: one look, for every command.

``check``, ``activate``, ``doctor`` and ``serve`` ask here, so that what one of them
passes the next does not refuse. It reads files; it opens no port and asks nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from cryptography import x509

from audit import Auditor, Malformed
from gateway.acts import ActsInForce
from gateway.cli.databases import database_mistakes
from gateway.cli.engines import engine_mistakes
from gateway.config import Config, Issuer
from gateway.errors import InvalidFile, Mistake
from gateway.identity import ClientAuthorities, IssuerRules, server_ssl_context
from gateway.identity.fetch import KeysUnavailable, fetch_keys
from gateway.identity.issuers import ALGORITHMS, CLAIM_WORDS
from gateway.in_force import LoggedPapers, read_papers
from gateway.ledger import log_keys, trust_policy
from gateway.policy.vocabulary import load_vocabulary
from gateway.state import StateKeys

__all__ = [
    "issuer_mistakes",
    "key_mistakes",
    "paper_mistakes",
    "refuse_unusable",
    "tls_mistakes",
    "unusable",
    "witness_mistakes",
]

_KEYGEN = "make them with: sallyport audit keygen KEYS --origin {origin}"
_AUDITOR = "the auditor makes one with: sallyport audit keygen FOLDER --auditor {name}"


def refuse_unusable(config: Config, *, sources: bool = True) -> None:
    """Look at everything.

    Args:
        config: where everything lies.
        sources: also whether the databases are there; a gateway that starts does
            not ask, because a source that comes back heals by itself.

    Raises:
        InvalidFile: with everything that ``serve`` could not load.
    """
    found = list(unusable(config, sources=sources))
    if found:
        raise InvalidFile(found)


def unusable(config: Config, *, sources: bool = True) -> Iterator[Mistake]:
    """Yield one mistake for each thing that could not be loaded."""
    yield from tls_mistakes(config)
    yield from issuer_mistakes(config)
    yield from key_mistakes(config)
    yield from witness_mistakes(config)
    yield from paper_mistakes(config)
    yield from database_mistakes(config)
    yield from engine_mistakes(config)
    if sources:
        yield from _missing(config)


def tls_mistakes(config: Config) -> Iterator[Mistake]:
    """Yield what is wrong with the server's certificate and the clients' CAs."""
    authorities = config.server.client_cas
    broken = []
    for name, path in authorities.items():
        try:
            ClientAuthorities({name: path})
        except InvalidFile:
            broken.append(name)
            yield Mistake(
                path=_at(config, f"server.client_cas.{name}"),
                problem=f"{path} holds no certificate",
                advice="give a PEM file of the certificates that issue",
            )
    problem = _pair(config)
    if problem:
        yield Mistake(path=_at(config, "server.certificate"), problem=problem)
        return
    yield from _of(
        config,
        "server",
        lambda: server_ssl_context(
            certificate=config.server.certificate,
            key=config.server.key,
            client_cas={n: p for n, p in authorities.items() if n not in broken}
            or {"server": config.server.certificate},
        ),
    )


def _pair(config: Config) -> str:
    """Say why the server's certificate and key are no pair; empty if they are."""
    certificate, key = config.server.certificate, config.server.key
    try:
        x509.load_pem_x509_certificates(certificate.read_bytes())
    except (OSError, ValueError):
        return f"{certificate} holds no certificate in PEM"
    try:
        # Whoever loads one asks for its passphrase, and there may be no terminal.
        if b"ENCRYPTED" in key.read_bytes():
            return f"{key} has a passphrase, which nobody is there to give: take it off"
        server_ssl_context(
            certificate=certificate, key=key, client_cas={"server": certificate}
        )
    except (InvalidFile, OSError):
        return f"{key} is not the private key of {certificate}"
    return ""


def issuer_mistakes(config: Config) -> Iterator[Mistake]:
    """Yield what is wrong with the issuers' key files; URLs are asked by ``serve``."""
    for place, issuer in enumerate(config.issuers):
        yield from _issuer(config, place, issuer)


def _issuer(config: Config, place: int, issuer: Issuer) -> Iterator[Mistake]:
    """Yield strange words, or a key file with no key for the algorithms."""
    path = _at(config, f"issuers.{place}.jwks_file")
    strange = list(_strange_words(issuer))
    for setting, odd, known in strange:
        yield Mistake(
            path=_at(config, f"issuers.{place}.{setting}"),
            problem=f"names {', '.join(odd)}, which no verifier here knows",
            advice=f"known are {', '.join(known)}",
        )
    if strange:
        return
    if issuer.jwks_file is None:
        return
    try:
        fetch_keys(
            IssuerRules(
                issuer=issuer.issuer,
                audience=issuer.audience,
                algorithms=issuer.algorithms,
                jwks_file=issuer.jwks_file,
            )
        )
    except KeysUnavailable:
        words = " or ".join(issuer.algorithms)
        yield Mistake(
            path=path,
            problem=f"{issuer.jwks_file} holds no key that can be used for {words}",
            advice="a JWK set: public keys, each with a kid and the use sig",
        )


def _strange_words(issuer: Issuer) -> Iterator[tuple[str, list[str], Sequence[str]]]:
    """Yield setting, strange words and known ones: only identity knows them all."""
    for setting, said, known in (
        ("algorithms", issuer.algorithms, ALGORITHMS),
        ("claims", issuer.claims, CLAIM_WORDS),
    ):
        odd = [word for word in said if word not in known]
        if odd:
            yield setting, odd, known


def key_mistakes(config: Config) -> Iterator[Mistake]:
    """Yield what is wrong with the log's, the state's and the auditors' keys."""
    advice = _KEYGEN.format(origin=config.log.origin)
    try:
        log_keys(config)
    except InvalidFile as error:
        for item in error.mistakes:
            word = item.problem.startswith("skey-")
            yield Mistake(
                path=item.path,
                problem="is not a signing key of a log" if word else item.problem,
                advice=advice if word else item.advice,
            )
    yield from _of(config, "state.key", lambda: StateKeys.read(config.state.key))
    for place, auditor in enumerate(config.log.auditors):
        at = _at(config, f"log.auditors.{place}")
        made = _AUDITOR.format(name=auditor.name)
        try:
            named = Auditor.parse(auditor.key.read_text("utf-8-sig")).name
        except OSError as error:
            problem = f"{auditor.key} cannot be read ({error.strerror})"
            yield Mistake(path=f"{at}.key", problem=problem)
        except (UnicodeDecodeError, Malformed):
            problem = f"{auditor.key} is not an auditor's public key"
            yield Mistake(path=f"{at}.key", problem=problem, advice=made)
        else:
            if named != auditor.name:
                problem = f"the key is of {named}"
                yield Mistake(path=f"{at}.name", problem=problem, advice=f"say {named}")


def witness_mistakes(config: Config) -> Iterator[Mistake]:
    """Yield what is wrong with the witnesses' policy file; nobody is asked."""
    try:
        trust_policy(config)
    except InvalidFile as error:
        yield from error.mistakes


def paper_mistakes(config: Config) -> Iterator[Mistake]:
    """Yield what is wrong with ``instruments.yaml``."""
    yield from _of(config, "", lambda: _papers(config))


def _papers(config: Config) -> None:
    """Read the papers as they are now; what the log says of them is not asked."""
    vocabulary = load_vocabulary(config.policies / "vocabulary.yaml")
    logged = LoggedPapers(secret=bytes(32), acts=ActsInForce)
    read_papers(config, vocabulary, logged)


def _missing(config: Config) -> Iterator[Mistake]:
    for name, source in config.sources.items():
        if source.kind == "sqlite" and not source.path.is_file():
            yield Mistake(
                path=_at(config, f"sources.{name}.path"),
                problem=f"{source.path} is "
                + ("no file" if source.path.exists() else "not there"),
                advice="the gateway reads a database, and never makes one",
            )


def _of(config: Config, setting: str, work: Callable[[], object]) -> Iterator[Mistake]:
    """Do something; yield its mistakes, each said of the setting that names it."""
    try:
        work()
    except InvalidFile as error:
        for item in error.mistakes:
            at, problem = _at(config, setting), f"{item.path} {item.problem}"
            named = Mistake(path=at, problem=problem, advice=item.advice)
            yield named if setting else item


def _at(config: Config, setting: str) -> str:
    return f"{config.path.name}:{setting}"
