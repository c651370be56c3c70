"""All media that the demo and the tests need, by person and by what should be right or wrong.

studio = Studio.open()
clip = studio.clip("p1", challenge, behaviour=Behaviour.ANSWERS)
photo = studio.selfie("p1", Selfie.IN_BED)
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path

from app.attacks.making import bench_version
from app.attacks.staging import Part, staged
from app.demo.cast import ROLES, Cast
from app.demo.clips import Camera, encode
from app.demo.held_photo import HeldPhoto, hand_shake
from app.demo.library import ClipLibrary
from app.demo.phone import Phone
from app.demo.photos import Reference, Selfie, day_light, reference, selfie, visit_photos
from app.demo.portraits import Portrait, catalogue, default_home, fetch_portraits
from app.demo.puppet import Framing, Puppet
from app.demo.reading import Image
from app.demo.scenes import room
from app.demo.script import Behaviour, Performance, perform
from app.model_files import fetch_models
from domain.challenge import Challenge, to_json

_TAIL_MS = 150  # a person stops the recording a little after the challenge has ended
_PHOTO_PARTS = ("person", "person_with_id_card", "doorway")


class Studio:
    """Makes media and keeps them. Not thread-safe; open one per worker."""

    def __init__(self, cast: Cast, library: ClipLibrary) -> None:
        self._cast = cast
        self._library = library

    @classmethod
    def open(cls, home: Path | None = None) -> "Studio":
        """Needs the models and portraits in `home`. Raises `ModelError` or `PortraitUnusable`."""
        root = default_home() if home is None else home
        return cls(Cast(root / "portraits", root / "models"), ClipLibrary(root / "clips"))

    @staticmethod
    def fetch(report: Callable[[str], None], home: Path | None = None) -> None:
        """Bring models and portraits into `home`. Raises `FetchFailed`."""
        root = default_home() if home is None else home
        fetch_models(root / "models", report)
        fetch_portraits(root / "portraits", report)

    def portraits(self) -> Mapping[str, tuple[Portrait, ...]]:
        """Per person, the pinned portraits: `p1` has several, `p2` and `p3` one each."""
        return {p: tuple(c for c in catalogue() if c.person == p) for p in ROLES}

    def clip(
        self,
        person: str,
        challenge: Challenge,
        *,
        behaviour: Behaviour = Behaviour.ANSWERS,
        camera: Camera | None = None,
        seed: int = 0,
    ) -> bytes:
        """Film `person` before this challenge with that person's phone, recorded as `camera` does.

        A held photo comes through the phone too: it is what stands before it that is wrong.
        """
        chosen = camera or Camera()
        actor = _next_person(person) if behaviour is Behaviour.OTHER else person
        made_from = {
            "kind": "clip",
            "portrait": self._digest(ROLES[actor].moves),
            "steps": to_json(challenge)["steps"],
            "duration_ms": challenge.duration_ms,
            "behaviour": behaviour.value,
            "camera": asdict(chosen),
            "seed": seed,
        }
        performance = perform(challenge, behaviour, seed=seed)

        def make() -> bytes:
            frames = self._frames(actor, behaviour, performance, camera=chosen, seed=seed)
            return encode(frames, chosen)

        return self._library.get(made_from, make)

    def attack(
        self,
        person: str,
        species: str,
        challenge: Challenge,
        *,
        camera: Camera | None = None,
        seed: int = 0,
        earlier: bytes | None = None,
    ) -> bytes:
        """Attack the account of `person` before this challenge (names: `jianzai attacks list`).

        `earlier` is the clip on record that a replay is made of; without it one is made up. Raises
        `KeyError` for an unknown species.
        """
        part = Part(person=person, challenge=challenge, camera=camera or Camera(), seed=seed)
        made_from = {
            "kind": "attack",
            "bench": bench_version(),
            "portrait": self._digest(ROLES[person].moves),
            "species": species,
            "steps": to_json(challenge)["steps"],
            "duration_ms": challenge.duration_ms,
            "camera": asdict(part.camera),
            "seed": seed,
            "earlier": hashlib.sha256(earlier or b"").hexdigest(),
        }
        return self._library.get(
            made_from, lambda: staged(self._cast, species, part, earlier=earlier)
        )

    def selfie(self, person: str, variant: Selfie = Selfie.GOOD, *, seed: int = 0) -> bytes:
        """JPEG. Raises `ValueError` for `OTHER_PHOTO` of a person with a single portrait."""
        return self._kept(
            "selfie",
            person,
            variant,
            seed=seed,
            make=lambda: selfie(self._cast, person, variant, seed=seed),
        )

    def reference(
        self, person: str, variant: Reference = Reference.PHOTO, *, seed: int = 0
    ) -> bytes:
        """JPEG of an enrolled photo; for `p1` made of another portrait than clips and selfies."""
        return self._kept(
            "reference",
            person,
            variant,
            seed=seed,
            make=lambda: reference(self._cast, person, variant, seed=seed),
        )

    def visit_photos(self, person: str, *, seed: int = 0) -> dict[str, bytes]:
        """JPEGs `person`, `person_with_id_card`, `doorway`."""
        made: dict[str, bytes] = {}

        def make(part: str) -> Callable[[], bytes]:
            def part_of_visit() -> bytes:
                if not made:
                    made.update(visit_photos(self._cast, person, seed=seed))
                return made[part]

            return part_of_visit

        return {
            part: self._kept("visit", person, part, seed=seed, make=make(part))
            for part in _PHOTO_PARTS
        }

    def _frames(
        self,
        actor: str,
        behaviour: Behaviour,
        performance: Performance,
        *,
        camera: Camera,
        seed: int,
    ) -> Iterator[tuple[int, Image]]:
        subject = self._subject(actor, behaviour, camera=camera, seed=seed)
        phone = Phone(camera, owner=list(ROLES).index(actor), take=seed)
        still = behaviour is Behaviour.STILL

        def scene(at_ms: int, number: int) -> Image:
            pose = performance.pose_at(at_ms)
            return subject.frame(hand_shake(pose) if still else pose, number=number)

        yield from phone.film(scene, performance.duration_ms + _TAIL_MS, seed=seed)

    def _subject(
        self, actor: str, behaviour: Behaviour, *, camera: Camera, seed: int
    ) -> Puppet | HeldPhoto:
        """Put before the camera the person, or a photo of the person."""
        framing = _framing(camera)
        wall, light = (
            room(camera.width, camera.height, seed=seed),
            replace(day_light(seed), noise=0),
        )
        file = ROLES[actor].moves
        if behaviour not in (Behaviour.STILL, Behaviour.TILTED_PHOTO):
            return Puppet(self._cast.rig(file), framing, wall, light=light, seed=seed)
        paper = Framing(width=480, height=600, face=0.5)
        print_ = self._cast.still(file, paper, room(480, 600, seed=seed + 1))
        return HeldPhoto(print_, framing, wall, light=light, seed=seed)

    def _kept(
        self, kind: str, person: str, variant: str, *, seed: int, make: Callable[[], bytes]
    ) -> bytes:
        role = ROLES[person]
        files = sorted({role.moves, role.enrolled, *role.others})
        made_from = {
            "kind": kind,
            "person": person,
            "portraits": [self._digest(file) for file in files],
            "variant": str(variant),
            "seed": seed,
        }
        return self._library.get(made_from, make)

    def _digest(self, file: str) -> str:
        return {portrait.file: portrait.sha256 for portrait in catalogue()}[file]


def _framing(camera: Camera) -> Framing:
    upright = camera.height > camera.width
    return Framing(width=camera.width, height=camera.height, face=0.46 if upright else 0.26)


def _next_person(person: str) -> str:
    people = list(ROLES)
    return people[(people.index(person) + 1) % len(people)]
