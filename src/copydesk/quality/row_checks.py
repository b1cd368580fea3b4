"""Row checks: find every broken rule of every record of an extract part, and accept or quarantine each capture.

    tables --refuse_drift--> measures --pandera, per table--> broken rows --severity of (rule, source)--> PartResult

        error  the capture is quarantined, with all broken rules and their values
        warn   the capture is loaded with a finding    info  the same, not counted as a warning    off  ignored

Captures rejected by extract are quarantined too, so that each capture of a part is either accepted or quarantined.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import polars as pl

from copydesk.quality.admission import INTEGRITY_MEASURES
from copydesk.quality.measures.articles import measured_articles
from copydesk.quality.measures.boilerplate_phrases import is_boilerplate
from copydesk.quality.measures.paragraphs import BoilerplateTest, measured_paragraphs
from copydesk.quality.measures.people import contested_evidence, measured_authors, measured_captions, measured_links
from copydesk.quality.measures.quotes import measured_quotes
from copydesk.quality.rules import OFF, Registry
from copydesk.quality.schemas import broken_rows, refuse_drift
from copydesk.settings import Source
from copydesk.store.parts.parquet import SCHEMAS, frame

__all__ = ["HISTORY_COLUMNS", "NO_HISTORY", "PartResult", "check_part", "warm_up_checks"]

HISTORY_COLUMNS = {"article_id": pl.String, "revision_id": pl.String, "body_chars": pl.Int32, "text_sha256": pl.String}
"""The last revision of each article loaded before."""

NO_HISTORY = pl.DataFrame(schema=HISTORY_COLUMNS)

_TABLES = ("articles", "paragraphs", "authors", "captions", "links", "quotes", "evidence", "findings", "rejections")
_BROKEN = {"capture_id": pl.String, "rule": pl.String, "value": pl.Float64, "detail": pl.String}
_SHOWN_CHARS = 160
_EXCERPT_CHARS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class PartResult:
    """The result of the row checks of one part.

    Attributes:
        accepted: Captures whose rows are loaded (columns of `SCHEMAS`).
        findings: One row per capture and broken rule, including the findings of extract.
        quarantine: One row per quarantined capture.
        counts: Rule id -> captures that broke it, at any severity.
    """

    accepted: pl.DataFrame
    findings: pl.DataFrame
    quarantine: pl.DataFrame
    counts: Mapping[str, int] = field(default_factory=dict)


def check_part(
    tables: Mapping[str, pl.DataFrame],
    *,
    registry: Registry,
    sources: Mapping[str, Source] | None = None,
    history: pl.DataFrame = NO_HISTORY,
    let_in: Mapping[tuple[str, str], AbstractSet[str]] | None = None,
    now: datetime | None = None,
    boilerplate: BoilerplateTest = is_boilerplate,
) -> PartResult:
    """Check every record of one extract part.

    Args:
        tables: The part's tables by name, with the columns of `store.parts.parquet.SCHEMAS`.
        registry: The desk's rules; the overrides of `sources` are added here.
        sources: The declared sources by name: language, founded, rules.
        history: `HISTORY_COLUMNS` of articles loaded before.
        let_in: (source, uri) of pages that a person let in -> rules that do not refuse them.
        now: The time of the check (UTC), for dates in the future.
        boilerplate: Tells which short texts are boilerplate.

    Raises:
        StoreError: The part's columns or types differ from `SCHEMAS`; nothing was checked.
        SettingsError: A source overrides a rule that does not exist.
    """
    refuse_drift(tables, _TABLES)
    sources = sources or {}
    registry = registry.for_sources(sources.values())
    broken = _broken_rules(tables, registry, sources, history, now or datetime.now(UTC), boilerplate)
    findings = _softened(_findings(tables, broken, registry), tables["articles"], registry, let_in or {})
    quarantine = pl.concat([_rejection_rows(tables["rejections"]), _error_rows(tables, findings, registry)])
    gone = quarantine["capture_id"].implode()
    accepted = tables["articles"].filter(~pl.col("capture_id").is_in(gone)).select(list(SCHEMAS["accepted"]))
    counts = dict(sorted(findings["rule"].value_counts().iter_rows()))
    return PartResult(accepted=accepted, findings=findings, quarantine=quarantine, counts=counts)


def warm_up_checks(registry: Registry) -> None:
    """Check a dummy article, to compile patterns, phrase tables and query plans in advance."""
    rows: dict[str, dict[str, list[Any]]] = {
        "articles": {"capture_id": ["-"], "source": ["-"], "title": ["-"]},
        "paragraphs": {"capture_id": ["-"], "position": [1], "kind": ["paragraph"], "text": ["Read more"]},
    }
    check_part({name: frame(name, rows.get(name, {})) for name in _TABLES}, registry=registry)


def _broken_rules(
    tables: Mapping[str, pl.DataFrame],
    registry: Registry,
    sources: Mapping[str, Source],
    history: pl.DataFrame,
    now: datetime,
    boilerplate: BoilerplateTest,
) -> pl.DataFrame:
    """Return one row per capture and broken rule: capture_id, rule, value (worst), detail (first offending text)."""
    paragraphs = measured_paragraphs(tables["paragraphs"], boilerplate)
    measured = {
        "articles": measured_articles(tables, paragraphs, sources=sources, history=history, now=now),
        "paragraphs": paragraphs,
        "authors": measured_authors(tables["authors"]),
        "captions": measured_captions(tables["captions"]),
        "links": measured_links(tables["links"]),
        "quotes": measured_quotes(tables["quotes"], tables["paragraphs"]),
        "evidence": contested_evidence(tables["evidence"]),
    }
    return pl.concat(
        [_failures_by_capture(name, frame, tables["articles"], registry) for name, frame in measured.items()]
    )


def _failures_by_capture(name: str, frame: pl.DataFrame, articles: pl.DataFrame, registry: Registry) -> pl.DataFrame:
    """Check one measured table and group its failing rows by capture and rule."""
    if frame.is_empty():
        return pl.DataFrame(schema=_BROKEN)
    if name != "articles" and any(registry.source_thresholds(rule) or rule.by_language for rule in registry.of(name)):
        facts = articles.select("capture_id", "source", "language")
        frame = frame.join(facts, on="capture_id", how="left", maintain_order="left")
    broken = broken_rows(name, frame, registry)
    parts = [pl.DataFrame(schema=_BROKEN)]
    for (rule_id,), rows in broken.group_by("rule"):
        rule = registry.rules[str(rule_id)]
        shown = frame[rule.shows].gather(rows["row"]) if rule.shows else pl.Series([""] * rows.height, dtype=pl.String)
        captures = frame["capture_id"].gather(rows["row"])
        failing = pl.DataFrame({"capture_id": captures, "value": rows["value"], "shown": shown})
        worst = pl.col("value").min() if rule.breaks == "under" else pl.col("value").max()
        parts.append(
            failing.group_by("capture_id", maintain_order=True)
            .agg(worst.alias("value"), pl.len().alias("rows"), pl.col("shown").first())
            .select("capture_id", pl.lit(rule.id).alias("rule"), "value", _detail(name).alias("detail"))
        )
    return pl.concat(parts)


def _detail(table: str) -> pl.Expr:
    """Return the first offending text, shortened, and the number of offending rows."""
    text = pl.col("shown").fill_null("").str.slice(0, _SHOWN_CHARS)
    if table == "articles":
        return text
    return pl.when(pl.col("rows") > 1).then(pl.format("{} ({} {})", text, "rows", pl.lit(table))).otherwise(text)


def _findings(tables: Mapping[str, pl.DataFrame], broken: pl.DataFrame, registry: Registry) -> pl.DataFrame:
    """Combine the findings of extract with the broken rules; the registry's severity takes precedence."""
    columns = list(SCHEMAS["findings"])
    rejected = tables["rejections"].select(
        "capture_id",
        pl.col("reason").alias("rule"),
        pl.lit("error").alias("severity"),
        pl.lit(None, pl.Float64).alias("value"),
        "detail",
    )
    judged = broken.with_columns(pl.lit("warn").alias("severity")).select(columns)
    said = pl.concat([tables["findings"].select(columns), rejected, judged])
    origin = pl.concat([tables[name].select("capture_id", "source") for name in ("articles", "rejections")])
    said = said.join(origin.unique("capture_id"), on="capture_id", how="left", maintain_order="left")
    pairs = said.select("rule", "source", "severity").unique()
    known = [registry.severity(r, s or "", default=was) for r, s, was in pairs.iter_rows()]
    pairs = pairs.with_columns(pl.Series("verdict", known, dtype=pl.String))
    said = said.join(pairs, on=["rule", "source", "severity"], how="left", nulls_equal=True, maintain_order="left")
    return (
        said.filter(pl.col("verdict") != OFF)
        .with_columns(pl.col("verdict").alias("severity"))
        .unique(["capture_id", "rule"], keep="first", maintain_order=True)
        .select(columns)
    )


