"""What is gathered beside the face while a clip is played: fingerprints and cues."""

from biometrics.backdrop import cut_of
from biometrics.container import read_container
from biometrics.continuity import TakeWatch
from biometrics.cues.gauge import CueGauge
from biometrics.detector import Image
from biometrics.fingerprint import ClipFingerprint, FrameHasher, fingerprint_of, track_of
from biometrics.light import LightGauge, evened
from biometrics.mesh import Mesh
from biometrics.passive import Passive
from biometrics.track import Tracker
from domain.biometric import Continuity, StepScore
from domain.capture import CueScore, RecordingClient
from domain.light import Light, LightMeasure


class Watch:
    """One per clip. `take` sees every upright frame, `detail` some middles as recorded."""

    def __init__(
        self, content: bytes, passive: Passive | None, *, light: Light | None = None
    ) -> None:
        self._facts = read_container(content)
        self._gauge = CueGauge(passive)
        self._hasher = FrameHasher()
        self._takes = TakeWatch()
        self._light = None if light is None else LightGauge(light)

    def take(self, at_ms: float, picture: Image, mesh: Mesh | None) -> None:
        """Look at one frame."""
        self._hasher.take(at_ms, picture)
        self._gauge.take(at_ms, picture, mesh)
        if self._light is not None:
            self._light.take(at_ms, picture, mesh)
        else:  # colours on the screen would be taken for another day's light
            self._takes.take(at_ms, picture, mesh)

    def detail(self, at_ms: float, crop: Image) -> None:
        """Look at the middle of one frame, not resized."""
        self._gauge.detail(at_ms, crop)

    def cues(
        self, steps: tuple[StepScore, ...], client: RecordingClient | None
    ) -> tuple[CueScore, ...]:
        """Return all cues that could be measured."""
        return self._gauge.cues(self._facts, steps, client)

    def light(self) -> LightMeasure | None:
        """Return what the screen's colours did; None when none were asked for."""
        return None if self._light is None else self._light.measure()

    def with_backdrop(self, found: Continuity) -> Continuity:
        """Add what the backdrop says of cuts."""
        thumbs = self._hasher.thumbs
        seen = cut_of(self._hasher.at_ms, evened(thumbs) if self._light else thumbs)
        worst, at_ms = max(seen, self._takes.cut(), key=lambda cut: cut[0])
        if worst <= found.worst:
            return found
        return Continuity(
            jumps=found.jumps + int(worst >= 1.0),
            worst=worst,
            at_ms=None if at_ms is None else round(at_ms),
        )

    def fingerprint(self, tracker: Tracker) -> ClipFingerprint | None:
        """Return what a later clip is compared with; None when the clip says too little."""
        return fingerprint_of(self._hasher, track_of(tracker.frames))
