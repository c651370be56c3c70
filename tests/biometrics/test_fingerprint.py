"""A clip is known again whatever was done to it, and a fresh one is not taken for it.

The clips are drawn; `benchmarks/clip_likeness` measures with rendered people.
"""

from collections.abc import Callable
from functools import cache, partial
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from biometrics.fingerprint import (
    ClipFingerprint,
    Earlier,
    FrameHasher,
    NotAFingerprint,
    Track,
    fingerprint_of,
    likeness,
    nearest_of,
    same_task,
    search_keys,
    stored_key,
    track_of,
)
from biometrics.fingerprint.agreement import closest
from biometrics.fingerprint.align import (
    SPEEDS,
    Layer,
    Slider,
    overlap,
    refined,
    stretched,
)
from biometrics.fingerprint.sight import HZ
from biometrics.track import FrameReading
from domain.tasks import Laid, is_like_task
from tests import fingerprints
from tests.fingerprints import Drawn, take

Edit = Callable[[Drawn], Drawn]
EDITS: dict[str, Edit] = {
    "recompressed": fingerprints.recompressed,
    "mirrored": fingerprints.mirrored,
    "cropped": fingerprints.cropped,
    "trimmed": fingerprints.trimmed,
    "slower": partial(fingerprints.sped, speed=0.9),
    "faster": partial(fingerprints.sped, speed=1.1),
    "relit": fingerprints.relit,
    "all at once": lambda clip: fingerprints.sped(
        fingerprints.trimmed(fingerprints.cropped(fingerprints.mirrored(clip))), 1.07
    ),
}


@cache
def known(person: int = 1, task: int = 1, serial: int = 1) -> ClipFingerprint:
    return take(person, task, serial).fingerprint()


@pytest.mark.parametrize("serial", [1, 2, 3])
@pytest.mark.parametrize("name", EDITS)
def test_an_edited_clip_is_the_same_recording(name: str, serial: int) -> None:
    edited = EDITS[name](take(serial=serial)).fingerprint()

    found = likeness(edited, known(serial=serial), asks_alike=same_task)

    assert found.likeness >= 1.0
    assert found.mirrored == (name in {"mirrored", "all at once"})


def test_the_place_and_the_speed_of_an_edit_are_told() -> None:
    cut = likeness(fingerprints.trimmed(take(), first=9).fingerprint(), known())
    fast = likeness(fingerprints.sped(take(), 1.1).fingerprint(), known())

    assert cut.shift_ms == pytest.approx(600, abs=60)
    assert fast.speed == pytest.approx(1.1, abs=0.02)


def test_fresh_takes_of_one_person_at_one_place_doing_the_same_are_no_replay() -> None:
    takes = [known(serial=serial) for serial in range(1, 9)]

    likest = max(likeness(a, b, asks_alike=same_task).likeness for a, b in combinations(takes, 2))

    assert likest < 1.0


def test_fresh_takes_of_other_tasks_are_no_replay_either() -> None:
    takes = [known(task=task) for task in range(1, 9)]

    assert max(likeness(a, b).likeness for a, b in combinations(takes, 2)) < 1.0


def task(*moments_ms: float) -> dict[str, object]:
    steps = zip(("nod", "turn_left", "open_mouth"), moments_ms, strict=True)
    return {"steps": [{"action": action, "onset_ms": onset} for action, onset in steps]}


def test_movements_that_come_at_one_distance_in_both_tasks_are_no_replay() -> None:
    """Both clips show the same movements, yet one a while later: only there are they alike."""
    cut = 20
    pairs = [
        (fingerprints.trimmed(take(serial=late), first=cut, last=0).fingerprint(), known(serial=n))
        for n, late in combinations(range(1, 6), 2)
    ]
    asked, was_asked = task(700, 2200, 3700), task(700 + cut * 66.7, 3533, 5033)
    laid = partial(is_like_task, asked, was_asked)

    assert max(likeness(*pair).likeness for pair in pairs) >= 1.0
    assert max(likeness(*pair, asks_alike=laid).likeness for pair in pairs) < 1.0


