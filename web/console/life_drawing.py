"""A person's benefits over the years as a drawing: covered days, gaps, stops, certifications.

SVG by hand with presentation attributes only: the page's policy forbids styles of its own. Colour
never says something alone: gaps are hatched and labelled, revoked certifications are crosses, and a
table below holds the same.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape

from services.person_clocks import BenefitSeen, CertificateSeen, Stop
from web.console.words import word

WIDTH, LEFT, RIGHT, TOP, LANE, FOOT = 960, 128, 14, 30, 64, 24
YEARS = 6
"""How far back the drawing goes; the table goes back to the start."""
_FONT = "font-family=\"'Noto Sans CJK SC','Microsoft YaHei',sans-serif\""
_LEAST_LABEL = 44
_HATCH = (
    '<defs><pattern id="gap" width="8" height="8" patternUnits="userSpaceOnUse"'
    ' patternTransform="rotate(45)"><rect width="8" height="8" fill="#fdecea"/>'
    '<line x1="0" y1="0" x2="0" y2="8" stroke="#b3261e" stroke-width="3"/></pattern></defs>'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scale:
    first: date
    last: date

    def x(self, day: date) -> float:
        """Place a day; what lies outside sticks to the edge."""
        days = (self.last - self.first).days
        at = min(max((day - self.first).days, 0), days)
        return round(LEFT + at * (WIDTH - LEFT - RIGHT) / days, 1)

    def shows(self, start: date, end: date) -> bool:
        return end >= self.first and start <= self.last


def draw(benefits: Sequence[BenefitSeen], today: date) -> str:
    """Draw all benefits of a person on one scale; empty when there is none."""
    if not benefits:
        return ""
    scale = _scale(benefits, today)
    height = TOP + LANE * len(benefits) + FOOT
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="100%"'
        f' role="img" aria-labelledby="life-title life-desc" {_FONT} font-size="13">'
    )
    parts = [
        head,
        '<title id="life-title">认证有效期时间图</title>',
        f'<desc id="life-desc">{escape("；".join(said(one) for one in benefits))}</desc>',
        _HATCH,
        *_years(scale, height),
    ]
    for row, benefit in enumerate(benefits):
        parts += _lane(benefit, scale, top=TOP + row * LANE)
    return "".join([*parts, *_today(scale, today, height), "</svg>"])


def said(benefit: BenefitSeen) -> str:
    """Say a lane in words, for who does not see it."""
    gaps = "、".join(f"{gap.start} 至 {gap.end}" for gap in benefit.gaps)
    return (
        f"{word('scheme', benefit.scheme)}：认证 {len(benefit.certificates)} 次，"
        f"有效期至 {benefit.valid_until}，"
        + (f"未认证的时段 {gaps}" if gaps else "没有未认证的时段")
    )


def _scale(benefits: Sequence[BenefitSeen], today: date) -> _Scale:
    first = min(min(one.started_on, today) for one in benefits)
    last = max(max(one.valid_until, today) for one in benefits)
    back = today.replace(year=today.year - YEARS, day=1)
    return _Scale(first=max(first, back), last=last + timedelta(days=30))


def _years(scale: _Scale, height: int) -> Iterator[str]:
    for year in range(scale.first.year, scale.last.year + 1):
        start = date(year, 1, 1)
        if start < scale.first:
            continue
        x = scale.x(start)
        yield f'<line x1="{x}" y1="{TOP - 8}" x2="{x}" y2="{height}" stroke="#d5dde1"/>'
        yield f'<text x="{x + 3}" y="16" fill="#4a5a63">{year}</text>'


def _lane(benefit: BenefitSeen, scale: _Scale, *, top: int) -> Iterator[str]:
    label = escape(word("scheme", benefit.scheme))
    yield f'<text x="4" y="{top + 32}" fill="#15252d">{label}</text>'
    for bar in benefit.bars:
        if scale.shows(bar.start, bar.end):
            yield _box(scale, bar.start, bar.end, y=top + 20, fill="#9fd3ae", words="有效")
    for gap in benefit.gaps:
        if scale.shows(gap.start, gap.end):
            yield _box(scale, gap.start, gap.end, y=top + 20, fill="url(#gap)", words="未认证")
    for stop in benefit.stops:
        yield from _stop(stop, scale, top=top)
    for certificate in benefit.certificates:
        if scale.shows(certificate.captured_on, certificate.captured_on):
            yield _point(certificate, scale, y=top + 28)


def _box(scale: _Scale, start: date, end: date, *, y: int, fill: str, words: str) -> str:
    x, width = scale.x(start), max(2.0, round(scale.x(end) - scale.x(start), 1))
    label = ""
    if width >= _LEAST_LABEL and words == "未认证":
        label = (
            f'<rect x="{x + 3}" y="{y + 19}" width="42" height="16" fill="#fff"/>'
            f'<text x="{x + 4}" y="{y + 31}" fill="#8c1d18">{words}</text>'
        )
    return (
        f"<g><title>{words} {start} 至 {end}</title>"
        f'<rect x="{x}" y="{y}" width="{width}" height="16" fill="{fill}"/>{label}</g>'
    )


def _stop(stop: Stop, scale: _Scale, *, top: int) -> Iterator[str]:
    end = stop.end or scale.last
    if not scale.shows(stop.start, end):
        return
    words = "终止" if stop.is_final else "暂停"
    cause = f"（{word('cause', stop.cause)}）" if stop.cause else ""
    x, width = scale.x(stop.start), max(2.0, round(scale.x(end) - scale.x(stop.start), 1))
    until = f" 至 {stop.end}" if stop.end else " 起"
    yield (
        f"<g><title>{words}{escape(cause)} {stop.start}{until}</title>"
        f'<rect x="{x}" y="{top + 8}" width="{width}" height="6" fill="#5b4a9e"/>'
        f'<text x="{x}" y="{top + 6}" {_anchor(x)} fill="#43357d" font-size="11">{words}</text></g>'
    )


def _point(certificate: CertificateSeen, scale: _Scale, *, y: int) -> str:
    x = scale.x(certificate.captured_on)
    channel = escape(word("channel", certificate.channel))
    if certificate.revoked_on is not None:
        shape = f'<path d="M{x - 6},{y - 6}l12,12m0,-12l-12,12" stroke="#b3261e" stroke-width="3"/>'
        words = f"{channel} {certificate.captured_on}，{certificate.revoked_on} 撤销"
    else:
        shape = f'<circle cx="{x}" cy="{y}" r="6" fill="#0b5d57" stroke="#fff" stroke-width="2"/>'
        words = f"{channel} {certificate.captured_on}"
    return f"<g><title>{words}</title>{shape}</g>"


def _today(scale: _Scale, today: date, height: int) -> Iterator[str]:
    x = scale.x(today)
    yield (
        f'<line x1="{x}" y1="{TOP - 4}" x2="{x}" y2="{height - 18}" stroke="#15252d"'
        ' stroke-width="1.5" stroke-dasharray="4 3"/>'
    )
    at = f'x="{x}" y="{height - 4}" {_anchor(x)}'
    yield f'<text {at} fill="#15252d" font-weight="700">今天</text>'


def _anchor(x: float) -> str:
    """Keep a text inside the drawing, however near the edge it belongs."""
    return 'text-anchor="end"' if x > WIDTH - 60 else 'text-anchor="start"'
