"""One request as operators see it: a line, a count, a time and, if wanted, a span."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, Tracer

import gateway
from gateway.clock import Clock
from gateway.errors import Cause
from gateway.telemetry.lines import Lines
from gateway.telemetry.metrics import Metrics

__all__ = ["RequestSpan", "Telemetry"]

_TREE = Path(gateway.__file__).resolve().parents[1]
_OURS = frozenset({"gateway", "connectors", "audit"})


class RequestSpan:
    """Where a handler's surroundings note how the request ended."""

    def __init__(self, span: Span | None) -> None:
        """Take the span, or None where no spans are made."""
        self._span = span
        self.status = 500

    def answered(self, status: int) -> None:
        """Note the HTTP status."""
        self.status = status
        if self._span is not None:
            self._span.set_attribute("http.response.status_code", status)


class Telemetry:
    """Lines, metrics and spans behind the few calls that the web layer makes."""

    def __init__(
        self, *, lines: Lines, metrics: Metrics, clock: Clock, traces: bool = False
    ) -> None:
        """Take where lines and metrics go; ``traces`` turns spans on."""
        self.lines = lines
        self.metrics = metrics
        self._clock = clock
        self._tracer: Tracer | None = (
            trace.get_tracer("sallyport", gateway.__version__) if traces else None
        )

    @contextmanager
    def request(self, route: str, method: str) -> Iterator[RequestSpan]:
        """Surround one request; ``route`` is the template, never the path."""
        started = self._clock.monotonic()
        method = method if method in {"GET", "POST", "HEAD"} else "other"
        with self._span(route, method) as span:
            noted = RequestSpan(span)
            try:
                yield noted
            finally:
                self._answered(route, method, noted.status, started)

    def unavailable(self, cause: Cause, detail: str = "") -> None:
        """Note a 503; ``detail`` is a sentence of the code's own, never a value."""
        self.metrics.unavailable(cause)
        known = {"detail": detail} if detail else {}
        self.lines.warning("unavailable", cause=str(cause), **known)

    def unauthenticated(self, reason: str) -> None:
        """Count a token or certificate that was not accepted, by its closed word."""
        self.metrics.add("sallyport_authentication_failures_total", reason=reason)
        self.lines.info("authentication", reason=reason)

    def failure(self, error: BaseException) -> None:
        """Note a defect: its class and place; never its text, which can hold values."""
        self.metrics.add("sallyport_defects_total")
        self.lines.error("failure", error=type(error).__name__, where=_where(error))

    def exposition(self) -> tuple[bytes, str]:
        """Return the metrics in the Prometheus text format, and its media type."""
        return self.metrics.render(), self.metrics.content_type

    def _span(self, route: str, method: str) -> AbstractContextManager[Span | None]:
        if self._tracer is None:
            return nullcontext()
        return self._tracer.start_as_current_span(
            f"{method} {route}",
            kind=SpanKind.SERVER,
            attributes={"http.request.method": method, "http.route": route},
            # An exception's text can hold values: only our own words are written.
            record_exception=False,
            set_status_on_exception=False,
        )

    def _answered(self, route: str, method: str, status: int, started: float) -> None:
        seconds = self._clock.monotonic() - started
        self.metrics.add(
            "sallyport_requests_total", route=route, method=method, status=str(status)
        )
        self.metrics.observe("sallyport_request_seconds", seconds, route=route)
        self.lines.info(
            "request",
            route=route,
            method=method,
            status=status,
            ms=round(seconds * 1000),
        )


def _where(error: BaseException) -> str:
    """Return ``path:line:function`` of the innermost frame that is ours."""
    place = "unknown"
    step = error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        file = Path(code.co_filename)
        inside = file.relative_to(_TREE) if file.is_relative_to(_TREE) else Path("?")
        if inside.parts[0] in _OURS:
            place = f"{inside}:{step.tb_lineno}:{code.co_name}"
        step = step.tb_next
    return place
