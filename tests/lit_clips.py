"""Clips of the studio as they come out when the screen shows colours meanwhile. Synthetic."""

from collections.abc import Iterator

from app.demo.clips import Camera, encode, frames_of
from app.demo.reading import Image
from app.demo.tint import lit
from biometrics.mesh import Mesh, square_of_mesh
from biometrics.models import ModelStore
from biometrics.reading import Nets, read_face
from domain.light import Light

SCREEN = 0.4  # of the room's light: indoors, screen at full brightness, a forearm away
LATE_MS = 60


def lit_clip(clip: bytes, light: Light, *, strength: float = SCREEN, behind: float = 0.15) -> bytes:
    """`clip` recorded again before a screen that shows `light`; the room stays as it was."""
    return encode(_lit(clip, light, strength=strength, behind=behind), Camera())


def _lit(
    clip: bytes, light: Light, *, strength: float, behind: float
) -> Iterator[tuple[int, Image]]:
    nets, mesh = Nets(ModelStore(), passive=False), None
    for at_ms, picture in frames_of(clip):
        colour = next(
            (s.colour for s in light.segments if s.from_ms <= at_ms - LATE_MS < s.to_ms), None
        )
        mesh = _followed(nets, picture, mesh) if colour else mesh
        if colour is None or mesh is None:
            yield at_ms, picture
        else:
            yield at_ms, lit(picture, mesh, colour, strength=strength, behind=behind)


def _followed(nets: Nets, picture: Image, mesh: Mesh | None) -> Mesh | None:
    if mesh is not None:
        return nets.mesh.fit(picture, square_of_mesh(mesh))
    reading = read_face(nets, picture)
    return None if reading is None else reading.mesh
