"""Judge synthetic histories with planted breaks: what the rules of table `history` find, and what they find wrongly.

    python -m bench.backtest                     40 sources of 26 weeks, each break planted into each source it can hit
    python -m bench.backtest --sources 10        fewer

A source has a week and a day of its own (agency, daily, regional, magazine, hourly feed), noise wider than Poisson's, a
trend over half a year, jittering and missing runs, and holidays that are marked as a person would. Each run is judged
by `copydesk.quality.history.compare` as a real one is, against the runs before it. A break lasts three days from a
random day of week 6 to 25; it is found when its own rule breaks on one of them. A false alarm is a rule that breaks on
a day without a planted break, counted once a day. Writes bench/results/backtest.md; the same seed gives the same file.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from copydesk.quality.history import NO_MARKS, NO_STATISTICS, Past, band_of, compare, pasts
from copydesk.quality.rules import Registry, load_registry

RESULT = Path(__file__).parent / "results" / "backtest.md"
FIRST = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday
WEEKS, BREAK_DAYS, WARM_WEEKS = 26, 3, 5
HOLIDAYS = 4
METRICS = (
    *("captures", "quarantined_share", "duplicate_share", "median_body_chars", "furniture_share", "no_title_share"),
    *("no_date_share", "byline_share", "no_language_share", "warned_share", "freshness_hours"),
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of source.

    Attributes:
        hours: When it is asked (UTC).
        captures: New pages of a run on a full day.
        week: Share of that on each weekday, Monday first.
        day: Share of that in each of its hours.
    """

    name: str
    hours: tuple[int, ...]
    captures: float
    week: tuple[float, ...]
    day: tuple[float, ...]


KINDS = (
    Kind("agency, 4 runs a day", (0, 6, 12, 18), 90, (1, 1, 1, 1, 1, 0.7, 0.65), (0.35, 0.8, 1.0, 0.9)),
    Kind("daily, 1 run", (6,), 120, (1, 1, 1, 1, 1, 1.15, 0.25), (1,)),
    Kind("regional, 1 run", (21,), 60, (0.9, 1, 1, 1, 1.1, 0.35, 0.2), (1,)),
    Kind("magazine, 1 run", (9,), 30, (1, 0.6, 0.6, 1, 0.8, 0.15, 0.15), (1,)),
    Kind("feed, 8 runs a day", tuple(range(0, 24, 3)), 30, (1, 1, 1, 1, 0.95, 0.5, 0.45),
         (0.1, 0.1, 0.5, 1, 1, 1, 0.9, 0.5)),
)  # fmt: skip


def shares_of(source: int) -> dict[str, float]:
    """Return the usual shares of a source."""
    draw = np.random.default_rng([7, source])
    return {
        "quarantined_share": draw.uniform(0.01, 0.1),
        "duplicate_share": draw.uniform(0.0, 0.08),
        "no_title_share": draw.uniform(0.0, 0.01),
        "no_date_share": draw.uniform(0.0, 0.06),
        "byline_share": draw.choice([0.05, 0.6, 0.9]),
        "no_language_share": draw.uniform(0.0, 0.02),
        "warned_share": draw.uniform(0.1, 0.35),
    }


