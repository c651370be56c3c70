"""The browser of the tests: one Chromium, a context for each phone."""

import os
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--autoplay-policy=no-user-gesture-required",
]
VIEWPORT = (320, 640)
AGENT = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/120.0.0.0 Mobile Safari/537.36"
)


def program() -> Path:
    """Find the browser. Without one, skip; fail where the run says that there is one (CI)."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is not None:
        return Path(found)
    if os.environ.get("CI"):
        pytest.fail("no Chromium, which .ci/run installs")
    pytest.skip("no Chromium on this machine: install it to run the page's tests")


def fed_by(film: Path) -> list[str]:
    """Flags that put a y4m film before the browser's camera."""
    return ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={film}"]


def launch(playwright: Playwright, film: Path) -> Browser:
    return playwright.chromium.launch(
        executable_path=program(), args=[*FLAGS, *fed_by(film)], chromium_sandbox=False
    )


def phone_of(
    browser: Browser, *, width: int = VIEWPORT[0], height: int = VIEWPORT[1]
) -> BrowserContext:
    """A fresh phone: nothing stored, no permission given."""
    return browser.new_context(
        viewport={"width": width, "height": height},
        is_mobile=True,
        has_touch=True,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        user_agent=AGENT,
        reduced_motion="reduce",
    )


def persistent_phone(playwright: Playwright, folder: Path, film: Path) -> BrowserContext:
    """A phone whose browser may be killed and opened again on the same folder."""
    return playwright.chromium.launch_persistent_context(
        folder,
        executable_path=program(),
        args=[*FLAGS, *fed_by(film)],
        chromium_sandbox=False,
        viewport={"width": VIEWPORT[0], "height": VIEWPORT[1]},
        is_mobile=True,
        has_touch=True,
        locale="zh-CN",
        user_agent=AGENT,
    )
