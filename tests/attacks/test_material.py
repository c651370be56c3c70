"""Every species is what it is named for: asserted about the material itself."""

import io
from dataclasses import replace
from itertools import pairwise

import av
import cv2
import numpy as np
import pytest

from app.attacks.registry import SPECIES
from app.attacks.screens import LAPTOP, Shop, content_framing
from app.attacks.species import Kind, Presentation
from app.attacks.stage import SCALES, Crew, Setting, Size
from app.demo.clips import upright_frames_of
from app.demo.puppet import Pose
from biometrics.engine import FaceEngine
from tests.attacks.conftest import SEED, Presented, Settings

pytestmark = [pytest.mark.faces, pytest.mark.xdist_group("attacks-0")]
CHEAP = ("print_waved", "print_bent_80_vertical", "screen_tablet", "animated_virtual_camera")


def _times(clip: bytes) -> list[float]:
    with av.open(io.BytesIO(clip), "r") as source:
        return [1000 * float(frame.time or 0) for frame in source.decode(video=0)]


def _pictures(made: Presentation) -> list[np.ndarray]:
    return [picture for _, picture in upright_frames_of(made.clip)]


def test_the_bench_holds_every_species_that_the_product_is_measured_with() -> None:
    families = {"print_", "cut_", "screen_", "replay_", "own_clip_", "animated_"}
    attacks = [name for name, one in SPECIES.items() if one.kind is Kind.ATTACK]
    assert all(any(name.startswith(family) for name in attacks) for family in families)
    others = {"wrong_challenge", "splice", "slideshow", "face_swap", "looped_stream"}
    assert others <= set(attacks)
    bent = {f"print_bent_{r}_{a}" for r in (150, 80, 50) for a in ("vertical", "horizontal")}
    assert bent <= set(attacks)


@pytest.mark.parametrize("species", CHEAP)
def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(
    species: str, crew: Crew, presented: Presented
) -> None:
    again, other = (
        SPECIES[species].make(Setting(crew, SCALES[Size.SMALL], seed=seed, number=0)).clip
        for seed in (SEED, SEED + 1)
    )
    assert presented(species, 0).clip == again
    assert again != other


def test_a_virtual_camera_is_on_the_dot_and_without_noise(presented: Presented) -> None:
    injected, filmed = presented("animated_virtual_camera", 0), presented("bona_fide_plain", 0)
    steps = np.diff(_times(injected.clip))
    assert np.ptp(steps) <= 1.0
    assert np.ptp(np.diff(_times(filmed.clip))) > 4.0
    assert _corner_noise(injected) < 0.5 * _corner_noise(filmed)
    assert b"Lavf" in injected.clip


def _corner_noise(made: Presentation) -> float:
    """How much a corner of the wall changes from frame to frame, without what it is like."""
    corner = np.stack([p[:40, :40, 1].astype(np.float32) for p in _pictures(made)[20:40]])
    fine = corner - corner.mean(axis=(1, 2), keepdims=True)
    return float(np.median(np.abs(np.diff(fine, axis=0))))


def test_only_what_a_tool_wrote_bears_a_tools_name(presented: Presented) -> None:
    for species in ("bona_fide_plain", "print_held", "screen_phone", "wrong_challenge"):
        assert b"Lavf" not in presented(species, 0).clip
        assert b"x264" not in presented(species, 0).clip


def test_a_replayed_file_is_the_earlier_one_byte_by_byte_or_encoded_again(
    presented: Presented,
) -> None:
    as_is, again = presented("replay_file", 0), presented("replay_file", 1)
    assert as_is.clip == as_is.earlier
    assert again.clip != again.earlier


def test_an_old_clip_of_ones_own_answers_what_was_asked_then(
    presented: Presented, settings: Settings
) -> None:
    for species in ("own_clip_cropped", "own_clip_recaptured"):
        made = presented(species, 0)
        assert made.challenge == settings(0).earlier_challenge
        assert made.earlier == settings(0).earlier_clip
        assert made.clip != made.earlier


def test_a_looped_stream_comes_round_again(presented: Presented) -> None:
    pictures = [p.astype(int) for p in _pictures(presented("looped_stream", 0))]
    first = pictures[4]
    alike = [float(np.abs(first - later).mean()) for later in pictures[5:]]
    assert min(alike[10:]) < 0.5 * float(np.median(alike))


def test_a_splice_jumps_where_it_was_cut(presented: Presented) -> None:
    def worst(species: str) -> float:
        settled = [p[::4, ::4].astype(int) for p in _pictures(presented(species, 0))][12:]
        moved = [float(np.abs(b - a).mean()) for a, b in pairwise(settled)]
        return max(moved) / float(np.median(moved))

    assert worst("splice") > worst("bona_fide_plain")


def test_a_slideshow_shows_two_pictures_and_nothing_between(presented: Presented) -> None:
    face = [p[60:180, 100:220].astype(int) for p in _pictures(presented("slideshow", 0))]
    moved = np.array([np.abs(b - a).mean() for a, b in pairwise(face)])[10:]
    assert moved.max() > 3 * np.median(moved)


def test_a_screen_in_focus_shows_its_grid_and_one_out_of_focus_does_not(
    settings: Settings,
) -> None:
    coarse = replace(LAPTOP, across_px=(640,))
    framing = content_framing(coarse)
    white = np.full((framing.height, framing.width, 3), 200, np.uint8)

    def grid(focus: float) -> float:
        seen = Shop(settings(0), coarse, focus=focus).seen(white, Pose(), 500.0)
        middle = seen[90:150, 120:200].astype(np.float32)
        return float((middle[:, :, 2] - middle[:, :, 0]).std())

    assert grid(1.0) > 3 * grid(0.2)


def test_a_swapped_face_is_the_victims_more_than_the_attackers(
    presented: Presented, settings: Settings, engine: FaceEngine
) -> None:
    made, setting = presented("face_swap", 0), settings(0)
    assert made.who is setting.portrait
    photos = [engine.template(who.enrolled(1)[0]) for who in (setting.portrait, setting.other)]
    frame = np.ascontiguousarray(_pictures(made)[3])
    shown = engine.template(_png(frame)).embedding
    assert shown is not None
    victim, attacker = (float(shown @ photo.embedding) for photo in photos)  # type: ignore[operator]
    assert victim > attacker


def _png(picture: np.ndarray) -> bytes:
    return cv2.imencode(".png", picture)[1].tobytes()
