"""Parts built by hand: good articles of three languages, and a way to spoil one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import polars as pl

from copydesk.keys import article_key, capture_key, revision_key
from copydesk.store.parts.parquet import SCHEMAS, frame
from copydesk.text.entities.find_mentions import find_mentions

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

_SENTENCES = {
    "en": [
        "The council of {place} voted on {day} to repair the old bridge before the winter, for {n} million.",
        "Residents had asked for the work since a survey in spring found cracks in {n} of its pillars, the mayor said.",
        "“We cannot wait for another flood,” said a member of the council, who lives near the {place} market.",
        "Traffic will be led over the northern road for about {n} weeks, and buses will stop at the railway station.",
    ],
    "de": [
        "Der Rat von {place} hat am {day} beschlossen, die alte Brücke vor dem Winter für {n} Millionen zu erneuern.",
        "Die Anwohner hatten die Arbeiten verlangt, nachdem an {n} Pfeilern Risse gefunden worden waren.",
        "Der Verkehr wird etwa {n} Wochen lang über die nördliche Straße geführt, Busse halten am Bahnhof {place}.",
    ],
    "ru": [
        "Совет города {place} решил {day} отремонтировать старый мост через реку до зимы за {n} миллионов.",
        "Жители просили об этом с весны, когда в {n} опорах нашли трещины, рассказала журналистам глава города.",
        "Движение пустят по северной дороге примерно на {n} недель, автобусы пойдут через {place}.",
    ],
}
_PLACES = ("Arden", "Belmor", "Castel", "Dornau", "Elsin", "Farrow", "Galt", "Hollin")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")


def story(number: int, *, language: str = "en", paragraphs: int = 6) -> dict[str, Any]:
    """Return one good article as a mapping: fields of `articles`, and its children as lists."""
    said = _SENTENCES[language]
    texts = [
        said[k % len(said)].format(
            place=_PLACES[(number + k) % len(_PLACES)], day=_DAYS[(number + k) % 5], n=2 + number * 7 + k
        )
        for k in range(paragraphs)
    ]
    return {
        "title": f"Old bridge of {_PLACES[number % 8]} to be repaired at last, number {number}",
        "language": language,
        "source": "gazette",
        "uri": f"https://gazette.example/{language}/{number}",
        "published_at": NOW - timedelta(days=2, hours=number % 24),
        "published_precision": "minute",
        "captured_at": NOW - timedelta(hours=1),
        "paragraphs": texts,
        "authors": [("Hanna Brook", "person"), ("Tomas Reed-Oliver", "person")],
        "captions": [("The bridge on a morning in May.", "https://gazette.example/bridge.jpg")],
        "links": [("https://gazette.example/survey", "a survey", 2)],
        "evidence": None,
        "findings": [],
    }


def part(stories: Sequence[Mapping[str, Any]], rejections: Sequence[Mapping[str, Any]] = ()) -> dict[str, pl.DataFrame]:
    """Return the tables of an extract part that holds these stories."""
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in SCHEMAS}
    for one in stories:
        _add(rows, dict(one))
    rows["rejections"] = [dict(r) for r in rejections]
    return {
        name: frame(name, {c: [r.get(c) for r in rows[name]] for c in SCHEMAS[name]})
        for name in SCHEMAS
        if name not in {"captures", "accepted", "quarantine"}
    }


def _add(rows: dict[str, list[dict[str, Any]]], one: dict[str, Any]) -> None:
    texts = [p if isinstance(p, tuple) else (p, "paragraph") for p in one.pop("paragraphs")]
    children = {name: one.pop(name, ()) for name in ("authors", "captions", "links", "findings")}
    evidence = one.pop("evidence", None)
    chars = sum(len(t) for t, _ in texts) + 2 * max(len(texts) - 1, 0)
    body = "\n".join(t for t, _ in texts)
    fingerprint = sha256(f"{one.get('title')}\n{body}".encode("utf-8", "replace")).hexdigest()
    article = article_key(one["source"], one["uri"], one["uri"])
    base = {
        "capture_id": capture_key(one["source"], one["uri"], fingerprint),
        "article_id": article,
        "revision_id": revision_key(article, fingerprint),
        "address": one["uri"],
        "publisher": "gazette.example",
        "publisher_name": "The Gazette",
        "published_zoned": True,
        "extractor": "blocks",
        "charset": "utf-8",
        "confidence": 0.97,
        "span_probability": 0.74,
        "truncated": False,
        "body_chars": chars,
        "body_words": len(body.split()),
        "paragraph_count": len(texts),
        "block_count": len(texts) + 9,
        "cut_count": 9,
        "page_chars": chars + 400,
        "text_sha256": fingerprint,
        "code_version": "0.1.0",
        "rules_version": "1",
    }
    row = {**base, **one}
    rows["articles"].append(row)
    capture = row["capture_id"]
    keys = {"capture_id": capture, "revision_id": row["revision_id"]}
    rows["paragraphs"] += [
        {**keys, "position": k, "kind": kind, "level": 0, "text": text, "block": k}
        for k, (text, kind) in enumerate(texts, 1)
    ]
    rows["mentions"] += [
        {**keys, "position": k, "entity_id": m.entity_id, "kind": m.kind.value, "name": m.name, "known": m.known,
         "field": m.field.value, "paragraph": m.paragraph, "text": m.text, "full_name": m.full, "rule": m.rule}
        for k, m in enumerate(find_mentions(None, [text for text, _ in texts], language=row["language"]), 1)
    ]  # fmt: skip
    rows["authors"] += [
        {**keys, "position": k, "name": n, "kind": kind} for k, (n, kind) in enumerate(children["authors"], 1)
    ]
    rows["captions"] += [
        {**keys, "position": k, "text": t, "image_url": u} for k, (t, u) in enumerate(children["captions"], 1)
    ]
    rows["links"] += [
        {**keys, "position": k, "url": u, "text": t, "paragraph": p} for k, (u, t, p) in enumerate(children["links"], 1)
    ]
    rows["findings"] += [{"capture_id": capture, **finding} for finding in children["findings"]]
    if evidence is None:
        evidence = [("title", row["title"], True), ("published", str(row.get("published_at")), True)]
    rows["evidence"] += [
        {"capture_id": capture, "field": f, "position": k, "value": v, "source": "meta", "chosen": c, "reason": ""}
        for k, (f, v, c) in enumerate(evidence, 1)
    ]
