"""An article: its text, on demand every cut line where it stood, evidence, revisions, who prints it, the page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from difflib import SequenceMatcher
from typing import Any

from markupsafe import Markup

from copydesk.browse.charts import timeline
from copydesk.browse.pages import Ask, NotFoundError, Page, Reading, Table
from copydesk.browse.views.stories import spread_of
from copydesk.errors import UsageError
from copydesk.records import Block
from copydesk.store.read.article_view import (
    ArticleView,
    TextChange,
    numbered_changes,
    read_article,
    read_blocks,
)
from copydesk.store.read.evidence_kept import not_kept
from copydesk.store.read.resolve import find_page

__all__ = ["article", "article_id_of", "changes", "fetched"]

_FULL_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")

_MAX_CHAR_DIFF = 6_000


def article(reading: Reading, ask: Ask) -> Page:
    """Return one article."""
    view = _found(reading, ask)
    stored = read_blocks(reading.connection, view.article_id)
    facts = reading.one("article_facts", id=view.article_id)
    captions = reading.rows("article_captions", id=view.article_id)
    links = reading.rows("article_links", id=view.article_id)
    restored = {
        row["text"] for row in reading.rows("article_restored", source=facts["source"], uri=facts["capture_uri"])
    }
    spread = spread_of(reading, facts["story_id"]) if facts["story_id"] else []
    lines = [_line(block, view.article_id, restored) for block in stored.blocks]
    with_cut = ask.flag("cut")
    data = {
        **{k: v for k, v in asdict(view).items() if k not in ("paragraphs", "cut", "evidence", "printed_also_by")},
        **{k: v for k, v in facts.items() if k != "capture_uri"},
        "asked_again": _asked_again(reading, view),
        "paragraphs": list(view.paragraphs),
        "lines": lines,
        "cut_by_label": view.cut,
        "evidence": [asdict(e) for e in view.evidence],
        "findings": [_finding(reading, f.rule, str(f.severity), f.value, f.detail) for f in stored.findings],
        "captions": captions,
        "links": links,
        "story": spread,
        "extras": _extras(reading, str(facts["revision_id"])),
    }
    return Page(
        template="article.html.j2",
        title=view.title or "(no title)",
        section="search",
        data=data,
        extra={
            "with_cut": with_cut,
            "cut_count": sum(view.cut.values()),
            "not_kept": not_kept(view.evidence_kept, view.source),
            "timeline": timeline(spread, here=view.article_id) if len(spread) > 1 else "",
            "fields": _by_field(data["evidence"]),
        },
        table=Table.of(lines, "number", "kept", "label", "rule", "confidence", "runner_up", "text", "restore"),
    )


def _asked_again(reading: Reading, view: ArticleView) -> str:
    """Return when the page is asked for again, "" for a file."""
    found, watch_s = view.page_check, reading.desk.settings.web.watch_s
    return found.sentence(view.source, reading.now, watch_s=watch_s) if found else ""


def article_id_of(reading: Reading, name: str) -> str:
    """Return the article that a permalink or a person means: an id, the start of one, an address or a path.

    Raises:
        NotFoundError: None.
        UsageError: Several.
    """
    if _FULL_ID.match(name.lower()):
        if not reading.connection.rows("select 1 from main.articles where article_id = $1::uuid", [name.lower()]):
            raise NotFoundError
        return name.lower()
    try:
        found = find_page(reading.connection, name, wanted="article")
    except UsageError as error:
        if "can mean" in str(error):
            raise
        raise NotFoundError from error
    if found.article_id is None:
        raise NotFoundError
    return found.article_id


def _found(reading: Reading, ask: Ask) -> ArticleView:
    return read_article(reading.connection, article_id_of(reading, ask.text("id")))


def _line(block: Block, article_id: str, restored: set[str]) -> dict[str, Any]:
    """Return one line as the page had it: kept, or cut with label, rule, confidence and how to restore it."""
    return {
        "number": block.number,
        "kept": block.kept,
        "label": block.label.value,
        "rule": block.rule,
        "confidence": None if block.kept else round(block.confidence, 3),
        "runner_up": block.runner_up.value if block.runner_up else None,
        "place": block.place,
        "text": block.text,
        "restored": block.kept and block.text in restored,
        "restore": None if block.kept else f"copydesk restore {article_id[:8]} {block.number}",
    }


def _finding(reading: Reading, rule: str, severity: str, value: float | None, detail: str) -> dict[str, Any]:
    known = reading.registry.rules.get(rule)
    return {
        "rule": rule,
        "severity": severity,
        "value": value,
        "detail": detail,
        "because": known.because if known else "",
    }


def _by_field(evidence: Sequence[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    fields: dict[str, list[dict[str, Any]]] = {}
    for one in evidence:
        fields.setdefault(one["field"], []).append(one)
    return fields


def _extras(reading: Reading, revision_id: str) -> dict[str, list[dict[str, Any]]]:
    """Return quotes, people and topics of a text, where the warehouse has such tables."""
    found: dict[str, list[dict[str, Any]]] = {}
    if reading.has("main.quotes"):
        found["quotes"] = reading.rows("article_quotes", revision=revision_id)
    return found


def changes(reading: Reading, ask: Ask) -> Page:
    """Return what changed between two texts of an article, paragraph by paragraph and word by word."""
    view = _found(reading, ask)
    last = max((r.number or 1 for r in view.revisions), default=1)
    new = ask.number("new", last, least=1)
    old = ask.number("old", max(1, new - 1), least=1)
    found = numbered_changes(reading.connection, view.article_id, old=old, new=new)
    rows = [asdict(change) for change in found]
    return Page(
        template="changes.html.j2",
        title=f"Changes of “{view.title or '(no title)'}”",
        section="search",
        data={"article_id": view.article_id, "old": old, "new": new, "changes": rows},
        extra={"view": view, "marked_changes": [_marked(change) for change in found]},
        table=Table.of(rows, "what", "old", "new"),
    )


def _marked(change: TextChange) -> dict[str, Any]:
    """Return a change with <del> and <ins> around the words that went and came."""
    if change.what != "edited" or len(change.old) + len(change.new) > _MAX_CHAR_DIFF:
        return {"what": change.what, "html": None, "old": change.old, "new": change.new}
    a, b = change.old.split(), change.new.split()
    out: list[Markup] = []
    for tag, i, j, k, m in SequenceMatcher(a=a, b=b, autojunk=False).get_opcodes():
        if tag == "equal":
            out.append(Markup("{}").format(" ".join(a[i:j])))
            continue
        if j > i:
            out.append(Markup("<del>{}</del>").format(" ".join(a[i:j])))
        if m > k:
            out.append(Markup("<ins>{}</ins>").format(" ".join(b[k:m])))
    return {"what": "edited", "html": Markup(" ").join(out), "old": change.old, "new": change.new}


def fetched(reading: Reading, ask: Ask) -> Page:
    """Return the frame around the page as it was fetched; the page itself is served beside it, sandboxed."""
    view = _found(reading, ask)
    facts = reading.one("article_facts", id=view.article_id)
    keys = (
        "source",
        "capture_uri",
        "url",
        "captured_at",
        "media_type",
        "charset",
        "size_bytes",
        "sha256",
        "http_status",
    )
    return Page(
        template="fetched.html.j2",
        title=f"As fetched: {view.title or '(no title)'}",
        section="search",
        data={"article_id": view.article_id, **{k: facts[k] for k in keys}},
    )
