"""A clip's course as a drawing: what was asked, and what the head, the mouth and the eyes did.

SVG by hand: a few rows of one line each need no library. Looks are attributes, no style sheet, so
that the drawing may stand inside a page whose policy forbids styles of its own. The numbers that a
script needs to turn a place into a moment of the clip stand on the root (`data-left`, `data-right`,
`data-last-ms`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

WIDTH, ROW, LEFT, RIGHT, TOP, FOOT = 960, 74, 84, 16, 40, 26
ACTIONS = {
    "turn_left": "向左转头",
    "turn_right": "向右转头",
    "nod": "点头",
    "open_mouth": "张嘴",
    "blink": "眨眼",
    "tilt_left": "向左歪头",
    "tilt_right": "向右歪头",
    "phone_left": "手机向左移",
    "phone_right": "手机向右移",
    "phone_up": "手机向上移",
    "phone_down": "手机向下移",
}
GRADES = {"seen": "看到", "weak": "不明显", "missing": "没有", "unseen": "看不清"}
COLOURS = {"seen": "#1b7f4b", "weak": "#b26a00", "missing": "#b3261e", "unseen": "#6b6b6b"}
_TEXT = "font-family=\"'Noto Sans CJK SC','Microsoft YaHei',sans-serif\" font-size=\"13\""
_LINE = 'fill="none" stroke="#1f4e8c" stroke-width="1.8"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One movement that was asked for, and what was seen of it."""

    action: str
    grade: str
    onset_ms: int
    at_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One value per sampled picture, None where no face was measurable. Angles in degrees."""

    at_ms: Sequence[int]
    yaw_deg: Sequence[float | None]
    pitch_deg: Sequence[float | None]
    roll_deg: Sequence[float | None]
    mouth: Sequence[float | None]
    eye: Sequence[float | None]


def read(material: Mapping[str, Any]) -> tuple[Course | None, list[Step]]:
    """Take course and steps out of a case's material (`services.review_material`)."""
    course = material["timeline"]
    steps = [
        Step(
            action=step["action"],
            grade=step["grade"],
            onset_ms=step["onset_ms"],
            at_ms=step["at_ms"],
        )
        for step in material["steps"]
    ]
    return (None if course is None else Course(**course)), steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One curve; `span` is the least range that is drawn, so that noise does not fill the row."""

    label: str
    unit: str
    values: Sequence[float | None]
    span: float


def drawn(course: Course | None, steps: Sequence[Step]) -> str:
    """Draw the whole timeline. Without a face to follow, the challenge stands alone."""
    rows = [] if course is None else _rows(course, steps)
    ends = [step.onset_ms + 2000 for step in steps]
    times = [0] if course is None else course.at_ms
    last_ms = max([1000, *ends, *times])
    height = TOP + ROW * max(1, len(rows)) + FOOT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"',
        f' data-left="{LEFT}" data-right="{WIDTH - RIGHT}" data-last-ms="{last_ms}"',
        f' {_TEXT} fill="#222"><title>动作时间线</title>',
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        *_asked(steps, last_ms, height),
        *(part for n, row in enumerate(rows) for part in _curve(row, n, times, last_ms)),
        *_seconds(last_ms, height),
        "</svg>",
    ]
    return "".join(parts)


def _rows(course: Course, steps: Sequence[Step]) -> list[Row]:
    """Choose the curves. The eyes are only measured where a blink was asked for."""
    eye = Row(label="睁眼", unit="", values=course.eye, span=0.4)
    return [
        Row(label="左右", unit="°", values=course.yaw_deg, span=40),
        Row(label="上下", unit="°", values=course.pitch_deg, span=30),
        Row(label="歪头", unit="°", values=course.roll_deg, span=30),
        Row(label="张嘴", unit="", values=course.mouth, span=0.6),
        *([eye] if any(step.action == "blink" for step in steps) else []),
    ]


def _x(at_ms: float, last_ms: float) -> float:
    return round(LEFT + (WIDTH - LEFT - RIGHT) * at_ms / last_ms, 1)


def _asked(steps: Sequence[Step], last_ms: int, height: int) -> Iterator[str]:
    """Bands where something was asked, from its onset to the next; a mark where it was seen."""
    for step, until in zip(steps, [*(s.onset_ms for s in steps[1:]), last_ms], strict=True):
        left, right = _x(step.onset_ms, last_ms), _x(until, last_ms)
        colour = COLOURS.get(step.grade, "#6b6b6b")
        yield (
            f'<rect x="{left}" y="{TOP}" width="{round(right - left - 2, 1)}"'
            f' height="{height - TOP - FOOT}" fill="{colour}" fill-opacity="0.10"/>'
        )
        words = f"{ACTIONS.get(step.action, step.action)} · {GRADES.get(step.grade, step.grade)}"
        yield f'<text x="{left + 3}" y="{TOP - 14}" fill="{colour}">{escape(words)}</text>'
        if step.at_ms is not None:
            at = _x(step.at_ms, last_ms)
            yield (
                f'<line x1="{at}" x2="{at}" y1="{TOP - 6}" y2="{height - FOOT}"'
                f' stroke="{colour}" stroke-width="2" stroke-dasharray="4 3"/>'
            )


def _curve(row: Row, number: int, times: Sequence[int], last_ms: int) -> Iterator[str]:
    top = TOP + ROW * number
    known = [value for value in row.values if value is not None]
    low, high = (min(known), max(known)) if known else (0.0, 0.0)
    middle, span = (low + high) / 2, max(row.span, (high - low) * 1.1)
    yield f'<text x="8" y="{top + ROW / 2 + 4}">{row.label}</text>'
    yield f'<text x="46" y="{top + 16}">{middle + span / 2:.3g}{row.unit}</text>'
    yield f'<text x="46" y="{top + ROW - 6}">{middle - span / 2:.3g}{row.unit}</text>'
    yield f'<line stroke="#c9c9c9" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{top}" y2="{top}"/>'
    for stretch in _stretches(row.values, times):
        points = " ".join(
            f"{_x(at, last_ms)},{round(top + ROW * (0.5 - 0.9 * (value - middle) / span), 1)}"
            for at, value in stretch
        )
        yield f'<polyline {_LINE} points="{points}"/>'


def _stretches(
    values: Sequence[float | None], times: Sequence[int]
) -> Iterator[list[tuple[int, float]]]:
    """Break the line where nothing was measured: a gap must not look like a movement."""
    stretch: list[tuple[int, float]] = []
    for at, value in zip(times, values, strict=True):
        if value is not None:
            stretch.append((at, value))
        elif stretch:
            yield stretch
            stretch = []
    if stretch:
        yield stretch


def _seconds(last_ms: int, height: int) -> Iterator[str]:
    for second in range(last_ms // 1000 + 1):
        at = _x(second * 1000, last_ms)
        yield f'<text x="{at}" y="{height - 8}" text-anchor="middle">{second} 秒</text>'
