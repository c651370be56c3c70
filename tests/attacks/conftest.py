"""A small bench, made once per worker: each presentation when a test first asks for it."""

from collections.abc import Callable, Iterator

import pytest

from app.attacks.registry import SPECIES
from app.attacks.sitters import Sitter, heads, portraits
from app.attacks.species import Presentation
from app.attacks.stage import SCALES, Crew, Setting, Size
from app.demo.cast import Cast
from app.demo.portraits import default_home
from biometrics.engine import FaceEngine, Reference

SEED = 11
Settings = Callable[[int], Setting]
People = Callable[[Sitter], tuple[bytes, Reference]]
Presented = Callable[[str, int], Presentation]


@pytest.fixture(scope="session")
def crew() -> Crew:
    home = default_home()
    cast = Cast(home / "portraits", home / "models")
    return Crew(portraits=portraits(cast), heads=heads())


@pytest.fixture(scope="session")
def settings(crew: Crew) -> Settings:
    made: dict[int, Setting] = {}

    def setting(number: int) -> Setting:
        if number not in made:
            made[number] = Setting(crew, SCALES[Size.SMALL], seed=SEED, number=number)
        return made[number]

    return setting


@pytest.fixture(scope="session")
def presented(settings: Settings) -> Presented:
    kept: dict[tuple[str, int], Presentation] = {}

    def presentation(species: str, number: int) -> Presentation:
        if (species, number) not in kept:
            kept[species, number] = SPECIES[species].make(settings(number))
        return kept[species, number]

    return presentation


@pytest.fixture(scope="session")
def engine() -> Iterator[FaceEngine]:
    with FaceEngine() as engine:
        yield engine


@pytest.fixture(scope="session")
def people(engine: FaceEngine) -> People:
    """Everybody's selfie, and what was kept from their enrolment."""
    known: dict[str, tuple[bytes, Reference]] = {}

    def photos(who: Sitter) -> tuple[bytes, Reference]:
        if who.name not in known:
            enrolled = engine.template(who.enrolled(1)[0]).embedding
            assert enrolled is not None, f"{who.name} cannot be enrolled"
            known[who.name] = (who.selfie(1), enrolled)
        return known[who.name]

    return photos
