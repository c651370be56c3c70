"""The thresholds that a face case is held to."""

from dataclasses import dataclass
from math import inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Thresholds, from policy. Similarities are SFace cosines. Raises `ValueError`."""

    accept: float = 0.47
    review: float = 0.33
    selfie_to_clip: float = 0.40  # lowest good frame against the selfie
    self_similarity: float = 0.35  # lowest pair of good frames
    stillness: float = 0.997  # ceiling: a still human stays under 0.995, a picture over 0.999
    depth: float = 1.0  # parallax of the nose over that of the flattest real one
    likeness: float = 1.0  # ceiling: at and above it two clips are one recording
    face_fraction: float = 0.6
    frames: int = 30
    steps: int = 3
    distinct_actions: int = 2  # kinds of movement other than blinking
    references: int = 1
    light_snr: float = 3.0  # below it the room is too bright to tell the screen's colours
    light_follows: float = 0.7  # correlation of the face's colours with those shown
    light_contradicts: float = 0.35  # below it the face took on other colours
    light_ratio: float = 1.5  # of the face's answer over the wall's
    light_required: bool = False  # colours that cannot be told: a human looks
    second_distance: float | None = None  # farther is another person; None: nobody asks

    def __post_init__(self) -> None:
        if not 0 < self.review < self.accept < 1:
            raise ValueError("limits must hold 0 < review < accept < 1")
        shares = (self.selfie_to_clip, self.self_similarity, self.stillness, self.face_fraction)
        if not all(0 < share < 1 for share in shares):
            raise ValueError("every limit of a share or a cosine lies between 0 and 1")
        if not (0 < self.depth < inf and 0 < self.likeness < inf):
            raise ValueError("the limits of depth and likeness are ratios above 0")
        if not 0 < self.light_contradicts < self.light_follows < 1:
            raise ValueError("limits must hold 0 < light_contradicts < light_follows < 1")
        ratios = (self.light_snr, self.light_ratio, self.second_distance)
        if not all(0 < ratio < inf for ratio in ratios if ratio is not None):
            raise ValueError("the limits of light and of the second distance lie above 0")
        if min(self.frames, self.steps, self.distinct_actions, self.references) < 1:
            raise ValueError("a limit of a count is at least 1")