@pytest.mark.parametrize("edit", [fingerprints.trimmed, fingerprints.mirrored])
def test_where_a_clip_was_laid_is_told_to_whoever_knows_the_tasks(edit: Edit) -> None:
    told: list[Laid] = []

    def asks_alike(laid: Laid) -> bool:
        told.append(laid)
        return False

    likeness(edit(take()).fingerprint(), known(), asks_alike=asks_alike)

    [laid] = told
    begins_ms = -600.0 if edit is fingerprints.trimmed else 0.0
    assert laid.mirrored == (edit is fingerprints.mirrored)
    assert laid.pace == pytest.approx(1.0, abs=0.02)
    assert laid.shift_ms == pytest.approx(begins_ms, abs=60)
    assert laid.from_ms == pytest.approx(0, abs=60)
    assert laid.until_ms == pytest.approx(6000 if begins_ms == 0 else 4900, abs=200)


def test_clips_without_movement_say_nothing_of_each_other() -> None:
    still = take(amount=0.0)
    held = Drawn(
        frames=[still.frames[0]] * len(still.frames),
        at_ms=still.at_ms,
        x=still.x[:1].repeat(len(still.x)),
        y=still.y[:1].repeat(len(still.y)),
        width=still.width,
    )

    assert likeness(held.fingerprint(), held.fingerprint()).likeness == 0.0


def test_bytes_are_small_and_keep_what_comparing_needs() -> None:
    raw = known().to_bytes()
    again = ClipFingerprint.from_bytes(raw)

    assert len(raw) < 80 * HZ * 6
    assert again.to_bytes() == raw
    assert likeness(again, known()).likeness > 1.2


@given(cut=st.integers(0, 4000))
@settings(max_examples=30, deadline=None)
def test_a_torn_fingerprint_is_refused(cut: int) -> None:
    raw = known().to_bytes()
    with pytest.raises(NotAFingerprint):
        ClipFingerprint.from_bytes(raw[: min(cut, len(raw) - 1)])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda raw: b"ABCD" + raw[4:],
        lambda raw: raw[:4] + b"\x09" + raw[5:],
        lambda raw: raw + b"\0",
        lambda raw: raw[:78] + np.float32(np.nan).tobytes() + raw[82:],
        lambda raw: raw[:-1] + b"\x80",
    ],
    ids=["magic", "form", "longer", "scale", "value"],
)
def test_what_is_no_fingerprint_is_refused(spoil: Callable[[bytes], bytes]) -> None:
    with pytest.raises(NotAFingerprint):
        ClipFingerprint.from_bytes(spoil(known().to_bytes()))


def test_a_clip_that_is_too_short_or_shows_no_face_has_no_fingerprint() -> None:
    hasher = FrameHasher()
    for number in range(5):
        hasher.take(number * 66.7, np.zeros((48, 64, 3), np.uint8))
    at_ms = np.arange(5, dtype=np.float64) * 66.7
    track = Track(at_ms=at_ms, x=at_ms, y=at_ms, width=at_ms + 1, roll=at_ms * 0)

    assert fingerprint_of(hasher, track) is None
    assert fingerprint_of(hasher, None) is None
    assert track_of([FrameReading(at_ms=0.0, mesh=None)] * 50) is None


@pytest.mark.parametrize("name", EDITS)
def test_an_edited_clip_is_looked_for_under_the_key_it_was_filed_under(name: str) -> None:
    edited = EDITS[name](take()).fingerprint()

    assert stored_key(known()) in search_keys(edited)


def test_clips_of_other_people_are_filed_elsewhere() -> None:
    keys = {stored_key(known(person=person)) for person in range(1, 9)}

    assert len(keys) == 8
    assert len(keys & set(search_keys(known(person=1)))) == 1


