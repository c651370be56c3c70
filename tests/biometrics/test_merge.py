"""Several pictures of one person, as vectors of their own: no model is needed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biometrics.embed import Embedding, cosine, unit
from biometrics.merge import merged, score

SEEDS = st.integers(0, 10_000)


def vector(chance: np.random.Generator) -> Embedding:
    return unit(chance.standard_normal(128).astype(np.float32))


def frames(person: Embedding, chance: np.random.Generator, *, count: int) -> list[Embedding]:
    """Make pictures of one person: about 0.8 from each to the person."""
    return [unit(person + 0.75 * vector(chance)) for _ in range(count)]


@given(SEEDS)
def test_adding_a_reference_never_lowers_a_score(seed: int) -> None:
    chance = np.random.default_rng(seed)
    person = vector(chance)
    probe, *known = frames(person, chance, count=5)
    scores = [score(probe, known[:count]) for count in range(1, 5)]
    given_scores = [one for one in scores if one is not None]
    assert len(given_scores) == 4
    assert given_scores == sorted(given_scores)


def test_without_a_reference_there_is_no_score() -> None:
    assert score(vector(np.random.default_rng(0)), []) is None


@given(SEEDS)
def test_the_merged_face_is_nearer_to_the_person_than_its_frames(seed: int) -> None:
    chance = np.random.default_rng(seed)
    person = vector(chance)
    shown = frames(person, chance, count=6)
    face = merged(shown, [1.0] * 6)
    assert float(np.linalg.norm(face)) == pytest.approx(1, abs=1e-5)
    assert cosine(face, person) > max(cosine(frame, person) for frame in shown)


@given(SEEDS)
def test_one_frame_of_someone_else_moves_the_face_less_than_it_would_the_mean(seed: int) -> None:
    chance = np.random.default_rng(seed)
    person, other = vector(chance), vector(chance)
    shown = [*frames(person, chance, count=5), other]
    mean = unit(np.asarray(np.sum(shown, axis=0), np.float32))
    face = merged(shown, [1.0] * 6)
    assert cosine(face, other) < cosine(mean, other)
    assert cosine(face, person) > 0.9


def test_a_frame_without_weight_has_no_part() -> None:
    chance = np.random.default_rng(3)
    good, bad = vector(chance), vector(chance)
    assert cosine(merged([good, bad], [1.0, 0.0]), good) == pytest.approx(1, abs=1e-5)


def test_weight_draws() -> None:
    chance = np.random.default_rng(4)
    one, other = vector(chance), vector(chance)
    face = merged([one, other], [3.0, 1.0])
    assert cosine(face, one) > cosine(face, other)


def test_the_order_of_the_frames_does_not_matter() -> None:
    chance = np.random.default_rng(5)
    shown = frames(vector(chance), chance, count=4)
    weights = [0.2, 0.5, 1.0, 0.7]
    assert np.allclose(merged(shown, weights), merged(shown[::-1], weights[::-1]), atol=1e-5)


@pytest.mark.parametrize(
    ("count", "weights"),
    [(0, []), (2, [1.0]), (2, [0.0, 0.0]), (2, [1.0, -1.0]), (2, [1.0, float("nan")])],
    ids=["nothing", "a weight short", "no weight", "negative", "no number"],
)
def test_what_cannot_be_merged_is_refused(count: int, weights: list[float]) -> None:
    chance = np.random.default_rng(6)
    with pytest.raises(ValueError, match="weights"):
        merged([vector(chance) for _ in range(count)], weights)
