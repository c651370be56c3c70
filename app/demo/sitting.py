"""Who sits for the demo township: the pinned portraits and rendered heads, photographed and filmed.

What was made once is kept in the home, beside the other media of the demo.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from app.attacks.devices import VGA_VP8
from app.attacks.making import bench_version
from app.attacks.registry import SPECIES
from app.attacks.sitters import Sitter, heads, portraits
from app.attacks.stage import Crew, Scale, Setting
from app.demo.cast import Cast
from app.demo.library import ClipLibrary
from app.demo.profiles import PROFILES
from app.demo.script import Behaviour, perform
from app.demo.studio import Studio
from domain.challenge import Challenge, to_json


class Photo(StrEnum):
    """What a still picture is for."""

    ENROLLED = "enrolled"
    SELFIE = "selfie"


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """What stands before the lens: somebody who acts, or an attack of the bench by its name."""

    face: str
    behaviour: Behaviour = Behaviour.ANSWERS
    profile: str = "plain"
    species: str | None = None
    seed: int = 0


class Sittings:
    """Makes media of sitters by name and keeps them. Not thread-safe."""

    def __init__(self, home: Path) -> None:
        """Find models and portraits in `home`. Raises `PortraitUnusable` when one is asked for."""
        cast = Cast(home / "portraits", home / "models")
        self._portraits = portraits(cast)
        everybody: list[Sitter] = [*self._portraits, *heads()]
        self._sitters = {sitter.name: sitter for sitter in everybody}
        self._library = ClipLibrary(home / "clips")
        self.studio = Studio(cast, self._library)

    def photo(self, face: str, kind: Photo, *, seed: int = 0) -> bytes:
        """JPEG of one still picture."""
        sitter = self._sitters[face]
        make: dict[Photo, Callable[[], bytes]] = {
            Photo.ENROLLED: lambda: sitter.enrolled(seed)[0],
            Photo.SELFIE: lambda: sitter.selfie(seed),
        }
        made_from = {"kind": f"sitting_{kind}", "face": face, "seed": seed}
        return self._library.get({**made_from, "bench": bench_version()}, make[kind])

    def clip(self, take: Take, challenge: Challenge, *, earlier: bytes | None = None) -> bytes:
        """Film a take before this challenge. `earlier` is the clip that replays are made of."""
        made_from = {
            "kind": "sitting_clip",
            "face": take.face,
            "behaviour": take.behaviour.value,
            "profile": take.profile,
            "species": take.species,
            "seed": take.seed,
            "steps": to_json(challenge)["steps"],
            "duration_ms": challenge.duration_ms,
            "replays": earlier is not None,
            "bench": bench_version(),
        }
        return self._library.get(made_from, lambda: self._filmed(take, challenge, earlier))

    def _filmed(self, take: Take, challenge: Challenge, earlier: bytes | None) -> bytes:
        setting = Setting(Crew(portraits=self._portraits), Scale(), seed=take.seed, number=0)
        setting.sitter = self._sitters[take.face]
        setting.portrait = next((p for p in self._portraits if p.name == take.face), setting.other)
        setting.device = replace(VGA_VP8, camera=replace(VGA_VP8.camera, jitter=0.3))
        setting.challenge = challenge
        if earlier is not None:
            setting.earlier_clip = earlier
        if take.species is not None:
            return SPECIES[take.species].make(setting).clip
        return _acted(setting, take)


def _acted(setting: Setting, take: Take) -> bytes:
    manner = PROFILES[take.profile].manner
    performance = perform(setting.challenge, take.behaviour, seed=take.seed + 1, manner=manner)
    subject = setting.before(setting.sitter, setting.camera)
    return setting.filmed(
        lambda at_ms, number: subject.frame(performance.pose_at(at_ms), number=number),
        setting.challenge.duration_ms,
        take=50,
    )
