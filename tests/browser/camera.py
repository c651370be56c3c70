"""Films for the page's camera: a person of the studio who answers the challenge, or does not.

Two ways to put a film before the page. `write_y4m` is for the browser's own fake camera: a file
given at its launch, played over and over, which cannot know when a recording begins. `film_bytes`
is for `camera.js`, a double of `getUserMedia` alone, which plays the take when the page begins to
record, as a person moves when asked. What the page records, seals and sends is real in both.
"""

import struct
from pathlib import Path

import cv2
import numpy as np

from app.demo.clips import Camera, Codec, frames_of
from app.demo.script import Behaviour
from app.demo.studio import Studio
from domain.challenge import Challenge

CAMERA = Camera(width=640, height=480, fps=15, codec=Codec.MP4_H264, jitter=0.3)
SCRIPT = Path(__file__).with_name("camera.js")
_JPEG = (cv2.IMWRITE_JPEG_QUALITY, 93)


def film_bytes(
    studio: Studio, person: str, challenge: Challenge, behaviour: Behaviour, *, seed: int
) -> bytes:
    """Width, height, count, then time, size and JPEG of each frame; little-endian 32 bits."""
    clip = studio.clip(person, challenge, behaviour=behaviour, camera=CAMERA, seed=seed)
    pieces = []
    for at_ms, picture in frames_of(clip):
        done, jpeg = cv2.imencode(".jpg", picture, _JPEG)
        assert done
        pieces.append(struct.pack("<II", at_ms, jpeg.size) + jpeg.tobytes())
    return struct.pack("<III", CAMERA.width, CAMERA.height, len(pieces)) + b"".join(pieces)


def write_y4m(path: Path, clip: bytes, *, most: int) -> None:
    """Write the first frames of a clip as the browser's fake camera reads them."""
    with path.open("wb") as out:
        out.write(f"YUV4MPEG2 W{CAMERA.width} H{CAMERA.height} F15:1 Ip A1:1 C420jpeg\n".encode())
        for number, (_, picture) in enumerate(frames_of(clip)):
            if number == most:
                break
            planes = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420), np.uint8)
            out.write(b"FRAME\n" + planes.tobytes())