Row = dict[str, float]
Break = tuple[str, Callable[[Row], Row], Callable[[Row], bool]]
BREAKS: Mapping[str, Break] = {
    "a quarter of the feed": ("volume_fell", lambda r: r | {"captures": r["captures"] // 4}, lambda _: True),
    "two fifths, as on a Sunday": ("volume_fell", lambda r: r | {"captures": int(r["captures"] * 0.4)}, lambda _: True),
    "every address three times": ("volume_rose", lambda r: r | {"captures": r["captures"] * 3.5}, lambda _: True),
    "a wall on half the pages": ("quarantine_rose", lambda r: r | {"quarantined_share": 0.5}, lambda _: True),
    "the same stories again": ("duplicates_rose", lambda r: r | {"duplicate_share": 0.5}, lambda _: True),
    "teasers in place of texts": (
        "length_fell",
        lambda r: r | {"median_body_chars": r["median_body_chars"] * 0.3},
        lambda _: True,
    ),
    "comments in the text": (
        "length_rose",
        lambda r: r | {"median_body_chars": r["median_body_chars"] * 3.5},
        lambda _: True,
    ),
    "a template with more around": (
        "furniture_changed",
        lambda r: r | {"furniture_share": min(0.97, r["furniture_share"] + 0.45)},
        lambda r: r["furniture_share"] < 0.5,
    ),
    "no titles": ("titles_lost", lambda r: r | {"no_title_share": 0.5}, lambda _: True),
    "no dates": ("dates_lost", lambda r: r | {"no_date_share": 0.6}, lambda _: True),
    "no bylines": ("bylines_lost", lambda r: r | {"byline_share": 0.02}, lambda r: r["byline_share"] > 0.5),
    "text decoded wrongly": ("language_lost", lambda r: r | {"no_language_share": 0.5}, lambda _: True),
    "warnings on all pages": ("warnings_rose", lambda r: r | {"warned_share": 0.9}, lambda _: True),
    "an archive in place of news": ("staler", lambda r: r | {"freshness_hours": 200.0}, lambda _: True),
}


@dataclass(frozen=True, slots=True)
class History:
    """The runs of one source.

    Attributes:
        times: Start of each run.
        rows: Metric -> value of each run.
        marks: Its holidays.
        past: Its runs outside of them, by metric.
    """

    name: str
    kind: Kind
    times: tuple[datetime, ...]
    rows: tuple[Row, ...]
    marks: pl.DataFrame
    past: Mapping[tuple[str, str], Past]


def history_of(number: int) -> History:
    """Return a source's runs of half a year."""
    draw = np.random.default_rng([11, number])
    kind, usual = KINDS[number % len(KINDS)], shares_of(number)
    name, size = f"source-{number:02}", draw.uniform(0.6, 1.8)
    length, furniture = draw.uniform(1200, 4500), draw.uniform(0.15, 0.6)
    trend, lag = draw.uniform(-0.25, 0.3), draw.uniform(1, 8)
    holidays = {int(d) for d in draw.choice(np.arange(7 * WARM_WEEKS, 7 * WEEKS), HOLIDAYS, replace=False)}
    times, rows = [], []
    for day in range(7 * WEEKS):
        swing = draw.gamma(40, 1 / 40)  # what happened in the world that day
        for hour, of_day in zip(kind.hours, kind.day, strict=True):
            minute = float(draw.normal(0, 12))
            if draw.random() < 0.02:
                continue
            level = kind.captures * size * kind.week[day % 7] * of_day * (1 + trend * day / (7 * WEEKS)) * swing
            level *= 0.25 if day in holidays else 1
            captures = int(draw.poisson(level * draw.gamma(60, 1 / 60)))
            if not captures:
                continue
            times.append(FIRST + timedelta(days=day, hours=hour, minutes=30 + minute))
            rows.append(_row(draw, captures, usual, length=length, furniture=furniture, lag=lag))
    spans = [(FIRST + timedelta(days=d), FIRST + timedelta(days=d + 1)) for d in sorted(holidays)]
    marks = pl.DataFrame([(name, a, b) for a, b in spans], schema=NO_MARKS.schema, orient="row")
    bare = History(name, kind, tuple(times), tuple(rows), marks, {})
    marked = _marked(bare)
    kept = [one for n, row in enumerate(rows) if n not in marked for one in _numbers(bare, n, row)]
    return replace(bare, past=pasts(pl.DataFrame(kept, schema=NO_STATISTICS.schema)))


def _row(
    draw: np.random.Generator, captures: int, usual: Mapping[str, float], *, length: float, furniture: float, lag: float
) -> Row:
    shares = {n: float(draw.binomial(captures, draw.beta(80 * p + 0.01, 80 * (1 - p)))) / captures
              for n, p in usual.items()}  # fmt: skip
    return {
        "captures": captures,
        **shares,
        "median_body_chars": float(length * np.exp(draw.normal(0, 0.5 / np.sqrt(captures) + 0.04))),
        "furniture_share": float(np.clip(furniture + draw.normal(0, 0.02), 0, 1)),
        "freshness_hours": float(lag * np.exp(draw.normal(0, 0.3))),
    }


def judged(history: History, registry: Registry, at: Sequence[int], changed: Callable[[Row], Row] | None = None,
           *, seasons: bool = True) -> list[tuple[int, str]]:  # fmt: skip
    """Return (run, rule) of every alarm among some runs, each compared with the untouched runs before it.

    Args:
        history: The source.
        registry: The rules.
        at: Indices of the runs to judge.
        changed: The break planted into them; None: none.
        seasons: False: bands of the last 60 runs of any day, as before there were seasons.
    """
    found = []
    past = history.past if changed is None else _planted(history, at, changed)
    for n in at:
        row = history.rows[n] if changed is None else changed(history.rows[n])
        if seasons:
            found += [(n, one.rule) for one in compare(_numbers(history, n, row), past, registry, history.marks)]
        else:
            found += [(n, rule) for rule in _without_seasons(past, history, row, history.times[n], registry)]
    return found


def _planted(history: History, at: Sequence[int], changed: Callable[[Row], Row]) -> dict[tuple[str, str], Past]:
    """Return the past with a break in some of its runs, which the later of them look back upon."""
    rows = {history.times[n].timestamp(): changed(history.rows[n]) for n in at}
    planted = {}
    for (source, metric), past in history.past.items():
        values = past.values.copy()
        for k in np.flatnonzero(np.isin(past.times, list(rows))):
            values[k] = rows[past.times[k]][metric]
        planted[source, metric] = replace(past, values=values)
    return planted


def _without_seasons(planted: Mapping[tuple[str, str], Past], history: History, row: Row, at: datetime,
                     registry: Registry) -> list[str]:  # fmt: skip
    day = at.replace(hour=0, minute=0).timestamp()
    broken = []
    for rule in registry.of("history"):
        past = planted[history.name, rule.measure].before(day)
        band = band_of(past.values, rule.min_deviation)
        if band is None or row["captures"] < rule.min_captures:
            continue
        reach, value = rule.threshold * band.deviation, row[rule.measure]
        if value < band.median - reach if rule.breaks == "under" else value > band.median + reach:
            broken.append(rule.id)
    return broken


def _numbers(history: History, n: int, row: Row) -> list[dict[str, Any]]:
    return [
        {"run_id": f"{n:05}", "source": history.name, "metric": metric, "value": float(row[metric]),
         "inputs": int(row["captures"]), "started_at": history.times[n], "held": False}
        for metric in METRICS
    ]  # fmt: skip


def _marked(history: History) -> set[int]:
    spans = history.marks.select("starts_at", "ends_at").rows()
    return {n for n, t in enumerate(history.times) if any(a <= t < b for a, b in spans)}


@dataclass(slots=True)
class Score:
    """What one way of judging found: break -> (found, planted); source -> false alarms, one per rule and day."""

    found: Counter[str]
    planted: Counter[str]
    false: Counter[str]
    by_rule: Counter[str]


def measure(histories: Sequence[History], registry: Registry, *, seasons: bool) -> Score:
    """Plant and judge."""
    score = Score(Counter(), Counter(), Counter(), Counter())
    for number, history in enumerate(histories):
        alarms = {(history.times[n].date(), rule)
                  for n, rule in judged(history, registry, range(len(history.times)), seasons=seasons)}  # fmt: skip
        score.false[history.name] = len(alarms)
        score.by_rule.update(rule for _, rule in alarms)
        draw = np.random.default_rng([13, number])
        marked = _marked(history)
        for name, (rule, change, possible) in BREAKS.items():
            start = FIRST + timedelta(days=int(draw.integers(7 * WARM_WEEKS, 7 * WEEKS - BREAK_DAYS)))
            end = start + timedelta(days=BREAK_DAYS)
            runs = [n for n, t in enumerate(history.times) if start <= t < end and n not in marked]
            if not runs or not possible(history.rows[runs[0]]):
                continue
            score.planted[name] += 1
            score.found[name] += rule in {r for _, r in judged(history, registry, runs, change, seasons=seasons)}
    return score


def table(before: Score, after: Score, histories: Sequence[History]) -> str:
    """Return the result as Markdown."""
    quarters = WEEKS / 13
    caption = (
        f"{len(histories)} synthetic sources of {WEEKS} weeks, {sum(len(h.times) for h in histories):,} runs; "
        f"`python -m bench.backtest`. A break lasts {BREAK_DAYS} days; found: its own rule breaks on one of them."
    )
    lines = [
        "# Backtest of the bands",
        "",
        caption,
        "",
        "| break | rule | planted | found, last 60 runs | found, seasons |",
        "|---|---|---:|---:|---:|",
    ]
    for name, (rule, _, _) in BREAKS.items():
        planted = after.planted[name]
        was, now = (100 * s.found[name] / max(1, planted) for s in (before, after))
        lines.append(f"| {name} | `{rule}` | {planted} | {was:.1f} % | {now:.1f} % |")
    all_was, all_now = (100 * s.found.total() / s.planted.total() for s in (before, after))
    lines += [f"| **all** | | {after.planted.total()} | {all_was:.1f} % | **{all_now:.1f} %** |", ""]
    lines += ["| kind of source | false alarms per source and quarter, last 60 runs | seasons | most of one source |",
              "|---|---:|---:|---:|"]  # fmt: skip
    by_kind: dict[str, list[str]] = defaultdict(list)
    for history in histories:
        by_kind[history.kind.name].append(history.name)
    for kind, names in [*by_kind.items(), ("**all**", [h.name for h in histories])]:
        was, now = (sum(s.false[n] for n in names) / len(names) / quarters for s in (before, after))
        most = max(after.false[n] for n in names) / quarters
        lines.append(f"| {kind} | {was:.2f} | {now:.2f} | {most:.1f} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure both ways, print and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", type=int, default=40)
    parser.add_argument("--out", type=Path, default=RESULT)
    args = parser.parse_args()
    registry = load_registry()
    histories = [history_of(n) for n in range(args.sources)]
    before, after = (measure(histories, registry, seasons=seasons) for seasons in (False, True))
    text = table(before, after, histories)
    print(text)
    print("false alarms by rule:", dict(after.by_rule.most_common()), "before:", dict(before.by_rule.most_common()))
    args.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
