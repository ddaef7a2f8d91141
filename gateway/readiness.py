"""Ready to answer: each part that an exchange needs, by name, asked for real."""

from __future__ import annotations

from collections.abc import Awaitable

from audit import LogError
from connectors import SourceUnavailable
from gateway.errors import GatewayError
from gateway.services import Services

__all__ = ["readiness"]

_SOURCE_S = 1.0


async def readiness(services: Services) -> dict[str, str]:
    """Return each part's problem, empty where it works.

    Each policy engine answers its conformance questions (once in ten seconds), the
    state database and the log's a statement, each source a ping; the clock and the
    issuers' keys say how they are.
    """
    parts = {
        "policy": await services.succession.problem(),
        "log": await _log(services),
        "state": await _problem(services.ledger.database.ping()),
        "identity": _identity(services),
        "standing": _standing(services),
    }
    for name, connector in services.connectors.items():
        parts[f"source {name}"] = await _problem(connector.ping(deadline_s=_SOURCE_S))
    for part, problem in parts.items():
        services.telemetry.metrics.set(
            "sallyport_up", 0 if problem else 1, part=part.split()[0]
        )
    return parts


async def _problem(asked: Awaitable[object]) -> str:
    try:
        await asked
    except (GatewayError, LogError, SourceUnavailable) as error:
        return str(error) or type(error).__name__
    return ""


async def _log(services: Services) -> str:
    log = services.log
    if log.failed:
        return "stopped"
    # A folder has nobody to ask; what is wrong with it is known when it is written to.
    return await _problem(log.news(log.size, "")) if log.shared else ""


def _identity(services: Services) -> str:
    problems = [
        f"{health.issuer}: {health.problem}"
        for health in services.keys.health()
        if not health.usable
    ]
    return "; ".join(problems)


def _standing(services: Services) -> str:
    try:
        services.standing.require()
    except GatewayError as error:
        return str(error)
    return ""
