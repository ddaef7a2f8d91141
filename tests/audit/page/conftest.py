"""A browser with the page open, and what is given to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.audit.page.opened import PAGE, Reader, exported


@pytest.fixture(scope="module")
def browser(chromium: Path, place: Path) -> Iterator[Browser]:
    """Return a browser for all tests of this file.

    After it no event loop can be run here, so the log is made first.
    """
    assert place.is_dir()
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox"]
        )
        yield found
        found.close()


@pytest.fixture(scope="module")
def reader(browser: Browser, place: Path) -> Iterator[Reader]:
    """Open the page, without a network."""
    context = browser.new_context(offline=True)
    page, asked = context.new_page(), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    # Else the driver may begin to look for choosers after a key has opened one.
    page.on("filechooser", lambda _: None)
    page.goto(PAGE.as_uri())
    yield Reader(page=page, asked=asked, keys=place / "log.vkeys")
    assert asked == [PAGE.as_uri()]
    context.close()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a log, two exports of it, its keys and its receipts."""
    folder = tmp_path_factory.mktemp("page")
    exported(folder)
    return folder
