"""One liveness clip: frames in, a `ClipMeasure` out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from biometrics.continuity import measure_continuity
from biometrics.cues.paleness import pale_colours
from biometrics.detector import Image
from biometrics.embed import Embedding, cosine
from biometrics.fingerprint import ClipFingerprint
from biometrics.known import Known
from biometrics.merge import merged
from biometrics.movements import Signals, score_steps
from biometrics.parallax import measure_depth, span_of
from biometrics.pose import as_told, neutral_shape, relative_poses
from biometrics.quality import Light, fault_of_light, light_of
from biometrics.reading import Nets
from biometrics.sandbox.decoder import Decoder, Played
from biometrics.track import FrameReading, Shot, Tracker
from biometrics.watch import Watch
from domain.biometric import ClipMeasure, Continuity, Depth, MediaFault
from domain.capture import CueScore, RecordingClient
from domain.challenge import Challenge, Step

_SHOTS = 5
_FEWEST_HZ = 8.0
_LONGEST_GAP_MS = 600.0
_END_TOLERANCE_MS = 150
_FACE_SHARE_MIN = 0.3
_SEVERAL_SHARE_MAX = 0.2
_EYES_PX_MIN = 20.0
_NEUTRAL_FRAMES = 4
_NAN = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a clip should show: the answer to a challenge, given by somebody who is known."""

    challenge: Challenge
    known: Known
    selfie: Embedding | None
    selfie_colour: float | None = None
    client: RecordingClient | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipReading:
    """The measures, and what they were taken from. Empty where nothing could be decoded."""

    measure: ClipMeasure
    signals: Signals | None = None
    best: Image | None = None  # the best frame's face with a margin
    fingerprint: ClipFingerprint | None = None


def read_clip(nets: Nets, decoder: Decoder, content: bytes, asked: Asked) -> ClipReading:
    """Decode, follow, score. Never raises on what the bytes are."""
    watch = Watch(content, nets.passive, light=asked.challenge.light)
    tracker = Tracker(nets, asked.challenge.steps, watch.take)
    played = decoder.clip(content, tracker.take, watch.detail)
    if played.fault is not None:
        return ClipReading(measure=_bare(played))
    signals = _signals(tracker.frames, asked.challenge.steps)
    shots = _best_shots(tracker.shots)
    faces = [nets.embedder.embed(shot.aligned) for shot in shots]
    best = _best_match(faces, asked.known)
    scores, unasked = score_steps(signals, asked.challenge.steps)
    measure = replace(
        _bare(played),
        faults=(
            *_timing_faults(tracker, played, asked.challenge.steps),
            *_face_faults(tracker, shots),
        ),
        unasked_actions=unasked,
        steps=scores,
        face_fraction=tracker.looks_with_one / max(1, tracker.looks),
        best_frame_ms=None if best is None else round(shots[best].at_ms),
        depth=_depth(tracker.frames, signals),
        continuity=watch.with_backdrop(_continuity(tracker.frames, signals, shots, faces)),
        cues=(*watch.cues(scores, asked.client), *_paleness(shots, asked)),
        light=watch.light(),
    )
    return ClipReading(
        measure=_compared(measure, asked, shots, faces),
        signals=signals,
        best=None if best is None else shots[best].portrait,
        fingerprint=watch.fingerprint(tracker),
    )


def _depth(frames: Sequence[FrameReading], signals: Signals) -> Depth:
    """Depth by what the landmarks tell of the turn; how far that was, in true degrees."""
    ways = np.column_stack([signals.yaw_deg, signals.pitch_deg])
    found = measure_depth([frame.view for frame in frames], *as_told(ways).T)
    return replace(found, span_deg=span_of(ways))


def _paleness(shots: Sequence[Shot], asked: Asked) -> tuple[CueScore, ...]:
    """Compare with the selfie, unless the screen's light coloured the face on purpose."""
    if asked.challenge.light is not None:
        return ()
    found = pale_colours([(shot.at_ms, shot.aligned) for shot in shots], asked.selfie_colour)
    return () if found is None else (found,)


def _continuity(
    frames: Sequence[FrameReading],
    signals: Signals,
    shots: Sequence[Shot],
    faces: Sequence[Embedding],
) -> Continuity:
    timed = [(shot.at_ms, face) for shot, face in zip(shots, faces, strict=True)]
    ways = np.column_stack([signals.yaw_deg, signals.pitch_deg])
    return measure_continuity(frames, timed, ways=ways)


def _compared(
    measure: ClipMeasure, asked: Asked, shots: Sequence[Shot], faces: Sequence[Embedding]
) -> ClipMeasure:
    """Say whom the clip shows. Its frames are merged: the best of six would be six chances."""
    if not faces:
        return measure
    face = merged(faces, [1 / (1 + shot.strain) for shot in shots])
    return replace(
        measure,
        similarity=asked.known.similarity(face),
        similarity_to_anchor=asked.known.similarity_to_anchor(face),
        log10_lr=asked.known.log10_lr(face),
        similarity_to_selfie=_lowest_to(asked.selfie, faces),
        self_similarity=_lowest_pair(faces),
        stillness=_stillness(faces),
    )


