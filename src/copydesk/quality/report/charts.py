"""The report's charts: inline SVG rendered by Jinja, without scripts, fonts or external resources.

    frame of one source or metric --scale to a viewBox--> chart record --templates/charts.svg.j2--> Markup

Each chart has a `<title>` and a `<desc>` for screen readers, axis labels in words, and classes that the page's style
sheet colours for light and dark. Autoescape handles every label.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from math import ceil, floor, log10
from pathlib import Path
from typing import Any

import polars as pl
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from copydesk.quality.history import pasts
from copydesk.quality.rules import Registry
from copydesk.wording import counted

__all__ = ["bar_chart", "history_chart", "template_environment", "volume_chart", "with_bands"]

_WIDTH, _HEIGHT = 320.0, 150.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 42.0, 312.0, 20.0, 116.0  # the plot area inside the viewBox
_BARS_WIDTH, _BAR_STEP, _BAR_HEIGHT = 380.0, 22.0, 14.0
_CHAR_WIDTH = 7.0  # of the 11 px label font, for wide fonts
_MAX_LABEL_CHARS = 28
_MAX_BAR_WIDTH = 14.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A tick of an axis: its position in the viewBox and its label."""

    at: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Axes:
    """The frame shared by charts over time.

    Attributes:
        title, description: Accessible name and description.
        x_label, y_label: Axis labels in words.
        x_ticks, y_ticks: Ticks, in viewBox units.
        width, height: Size of the viewBox.
        left, right, top, bottom: Edges of the plot area.
    """

    title: str
    description: str
    x_label: str
    y_label: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    width: float = _WIDTH
    height: float = _HEIGHT
    left: float = _LEFT
    right: float = _RIGHT
    top: float = _TOP
    bottom: float = _BOTTOM


@cache
def template_environment() -> Environment:
    """Return the Jinja environment of the report's templates: autoescape on, undefined names are errors."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["counted"] = counted
    return made


def volume_chart(volume: pl.DataFrame, *, title: str) -> Markup:
    """Return captures per day of one source as stacked bars: accepted below, quarantined above.

    Args:
        volume: Columns day, captures, quarantined.
        title: Accessible name of the chart.
    """
    days: list[date] = volume["day"].to_list()
    first, last = min(days), max(days)
    count = (last - first).days + 1
    top = _nice_ceiling(max([1, *volume["captures"]]))
    y = _scale(0, top, _BOTTOM, _TOP)
    slot = (_RIGHT - _LEFT) / count
    width = min(_MAX_BAR_WIDTH, slot * 0.8)
    bars = []
    for row in volume.iter_rows(named=True):
        middle = _LEFT + ((row["day"] - first).days + 0.5) * slot
        captures, quarantined = row["captures"], row["quarantined"]
        split = y(captures - quarantined)
        bars.append(
            {
                "label": f"{row['day']:%d %b %Y}: {counted(captures, 'capture')}, {quarantined:,} quarantined",
                "x": round(middle - width / 2, 1),
                "width": round(width, 1),
                "accepted": (split, round(_BOTTOM - split, 1)),
                "quarantined": (y(captures), round(split - y(captures), 1)),
            }
        )
    total, refused = int(volume["captures"].sum()), int(volume["quarantined"].sum())
    axes = Axes(
        title=title,
        description=(
            f"{counted(total, 'capture')} from {first:%d %b %Y} to {last:%d %b %Y}, {refused:,} of them quarantined."
        ),
        x_label="day (UTC)",
        y_label="captures",
        x_ticks=_day_ticks(first, count, slot),
        y_ticks=_number_ticks(0, top, y, _short),
    )
    return _render("volume", axes, bars=bars)


def with_bands(history: pl.DataFrame, registry: Registry) -> pl.DataFrame:
    """Add median, low, high and unusual to the runs of one source and metric: the band valid on each run's day."""
    metric, source = history["metric"][0], history["source"][0]
    rules = [rule for rule in registry.of("history") if rule.measure == metric]
    min_deviation = min((rule.min_deviation for rule in rules), default=0.0)
    baseline = pasts(history.filter(~pl.col("incident"))).get((source, metric))
    rows = []
    for run in history.iter_rows(named=True):
        band = baseline.band(run["started_at"], min_deviation, run["inputs"]) if baseline else None
        reach = {r.breaks: registry.source_thresholds(r).get(source, r.threshold) for r in rules} if band else {}
        low = band.bound("under", reach["under"]) if band and "under" in reach else None
        high = band.bound("over", reach["over"]) if band and "over" in reach else None
        out = (low is not None and run["value"] < low) or (high is not None and run["value"] > high)
        median = band.median if band else None
        rows.append({**run, "median": median, "low": low, "high": high, "unusual": out})
    return pl.DataFrame(rows, infer_schema_length=None)


