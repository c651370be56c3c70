"""What speaks against a recording, cue by cue; none of them judges alone (`domain.capture`)."""

from biometrics.cues.gauge import CueGauge

__all__ = ["CueGauge"]