def _softened(
    findings: pl.DataFrame,
    articles: pl.DataFrame,
    registry: Registry,
    let_in: Mapping[tuple[str, str], AbstractSet[str]],
) -> pl.DataFrame:
    """Return the findings with a warning in place of each error that a person let through."""
    if not let_in:
        return findings
    firm = {rule.id for rule in registry if rule.measure in INTEGRITY_MEASURES}
    pages = articles.select("capture_id", "source", "uri").unique("capture_id").iter_rows()
    pairs = [(c, rule) for c, source, uri in pages for rule in sorted(let_in.get((source, uri), set()) - firm)]
    chosen = pl.DataFrame(pairs, schema={"capture_id": pl.String, "rule": pl.String}, orient="row")
    joined = findings.join(
        chosen.with_columns(pl.lit(True).alias("let_in")), on=["capture_id", "rule"], how="left", maintain_order="left"
    )
    softer = pl.when(pl.col("let_in") & (pl.col("severity") == "error")).then(pl.lit("warn"))
    return joined.with_columns(softer.otherwise(pl.col("severity")).alias("severity")).select(findings.columns)


def _rejection_rows(rejections: pl.DataFrame) -> pl.DataFrame:
    """Return the captures rejected by acquire or extract as quarantine rows."""
    return rejections.unique("capture_id", keep="first", maintain_order=True).select(
        "capture_id",
        "source",
        "uri",
        "stage",
        "reason",
        pl.concat_list("reason").alias("rules"),
        pl.concat_list(pl.lit(None, pl.Float64)).alias("measured"),
        "detail",
        "excerpt",
    )


