"""Colours on the screen: random, slow enough for every eye, never a saturated red."""

import json
from itertools import combinations, pairwise
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.challenge import to_json, with_light
from domain.light import (
    RGB,
    SEGMENTS,
    Colour,
    Light,
    Segment,
    draw_light,
    light_from_json,
    light_to_json,
)
from tests.domain.challenges import challenge, chance

FLASHES_A_SECOND = 3  # WCAG 2.3.1


def spread(*colours: Colour, each_ms: int = 600) -> tuple[Segment, ...]:
    return tuple(
        Segment(colour=colour, from_ms=400 + each_ms * k, to_ms=400 + each_ms * (k + 1))
        for k, colour in enumerate(colours)
    )


SIX = (Colour.WHITE, Colour.BLUE, Colour.ORANGE, Colour.GREEN, Colour.BLUE, Colour.WHITE)


@given(st.integers(0, 10**9))
def test_a_sequence_fits_every_challenge_and_never_changes_thrice_a_second(seed: int) -> None:
    light = draw_light(chance(seed), within_ms=6800)
    changes = [s.from_ms for s in light.segments] + [light.end_ms]
    assert len(light.segments) == SEGMENTS
    assert all(a.colour is not b.colour for a, b in pairwise(light.segments))
    for start in changes:
        inside = [at for at in changes if start <= at < start + 1000]
        assert len(inside) <= FLASHES_A_SECOND


@pytest.mark.parametrize("colour", Colour)
def test_no_colour_is_a_saturated_red(colour: Colour) -> None:
    red, green, blue = RGB[colour]
    assert red / (red + green + blue) < 0.8


def test_colours_are_told_apart_by_their_shares() -> None:
    shares = {c: [v / sum(RGB[c]) for v in RGB[c]] for c in Colour}
    for one, other in combinations(Colour, 2):
        assert max(abs(a - b) for a, b in zip(shares[one], shares[other], strict=True)) > 0.15


@pytest.mark.parametrize(
    "segments",
    [
        (),
        spread(*SIX[:5]),
        spread(*SIX, Colour.GREEN),
        spread(*SIX, each_ms=450),
        spread(*SIX[:5], Colour.BLUE),
        (*spread(*SIX[:5]), Segment(colour=Colour.WHITE, from_ms=3500, to_ms=4100)),
    ],
)
def test_a_sequence_that_flickers_repeats_or_pauses_is_refused(
    segments: tuple[Segment, ...],
) -> None:
    with pytest.raises(ValueError, match=r"six|half a second|follow"):
        Light(segments=segments)


def test_a_clip_too_short_for_the_colours_is_refused() -> None:
    with pytest.raises(ValueError, match="too short"):
        draw_light(lambda n: n - 1, within_ms=4000)


@given(st.integers(0, 10**9))
def test_the_public_form_reads_back(seed: int) -> None:
    light = draw_light(chance(seed), within_ms=6800)
    assert light_from_json(light_to_json(light)) == light


def test_the_schema_takes_a_challenge_with_colours(request: pytest.FixtureRequest) -> None:
    file = Path(request.config.rootpath) / "field_app_spec/schemas/challenge.schema.json"
    schema = jsonschema.Draft202012Validator(json.loads(file.read_text(encoding="utf-8")))
    document = to_json(with_light(challenge(), chance(1)))
    assert schema.is_valid(document)
    named = {part["colour"] for part in document["light"]["segments"]}
    assert named <= {c.value for c in Colour}
    assert not schema.is_valid(document | {"light": {"segments": [{"colour": "red"}] * 6}})


def test_the_schema_tells_the_page_every_colour(request: pytest.FixtureRequest) -> None:
    file = Path(request.config.rootpath) / "field_app_spec/schemas/challenge.schema.json"
    segments = json.loads(file.read_text(encoding="utf-8"))["properties"]["light"]["properties"]
    told = segments["segments"]["items"]["properties"]["colour"]
    assert told["enum"] == [c.value for c in Colour]
    words = [f"{c} #{''.join(f'{v:02x}' for v in RGB[c])}" for c in Colour]
    assert told["description"] == f"sRGB: {', '.join(words)}."
