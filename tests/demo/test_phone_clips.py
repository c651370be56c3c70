"""Clips are written as the phones of the field write them."""

import io
from itertools import pairwise

import av
import numpy as np
import pytest

from app.demo.clips import Camera, Codec, encode, frames_of, time_stamps
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
