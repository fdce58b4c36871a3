"""What a browser test waits for: a page comes when the server and the browser are ready, not when a press returns."""

from __future__ import annotations

from contextlib import suppress

from playwright.sync_api import TimeoutError as TookTooLong

WAIT_MS = 10_000


def press(page, selector: str) -> None:
    """Press what brings a new page, and wait until it stands."""
    with page.expect_navigation():
        page.click(selector)


def titled(page, title: str) -> str:
    """The page's title, as soon as it is `title`; whatever it is once that took too long."""
    with suppress(TookTooLong):
        page.wait_for_function("title => document.title === title", arg=title, timeout=WAIT_MS)
    return page.title()
