"""Take the README's pictures of the office's console: `make pictures`.

A real server with the demo township, in a home of its own. The case that is opened is one whose
reference photo, selfie and video are rendered heads of people who do not exist.
"""

import json
import re
from datetime import UTC, datetime

from playwright.sync_api import Page, sync_playwright

from app.demo.portraits import default_home
from storage.crypto.one_time_codes import code_at
from tests.browser import chromium
from tests.e2e import server
from tests.e2e.server import Command
from tools.picture_files import keep

WIDTH, HEIGHT = 1366, 900
MOST_BYTES = 260_000
SEEDED_S = 400.0
"""Films are made once, and kept for the next time."""
DEMO, CLERK = "demo-county.json", "clerk"
REASON = "翻拍.*待领取"
"""The case that is shown, by what stands in its line: its sitter is a rendered head."""


def sign_in(page: Page, address: str, account: dict[str, str]) -> None:
    page.goto(f"{address}/office/login")
    page.fill("input[name=login]", account["login"])
    page.fill("input[name=password]", account["password"])
    page.click("button.primary")
    now = datetime.now(UTC)  # noqa: TID251 - plays somebody's authenticator
    page.fill("input[name=code]", code_at(account["secret"], now))
    page.click("button.primary")
    page.wait_for_selector("header.side")


def take(page: Page, address: str) -> None:
    page.goto(f"{address}/office/")
    keep(page, "office-today", most_bytes=MOST_BYTES)
    page.goto(f"{address}/office/queue")
    page.get_by_role("row", name=re.compile(REASON)).get_by_role("link").first.click()
    page.get_by_role("button", name="领取这件").click()
    page.wait_for_load_state("networkidle")
    page.wait_for_selector("video")
    keep(page, "office-case", most_bytes=MOST_BYTES)


def main() -> None:
    """Serve the township, look, and stop it."""
    with server.home() as folder:
        for name in ("portraits", "clips"):
            (folder / name).symlink_to(default_home() / name)
        port = server.free_port()
        address = f"http://127.0.0.1:{port}"
        env = {"JIANZAI_HOME": str(folder)}
        served = Command(folder, env, "serve", "--with-demo", "--port", port)
        try:
            server.until(lambda: "Jianzai listens" in served.said(), "it serves", SEEDED_S)
            staff = json.loads((folder / DEMO).read_text("utf-8"))["staff"]
            account = next(one for one in staff.values() if one["login"] == CLERK)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=chromium.program(), args=chromium.FLAGS, chromium_sandbox=False
                )
                page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
                sign_in(page, address, account)
                take(page, address)
                browser.close()
        finally:
            served.stop()


if __name__ == "__main__":
    main()
