"""Whether the face's colours are paler than in the selfie: ink and paper take some of them away.

Selfie and clip are taken one after the other, by one phone in one light, so the skin should be as
colourful in both. Ink does not reach the colours of skin nor the dark that makes them strong, and
what a print shows is paler for it. A selfie that was taken of the same print hides that: this is
one sign among others, and may only send a case to a human.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from biometrics.detector import Image
from domain.capture import Cue, CueScore

_MIDDLE, _AXES = (56, 64), (27, 36)  # of an aligned face: skin from brow to chin, no hair, no wall
_LIMIT = 0.45  # so much is missing; of 250 bona fide clips (synthetic) none lacks over 0.39
_LEAST = 0.1  # a selfie with less colour is grey; skin has from 0.25


def colour_of(aligned: Image) -> float:
    """Median chroma of an aligned face (112x112, BGR) over its median lightness (CIELAB)."""
    skin = np.zeros(aligned.shape[:2], np.uint8)
    cv2.ellipse(skin, _MIDDLE, _AXES, 0, 0, 360, 255, cv2.FILLED)
    lab = cv2.cvtColor(aligned.astype(np.float32) / 255, cv2.COLOR_BGR2LAB)[skin > 0]
    return float(np.median(np.hypot(lab[:, 1], lab[:, 2])) / max(1.0, float(np.median(lab[:, 0]))))


def pale_colours(shots: Sequence[tuple[float, Image]], selfie: float | None) -> CueScore | None:
    """Share of the selfie's colour that the clip's aligned faces (at_ms, picture) lack, 0..1."""
    if selfie is None or selfie < _LEAST or not shots:
        return None
    colours = [colour_of(aligned) for _, aligned in shots]
    lack = 1.0 - float(np.median(colours)) / selfie
    palest = shots[int(np.argmin(colours))][0]
    return CueScore(cue=Cue.PALE_COLOURS, value=max(0.0, lack), limit=_LIMIT, at_ms=round(palest))
