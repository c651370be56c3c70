"""What may only send a case to a human: cues of a recording, the screen's colours, a second look.

None of it lets anybody pass and none of it rejects. Sources: requirements G1 to G4, biometrics
study 3.6, 3.7 and 3.10; ADR 0015 and 0018.
"""

from collections.abc import Iterable, Iterator

from domain.biometric import FaceEvidence
from domain.capture import SOURCE, CueScore, CueSource, injected, on_surface
from domain.checks import Check, Finding, finding
from domain.light import LightMeasure
from domain.limits import Limits
from domain.reasons import Reason
from domain.second_opinion import contradicts


def of_cues(cues: Iterable[CueScore]) -> Iterator[Finding]:
    """Put every cue on record; only those that speak together, or show a surface, are held up."""
    scores = tuple(cues)
    together, surface = injected(scores), on_surface(scores)
    for score in scores:
        speaks = score in together or score in surface
        check = Check(
            name=f"cue_{score.cue}",
            value=score.value,
            threshold=score.limit,
            ok=not speaks,
            at_ms=score.at_ms,
        )
        shown = SOURCE[score.cue] is CueSource.SURFACE
        yield finding(check, Reason.SCREEN_OR_PRINT if shown else Reason.INJECTION_SUSPECTED)


def of_light(light: LightMeasure | None, limits: Limits) -> Iterator[Finding]:
    """Hold the face's colours against those of the screen, where any were shown.

    Colours that cannot be told from the room's light speak neither for nor against, unless policy
    requires them. Other colours than those shown are a suspicion, faint or doubtful ones a doubt.
    """
    if light is None:
        return
    seen = light.correlation is not None and light.snr >= limits.light_snr
    check = Check(
        name="light_seen",
        value=light.snr,
        threshold=limits.light_snr,
        ok=seen or not limits.light_required,
    )
    yield finding(check, Reason.LIGHT_UNSEEN)
    if seen:
        yield _follows(light, limits)
        yield _before_the_wall(light, limits)


def _follows(light: LightMeasure, limits: Limits) -> Finding:
    found = light.correlation
    check = Check(
        name="light_follows",
        value=found,
        threshold=limits.light_follows,
        ok=found is not None and found >= limits.light_follows,
        at_ms=light.at_ms,
    )
    other = found is not None and found < limits.light_contradicts
    return finding(check, Reason.LIGHT_CONTRADICTS if other else Reason.LIGHT_DOUBTFUL)


def _before_the_wall(light: LightMeasure, limits: Limits) -> Finding:
    """Demand that the face answers more than the wall: a picture takes on the light all over."""
    ok = light.ratio is not None and light.ratio >= limits.light_ratio
    check = Check(name="light_ratio", value=light.ratio, threshold=limits.light_ratio, ok=ok)
    return finding(check, Reason.LIGHT_DOUBTFUL)


def of_second(evidence: FaceEvidence, limits: Limits) -> Iterator[Finding]:
    """Ask the second matcher, where policy does; what it could not look at goes to a human too."""
    limit, second = limits.second_distance, evidence.second
    if limit is None:
        return
    yield _second("second_selfie", None if second is None else second.selfie, evidence, limit=limit)
    if evidence.clip is not None:
        at_ms = evidence.clip.best_frame_ms
        distance = None if second is None else second.clip
        yield _second("second_clip", distance, evidence, limit=limit, at_ms=at_ms)


def _second(
    name: str,
    distance: float | None,
    evidence: FaceEvidence,
    *,
    limit: float,
    at_ms: int | None = None,
) -> Finding:
    ok = not contradicts([] if distance is None else [distance], limit=limit)
    check = Check(name=name, value=distance, threshold=limit, ok=ok, at_ms=at_ms)
    if distance is not None:
        return finding(check, Reason.SECOND_DIFFERS)
    there = "second" in evidence.models
    return finding(check, Reason.NOT_MEASURED if there else Reason.MODEL_MISSING)