def _error_rows(tables: Mapping[str, pl.DataFrame], findings: pl.DataFrame, registry: Registry) -> pl.DataFrame:
    """Return the articles that broke rules of severity error as quarantine rows, with those rules in registry order."""
    order = {rule.id: number for number, rule in enumerate(registry)}
    errors = (
        findings.filter(pl.col("severity") == "error")
        .with_columns(pl.col("rule").replace_strict(order, default=len(order), return_dtype=pl.Int32).alias("order"))
        .sort("order", maintain_order=True)
        .group_by("capture_id")
        .agg(
            pl.col("rule").first().alias("reason"),
            pl.col("rule").alias("rules"),
            pl.col("value").alias("measured"),
            pl.concat_str("rule", pl.lit(": "), pl.col("detail").fill_null("")).str.join("; ").alias("detail"),
        )
    )
    rejected = tables["rejections"]["capture_id"].implode()
    articles = tables["articles"].select("capture_id", "source", "uri", "title")
    refused = articles.join(errors, on="capture_id", maintain_order="left").filter(
        ~pl.col("capture_id").is_in(rejected)
    )
    words = (
        tables["paragraphs"]
        .join(refused.select("capture_id"), on="capture_id", how="semi")
        .group_by("capture_id")
        .agg(pl.col("text").str.slice(0, _EXCERPT_CHARS).sort_by("position").head(5).str.join("\n").alias("words"))
    )
    return (
        refused.join(words, on="capture_id", how="left", maintain_order="left")
        .with_columns(pl.lit("check").alias("stage"), _excerpt().alias("excerpt"))
        .select(list(SCHEMAS["quarantine"]))
    )


def _excerpt() -> pl.Expr:
    return pl.concat_str("title", "words", separator="\n", ignore_nulls=True).str.slice(0, _EXCERPT_CHARS)
