"""Charts of the pages: inline SVG without scripts, coloured by classes of the style sheet.

Each has a <title> and a <desc> for screen readers; no mark is told apart by colour alone: series have their own dash,
and every mark its own <title>.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from math import ceil, floor, log10
from typing import Any

from markupsafe import Markup

from copydesk.store.read.data_dictionary import Relation
from copydesk.wording import counted

__all__ = ["day_bars", "day_lines", "schema_picture", "sparkline", "stage_bar", "timeline", "xy_chart"]

_WIDTH, _HEIGHT = 720.0, 200.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 44.0, 712.0, 14.0, 172.0
_NARROW = 300.0
_MAX_POINTS = 366


def sparkline(values: Sequence[float], *, title: str) -> Markup:
    """Return small bars, one per value, without axes."""
    if not values:
        return Markup("")
    top = max([1, *values])
    bars = [
        Markup('<rect x="{}" y="{}" width="3" height="{}"/>').format(
            n * 4, round(20 - 18 * v / top, 1), round(18 * v / top, 1)
        )
        for n, v in enumerate(values)
        if v
    ]
    described = f"{sum(values):,} in all, at most {max(values):,}"
    return Markup(
        '<svg class="spark" viewBox="0 0 {} 21" role="img"><title>{}</title><desc>{}</desc>'
        '<path class="base" d="M0 20.5H{}"/>{}</svg>'
    ).format(len(values) * 4, title, described, len(values) * 4, Markup("").join(bars))


def day_bars(days: Sequence[tuple[date, int]], *, title: str, narrow: bool = False) -> Markup:
    """Return articles a day as bars; longer spans are joined by week or month.

    Args:
        days: (day, number) in any order; numbers of one day are added up.
        title: Accessible name of the chart.
        narrow: For a column beside the text: less wide, fewer ticks.
    """
    right = _NARROW if narrow else _RIGHT
    counted: dict[date, int] = defaultdict(int)
    step, unit = _step(min(d for d, _ in days), max(d for d, _ in days))
    for day, number in days:
        counted[step(day)] += number
    first, last = min(counted), max(d for d, _ in days)
    span = max(1, (last - first).days + 1)
    high = _nice_ceiling(max(counted.values()))
    y = _scale(0, high, _BOTTOM, _TOP)
    width = max(1.0, min(18.0, (right - _LEFT) / span * {"day": 0.8, "week": 5.6, "month": 24}[unit]))
    x = _scale(0, span, _LEFT, right)
    bars = [
        Markup('<rect class="bar" x="{}" y="{}" width="{}" height="{}"><title>{}: {}</title></rect>').format(
            x((day - first).days), y(n), round(width, 1), round(_BOTTOM - y(n), 1), f"{day:%d %b %Y}", f"{n:,}"
        )
        for day, n in sorted(counted.items())
    ]
    described = f"{sum(counted.values()):,} from {first:%d %b %Y} to {last:%d %b %Y}, by {unit}."
    return _framed(
        Markup("").join(bars),
        title,
        described,
        y_ticks=_number_ticks(0, high, y, least=1),
        x_ticks=_date_ticks(first, span, x, number=2 if narrow else 6),
        note="" if narrow else f"a {unit}",
        right=right,
    )


def day_lines(rows: Sequence[tuple[date, str, int]], *, title: str) -> Markup:
    """Return articles a day as one line per publisher, with a key below."""
    step, unit = _step(min(d for d, _, _ in rows), max(d for d, _, _ in rows))
    series: dict[str, dict[date, int]] = {}
    for day, publisher, number in rows:
        line = series.setdefault(publisher, defaultdict(int))
        line[step(day)] += number
    slots = sorted({day for line in series.values() for day in line})
    first, last = slots[0], slots[-1]
    slots = sorted({step(first + timedelta(days=n)) for n in range((last - first).days + 1)})
    high = _nice_ceiling(max(max(line.values()) for line in series.values()))
    span = max(1, (last - first).days)
    y, x = _scale(0, high, _BOTTOM, _TOP), _scale(0, span, _LEFT, _RIGHT - 4)
    ordered = sorted(series, key=lambda name: (name == "others", -sum(series[name].values()), name))
    lines = []
    for number, name in enumerate(ordered):
        points = " ".join(f"{x((day - first).days):g},{y(series[name].get(day, 0)):g}" for day in slots)
        total = sum(series[name].values())
        if len(slots) == 1:  # a line of one point is invisible
            lines.append(
                Markup('<circle class="line s{}" cx="{}" cy="{}" r="5"><title>{}: {}</title></circle>').format(
                    number % 7, x(0) + 60 + 16 * number, y(total), name, f"{total:,}"
                )
            )
            continue
        lines.append(
            Markup('<polyline class="line s{}" points="{}"><title>{}: {}</title></polyline>').format(
                number % 7, points, name, f"{total:,}"
            )
        )
    key = Markup("").join(
        Markup(
            '<li><svg class="swatch" viewBox="0 0 24 6" aria-hidden="true"><path class="line s{}" d="M0 3H24"/></svg>'
            '{} <span class="dim">{}</span></li>'
        ).format(n % 7, name, f"{sum(series[name].values()):,}")
        for n, name in enumerate(ordered)
    )
    described = f"By {unit}, {first:%d %b %Y} to {last:%d %b %Y}: " + "; ".join(
        f"{name} {sum(series[name].values()):,}" for name in ordered
    )
    picture = _framed(
        Markup("").join(lines),
        title,
        described,
        y_ticks=_number_ticks(0, high, y, least=1),
        x_ticks=_date_ticks(first, span, x),
        note=f"a {unit}",
    )
    return picture + Markup('<ul class="key">{}</ul>').format(key)


def timeline(spread: Sequence[Mapping[str, Any]], *, here: str = "") -> Markup:
    """Return the articles of a story as dots over time, one row per publisher, in the order of first printing.

    Args:
        spread: Rows with publisher, printed_at, similarity, title, article_id, position.
        here: Id of the article that is marked.
    """
    publishers: list[str] = []
    for row in spread:
        if row["publisher"] not in publishers:
            publishers.append(row["publisher"])
    publishers = publishers[:40]
    moments = [row["printed_at"] for row in spread]
    first, last = min(moments), max(moments)
    span = max((last - first).total_seconds(), 3600.0)
    left = 14 + 7.2 * min(26, max(len(p) for p in publishers))
    x = _scale(0, span, left + 8, _WIDTH - 14)
    height = 22.0 * len(publishers) + 30
    marks = []
    for number, name in enumerate(publishers):
        middle = 16 + 22 * number
        label = name if len(name) <= 26 else name[:25] + "…"
        marks.append(
            Markup(
                '<text class="label" x="{}" y="{}" text-anchor="end">{}</text><path class="grid" d="M{} {}H{}"/>'
            ).format(left, middle + 4, label, left + 8, middle, _WIDTH - 14)
        )
    for row in spread:
        if row["publisher"] not in publishers:
            continue
        at = x((row["printed_at"] - first).total_seconds())
        middle = 16 + 22 * publishers.index(row["publisher"])
        kind = "first" if row["position"] == 1 else "here" if row["article_id"] == here else "copy"
        alike = f", {row['similarity']:.0%} alike" if row["similarity"] is not None else ""
        marks.append(
            Markup('<circle class="dot {}" cx="{}" cy="{}" r="{}"><title>{}</title></circle>').format(
                kind,
                at,
                middle,
                6 if kind != "copy" else 4.5,
                f"{row['publisher']}, {_moment(row['printed_at'])}{alike}",
            )
        )
    base = height - 16
    ticks = [(0.0, _moment(first)), (span, _moment(first + timedelta(seconds=span)))]
    axis = Markup("").join(
        Markup('<text x="{}" y="{}" text-anchor="{}">{}</text>').format(
            x(at), base + 10, "start" if not at else "end", text
        )
        for at, text in ticks
    )
    size = f"{counted(len(spread), 'article')} of {counted(len(publishers), 'publisher')}"
    described = f"{size}; {spread[0]['publisher']} was first, {_moment(first)}."
    return Markup('<svg class="plot" viewBox="0 0 {} {}" role="img"><title>{}</title><desc>{}</desc>{}{}</svg>').format(
        _WIDTH, height, "Who printed it, and when", described, Markup("").join(marks), axis
    )


def stage_bar(stages: Mapping[str, float | None], most: float) -> Markup:
    """Return the seconds of a run's stages as one bar, as long as its share of the longest run."""
    total = sum(s or 0 for s in stages.values())
    at, parts = 0.0, []
    for number, (name, seconds) in enumerate(stages.items()):
        width = 120 * (seconds or 0) / most
        if width >= 0.3:
            parts.append(
                Markup(
                    '<rect class="stage t{}" x="{}" y="2" width="{}" height="10"><title>{}: {} s</title></rect>'
                ).format(number, round(at, 1), round(width, 1), name, f"{seconds or 0:.2f}")
            )
        at += width
    described = ", ".join(f"{name} {seconds or 0:.2f} s" for name, seconds in stages.items())
    return Markup(
        '<svg class="stages" viewBox="0 0 120 14" role="img"><title>{} s</title><desc>{}</desc>{}</svg>'
    ).format(f"{total:.1f}", described, Markup("").join(parts))