def test_keys_are_tried_once_each_and_the_likeliest_first() -> None:
    keys = search_keys(known())

    assert keys[0] == stored_key(known())
    assert len(set(keys)) == len(keys) == 256


def test_the_nearest_of_many_is_the_recording_itself() -> None:
    many = [Earlier(fingerprint=known(serial=serial)) for serial in range(1, 9)]
    edited = EDITS["all at once"](take(serial=5)).fingerprint()

    found = nearest_of(edited, many)

    assert found is not None
    index, alike = found
    assert index == 4
    assert alike.likeness >= 1.0


def test_nothing_is_near_when_nothing_is_known() -> None:
    assert nearest_of(known(), []) is None


def wandering(moments: int, seed: int) -> NDArray[np.float64]:
    steps = np.random.default_rng(seed).normal(0, 1, (6, moments))
    return np.asarray(np.cumsum(steps, axis=1))


def laid(under: NDArray[np.float64], over: NDArray[np.float64], shift: int) -> float:
    """Cosine of two clips where both are, when that is enough of the shorter; else -1."""
    length, reach = under.shape[1], over.shape[1]
    first, last = max(0, shift), min(length, reach + shift)
    if last - first < max(2 * HZ, round(0.75 * min(length, reach))):
        return -1.0
    one, other = under[:, first:last], over[:, first - shift : last - shift]
    return float((one * other).sum() / np.sqrt((one * one).sum() * (other * other).sum()))


@pytest.mark.parametrize(("length", "reach"), [(60, 60), (60, 35), (35, 60), (25, 21)])
def test_sliding_finds_the_best_of_all_speeds_and_shifts(length: int, reach: int) -> None:
    clip, other = wandering(length, 1), wandering(reach, 2)
    every = [
        (laid(stretched(clip, 1 / speed), other, shift), speed, shift / HZ * speed)
        for speed, shift in product(SPEEDS, range(-reach, 2 * length))
    ]
    best = max(every, key=lambda way: way[0])

    found = Slider(clip).slide(other)

    assert found == pytest.approx(best if best[0] > -1 else (-1.0, 1.0, 0.0))


@pytest.mark.parametrize("shift_s", [0.0, 0.9, -1.4, 2.5, 4.5])
def test_looking_closer_finds_the_best_of_the_layers_about_a_first_guess(shift_s: float) -> None:
    first, second = wandering(60, 1), wandering(50, 2)
    guess = Layer(agreement=0.0, speed=1.03, shift_s=shift_s, mirrored=True)
    near = [
        overlap(
            first,
            second,
            Layer(
                agreement=0.0,
                speed=1.03 + faster,
                shift_s=shift_s + later_s - 2.5 * faster,
                mirrored=True,
            ),
        )
        for faster, later_s in product((-0.01, -0.005, 0, 0.005, 0.01), np.arange(-6, 7) / 80)
    ]
    agreements = [one.layer.agreement for one in near if one is not None]

    found = refined(first, second, guess)

    assert (found is None) == (not agreements)
    if found is not None:
        assert found.layer.agreement == pytest.approx(max(agreements))


def test_clips_are_laid_by_what_goes_on_between_the_large_movements() -> None:
    """The copy's large movement comes 50 ms late, as noise may have it; all else does not."""
    weights = np.linspace(0.4, 1.0, 6)[:, None]
    at_s, little = np.arange(60) / HZ, wandering(60, 1)
    first = little + weights * 400 * np.sin(at_s / 1.4)
    second = little + weights * 400 * np.sin((at_s - 0.05) / 1.4)
    guess = Layer(agreement=0.0, speed=1.0, shift_s=0.0, mirrored=False)

    roughly, closely = refined(first, second, guess), closest(first, second, guess)

    assert roughly is not None
    assert closely is not None
    assert abs(roughly.layer.shift_s) > 0.03
    assert abs(closely.layer.shift_s) < 0.02
