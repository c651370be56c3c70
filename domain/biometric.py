"""Values that faces are spoken of in: `biometrics` measures them, `domain.decision` judges them.

Scores are plain floats in the unit their docstring names. A missing score is None and never helps.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from domain.capture import CueScore
from domain.challenge import Action
from domain.light import LightMeasure
from domain.second_opinion import SecondMeasure


class MediaFault(StrEnum):
    """Why a photo or clip cannot be used, or not fully; each has its own words for the person."""

    UNREADABLE = "unreadable"  # not an image or clip that we can decode
    WRONG_TYPE = "wrong_type"  # container or codec outside the allow-list
    TOO_LARGE = "too_large"  # bytes, pixels, frames or seconds over the cap
    TOO_SHORT = "too_short"  # clip ends before its challenge does
    TOO_FEW_FRAMES = "too_few_frames"  # under the frame rate that timing needs
    DECODER_FAILED = "decoder_failed"  # the sandboxed decoder died or ran out of its limits
    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    HALF_FACE = "half_face"  # cut by the frame's edge or covered
    FACE_TOO_SMALL = "face_too_small"
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    BLURRED = "blurred"
    TURNED_AWAY = "turned_away"  # a still photo not seen from the front
    NOT_A_PHOTO = "not_a_photo"  # drawing, statue, flat colour


class StepGrade(StrEnum):
    """How well one challenge step was seen, weakest claim last."""

    SEEN = "seen"
    WEAK = "weak"  # some movement, under the threshold or off in time
    MISSING = "missing"  # nothing to be seen, the face was visible
    UNSEEN = "unseen"  # the face was not measurable then: says nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class StepScore:
    """One challenge step as measured. Times are milliseconds of clip time."""

    action: Action
    grade: StepGrade
    strength: float  # measured movement / required movement, >= 0
    onset_ms: int  # when the challenge asked for it
    at_ms: int | None  # when the movement peaked
    began_ms: int | None = None  # when it left rest


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoMeasure:
    """One still photo (selfie, reference, visit photo)."""

    faults: tuple[MediaFault, ...]
    similarity: float | None  # best SFace cosine against the reference set, -1..1
    quality: float | None  # 0..1, for ordering only
    rotation_deg: int = 0  # rotation that made the face upright: 0, 90, 180, 270
    closed_eyes: bool = False
    similarity_to_anchor: float | None = None  # best cosine against what was not learnt by itself
    log10_lr: float | None = None  # what the similarity weighs, calibrated; for the reviewer


@dataclass(frozen=True, slots=True, kw_only=True)
class Depth:
    """How far the nose stands out of the face, from its parallax while the view turns.

    `ratio` is what is certain of the nose's share in the motion, over what the flattest real nose
    shows at the same turn; `most` is what is possible. A print, flat or bent, stays under 1.0 with
    the first, a head reaches 1.0 with the second. None: the view did not turn far enough to tell.
    """

    ratio: float | None
    span_deg: float  # how far the view turned, across or nodding, both sides together
    pairs: int  # pairs of frames that were compared
    most: float | None = None
    follows: float | None = None  # -1..1, how well it grows with the turn and changes its sign
    at_ms: int | None = None  # where the view was turned the farthest


@dataclass(frozen=True, slots=True, kw_only=True)
class Continuity:
    """Whether the clip is one recording of one head: a cut or a swap shows as a jump."""

    jumps: int  # moments at which face, place or background changed at once
    worst: float  # largest change from one picture to the next, over what a head can do
    at_ms: int | None = None  # where the worst one is


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierClip:
    """The clip on record that is nearest to this one."""

    id: str  # of the submission or visit that sent it
    likeness: float  # >= 1.0: the same recording, whatever was done to it
    by: str  # "frames" or "motion": which of the two fingerprints is alike
    shift_ms: int  # by how much this clip begins later than that one


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipMeasure:
    """One liveness clip, measured on timestamps."""

    faults: tuple[MediaFault, ...]
    similarity: float | None  # best-frame SFace cosine against the reference set
    similarity_to_selfie: float | None  # lowest cosine of a good frame against the selfie
    self_similarity: float | None  # lowest cosine between good frames: a change of person shows
    stillness: float | None  # mean cosine of neighbouring good frames; 1.0 = a still image
    unasked_actions: tuple[Action, ...]  # clear movements outside every step's window
    steps: tuple[StepScore, ...]
    duration_ms: int
    frames: int
    face_fraction: float  # share of sampled frames with exactly one face, 0..1
    best_frame_ms: int | None
    similarity_to_anchor: float | None = None
    log10_lr: float | None = None
    depth: Depth | None = None
    continuity: Continuity | None = None
    cues: tuple[CueScore, ...] = ()
    earlier: EarlierClip | None = None  # nearest of all that was searched; None: nothing is near
    light: LightMeasure | None = None  # None: the screen showed no colours


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceEvidence:
    """All that one case measured. `clip` is None when there was none or no challenge for it."""

    references: int  # how many usable reference photos were compared
    selfie: PhotoMeasure
    clip: ClipMeasure | None
    models: Mapping[str, str] = field(default_factory=dict)  # role -> "name@sha256[:12]"
    clip_without_challenge: bool = False  # a clip came, but nothing says what it should show
    clip_from_file: bool = False  # chosen as a file; no page watched it being recorded
    second: SecondMeasure | None = None  # None: nobody asked the second matcher