def xy_chart(rows: Sequence[tuple[Any, Any]], *, x: str, y: str, shape: str) -> Markup:
    """Return one column over another: `line`, `bar` or `dots`; x may be numbers, times or names.

    Rows without a number in y, or without x, are left out; the rest keeps its order.
    """
    points = [
        (a, float(b)) for a, b in rows if a is not None and isinstance(b, int | float) and not isinstance(b, bool)
    ]
    points = [(a, b) for a, b in points if b == b and abs(b) != float("inf")]
    if not points and not any(hasattr(b, "as_tuple") for _, b in rows):
        return Markup('<p class="notice">{} has no numbers to draw.</p>').format(y)
    if not points:  # decimals
        points = [(a, float(b)) for a, b in rows if a is not None and b is not None]
    named = not all(isinstance(a, int | float | date | datetime) and not isinstance(a, bool) for a, _ in points)
    low, high = min(0.0, *(b for _, b in points)), max(0.0, *(b for _, b in points))
    high = high if high > low else low + 1
    up = _scale(low, high, _BOTTOM, _TOP)
    if named or shape == "bar":
        return _named_chart(points, x=x, y=y, shape=shape, low=low, high=high, up=up)
    numbers = [_as_number(a) for a, _ in points]
    across = _scale(
        min(numbers), max(numbers) if max(numbers) > min(numbers) else min(numbers) + 1, _LEFT + 4, _RIGHT - 4
    )
    placed = [(across(n), up(b), a, b) for n, (a, b) in zip(numbers, points, strict=True)]
    dots = Markup("").join(
        Markup('<circle class="point" cx="{}" cy="{}" r="2.6"><title>{}: {}</title></circle>').format(
            px, py, _say(a), _say(b)
        )
        for px, py, a, b in placed
    )
    if shape == "dots":
        drawn = dots
    else:
        drawn = Markup('<polyline class="line s0" points="{}"/>').format(
            " ".join(f"{px:g},{py:g}" for px, py, _, _ in sorted(placed))
        )
        drawn += dots if len(placed) <= 60 else Markup("")
    ends = [(placed[numbers.index(min(numbers))][0], _say(points[numbers.index(min(numbers))][0]))]
    ends.append((placed[numbers.index(max(numbers))][0], _say(points[numbers.index(max(numbers))][0])))
    return _framed(
        drawn, f"{y} by {x}", f"{len(points)} points", y_ticks=_number_ticks(low, high, up), x_ticks=ends, note=y
    )


