"""What may speak against a recording: cues of an injected file, a screen or a print.

A cue is a hint, not a proof. None of them ever passes or fails a case: some together, or one clear
look of a screen or a print, send it to a human. Sources: requirements G1 to G4, biometrics study
3.7 and 3.10.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class CueSource(StrEnum):
    """Where a cue is read from; two cues are independent when their sources differ."""

    FILE = "file"  # container, encoder, track headers
    CLOCK = "clock"  # time stamps of the frames
    SENSOR = "sensor"  # noise, exposure, repeated pictures
    REACTION = "reaction"  # how soon the person follows what is asked
    CLIENT = "client"  # what the recording client says of itself
    SURFACE = "surface"  # looks like a screen or a print


class Cue(StrEnum):
    """One measurable oddity of a recording."""

    ENCODER_TAG = "encoder_tag"  # written by an editing or streaming tool
    CONTAINER_UNLIKE_CLIENT = "container_unlike_client"  # not what the named client records
    STEADY_CLOCK = "steady_clock"  # time stamps without the unsteadiness of a camera
    REPEATED_FRAMES = "repeated_frames"  # one picture stands again and again, or a stretch loops
    NOISE_MISSING = "noise_missing"  # pictures without a sensor's noise
    PROMPT_REACTION = "prompt_reaction"  # movements begin too soon, or always equally soon
    VIRTUAL_CAMERA = "virtual_camera"  # the client names a camera made of software
    SIZE_UNLIKE_CLIENT = "size_unlike_client"  # a picture size that the named client never has
    MOIRE = "moire"  # the grid of a screen
    STRAIGHT_EDGES = "straight_edges"  # edges of a screen or a sheet run before the body
    PASSIVE_MODEL = "passive_model"  # a learned model takes it for a spoof (weak provenance)
    PALE_COLOURS = "pale_colours"  # the face is paler than in the selfie, as in print


SOURCE: Mapping[Cue, CueSource] = {
    Cue.ENCODER_TAG: CueSource.FILE,
    Cue.CONTAINER_UNLIKE_CLIENT: CueSource.FILE,
    Cue.STEADY_CLOCK: CueSource.CLOCK,
    Cue.REPEATED_FRAMES: CueSource.SENSOR,
    Cue.NOISE_MISSING: CueSource.SENSOR,
    Cue.PROMPT_REACTION: CueSource.REACTION,
    Cue.VIRTUAL_CAMERA: CueSource.CLIENT,
    Cue.SIZE_UNLIKE_CLIENT: CueSource.CLIENT,
    Cue.MOIRE: CueSource.SURFACE,
    Cue.STRAIGHT_EDGES: CueSource.SURFACE,
    Cue.PASSIVE_MODEL: CueSource.SURFACE,
    Cue.PALE_COLOURS: CueSource.SURFACE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CueScore:
    """One cue as measured: `value / limit` tells how far it goes, 1.0 and more is a finding."""

    cue: Cue
    value: float  # larger speaks more against the recording
    limit: float
    at_ms: int | None = None  # moment of the clip where it is clearest

    @property
    def found(self) -> bool:
        """Tell whether the oddity is there."""
        return self.value >= self.limit


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingClient:
    """What the client said of itself when it sent the clip. Everything may be a lie."""

    user_agent: str | None = None
    camera_label: str | None = None
    from_file: bool = False  # chosen from the phone's files: the page could not record it itself


def injected(cues: Iterable[CueScore]) -> tuple[CueScore, ...]:
    """Return the findings that do not come from a surface, when two sources agree; else nothing."""
    found = tuple(c for c in cues if c.found and SOURCE[c.cue] is not CueSource.SURFACE)
    return found if len({SOURCE[c.cue] for c in found}) >= 2 else ()


def on_surface(cues: Iterable[CueScore]) -> tuple[CueScore, ...]:
    """Return the findings that a screen or a print shows."""
    return tuple(c for c in cues if c.found and SOURCE[c.cue] is CueSource.SURFACE)
