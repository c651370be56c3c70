"""Pictures that never saw a lens, handed in as if they had."""

from collections.abc import Sequence
from dataclasses import replace

from app.attacks.devices import VIRTUAL_LABEL
from app.attacks.species import Expectation, Presentation, Species, attack
from app.attacks.stage import Setting
from app.demo.containers import Writer
from app.demo.reading import Image

_LOOP_MS = 1600


def _animated(setting: Setting) -> Presentation:
    """Deliver the animated photo: no noise, on the dot; one in three inside a browser's own file.

    The camera's label is given away by one in two: a page can ask for it, an attacker can hide it.
    """
    return _injected(setting, setting.answer_pictures)


def _looped(setting: Setting) -> Presentation:
    """Deliver the same short stretch of a phone's recording over and over."""
    stretch = [picture for at, picture in setting.earlier_frames if at < _LOOP_MS]
    count = len(setting.even_times())
    return _injected(setting, [stretch[number % len(stretch)] for number in range(count)])


def _injected(setting: Setting, pictures: Sequence[Image]) -> Presentation:
    in_browser = setting.number % 3 == 2
    writer = setting.camera.writer if in_browser else Writer.TOOL
    camera = replace(setting.camera, writer=writer, jitter=0)
    label = VIRTUAL_LABEL if setting.number % 2 else setting.device.camera_label
    return Presentation(
        clip=setting.wrapped(pictures, camera=camera),
        device=setting.device,
        camera_label=label,
    )


SPECIES: tuple[Species, ...] = (
    attack(
        "animated_virtual_camera",
        "an animated photo that answers rightly, through a virtual camera",
        _animated,
        Expectation.RARELY_PASSES,
    ),
    attack("looped_stream", "a short stretch of a recording, over and over", _looped),
)
