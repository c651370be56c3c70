"""A chain drawn as a bar: what was verified, where it is held by a published head, where it breaks.

Drawn with presentation attributes, so that the page's policy lets it be; nothing but numbers and
words of our own goes in.
"""

from services.audit_check import Verdict

_WIDTH, _HEIGHT, _LEFT, _RIGHT = 720, 92, 10, 710
_GOOD, _BAD, _HELD, _INK = "#2e7d4f", "#9b1c1c", "#0f5c5c", "#17252f"


def picture(found: Verdict) -> str:
    """Draw a verdict as SVG."""
    end = max(found.records, found.anchored_to, found.first.seq if found.first else 0, 1)
    parts = [_bar(0, found.records, end, _GOOD)]
    if found.first is not None:
        parts += [_bar(found.first.seq - 1, end, end, _BAD), _broken_at(found.first.seq, end)]
    if found.anchored_to:
        parts.append(_held_at(found.anchored_to, end))
    said = (
        "完整" if found.is_intact else f"从第 {found.first.seq} 条起有问题" if found.first else ""
    )
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" width="100%" role="img"'
        f' aria-label="审计链共 {found.records} 条，{said}" xmlns="http://www.w3.org/2000/svg">'
        f"{''.join(parts)}"
        f"{_below(_LEFT, 'start', '第 1 条')}{_below(_RIGHT, 'end', f'第 {end} 条')}"
        "</svg>"
    )


def _below(x: int, anchor: str, text: str) -> str:
    place = f'x="{x}" y="84" font-size="13" fill="{_INK}"'
    return f'<text {place} text-anchor="{anchor}">{text}</text>'


def _at(seq: int, end: int) -> float:
    return round(_LEFT + (_RIGHT - _LEFT) * min(max(seq, 0), end) / end, 1)


def _bar(start: int, stop: int, end: int, colour: str) -> str:
    x, width = _at(start, end), max(2.0, round(_at(stop, end) - _at(start, end), 1))
    return f'<rect x="{x}" y="40" width="{width}" height="24" rx="4" fill="{colour}"/>'


def _broken_at(seq: int, end: int) -> str:
    x = _at(seq, end)
    return (
        f'<path d="M{x} 36 l-8 -14 h16 z" fill="{_BAD}"/>'
        f'<text x="{_beside(x)}" y="16" font-size="14" fill="{_BAD}"'
        f' text-anchor="{_anchor(x)}">第 {seq} 条有问题</text>'
    )


def _held_at(seq: int, end: int) -> str:
    x = _at(seq, end)
    return (
        f'<path d="M{x} 36 v32" stroke="{_HELD}" stroke-width="3"/>'
        f'<text x="{_beside(x)}" y="34" font-size="13" fill="{_HELD}"'
        f' text-anchor="{_anchor(x)}">外部存证到第 {seq} 条</text>'
    )


def _beside(x: float) -> float:
    return x - 10 if x > _WIDTH / 2 else x + 10


def _anchor(x: float) -> str:
    return "end" if x > _WIDTH / 2 else "start"
