"""Take the README's pictures of the phone page: `make pictures`.

A real server, worker and browser. Before the camera stands a rendered head of somebody who does not
exist; the certification behind the second picture is of a public portrait, which it does not show.
"""

import re
import struct
from itertools import count

import cv2
from playwright.sync_api import Browser, expect, sync_playwright

from app.demo.puppet import Framing, Pose
from app.demo.scenes import room
from app.demo.script import Behaviour
from app.heads.head import Head
from tests import db_server
from tests.browser import chromium
from tests.browser.camera import film_bytes
from tests.browser.installation import FACE, Installation, installed
from tests.browser.visitor import Visitor
from tools.picture_files import keep

WHO = "asian-f-85"
WIDTH, HEIGHT = 360, 720
MOST_BYTES = 150_000
STEP = re.compile(r"turn_left\.svg$")


def head_film() -> bytes:
    """Make a film for `camera.js` of a rendered head that looks into the camera."""
    framing = Framing(width=640, height=480, face=0.3)
    head = Head(WHO, framing, room(640, 480, seed=3), seed=3)
    pieces = []
    for number in range(16):
        done, jpeg = cv2.imencode(".jpg", head.frame(Pose(yaw_deg=number / 4)))
        if not done:
            raise RuntimeError("a frame could not be written")
        pieces.append(struct.pack("<II", number * 66, jpeg.size) + jpeg.tobytes())
    return struct.pack("<III", 640, 480, len(pieces)) + b"".join(pieces)


def visit(browser: Browser, made: Installation, film: bytes) -> Visitor:
    context = chromium.phone_of(browser, width=WIDTH, height=HEIGHT)
    visitor = Visitor(page=context.new_page(), address=made.address)
    visitor.stands_before(film)
    _, link = made.person()
    visitor.agrees(link)
    visitor.sees("camera")
    return visitor


def take(browser: Browser, made: Installation) -> None:
    aiming = visit(browser, made, head_film())
    expect(aiming.page.locator("#camera-start")).to_be_enabled()
    aiming.taps("camera-practise")
    expect(aiming.page.locator("#asked-picture")).to_have_attribute("src", STEP)
    keep(aiming.page, "phone-camera", most_bytes=MOST_BYTES)
    aiming.page.context.close()
    asked = made.challenge()
    takes = (film_bytes(made.studio, FACE, asked, Behaviour.ANSWERS, seed=n) for n in count(7))
    certified = visit(browser, made, next(takes))
    certified.films()
    while certified.waits_for("good", "again") == "again":  # the machine was busy and lost frames
        certified.moves_anew(next(takes))
        certified.taps("result-again")
        certified.films()
    keep(certified.page, "phone-result", most_bytes=MOST_BYTES)
    certified.page.context.close()


def main() -> None:
    db_server.open_run()
    try:
        with installed("pictures") as made, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium.program(), args=chromium.FLAGS, chromium_sandbox=False
            )
            take(browser, made)
            browser.close()
    finally:
        db_server.close_run()


if __name__ == "__main__":
    main()
