"""Days that certifications cover, and the days between them that nothing covers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Span:
    """Days from `start` to `end`, both included."""

    start: date
    end: date


def covered(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Join spans that overlap or follow each other, in order; one that ends first is none."""
    joined: list[Span] = []
    for span in sorted(span for span in spans if span.start <= span.end):
        if joined and span.start <= joined[-1].end + _DAY:
            joined[-1] = Span(start=joined[-1].start, end=max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return tuple(joined)


def gaps(spans: Iterable[Span], *, until: date) -> tuple[Span, ...]:
    """Return what lies uncovered between the first covered day and `until`, that day included."""
    bars = covered(spans)
    found = [
        Span(start=before.end + _DAY, end=after.start - _DAY) for before, after in pairwise(bars)
    ]
    if bars and bars[-1].end < until:
        found.append(Span(start=bars[-1].end + _DAY, end=until))
    cut = (Span(start=gap.start, end=min(gap.end, until)) for gap in found)
    return tuple(gap for gap in cut if gap.start <= gap.end)
