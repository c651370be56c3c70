"""Clips are filmed and written as the phones of the field do it."""

import io
from itertools import pairwise

import av
import cv2
import numpy as np
import pytest

from app.demo.clips import Camera, Codec, encode, frames_of, planes_of, time_stamps
from app.demo.containers import Writer
from app.demo.phone import Hand, Phone
from app.demo.reading import Image

LIVE = (Codec.WEBM_VP8, Codec.WEBM_VP9)


def _frame(camera: Camera) -> Image:
    """Red above, dark below."""
    picture = np.full((camera.height, camera.width, 3), 20, np.uint8)
    picture[: camera.height // 2] = (30, 30, 220)
    return picture


def _clip(camera: Camera, seed: int = 1) -> bytes:
    picture = _frame(camera)
    return encode(((at, picture) for at in time_stamps(camera, 1000, seed=seed)), camera)


@pytest.mark.parametrize("codec", LIVE)
def test_webm_states_no_duration_as_a_live_recorder_does(codec: Codec) -> None:
    with av.open(io.BytesIO(_clip(Camera(width=320, height=240, codec=codec))), "r") as clip:
        assert clip.duration is None
        assert clip.streams.video[0].frames == 0


def test_mp4_is_baseline_420_with_a_duration() -> None:
    camera = Camera(width=320, height=240, codec=Codec.MP4_H264)
    with av.open(io.BytesIO(_clip(camera)), "r") as clip:
        stream = clip.streams.video[0]
        assert "Baseline" in (stream.codec_context.profile or "")
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert clip.duration is not None


@pytest.mark.parametrize("codec", Codec)
@pytest.mark.parametrize("fps", [15, 30])
def test_decoding_gives_back_every_frame_at_its_time(codec: Codec, fps: int) -> None:
    camera = Camera(width=320, height=240, codec=codec, fps=fps)
    assert [at for at, _ in frames_of(_clip(camera))] == time_stamps(camera, 1000, seed=1)


def test_an_unsteady_camera_strays_from_the_beat_but_never_goes_back() -> None:
    stamps = time_stamps(Camera(fps=30, jitter=1.0), 5000, seed=4)
    steps = [later - earlier for earlier, later in pairwise(stamps)]
    assert min(steps) > 0
    assert max(steps) - min(steps) > 20


def test_a_rotated_clip_lies_on_its_side_and_says_how_to_turn_it() -> None:
    camera = Camera(width=240, height=320, codec=Codec.MP4_H264, rotated=True)
    with av.open(io.BytesIO(_clip(camera)), "r") as clip:
        frame = next(clip.decode(video=0))
        stored = frame.to_ndarray(format="bgr24")
        assert (frame.width, frame.height) == (320, 240)
        shown = np.rot90(stored, frame.rotation // 90)
    assert shown[10, 120, 2] > 150
    assert shown[310, 120, 2] < 100


def test_the_same_frames_make_the_same_bytes() -> None:
    camera = Camera(width=320, height=240)
    assert _clip(camera) == _clip(camera)


@pytest.mark.parametrize("rotated", [False, True])
def test_planes_and_colour_pictures_give_the_same_clip(*, rotated: bool) -> None:
    camera = Camera(width=320, height=240, codec=Codec.MP4_H264, rotated=rotated)
    as_planes = encode([(0, planes_of(_frame(camera)))], camera)
    (_, one), (_, other) = next(frames_of(as_planes)), next(frames_of(encode_one(camera)))
    assert np.abs(one.astype(int) - other).mean() < 2


def encode_one(camera: Camera) -> bytes:
    return encode([(0, _frame(camera))], camera)


@pytest.mark.parametrize("codec", Codec)
@pytest.mark.parametrize("writer", [Writer.ANDROID, Writer.IPHONE])
def test_a_phones_file_bears_no_tools_name(codec: Codec, writer: Writer) -> None:
    clip = _clip(Camera(width=320, height=240, codec=codec, writer=writer))
    assert not any(name in clip for name in (b"Lavf", b"Lavc", b"x264"))
    assert (b"Chrome" in clip) is (codec in LIVE)


@pytest.mark.parametrize("codec", Codec)
def test_a_tool_signs_its_file(codec: Codec) -> None:
    assert b"Lavf" in _clip(Camera(width=320, height=240, codec=codec, writer=Writer.TOOL))


GREY = Camera(width=320, height=240)
ON_A_STAND = Hand(shift=0.0, roll_deg=0.0)


def _grey_takes(owner: int, take: int) -> np.ndarray:
    """Luma of a grey wall in 40 settled frames."""
    phone = Phone(GREY, owner=owner, take=take, hand=ON_A_STAND)
    wall = np.full((GREY.height, GREY.width, 3), 128, np.uint8)
    seen = [phone.seen(wall, 3000 + 67 * number) for number in range(40)]
    return np.stack([planes[: GREY.height].astype(np.float32) for planes in seen])


def _fine(picture: np.ndarray) -> np.ndarray:
    inner = picture[20:-20, 20:-20]
    return np.asarray(inner - cv2.blur(inner, (9, 9))).ravel()


def test_the_noise_is_new_in_every_frame() -> None:
    frames = _grey_takes(1, 1)
    assert 0.8 < float((frames - frames.mean(axis=0)).std()) < 4
    alike = [abs(np.corrcoef(_fine(a), _fine(b))[0, 1]) for a, b in pairwise(frames[:10])]
    assert float(np.median(alike)) < 0.25


def test_one_phone_has_one_fixed_pattern_and_another_has_its_own() -> None:
    first, again, other = (
        _fine(_grey_takes(owner, take).mean(axis=0)) for owner, take in ((1, 1), (1, 2), (2, 3))
    )
    assert np.corrcoef(first, again)[0, 1] > 0.5
    assert abs(np.corrcoef(first, other)[0, 1]) < 0.1


def test_the_exposure_settles_and_the_clock_is_never_even() -> None:
    phone = Phone(GREY, owner=1, take=4)
    wall = np.full((GREY.height, GREY.width, 3), 128, np.uint8)
    means = [float(phone.seen(wall, at)[:240].mean()) for at in (0, 1500, 3000)]
    assert abs(means[0] - means[2]) > 3 * abs(means[1] - means[2])
    stamps = phone.times(8000, seed=4)
    steps = {later - earlier for earlier, later in pairwise(stamps)}
    assert len(steps) > 5
    assert min(steps) > 0


def test_the_view_trembles_with_the_hand() -> None:
    board = np.zeros((240, 320, 3), np.uint8)
    board[:, 160:] = 255
    phone = Phone(GREY, owner=1, take=4)
    edges = [int((phone.seen(board, at)[120, :320] < 128).sum()) for at in range(0, 3000, 100)]
    assert max(edges) > min(edges)
