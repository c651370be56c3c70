"""Why a face case came to what it came to, and how good or bad each reason is for it."""

from collections.abc import Iterable, Mapping
from enum import IntEnum, StrEnum

from domain.biometric import MediaFault


class Standing(IntEnum):
    """How good a finding is for the case; the lowest one decides.

    A suspicion goes to a human at once, even when something else could be tried again: another
    try would only teach an impostor. Doubt goes to a human when trying again would not help.
    """

    SUSPECT = 0  # review
    AGAIN = 1  # retry while tries are left, then review
    DOUBT = 2  # review
    CLEAR = 3  # pass


class Reason(StrEnum):
    """Why; each has its words in `field_app_spec/reason_codes.json`."""

    FACE_MATCHES = "face_matches"

    FACE_UNCERTAIN = "face_uncertain"
    FACE_DIFFERS = "face_differs"
    SELFIE_NOT_IN_CLIP = "selfie_not_in_clip"
    NO_REFERENCE = "no_reference"
    NO_CLIP = "no_clip"
    NO_CHALLENGE = "no_challenge"
    CLIP_FROM_FILE = "clip_from_file"
    CHALLENGE_LIMITED = "challenge_limited"  # too few kinds of movement to prove much
    CHALLENGE_WEAK = "challenge_weak"
    CHALLENGE_BLINK_UNSEEN = "challenge_blink_unseen"
    FLAGGED_BY_LEAD = "flagged_by_lead"
    TRIES_EXHAUSTED = "tries_exhausted"
    MODEL_MISSING = "model_missing"  # the result does not say which models measured it
    NOT_MEASURED = "not_measured"

    DEPTH_UNSEEN = "depth_unseen"
    LIGHT_UNSEEN = "light_unseen"  # policy requires the screen's colours, and they cannot be told
    LIGHT_DOUBTFUL = "light_doubtful"
    SECOND_DIFFERS = "second_differs"  # the second matcher takes the face for another person's
    LEARNT_ONLY = "learnt_only"  # like what was learnt from earlier selfies, unlike the anchor

    STILL_IMAGE = "still_image"
    PERSON_CHANGED = "person_changed"
    FLAT_FACE = "flat_face"
    CLIP_SPLICED = "clip_spliced"
    CLIP_SEEN_BEFORE = "clip_seen_before"
    INJECTION_SUSPECTED = "injection_suspected"
    SCREEN_OR_PRINT = "screen_or_print"
    LIGHT_CONTRADICTS = "light_contradicts"  # the face took on other colours than the screen showed

    CHALLENGE_MISSING = "challenge_missing"
    CHALLENGE_UNSEEN = "challenge_unseen"
    CHALLENGE_WRONG_SEQUENCE = "challenge_wrong_sequence"

    SELFIE_UNREADABLE = "selfie_unreadable"
    SELFIE_WRONG_TYPE = "selfie_wrong_type"
    SELFIE_TOO_LARGE = "selfie_too_large"
    SELFIE_TOO_SHORT = "selfie_too_short"
    SELFIE_TOO_FEW_FRAMES = "selfie_too_few_frames"
    SELFIE_DECODER_FAILED = "selfie_decoder_failed"
    SELFIE_NO_FACE = "selfie_no_face"
    SELFIE_SEVERAL_FACES = "selfie_several_faces"
    SELFIE_HALF_FACE = "selfie_half_face"
    SELFIE_FACE_TOO_SMALL = "selfie_face_too_small"
    SELFIE_TOO_DARK = "selfie_too_dark"
    SELFIE_TOO_BRIGHT = "selfie_too_bright"
    SELFIE_BLURRED = "selfie_blurred"
    SELFIE_TURNED_AWAY = "selfie_turned_away"
    SELFIE_NOT_A_PHOTO = "selfie_not_a_photo"

    VIDEO_UNREADABLE = "video_unreadable"
    VIDEO_WRONG_TYPE = "video_wrong_type"
    VIDEO_TOO_LARGE = "video_too_large"
    VIDEO_TOO_SHORT = "video_too_short"
    VIDEO_TOO_FEW_FRAMES = "video_too_few_frames"
    VIDEO_DECODER_FAILED = "video_decoder_failed"
    VIDEO_NO_FACE = "video_no_face"
    VIDEO_SEVERAL_FACES = "video_several_faces"
    VIDEO_HALF_FACE = "video_half_face"
    VIDEO_FACE_TOO_SMALL = "video_face_too_small"
    VIDEO_TOO_DARK = "video_too_dark"
    VIDEO_TOO_BRIGHT = "video_too_bright"
    VIDEO_BLURRED = "video_blurred"
    VIDEO_TURNED_AWAY = "video_turned_away"
    VIDEO_NOT_A_PHOTO = "video_not_a_photo"
    VIDEO_FACE_LOST = "video_face_lost"


_STANDING: Mapping[Reason, Standing] = {
    Reason.FACE_MATCHES: Standing.CLEAR,
    Reason.FACE_DIFFERS: Standing.SUSPECT,
    Reason.SELFIE_NOT_IN_CLIP: Standing.SUSPECT,
    Reason.STILL_IMAGE: Standing.SUSPECT,
    Reason.PERSON_CHANGED: Standing.SUSPECT,
    Reason.LEARNT_ONLY: Standing.SUSPECT,
    Reason.FLAT_FACE: Standing.SUSPECT,
    Reason.CLIP_SPLICED: Standing.SUSPECT,
    Reason.CLIP_SEEN_BEFORE: Standing.SUSPECT,
    Reason.INJECTION_SUSPECTED: Standing.SUSPECT,
    Reason.SCREEN_OR_PRINT: Standing.SUSPECT,
    Reason.LIGHT_CONTRADICTS: Standing.SUSPECT,
    Reason.CHALLENGE_MISSING: Standing.AGAIN,
    Reason.CHALLENGE_UNSEEN: Standing.AGAIN,
    Reason.CHALLENGE_WRONG_SEQUENCE: Standing.AGAIN,
    Reason.VIDEO_FACE_LOST: Standing.AGAIN,
}


def selfie_reason(fault: MediaFault) -> Reason:
    """Name the fault as the selfie's."""
    return Reason(f"selfie_{fault}")


def video_reason(fault: MediaFault) -> Reason:
    """Name the fault as the clip's."""
    return Reason(f"video_{fault}")


_FAULTS = frozenset({named(f) for f in MediaFault for named in (selfie_reason, video_reason)})


def standing(reasons: Iterable[Reason]) -> Standing:
    """Tell how a case with these reasons stands: as its worst one does."""
    return min(
        Standing.AGAIN if r in _FAULTS else _STANDING.get(r, Standing.DOUBT) for r in reasons
    )
