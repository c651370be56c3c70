"""Decoding in a sealed child: what comes back, and what hostile media cannot do."""

import subprocess
import sys
import time

import numpy as np
import psutil
import pytest

from biometrics.sandbox import seal
from biometrics.sandbox.decoder import Decoder, Played
from domain.biometric import MediaFault
from tests.biometrics import media
from tests.biometrics.media import Image

PROBES = """
import json, os, socket
from biometrics.sandbox import seal
def tried(act):
    try:
        act()
    except OSError as error:
        return error.errno
    return 0
sealed = seal.seal()
answers = {
    "read": tried(lambda: open("/etc/hostname")),
    "write": tried(lambda: open("stolen", "w")),
    "socket": tried(socket.socket),
    "exec": tried(lambda: os.execv("/bin/true", ["true"])),
    "fork": tried(os.fork),
    "kill": tried(lambda: os.kill(os.getppid(), 0)),
}
os.write(1, json.dumps([sealed, answers]).encode())
os._exit(0)
"""


def played(decoder: Decoder, content: bytes) -> tuple[Played, list[tuple[float, Image]]]:
    frames: list[tuple[float, Image]] = []
    ending = decoder.clip(content, lambda at_ms, picture: frames.append((at_ms, picture)))
    return ending, frames


@pytest.mark.parametrize("kind", [".png", ".webp", ".jpg"])
def test_a_photo_comes_back_as_pixels(decoder: Decoder, kind: str) -> None:
    picture = decoder.photo(media.encoded(media.halves(), kind))
    assert not isinstance(picture, MediaFault)
    assert picture.shape == (32, 64, 3)
    assert picture[16, 8, 2] > 200
    assert picture[16, 56, 0] > 200


@pytest.mark.parametrize(
    ("orientation", "red_corner"),
    [(1, (3, 3)), (2, (3, -3)), (3, (-3, -3)), (6, (3, 3)), (8, (-3, 3))],
)
def test_a_photo_is_turned_as_its_exif_says(
    decoder: Decoder, orientation: int, red_corner: tuple[int, int]
) -> None:
    jpeg = media.with_exif_turn(media.encoded(media.halves()), orientation)
    picture = decoder.photo(jpeg)
    assert not isinstance(picture, MediaFault)
    assert picture.shape[:2] == ((64, 32) if orientation in {6, 8} else (32, 64))
    assert picture[red_corner][2] > 200


def test_a_large_photo_comes_back_small_and_in_little_memory() -> None:
    with Decoder() as decoder:
        picture = decoder.photo(media.png_of_nothing(6000, 6000))
        assert not isinstance(picture, MediaFault)
        assert 1280 <= max(picture.shape) <= 1600
        assert decoder.peak_kb < 400_000


def test_a_photo_that_needs_more_memory_than_a_child_may_have_is_unreadable(
    decoder: Decoder,
) -> None:
    bomb = media.png_of_nothing(6300, 6300, depth=16)
    assert isinstance(decoder.photo(bomb), MediaFault | np.ndarray)
    assert decoder.peak_kb < 1_100_000
    assert not isinstance(decoder.photo(media.encoded(media.halves())), MediaFault)


def test_a_pixel_bomb_is_refused_before_any_decoder_sees_it() -> None:
    with Decoder() as decoder:
        began = time.perf_counter()
        assert decoder.photo(media.jpeg_that_claims(32000, 32000)) is MediaFault.TOO_LARGE
        assert time.perf_counter() - began < 0.3
        assert decoder.cpu_seconds == 0.0


def test_a_truncated_photo_never_raises(decoder: Decoder) -> None:
    whole = media.encoded(media.noise(200, 150))
    for cut in range(1, len(whole), 997):
        assert isinstance(decoder.photo(whole[:cut]), MediaFault | np.ndarray)


@pytest.mark.parametrize(
    ("kind", "codec"),
    [("webm", "libvpx"), ("webm", "libvpx-vp9"), ("mp4", "libx264"), ("matroska", "libx264")],
)
def test_all_frames_are_counted_and_fifteen_a_second_handed_over(
    decoder: Decoder, kind: str, codec: str
) -> None:
    ending, frames = played(decoder, media.clip(media.even(60, 30), kind=kind, codec=codec))
    assert ending.fault is None
    assert ending.frames == 60
    assert abs(ending.duration_ms - 1967) <= 2
    assert len(frames) == 30
    assert frames[0][1].shape == (48, 64, 3)


def test_times_are_those_of_the_container_not_of_frame_numbers(decoder: Decoder) -> None:
    uneven = [0, 100, 180, 500, 520, 560, 900]
    _, frames = played(decoder, media.clip(uneven))
    assert [round(at_ms) for at_ms, _ in frames] == [0, 100, 180, 500, 560, 900]


def test_a_clip_filmed_upright_comes_back_upright(decoder: Decoder) -> None:
    _, frames = played(decoder, media.clip([0, 40], kind="mp4", codec="libx264", turned=True))
    assert frames[0][1].shape[:2] == (64, 48)


def test_a_wide_clip_comes_back_at_most_640_pixels_wide(decoder: Decoder) -> None:
    _, frames = played(decoder, media.clip([0, 40], size=(1920, 1080)))
    assert frames[0][1].shape[:2] == (360, 640)


