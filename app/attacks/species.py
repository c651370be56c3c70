"""What a species of the bench is, and what one presentation of it consists of."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from app.attacks.devices import Device
from app.attacks.sitters import Sitter
from app.attacks.stage import Setting
from domain.challenge import Challenge


class Kind(StrEnum):
    """Terms of ISO/IEC 30107-3."""

    BONA_FIDE = "bona_fide"
    ATTACK = "attack"


class Expectation(StrEnum):
    """What a correct product does with it."""

    PASSES = "passes"  # bona fide: all but a few
    NEVER_PASSES = "never_passes"
    RARELY_PASSES = "rarely_passes"  # at most 5 % of them
    MAY_PASS = "may_pass"  # the best attack of the bench: the figure is reported as it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Presentation:
    """One clip, and what was handed in with it. Empty `challenge`: that of the setting."""

    clip: bytes
    device: Device
    camera_label: str
    challenge: Challenge | None = None
    who: Sitter | None = None  # the person it is said to be, where that is not the setting's
    earlier: bytes | None = None  # the clip on record that this one was made of
    profile: str = ""
    light: str = "day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Species:
    """One way to present something to the phone, or past it."""

    name: str
    shows: str
    expects: Expectation
    make: Callable[[Setting], Presentation]

    @property
    def kind(self) -> Kind:
        """Bona fide or attack."""
        return Kind.BONA_FIDE if self.expects is Expectation.PASSES else Kind.ATTACK


def attack(
    name: str,
    shows: str,
    make: Callable[[Setting], Presentation],
    expects: Expectation = Expectation.NEVER_PASSES,
) -> Species:
    """Name an attack."""
    return Species(name=name, shows=shows, expects=expects, make=make)


def through_phone(setting: Setting, clip: bytes) -> Presentation:
    """Hand in what the phone filmed."""
    device = setting.device
    return Presentation(clip=clip, device=device, camera_label=device.camera_label)
