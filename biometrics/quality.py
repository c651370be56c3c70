"""Plain measures of a picture's fitness. Each rule is a number that can be shown and explained.

Limits were set on 155 press photos at 150 to 250 pixels and blurred, darkened, brightened, cut and
covered copies of them: no original broke a limit, see the note beside each.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.detector import Face, Image
from domain.biometric import MediaFault

DARK_LUMA = 40.0  # originals from 62 up; at a fifth of the light at most 35
BRIGHT_LUMA = 220.0  # originals up to 183
SHARPNESS_MIN = 0.018  # originals from 0.031; blurred by 1/24 of the eye distance: median 0.016
FLAT_SHARE_MAX = 0.5  # originals up to 0.40; drawings made of photos: from 0.59 up
HALVES_MIN = 0.4  # originals from 0.57; one half under a flat cover: median 0.43
_FLAT_FACE_PX = 128
_FLAT_STEP = 1.0
_COLOURLESS = 4.0
_BLANK = 0.85
_WHITE, _WHITE_SHARE_MAX = 250, 0.35

_Grey = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """Measures of one aligned face (112x112)."""

    luma: float  # mean brightness, 0..255
    sharpness: float  # variance of the Laplacian over the variance of the picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """`Light`, and more about an aligned face and the picture around its box."""

    light: Light
    halves: float  # fine texture of the plainer half over that of the other, 0..1
    flat_share: float  # share of the face's pixels without any texture, 0..1
    colour: float  # mean distance between the colour channels, 0..255


def look_at(image: Image, face: Face, aligned: Image) -> Look:
    """Measure one face of a still photo."""
    _, edges = _middle(aligned)
    halves = sorted(float(np.abs(half).mean()) for half in np.split(edges, 2, axis=1))
    return Look(
        light=light_of(aligned),
        halves=halves[0] / max(1e-6, halves[1]),
        flat_share=flat_share(_around(image, face)),
        colour=float(np.ptp(aligned.astype(np.int16), axis=2).mean()),
    )


def light_of(aligned: Image) -> Light:
    """Measure the light and the sharpness of one aligned face."""
    grey, edges = _middle(aligned)
    return Light(
        luma=float(grey.mean()), sharpness=float(edges.var() / max(1.0, float(grey.var())))
    )


def fault_of_light(light: Light) -> MediaFault | None:
    """Name what keeps the face from being seen well."""
    if light.luma < DARK_LUMA:
        return MediaFault.TOO_DARK
    if light.luma > BRIGHT_LUMA:
        return MediaFault.TOO_BRIGHT
    return MediaFault.BLURRED if light.sharpness < SHARPNESS_MIN else None


def faults_of(look: Look) -> tuple[MediaFault, ...]:
    """Name what is wrong with light and picture; light first, as it explains the rest."""
    of_light = fault_of_light(look.light)
    if of_light is not None:
        return (of_light,)
    if look.flat_share > FLAT_SHARE_MAX:
        return (MediaFault.NOT_A_PHOTO,)
    return (MediaFault.HALF_FACE,) if look.halves < HALVES_MIN else ()


def fault_of_doubtful(image: Image, look: Look) -> MediaFault:
    """Name why the detector is hardly sure of a face: a colourless one is most often a drawing."""
    of_exposure = _fault_of_exposure(image)
    if of_exposure is not None:
        return of_exposure
    return MediaFault.NOT_A_PHOTO if look.colour < _COLOURLESS else MediaFault.HALF_FACE


def fault_without_face(image: Image) -> MediaFault:
    """Name why nothing was found: no light, too much of it, no photograph, or simply no face."""
    if flat_share(image) >= _BLANK:
        return MediaFault.NOT_A_PHOTO
    return _fault_of_exposure(image) or MediaFault.NO_FACE


def _fault_of_exposure(image: Image) -> MediaFault | None:
    """Judge the whole picture."""
    if float(_grey(image).mean()) < DARK_LUMA:
        return MediaFault.TOO_DARK
    burnt_out = float((image.min(axis=2) >= _WHITE).mean())
    return MediaFault.TOO_BRIGHT if burnt_out > _WHITE_SHARE_MAX else None


def flat_share(image: Image) -> float:
    """Share of pixels that equal their neighbours; looked at small, as large photos are smooth."""
    scale = _FLAT_FACE_PX / max(1, *image.shape[:2])
    small = image if scale >= 1 else cv2.resize(image, None, fx=scale, fy=scale)
    edges = cv2.Laplacian(_grey(np.asarray(small, np.uint8)), cv2.CV_32F)
    return float((np.abs(edges) <= _FLAT_STEP).mean())


def _middle(aligned: Image) -> tuple[_Grey, _Grey]:
    """Cut off the surroundings: the face, and its edges."""
    grey = _grey(aligned)
    edges = np.asarray(cv2.Laplacian(grey, cv2.CV_32F), np.float32)
    return grey[20:100, 20:92], edges[20:100, 20:92]


def _around(image: Image, face: Face) -> Image:
    x, y, width, height = (int(side) for side in face.box)
    part = image[max(0, y) : y + height, max(0, x) : x + width]
    return part if part.size else image


def _grey(image: Image) -> _Grey:
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.float32)