def test_some_pictures_show_their_middle_as_it_was_recorded(decoder: Decoder) -> None:
    wide = media.clip(media.even(66, 15), size=(1280, 720))
    order: list[tuple[str, int]] = []
    middles: list[tuple[int, ...]] = []

    def on_detail(at_ms: float, crop: Image) -> None:
        order.append(("detail", round(at_ms)))
        middles.append(crop.shape)

    decoder.clip(wide, lambda at_ms, _: order.append(("frame", round(at_ms))), on_detail)
    assert middles == [(512, 512, 3)] * 6
    pairs = [order[index : index + 2] for index, (kind, _) in enumerate(order) if kind == "detail"]
    assert all(second == ("frame", first[1]) for first, second in pairs)
    at_ms = [at for kind, at in order if kind == "detail"]
    assert [b - a < 100 for a, b in zip(at_ms[::2], at_ms[1::2], strict=True)] == [True] * 3


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(lambda: media.clip([0], size=(1936, 64)), id="1936 pixels wide"),
        pytest.param(lambda: media.clip(media.even(33, 1)), id="33 seconds"),
        pytest.param(lambda: media.clip(media.even(1900, 200), size=(16, 16)), id="1900 frames"),
    ],
)
def test_a_clip_beyond_a_cap_is_too_large(decoder: Decoder, content: object) -> None:
    assert callable(content)
    ending, _ = played(decoder, content())
    assert ending.fault is MediaFault.TOO_LARGE


def test_a_container_with_no_frame_is_the_decoders_failure_not_the_persons(
    decoder: Decoder,
) -> None:
    whole = media.clip([0, 40, 80], kind="mp4", codec="libx264")
    start = whole.find(b"mdat") + 4
    ending, frames = played(decoder, whole[:start] + bytes(200) + whole[start + 200 :])
    assert ending == Played(fault=MediaFault.DECODER_FAILED)
    assert frames == []


def test_a_codec_outside_the_list_is_not_decoded(decoder: Decoder) -> None:
    ending, _ = played(decoder, media.clip([0, 40], kind="mp4", codec="mpeg4"))
    assert ending.fault is MediaFault.WRONG_TYPE


def test_a_script_in_a_clips_clothes_reads_nothing(decoder: Decoder) -> None:
    dressed = media.clip([0, 40])[:40] + media.FFCONCAT
    ending, frames = played(decoder, dressed)
    assert ending.fault is not None
    assert frames == []


def test_a_truncated_clip_never_raises(decoder: Decoder) -> None:
    whole = media.clip(media.even(20, 20), kind="mp4", codec="libx264")
    for cut in range(1, len(whole), max(1, len(whole) // 25)):
        ending, _ = played(decoder, whole[:cut])
        assert ending.fault is not None or ending.frames <= 20


def test_a_decoder_killed_midway_is_a_named_fault_and_the_next_clip_decodes(
    decoder: Decoder,
) -> None:
    content = media.clip(media.even(300, 30), size=(320, 240))

    def kill(_: float, __: Image) -> None:
        assert decoder._zygote is not None
        for child in psutil.Process(decoder._zygote.pid).children():
            child.kill()

    assert decoder.clip(content, kill).fault is MediaFault.DECODER_FAILED
    ending, _ = played(decoder, content)
    assert (ending.fault, ending.frames) == (None, 300)


def test_a_zygote_that_is_gone_is_replaced(decoder: Decoder) -> None:
    decoder.start()
    assert decoder._zygote is not None
    decoder._zygote.kill()
    decoder._zygote.wait()
    ending, _ = played(decoder, media.clip([0, 40]))
    assert ending.frames == 2


def test_an_error_of_the_caller_leaves_no_frame_for_the_next_clip(decoder: Decoder) -> None:
    def fail(_: float, __: Image) -> None:
        raise RuntimeError("of the caller")

    with pytest.raises(RuntimeError, match="of the caller"):
        decoder.clip(media.clip(media.even(60, 30), size=(640, 480)), fail)
    _, frames = played(decoder, media.clip([0, 40], size=(96, 64)))
    assert [picture.shape[:2] for _, picture in frames] == [(64, 96)]


def test_decoding_leaves_no_descriptor_open(decoder: Decoder) -> None:
    photo = media.encoded(media.halves())
    decoder.photo(photo)
    before = _open_descriptors()
    for _ in range(20):
        decoder.photo(photo)
    assert _open_descriptors() == before


def _open_descriptors() -> int:
    return psutil.Process().num_fds()


def test_what_children_cost_is_added_up() -> None:
    with Decoder() as decoder:
        decoder.clip(media.clip(media.even(60, 30), size=(640, 480)), lambda *_: None)
        assert decoder.cpu_seconds > 0.0
        assert decoder.peak_kb > 10_000


@pytest.mark.skipif(seal._filter() is None, reason="libseccomp is not installed on this machine")
def test_a_sealed_process_can_neither_open_nor_connect_nor_start_nor_kill() -> None:
    done = subprocess.run([sys.executable, "-c", PROBES], capture_output=True, check=True)
    assert done.stdout.decode() == (
        '[true, {"read": 1, "write": 1, "socket": 1, "exec": 1, "fork": 1, "kill": 1}]'
    )


def test_the_decoder_says_whether_its_child_was_sealed(decoder: Decoder) -> None:
    decoder.photo(media.encoded(media.halves()))
    assert decoder.sealed is (seal._filter() is not None)
