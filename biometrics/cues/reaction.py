"""How soon movements follow what is asked: people need time, and not always the same.

Simple reactions to a sign take about 180 to 450 ms. What counts is when a movement leaves rest, not
when it is at its farthest.
"""

from collections.abc import Sequence

from domain.biometric import StepGrade, StepScore
from domain.capture import Cue, CueScore

_SOONEST_MS = 100  # who begins sooner did not wait for the prompt
_EARLY_STEPS = 2
_STEPS_FOR_EVENNESS = 4
_EVEN_MS = 20.0


def prompt_reaction(steps: Sequence[StepScore]) -> CueScore | None:
    """1.0: two beginnings within 100 ms of their prompts, or all delays within 20 ms of each other.

    None where fewer than two steps were seen.
    """
    seen = [(s, s.began_ms) for s in steps if s.grade is StepGrade.SEEN and s.began_ms is not None]
    if len(seen) < _EARLY_STEPS:
        return None
    delays = [began_ms - step.onset_ms for step, began_ms in seen]
    early = sum(delay < _SOONEST_MS for delay in delays) / _EARLY_STEPS
    even = 0.0
    if len(seen) >= _STEPS_FOR_EVENNESS:
        even = _EVEN_MS / max(1.0, max(delays) - min(delays))
    soonest = min(seen, key=lambda pair: pair[1] - pair[0].onset_ms)
    return CueScore(
        cue=Cue.PROMPT_REACTION, value=max(early, even), limit=1.0, at_ms=round(soonest[1])
    )
