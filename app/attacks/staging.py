"""One attack on one person before a given challenge: what a demonstration needs."""

from dataclasses import dataclass, replace

from app.attacks.devices import VGA_VP8
from app.attacks.registry import SPECIES
from app.attacks.sitters import Portrait, portraits
from app.attacks.stage import SCALES, Crew, Setting, Size
from app.demo.cast import Cast
from app.demo.clips import Camera
from domain.challenge import Challenge


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Who is attacked, and what the phone that is asked would do."""

    person: str
    challenge: Challenge
    camera: Camera
    seed: int


def staged(cast: Cast, species: str, part: Part, *, earlier: bytes | None) -> bytes:
    """Make the clip. `earlier` is what replays are made of. Raises `KeyError`."""
    setting = Setting(Crew(portraits=portraits(cast)), SCALES[Size.FULL], seed=part.seed, number=0)
    others = [sitter for sitter in portraits(cast) if sitter.name != part.person]
    setting.sitter = setting.portrait = Portrait(cast=cast, name=part.person)
    setting.other = others[0]
    setting.device = replace(VGA_VP8, camera=part.camera)
    setting.challenge = part.challenge
    if earlier is not None:
        setting.earlier_clip = earlier
    return SPECIES[species].make(setting).clip
