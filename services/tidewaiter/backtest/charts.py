"""Plots as inline SVG: holds by day against a capacity, and by name, one ruleset beside another."""

from collections.abc import Sequence
from html import escape

from msgspec import Struct

_WIDTH, _HEIGHT = 720, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 12, 12, 28
_ROW, _LABEL, _BARS = 30, 190, 440
_MOST_ROWS = 20
_MOST_DAY_LABELS = 15
CANDIDATE, AGAINST = "candidate", "against"


class Bar(Struct, frozen=True):
    """One place on an axis: the value under the candidate, and under the other ruleset where there is one."""

    name: str
    candidate: int
    against: int | None = None

    @property
    def greatest(self) -> int:
        return max(self.candidate, self.against or 0)


def by_day(bars: Sequence[Bar], capacity: int | None, title: str) -> str:
    """Upright bars, a day each, with a line where the capacity is."""
    most = max((1, capacity or 0, *(bar.greatest for bar in bars)))
    step = (_WIDTH - _LEFT - _RIGHT) / max(1, len(bars))
    body = [_grid(most)]
    for place, bar in enumerate(bars):
        body += _day(bar, _LEFT + place * step, step, most)
        if place % max(1, len(bars) // _MOST_DAY_LABELS) == 0:
            middle = _LEFT + (place + 0.5) * step
            body.append(
                f'<text x="{middle:.1f}" y="{_HEIGHT - 10}" text-anchor="middle">{escape(bar.name)}</text>'
            )
    if capacity is not None:
        y = _y(capacity, most)
        body.append(f'<line class="capacity" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        body.append(f'<text x="{_LEFT + 6}" y="{y - 4:.1f}">capacity {capacity:,}</text>')
    return _svg(_WIDTH, _HEIGHT, title, body)


def by_name(bars: Sequence[Bar], title: str) -> str:
    """Lying bars, a name each, the first twenty; and how many more there are."""
    shown = bars[:_MOST_ROWS]
    most = max((1, *(bar.greatest for bar in shown)))
    body: list[str] = []
    for place, bar in enumerate(shown):
        y = place * _ROW + 4
        body.append(f'<text x="{_LABEL - 8}" y="{y + 15}" text-anchor="end">{escape(bar.name)}</text>')
        body += _lying(bar.candidate, y, most, CANDIDATE)
        if bar.against is not None:
            body += _lying(bar.against, y + 12, most, AGAINST)
    height = len(shown) * _ROW + 8
    if len(bars) > len(shown):
        height += _ROW
        body.append(f'<text x="{_LABEL}" y="{height - 13}">and {len(bars) - len(shown)} more</text>')
    return _svg(_WIDTH, height, title, body)


def _day(bar: Bar, x: float, step: float, most: int) -> list[str]:
    values = [(CANDIDATE, bar.candidate)]
    if bar.against is not None:
        values.append((AGAINST, bar.against))
    width = min(40.0, step * 0.8 / len(values))
    start = x + (step - width * len(values)) / 2
    return [
        _upright(f"{bar.name}: {value:,}", kind, (start + place * width, width), _y(value, most))
        for place, (kind, value) in enumerate(values)
    ]


def _upright(title: str, kind: str, place: tuple[float, float], y: float) -> str:
    x, width = place
    return (
        f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" '
        f'height="{_HEIGHT - _BOTTOM - y:.1f}"><title>{escape(title)}</title></rect>'
    )


def _lying(value: int, y: int, most: int, kind: str) -> list[str]:
    width = value / most * _BARS
    return [
        f'<rect class="{kind}" x="{_LABEL}" y="{y}" width="{width:.1f}" height="11"/>',
        f'<text class="value" x="{_LABEL + width + 5:.1f}" y="{y + 10}">{value:,}</text>',
    ]


def _grid(most: int) -> str:
    marks = sorted({0, most // 2, most})
    return "".join(
        f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{_y(mark, most):.1f}" '
        f'y2="{_y(mark, most):.1f}"/><text x="{_LEFT - 6}" y="{_y(mark, most) + 4:.1f}" '
        f'text-anchor="end">{mark:,}</text>'
        for mark in marks
    )


def _y(value: int, most: int) -> float:
    return _HEIGHT - _BOTTOM - value / most * (_HEIGHT - _TOP - _BOTTOM)


def _svg(width: int, height: int, title: str, body: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title>{''.join(body)}</svg>"
    )
