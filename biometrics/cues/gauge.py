"""Gathers all cues of one clip while it is played."""

from collections.abc import Sequence

from biometrics.container_facts import ContainerFacts
from biometrics.cues.client import container_unlike_client, size_unlike_client, virtual_camera
from biometrics.cues.edges import LIMIT, EdgeWatch
from biometrics.cues.noise import NoiseWatch
from biometrics.cues.reaction import prompt_reaction
from biometrics.cues.repeats import RepeatWatch
from biometrics.cues.screen import ScreenWatch
from biometrics.cues.timing import steady_clock
from biometrics.cues.writer import encoder_tag
from biometrics.detector import Image
from biometrics.mesh import Mesh
from biometrics.passive import Passive
from domain.biometric import StepScore
from domain.capture import Cue, CueScore, RecordingClient

_PASSIVE_FROM_MS = 250.0
_PASSIVE_EVERY_MS = 1200.0
_PASSIVE_LOOKS = 4
_PASSIVE_SPOOF = 0.93  # "not live" in every look; bona fide clips reach 0.86 against a window


class CueGauge:
    """One per clip: give it every sampled picture and every detail, then ask once."""

    def __init__(self, passive: Passive | None = None) -> None:
        self._repeats = RepeatWatch()
        self._noise = NoiseWatch()
        self._screen = ScreenWatch()
        self._edges = EdgeWatch()
        self._passive = passive
        self._live: list[tuple[float, float]] = []

    def take(self, at_ms: float, picture: Image, mesh: Mesh | None) -> None:
        """Look at one sampled picture (H x W x 3, BGR, long side <= 640), mesh in its pixels."""
        self._repeats.take(at_ms, picture)
        if mesh is not None:
            self._edges.take(at_ms, picture, mesh)
        if mesh is not None and self._passive is not None and self._is_passive_due(at_ms):
            self._live.append((at_ms, self._passive.live(picture, mesh)))

    def detail(self, at_ms: float, crop: Image) -> None:
        """Look at the middle of a picture as it was recorded (BGR, side <= 512 px)."""
        self._noise.take(at_ms, crop)
        self._screen.take(at_ms, crop)

    def cues(
        self,
        facts: ContainerFacts,
        steps: Sequence[StepScore],
        client: RecordingClient | None,
    ) -> tuple[CueScore, ...]:
        """All that could be measured, in the order of `Cue`."""
        measured = (
            encoder_tag(facts),
            container_unlike_client(facts, client),
            steady_clock(facts),
            self._repeats.repeated_frames(),
            self._noise.noise_missing(),
            prompt_reaction(steps),
            virtual_camera(client),
            size_unlike_client(facts, client),
            self._screen.moire(),
            self._straight_edges(),
            self._passive_model(),
        )
        order = list(Cue)
        return tuple(sorted((c for c in measured if c), key=lambda c: order.index(c.cue)))

    def _straight_edges(self) -> CueScore | None:
        share = self._edges.share()
        if share is None:
            return None
        at_ms = round(self._edges.at_ms())
        return CueScore(cue=Cue.STRAIGHT_EDGES, value=share, limit=LIMIT, at_ms=at_ms)

    def _is_passive_due(self, at_ms: float) -> bool:
        if len(self._live) >= _PASSIVE_LOOKS:
            return False
        due = self._live[-1][0] + _PASSIVE_EVERY_MS if self._live else _PASSIVE_FROM_MS
        return at_ms >= due

    def _passive_model(self) -> CueScore | None:
        """How sure the model is even of the look that seems most alive: single looks stray."""
        if not self._live:
            return None
        value = 1.0 - max(live for _, live in self._live)
        worst = min(self._live, key=lambda look: look[1])
        return CueScore(
            cue=Cue.PASSIVE_MODEL, value=value, limit=_PASSIVE_SPOOF, at_ms=round(worst[0])
        )