def _named_chart(
    points: list[tuple[Any, float]],
    *,
    x: str,
    y: str,
    shape: str,
    low: float,
    high: float,
    up: Callable[[float], float],
) -> Markup:
    """Return bars, or a line, over names in the order of the rows; at most 60 of them."""
    points = points[:60]
    slot = (_RIGHT - _LEFT) / len(points)
    marks = []
    middles = [_LEFT + (n + 0.5) * slot for n in range(len(points))]
    for middle, (name, value) in zip(middles, points, strict=True):
        top, bottom = up(max(value, 0)), up(min(value, 0))
        marks.append(
            Markup('<rect class="bar" x="{}" y="{}" width="{}" height="{}"><title>{}: {}</title></rect>').format(
                round(middle - slot * 0.4, 1),
                top,
                round(slot * 0.8, 1),
                round(max(0.5, bottom - top), 1),
                _say(name),
                _say(value),
            )
        )
    if shape == "line":
        line = " ".join(f"{middle:.1f},{up(value):g}" for middle, (_, value) in zip(middles, points, strict=True))
        marks = [Markup('<polyline class="line s0" points="{}"/>').format(line)]
    every = max(
        1,
        ceil(
            len(points) / max(1, int((_RIGHT - _LEFT) // (7 * max(4, min(14, max(len(_say(a)) for a, _ in points))))))
        ),
    )
    ticks = [(middles[n], _cut(_say(points[n][0]), 14)) for n in range(0, len(points), every)]
    return _framed(
        Markup("").join(marks),
        f"{y} by {x}",
        f"{len(points)} bars",
        y_ticks=_number_ticks(low, high, up),
        x_ticks=ticks,
        note=y,
    )


def schema_picture(relations: Sequence[Relation], counts: Mapping[str, int], href: Callable[[str], str]) -> Markup:
    """Return the tables of `main` and `audit` as boxes in layers, with a line for every foreign key."""
    tables = {r.full_name: r for r in relations if r.kind == "table" and r.schema in ("main", "audit")}
    edges = sorted(
        {
            (name, c.points_at)
            for name, r in tables.items()
            for c in r.columns
            if c.points_at in tables and c.points_at != name
        }
    )
    linked = {name for edge in edges for name in edge if name is not None}
    layer, place = dict.fromkeys(linked, 0), {name: number for number, name in enumerate(tables)}
    for _ in range(len(linked)):
        for name, target in edges:
            if target is not None and place[target] < place[name]:  # articles and revisions name each other
                layer[name] = max(layer[name], layer[target] + 1)
    columns: dict[int, list[str]] = defaultdict(list)
    for name in sorted(linked, key=lambda n: (tables[n].schema != "main", n)):
        columns[layer[name]].append(name)
    return _boxes(columns, edges, counts, href)


def _boxes(
    columns: Mapping[int, list[str]],
    edges: Sequence[tuple[str, str | None]],
    counts: Mapping[str, int],
    href: Callable[[str], str],
) -> Markup:
    wide, tall, gap = 168.0, 26.0, 10.0
    height = max(len(names) for names in columns.values()) * (tall + gap) + 20
    step = (960 - wide - 8) / max(1, *columns)
    place: dict[str, tuple[float, float]] = {}
    for number, names in columns.items():
        start = (height - len(names) * (tall + gap)) / 2
        for row, name in enumerate(names):
            place[name] = (4 + number * step, start + row * (tall + gap))
    lines = []
    for name, target in edges:
        if target is None:
            continue
        (ax, ay), (bx, by) = place[name], place[target]
        start_x = ax if ax > bx else ax + wide
        end_x = bx + wide
        bend = max(24.0, abs(start_x - end_x) / 2)
        first = start_x - bend if ax > bx else start_x + bend
        points = [round(v, 1) for v in (start_x, ay + tall / 2, first, ay + tall / 2, end_x + bend, by + tall / 2)]
        lines.append(
            Markup('<path class="edge" d="M{} {}C{} {} {} {} {} {}"><title>{} → {}</title></path>').format(
                *points, round(end_x, 1), round(by + tall / 2, 1), name, target
            )
        )
    boxes = [
        Markup('<a href="{}"><rect class="box {}" x="{}" y="{}" width="{}" height="{}" rx="2"/>'
            '<text class="label" x="{}" y="{}">{}</text><text x="{}" y="{}" text-anchor="end">{}</text></a>').format(
            href(name), name.partition(".")[0], round(x, 1), y, wide, tall, round(x + 8, 1), y + 17,
            name.partition(".")[2], round(x + wide - 8, 1), y + 17, _short(counts[name]) if name in counts else "",
        )
        for name, (x, y) in place.items()
    ]  # fmt: skip
    return Markup(
        '<svg class="plot schema" viewBox="0 0 960 {}" role="img"><title>How the tables hang together</title>'
        "<desc>{} tables, {} foreign keys; the list below says the same.</desc>{}{}</svg>"
    ).format(height, len(place), len(edges), Markup("").join(lines), Markup("").join(boxes))


def _framed(
    marks: Markup,
    title: str,
    description: str,
    *,
    y_ticks: Sequence[tuple[float, str]],
    x_ticks: Sequence[tuple[float, str]],
    note: str = "",
    right: float = _RIGHT,
) -> Markup:
    """Set marks between two axes."""
    grid = Markup("").join(
        Markup('<path class="grid" d="M{} {}H{}"/><text x="{}" y="{}" text-anchor="end">{}</text>').format(
            _LEFT, at, right, _LEFT - 6, at + 4, label
        )
        for at, label in y_ticks
    )
    days = Markup("").join(
        Markup('<text x="{}" y="{}" text-anchor="{}">{}</text>').format(
            round(at, 1), _BOTTOM + 17, "start" if at < _LEFT + 30 else "end" if at > right - 30 else "middle", label
        )
        for at, label in x_ticks
    )
    return Markup(
        '<svg class="plot" viewBox="0 0 {} {}" role="img"><title>{}</title><desc>{}</desc>'
        '<g aria-hidden="true">{}<path class="axis" d="M{} {}H{}"/>{}<text x="{}" y="10">{}</text></g>{}</svg>'
    ).format(right + 8, _HEIGHT, title, description, grid, _LEFT, _BOTTOM, right, days, _LEFT + 4, note, marks)


def _step(first: date, last: date) -> tuple[Callable[[date], date], str]:
    """Return how days are joined: each for itself up to a year, then by week, then by month."""
    span = (last - first).days
    if span <= _MAX_POINTS:
        return (lambda day: day), "day"
    if span <= _MAX_POINTS * 4:
        return (lambda day: day - timedelta(days=day.weekday())), "week"
    return (lambda day: day.replace(day=1)), "month"


def _date_ticks(first: date, span: int, x: Callable[[float], float], number: int = 6) -> list[tuple[float, str]]:
    number = min(number, span)
    form = "%d %b" if span < 300 else "%b %Y"
    return [
        (x(span * n / max(1, number)), f"{first + timedelta(days=round(span * n / max(1, number))):{form}}".lstrip("0"))
        for n in range(number + 1 if number > 1 else 1)
    ]


def _number_ticks(low: float, high: float, y: Callable[[float], float], *, least: float = 0) -> list[tuple[float, str]]:
    step = max(least, _nice_step((high - low) / 4))
    values = [n * step for n in range(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1)]
    return [(y(value), _short(value)) for value in values]


def _nice_step(raw: float) -> float:
    power: float = 10.0 ** floor(log10(raw)) if raw > 0 else 1.0
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw * 0.999)


def _nice_ceiling(value: float) -> float:
    step = max(1.0, _nice_step(value / 3))
    return max(1.0, ceil(value / step) * step)


def _scale(low: float, high: float, start: float, end: float) -> Callable[[float], float]:
    span = (high - low) or 1.0
    return lambda value: round(start + (value - low) / span * (end - start), 1)


def _as_number(value: Any) -> float:
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, date):
        return float(value.toordinal() * 86_400)
    return float(value)


def _say(value: Any) -> str:
    if isinstance(value, datetime):
        return _moment(value) if (value.hour or value.minute) else f"{value:%d %b %Y}"
    if isinstance(value, date):
        return f"{value:%d %b %Y}"
    if isinstance(value, float):
        return f"{value:,.6g}"
    return str(value)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _moment(value: datetime) -> str:
    value = value.astimezone(UTC) if value.tzinfo else value
    return f"{value:%d %b %Y %H:%M}".lstrip("0")


def _short(value: float) -> str:
    for limit, suffix in ((1e6, "M"), (1e4, "k")):
        if abs(value) >= limit:
            return f"{value / (1e6 if suffix == 'M' else 1e3):.3g}{suffix}"
    return f"{value:,.0f}" if value == round(value) or abs(value) >= 100 else f"{value:.2g}"