def _bare(played: Played) -> ClipMeasure:
    """Return the measure of a clip of which nothing but its length is known."""
    return ClipMeasure(
        faults=() if played.fault is None else (played.fault,),
        similarity=None,
        similarity_to_selfie=None,
        self_similarity=None,
        stillness=None,
        unasked_actions=(),
        steps=(),
        duration_ms=played.duration_ms,
        frames=played.frames,
        face_fraction=0.0,
        best_frame_ms=None,
    )


def _signals(frames: Sequence[FrameReading], steps: Sequence[Step]) -> Signals:
    """Turn frames into series; the pose is relative to the frames before the first step."""
    at_ms = np.array([frame.at_ms for frame in frames])
    first_ms = min((step.onset_ms for step in steps), default=0)
    seen = [frame.mesh for frame in frames if frame.mesh is not None]
    before = [f.mesh for f in frames if f.mesh is not None and f.at_ms < first_ms]
    resting = before if len(before) >= _NEUTRAL_FRAMES else seen
    yaw, pitch, roll = (np.full(len(frames), _NAN) for _ in range(3))
    if resting:
        there = [frame.mesh is not None for frame in frames]
        yaw[there], pitch[there], roll[there] = relative_poses(seen, neutral_shape(resting)).T
    return Signals(
        at_ms=at_ms,
        yaw_deg=yaw,
        pitch_deg=pitch,
        roll_deg=roll,
        mouth=np.array([frame.mouth for frame in frames]),
        eye=np.array([frame.eye for frame in frames]),
    )


def _best_shots(shots: Sequence[Shot]) -> list[Shot]:
    """Take the most restful of each fifth of the clip, in order of time."""
    parts = np.array_split(np.arange(len(shots)), _SHOTS)
    return [
        min((shots[index] for index in part), key=lambda shot: shot.strain)
        for part in parts
        if len(part)
    ]


def _best_match(faces: Sequence[Embedding], known: Known) -> int | None:
    """Choose the frame that is most like the person; None without faces to compare."""
    scores = [known.similarity(face) for face in faces]
    named = [(score, index) for index, score in enumerate(scores) if score is not None]
    return max(named, default=(0.0, None))[1]


def _lowest_to(selfie: Embedding | None, faces: Sequence[Embedding]) -> float | None:
    if selfie is None or not faces:
        return None
    return min(cosine(selfie, face) for face in faces)


def _lowest_pair(faces: Sequence[Embedding]) -> float | None:
    pairs = [cosine(a, b) for index, a in enumerate(faces) for b in faces[index + 1 :]]
    return min(pairs, default=None)


def _stillness(faces: Sequence[Embedding]) -> float | None:
    if len(faces) < 2:
        return None
    return float(np.mean([cosine(a, b) for a, b in pairwise(faces)]))


def _timing_faults(
    tracker: Tracker, played: Played, steps: Sequence[Step]
) -> tuple[MediaFault, ...]:
    last_ms = max((step.end_ms for step in steps), default=0)
    if played.duration_ms < last_ms - _END_TOLERANCE_MS:
        return (MediaFault.TOO_SHORT,)
    at_ms = tracker.sampled_ms
    gaps = np.diff(at_ms)
    hz = 1000.0 * len(gaps) / max(1.0, at_ms[-1] - at_ms[0]) if len(gaps) else 0.0
    sparse = hz < _FEWEST_HZ or float(gaps.max()) > _LONGEST_GAP_MS
    return (MediaFault.TOO_FEW_FRAMES,) if sparse else ()


def _face_faults(tracker: Tracker, shots: Sequence[Shot]) -> tuple[MediaFault, ...]:
    several = tracker.looks_with_several / max(1, tracker.looks)
    one = tracker.looks_with_one / max(1, tracker.looks)
    if several > _SEVERAL_SHARE_MAX:
        return (MediaFault.SEVERAL_FACES,)
    if one < _FACE_SHARE_MIN:
        return (MediaFault.NO_FACE,)
    if not shots:
        return (MediaFault.TURNED_AWAY,)
    lights = [light_of(shot.aligned) for shot in shots]
    usual = Light(
        luma=float(np.median([light.luma for light in lights])),
        sharpness=float(np.median([light.sharpness for light in lights])),
    )
    fault = fault_of_light(usual)
    small = float(np.median([shot.eyes_px for shot in shots])) < _EYES_PX_MIN
    return (*((fault,) if fault else ()), *((MediaFault.FACE_TOO_SMALL,) if small else ()))
