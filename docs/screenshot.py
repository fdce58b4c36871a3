"""Makes the pictures of the README from a running demo: `python docs/screenshot.py [address]`.

Plays one conversation on the try-out page, from a first message to a reply from the desk,
so a picture shows the product as it is. Needs `./run` in another terminal, and Chromium.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

IMAGES = Path(__file__).parent / "images"
ARGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-dev-shm-usage"]
SIZE = {"width": 1440, "height": 900}
ANSWER_MS = 30_000

SAYS = (
    "halo, saya butuh bantuan",
    "1",
    "1",
    "1",
    "3",
    "paspor saya ditahan majikan, pintu dikunci tiap malam",
    "mau bicara dengan orang",
)
REPLY = "Halo, saya Sara. Saya sudah membaca pesan Anda. Apakah sekarang masih aman untuk menulis?"


def main() -> None:
    """Play the conversation and keep the pictures."""
    address = (sys.argv[1:] or ["http://127.0.0.1:8080"])[0]
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGS)
        page = browser.new_context(viewport=SIZE).new_page()
        page.goto(f"{address}/try/")
        page.get_by_role("button", name="Sara").click()
        page.frame_locator("#desk").locator("#live[data-state=on]").wait_for()
        for text in SAYS:
            say(page, text)
        hand_off(page)
        page.screenshot(path=IMAGES / "try-out.png")
        page.goto(f"{address}/desk/")
        page.locator("section[aria-labelledby=group-mine] .card").first.click()
        page.locator("#reply").wait_for()
        page.screenshot(path=IMAGES / "desk.png")
        browser.close()


def say(page: Page, text: str) -> None:
    """Write on the SMS phone and wait for the answer."""
    before = page.locator("#screen-sms .theirs").count()
    page.fill("#text-sms", text)
    page.keyboard.press("Enter")
    page.locator("#screen-sms .theirs").nth(before).wait_for(timeout=ANSWER_MS)


def hand_off(page: Page) -> None:
    """Claim the conversation at the desk and reply."""
    desk = page.frame_locator("#desk")
    desk.locator("section[aria-labelledby=group-waiting] .card").first.click()
    desk.locator("#claim").click()
    desk.locator("#reply").fill(REPLY)
    desk.locator("#reply").press("Control+Enter")
    page.locator("#screen-sms .theirs", has_text="saya Sara").wait_for(timeout=ANSWER_MS)


if __name__ == "__main__":
    main()