def history_chart(banded: pl.DataFrame, *, title: str, y_label: str, share: bool) -> Markup:
    """Return one metric of one source over its runs: values, median, usual range, and values outside of it.

    The range is clipped to the values plus half their spread, so that a wide one does not flatten the line.

    Args:
        banded: Result of `with_bands`, oldest run first.
        title: Accessible name of the chart.
        y_label: Label of the value axis.
        share: Whether values are shares, shown as percentages.
    """
    values = [float(v) for v in banded["value"]]
    margin = (max(values) - min(values)) * 0.5 or abs(max(values)) * 0.25 or 0.5
    bottom, top = max(0.0, min(values) - margin), max(values) + margin
    top = min(top, max(1.0, *values)) if share else top
    moments: list[datetime] = [moment.astimezone(UTC) for moment in banded["started_at"]]
    x, y = _time_scale(moments), _scale(bottom, top, _BOTTOM, _TOP)
    rows = list(banded.iter_rows(named=True))
    points = [
        {
            "x": x(at),
            "y": y(row["value"]),
            "unusual": row["unusual"],
            "label": f"{at:%d %b %Y %H:%M}: {_percent(row['value']) if share else _short(row['value'])}",
        }
        for at, row in zip(moments, rows, strict=True)
    ]
    judged = [(x(at), row) for at, row in zip(moments, rows, strict=True) if row["median"] is not None]
    high = [(at, y(min(top, max(bottom, top if r["high"] is None else r["high"])))) for at, r in judged]
    low = [(at, y(min(top, max(bottom, bottom if r["low"] is None else r["low"])))) for at, r in judged]
    show = _percent if share else _short
    axes = Axes(
        title=title,
        description=_history_description(rows, moments, show),
        x_label="start of run (UTC)",
        y_label=y_label,
        x_ticks=_time_ticks(moments, x),
        y_ticks=_number_ticks(bottom, top, y, show),
    )
    return _render(
        "history",
        axes,
        points=points,
        line=_path([(p["x"], p["y"]) for p in points]),
        median=_path([(at, y(min(top, max(bottom, r["median"])))) for at, r in judged]),
        band=_path([*high, *reversed(low)]),
    )


def bar_chart(rows: Sequence[tuple[str, float, str]], *, title: str, unit: str) -> Markup:
    """Return horizontal bars in the given order.

    Args:
        rows: Label, number, and tone: `bad`, `warn` or `plain`.
        title: Accessible name of the chart.
        unit: What the numbers count, for the axis label and the description.
    """
    left = _CHAR_WIDTH * min(_MAX_LABEL_CHARS, max(len(label) for label, _, _ in rows)) + 8
    largest = max(n for _, n, _ in rows)
    right = _BARS_WIDTH - _CHAR_WIDTH * len(f"{largest:,.0f}") - 8
    x = _scale(0, largest or 1, 0, right - left)
    bars = [
        {
            "label": label if len(label) <= _MAX_LABEL_CHARS else f"{label[: _MAX_LABEL_CHARS - 1]}…",
            "full": label,
            "number": f"{n:,.0f}",
            "tone": tone,
            "y": 18 + _BAR_STEP * position,
            "width": max(1.0, x(n)),
        }
        for position, (label, n, tone) in enumerate(rows)
    ]
    chart = {
        "title": title,
        "description": "; ".join(f"{label}: {n:,.0f}" for label, n, _ in rows) + f" ({unit}).",
        "unit": unit,
        "left": round(left, 1),
        "width": _BARS_WIDTH,
        "height": 18 + _BAR_STEP * len(bars),
        "bar_height": _BAR_HEIGHT,
    }
    return _render("bars", chart, bars=bars)


