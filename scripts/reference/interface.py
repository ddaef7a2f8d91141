"""The machine interface: its OpenAPI document, and every problem it can answer."""

from __future__ import annotations

import json

from gateway.web.openapi import describe
from gateway.web.problems import TITLES
from scripts.reference.markdown import code, page, table

__all__ = ["openapi", "problems_page"]

LEAD = (
    "Everything but a release is a problem document (RFC 9457, "
    "`application/problem+json`). Its `type` is `urn:sallyport:problem:` and the code "
    "below. A problem never repeats a value of the request: mistakes are JSON pointers "
    "with advice. The codes with status 503 are the closed list of causes: something "
    "the answer depends on was missing, nothing was released, and the same request may "
    "be sent again."
)


def openapi() -> str:
    """Return the document that ``GET /v1/openapi.json`` serves, without datasets."""
    return json.dumps(describe({}), indent=2, sort_keys=True)


def problems_page() -> str:
    """Return every problem with its status."""
    ordered = sorted(TITLES.items(), key=lambda item: (item[1][0], item[0]))
    rows = ((str(status), code(name), title) for name, (status, title) in ordered)
    listed = table(("status", "code", "what it says"), rows)
    return page("Problems and statuses", LEAD, listed)
