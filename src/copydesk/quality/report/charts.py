"""The report's charts as SVG text: no script, no font and no address from outside.

Colours that must follow light and dark are given by class in the page's style sheet; a mark's own colour is chosen to
read on both. Labels go through vl-convert, which escapes them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import altair as alt
import polars as pl
import vl_convert

from copydesk.quality.history import band_of
from copydesk.quality.rules import Registry

__all__ = ["bars", "history_chart", "volume_chart", "with_bands"]

_GOOD, _BAD, _WARN, _BAND = "#3b7dd8", "#d9534f", "#e0a030", "#7a8799"
_WIDTH, _HEIGHT = 300, 110
_SIZE = re.compile(r'<svg ([^>]*?)width="([\d.]+)" height="([\d.]+)"')


def volume_chart(volume: pl.DataFrame) -> str:
    """Return captures by day of one source: bars, what was refused on top in red."""
    accepted = (pl.col("captures") - pl.col("quarantined")).alias("n")
    long = pl.concat(
        [
            volume.select("day", pl.lit("accepted").alias("what"), accepted),
            volume.select("day", pl.lit("quarantined").alias("what"), pl.col("quarantined").alias("n")),
        ]
    ).with_columns(pl.col("day").dt.to_string("%Y-%m-%d"))
    days = _days(volume["day"]) + 1
    axis = alt.Axis(title=None, format="%d %b", labelOverlap=True, tickCount=min(5, days), grid=False)
    tones = alt.Scale(domain=["accepted", "quarantined"], range=[_GOOD, _BAD])
    chart = (
        alt.Chart(_data(long.to_dicts()))
        .mark_bar(size=min(12.0, 0.8 * _WIDTH / days))
        .encode(
            x=alt.X("day:T", axis=axis, scale=alt.Scale(padding=10)),
            y=alt.Y("n:Q", axis=alt.Axis(title=None, tickCount=3)),
            color=alt.Color("what:N", scale=tones, legend=None),
            order=alt.Order("what:N"),
        )
    )
    return _svg(chart)


def with_bands(history: pl.DataFrame, registry: Registry) -> pl.DataFrame:
    """Add low and high to the runs of one source and metric: the band as it stood before each run's day."""
    metric, source = history["metric"][0], history["source"][0]
    rules = [rule for rule in registry.of("history") if rule.measure == metric]
    min_deviation = min((rule.min_deviation for rule in rules), default=0.0)
    yardstick = history.filter(~pl.col("held") & ~pl.col("incident"))
    rows = []
    for run in history.iter_rows(named=True):
        day = run["started_at"].date()
        band = band_of(yardstick.filter(pl.col("started_at").dt.date() < day)["value"], min_deviation)
        reach = {r.breaks: registry.source_thresholds(r).get(source, r.threshold) for r in rules} if band else {}
        low = band.median - reach["under"] * band.deviation if band and "under" in reach else None
        high = band.median + reach["over"] * band.deviation if band and "over" in reach else None
        out = (low is not None and run["value"] < low) or (high is not None and run["value"] > high)
        middle = band.median if band else None
        rows.append({**run, "median": middle, "low": low, "high": high, "unusual": out})
    return pl.DataFrame(rows, infer_schema_length=None)


def history_chart(banded: pl.DataFrame, *, share: bool) -> str:
    """Return one metric of one source over its runs: the line, its band, and what left it.

    The band is drawn no further than the values and half their range reach, so that a wide one does not flatten them.
    """
    lowest, highest = _number(banded["value"].min()), _number(banded["value"].max())
    room = (highest - lowest) * 0.5 or abs(highest) * 0.25 or 0.5
    bottom, top = max(0.0, lowest - room), highest + room
    judged = pl.col("median").is_not_null()
    shown = banded.with_columns(
        pl.when(judged).then(pl.col("low").fill_null(bottom).clip(bottom, top)).alias("low"),
        pl.when(judged).then(pl.col("high").fill_null(top).clip(bottom, top)).alias("high"),
        pl.col("started_at").dt.to_string("%Y-%m-%dT%H:%M:%SZ").alias("at"),
    )
    values = shown.select("at", "value", "median", "low", "high", "unusual").to_dicts()
    moment = "%d %b" if _days(banded["started_at"]) > 3 else "%H:%M"
    days = alt.Axis(title=None, format=moment, tickCount=4, labelOverlap=True)
    numbers = alt.Axis(title=None, tickCount=3, format=".0%" if share else "~s")
    scale = alt.Scale(domain=[bottom, top], nice=False, zero=False)
    base = alt.Chart(_data(values)).encode(x=alt.X("at:T", axis=days))
    value, middle = alt.Y("value:Q", scale=scale, axis=numbers), alt.Y("median:Q", scale=scale, axis=numbers)
    low = alt.Y("low:Q", scale=scale, axis=numbers)
    layers = (
        base.mark_area(color=_BAND, opacity=0.18).encode(y=low, y2="high:Q"),
        base.mark_line(color=_BAND, strokeDash=[3, 3], strokeWidth=1).encode(y=middle),
        base.mark_line(color=_GOOD, strokeWidth=1.5).encode(y=value),
        base.transform_filter("!datum.unusual").mark_circle(color=_GOOD, size=18).encode(y=value),
        base.transform_filter("datum.unusual").mark_circle(color=_BAD, size=55, opacity=1).encode(y=value),
    )
    return _svg(alt.layer(*layers))


def bars(rows: Sequence[tuple[str, float, str]]) -> str:
    """Return horizontal bars, largest first: label, number, and the tone `bad`, `warn` or `plain`."""
    tones = {"bad": _BAD, "warn": _WARN, "plain": _GOOD}
    values = [{"label": label, "n": n, "tone": tones[tone]} for label, n, tone in rows]
    base = alt.Chart(_data(values)).encode(
        y=alt.Y("label:N", sort=None, axis=alt.Axis(title=None, labelLimit=180, ticks=False, domain=False)),
        x=alt.X("n:Q", axis=None, scale=alt.Scale(domainMin=0, padding=24)),
    )
    drawn = base.mark_bar(height={"band": 0.7}).encode(color=alt.Color("tone:N", scale=None))
    text = base.mark_text(align="left", dx=4).encode(text=alt.Text("n:Q", format=","))
    return _svg(alt.layer(drawn, text), width=340, height=max(40, 21 * len(values)))


def _svg(chart: Any, *, width: int = _WIDTH, height: int = _HEIGHT) -> str:
    """Render, and let the page decide the width."""
    styled = (
        chart.properties(width=width, height=height, background="transparent")
        .configure_view(stroke=None)
        .configure_axis(labelFontSize=11, labelFont="sans-serif", gridOpacity=0.6)
        .configure_text(fontSize=11, font="sans-serif")
    )
    svg: str = vl_convert.vegalite_to_svg(styled.to_json())
    return _SIZE.sub(r'<svg \1preserveAspectRatio="xMinYMin meet"', svg, count=1)


def _data(values: list[dict[str, Any]]) -> Any:
    return alt.InlineData(values=values)


def _days(moments: pl.Series) -> int:
    """Return the whole days between the first and the last."""
    span = moments.cast(pl.Datetime("us")).to_physical()
    return int(_number(span.max()) - _number(span.min())) // 86_400_000_000


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