def _render(macro: str, chart: Axes | dict[str, Any], **marks: Any) -> Markup:
    rendered: Markup = getattr(template_environment().get_template("charts.svg.j2").module, macro)(chart, **marks)
    return rendered


def _history_description(rows: list[dict[str, Any]], moments: list[datetime], show: Callable[[float], str]) -> str:
    last = rows[-1]
    usual = "" if last["median"] is None else f" against a median of {show(last['median'])}"
    outside = [f"{at:%d %b %Y}" for at, row in zip(moments, rows, strict=True) if row["unusual"]]
    listed = f" Outside the usual range: {', '.join(outside)}." if outside else " No run is outside the usual range."
    span = f"{counted(len(rows), 'run')} from {moments[0]:%d %b %Y} to {moments[-1]:%d %b %Y}"
    return f"{span}, last {show(last['value'])}{usual}.{listed}"


def _scale(low: float, high: float, start: float, end: float) -> Callable[[float], float]:
    """Return the linear map of low..high to start..end, rounded to a tenth."""
    span = (high - low) or 1.0
    return lambda value: round(start + (value - low) / span * (end - start), 1)


def _time_scale(moments: Sequence[datetime]) -> Callable[[datetime], float]:
    first, last = min(moments), max(moments)
    if first == last:
        return lambda _: round((_LEFT + _RIGHT) / 2, 1)
    scale = _scale(first.timestamp(), last.timestamp(), _LEFT + 6, _RIGHT - 6)
    return lambda moment: scale(moment.timestamp())


def _path(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in points)


def _day_ticks(first: date, count: int, slot: float) -> tuple[Tick, ...]:
    step = max(1, ceil(count / 4))
    days = range((count - 1) % step, count, step)  # the last day always has a tick
    return tuple(
        Tick(at=round(_LEFT + (n + 0.5) * slot, 1), label=f"{first + timedelta(days=n):%d %b}".lstrip("0"))
        for n in days
    )


def _time_ticks(moments: Sequence[datetime], x: Callable[[datetime], float]) -> tuple[Tick, ...]:
    first, last = min(moments), max(moments)
    form = "%d %b" if last - first > timedelta(days=3) else "%d %b %H:%M"
    number = 4 if form == "%d %b" else 3
    moments = [first + (last - first) * n / (number - 1) for n in range(number)] if first != last else [first]
    ticks = {f"{moment:{form}}".lstrip("0"): x(moment) for moment in moments}
    return tuple(Tick(at=at, label=label) for label, at in ticks.items())


def _number_ticks(
    low: float, high: float, y: Callable[[float], float], show: Callable[[float], str]
) -> tuple[Tick, ...]:
    """Return two to five ticks at multiples of 1, 2 or 5 times a power of ten."""
    step = _nice_step((high - low) / 3)
    values = [n * step for n in range(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1)]
    return tuple(Tick(at=y(value), label=show(value)) for value in values)


def _nice_step(raw: float) -> float:
    power: float = 10.0 ** floor(log10(raw))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw * 0.999)


def _nice_ceiling(value: float) -> float:
    step = max(1.0, _nice_step(value / 3))
    return ceil(value / step) * step


def _percent(value: float) -> str:
    return f"{value:.0%}" if value >= 0.1 or value == 0 else f"{value:.1%}"


def _short(value: float) -> str:
    """Return a number in at most five characters: 0.5, 12, 1,200, 12k, 1.2M."""
    for limit, suffix in ((1e6, "M"), (1e4, "k")):
        if abs(value) >= limit:
            return f"{value / (1e6 if suffix == 'M' else 1e3):.3g}{suffix}"
    return f"{value:,.0f}" if value == round(value) or abs(value) >= 100 else f"{value:.2g}"
