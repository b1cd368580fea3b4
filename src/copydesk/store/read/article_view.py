"""One article: text, evidence and revisions, read-only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from pathlib import Path

from copydesk.errors import UsageError
from copydesk.records import Author, AuthorKind, Block, Finding, Label, Quote, QuoteKind, Severity
from copydesk.store.read.evidence_kept import evidence_kept
from copydesk.store.read.page_check import PageCheck, page_check
from copydesk.store.warehouse.connection import Connection

__all__ = [
    "ArticleView",
    "EvidenceView",
    "RevisionView",
    "StoredBlocks",
    "TextChange",
    "changes_between",
    "numbered_changes",
    "read_article",
    "read_authors",
    "read_blocks",
]

_SQL = Path(__file__).parent / "sql"
_SAME_ENOUGH = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionView:
    """One text of an article; counts are against the text before it."""

    revision_id: str
    number: int | None
    title: str | None
    valid_from: datetime | None
    valid_to: datetime | None
    seen_count: int | None
    title_changed: bool | None
    added: int | None
    removed: int | None
    edited: int | None
    rules_version: str | None
    retired_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceView:
    """A candidate for a field: where it came from, whether it won, why."""

    field: str
    value: str | None
    source: str | None
    chosen: bool
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleView:
    """An article as it stands now, with its evidence, its revisions and who else prints it."""

    article_id: str
    publisher: str
    title: str | None
    authors: tuple[str, ...]
    published_at: datetime | None
    published_precision: str | None
    language: str
    section_path: tuple[str, ...]
    agency: str | None
    credit: str | None
    address: str | None
    source: str
    uri: str
    body_words: int | None
    confidence: float | None
    paragraphs: tuple[str, ...]
    cut: dict[str, int]
    evidence_kept: str
    asked_because: str | None
    truncation: str | None
    evidence: tuple[EvidenceView, ...]
    revisions: tuple[RevisionView, ...]
    printed_also_by: tuple[str, ...]
    page_check: PageCheck | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredBlocks:
    """Blocks and findings of an article's page.

    Attributes:
        blocks: Kept and cut blocks in page order; no rule is stored for kept ones.
        findings: Rules that its capture broke.
        zoned: Whether the page gave a zone with the publication date.
        modified_at: When the page says that it was changed (UTC).
        quotes: Who says what in its current text.
    """

    blocks: tuple[Block, ...]
    findings: tuple[Finding, ...]
    zoned: bool
    modified_at: datetime | None
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextChange:
    """One paragraph of a comparison: `same`, `added`, `removed` or `edited`; the side it is not on is empty."""

    what: str
    old: str = ""
    new: str = ""


def read_article(connection: Connection, article_id: str) -> ArticleView:
    """Return an article with its evidence and revisions."""
    text = (_SQL / "article_facts.sql").read_text(encoding="utf-8")
    facts = connection.frame(text, [article_id]).row(0, named=True)
    revision = str(facts["revision_id"])
    paragraphs = connection.rows(
        "select text from paragraphs where revision_id = $1::uuid order by position", [revision]
    )
    capture, because, truncation = connection.rows(
        "select c.capture_id, c.asked_because, c.truncation from revisions as r "
        "left join audit.captures as c using (capture_id) where r.revision_id = $1::uuid",
        [revision],
    )[0]
    cut = connection.rows(
        "select label::varchar, count(*) from audit.cut_blocks where capture_id = $1 group by 1 order by 2 desc, 1",
        [capture],
    )
    return ArticleView(
        article_id=article_id,
        publisher=facts["publisher"],
        title=facts["title"],
        authors=tuple(facts["authors"] or ()),
        published_at=facts["published_at"],
        published_precision=facts["precision"],
        language=facts["language"],
        section_path=tuple(facts["section_path"] or ()),
        agency=facts["agency"],
        credit=facts["credit"],
        address=facts["address"],
        source=facts["source"],
        uri=facts["uri"],
        body_words=facts["body_words"],
        confidence=facts["confidence"],
        paragraphs=tuple(row[0] for row in paragraphs),
        cut=dict(cut),
        evidence_kept=evidence_kept(connection, str(capture)),
        asked_because=because,
        truncation=truncation,
        evidence=_evidence(connection, str(capture)),
        revisions=_revisions(connection, article_id),
        printed_also_by=_also(connection, article_id),
        page_check=page_check(connection, facts["source"], facts["uri"]),
    )


def _evidence(connection: Connection, capture_id: str) -> tuple[EvidenceView, ...]:
    rows = connection.rows(
        "select field, value, source, chosen, reason from audit.evidence where capture_id = $1::uuid "
        "order by field, chosen desc, position",
        [capture_id],
    )
    return tuple(EvidenceView(field=f, value=v, source=s, chosen=c, reason=r) for f, v, s, c, r in rows)


def _revisions(connection: Connection, article_id: str) -> tuple[RevisionView, ...]:
    rows = connection.rows(
        "select revision_id::varchar, number, title, valid_from, valid_to, seen_count, title_changed, "
        "paragraphs_added, paragraphs_removed, paragraphs_edited, rules_version, retired_by "
        "from revisions where article_id = $1::uuid order by number nulls last, revision_id",
        [article_id],
    )
    names = RevisionView.__slots__
    return tuple(RevisionView(**dict(zip(names, row, strict=True))) for row in rows)


def _also(connection: Connection, article_id: str) -> tuple[str, ...]:
    rows = connection.rows(
        "select format('{} ({:.0f} % alike)', s.publisher, 100 * s.similarity) from story_spread as s "
        "where s.story_id = (select story_id from story_articles where article_id = $1::uuid) "
        "and s.article_id <> $1::uuid order by s.position",
        [article_id],
    )
    return tuple(row[0] for row in rows)


def read_authors(connection: Connection, article_id: str) -> tuple[Author, ...]:
    """Return the authors of an article's current text, in byline order."""
    rows = connection.rows(
        "select name, kind::varchar from articles as a "
        "join revision_authors as r on r.revision_id = a.current_revision_id join authors using (author_id) "
        "where a.article_id = $1::uuid order by r.position",
        [article_id],
    )
    return tuple(Author(name=name, kind=AuthorKind(kind)) for name, kind in rows)


def read_blocks(connection: Connection, article_id: str) -> StoredBlocks:
    """Return the blocks and findings of an article's current text."""
    revision, capture, zoned, modified_at = connection.rows(
        "select r.revision_id, r.capture_id, r.published_zoned, r.modified_at from articles as a "
        "join revisions as r on r.revision_id = a.current_revision_id where a.article_id = $1::uuid",
        [article_id],
    )[0]
    kept = connection.rows(
        "select coalesce(block, 0), kind::varchar, text from paragraphs where revision_id = $1 order by position",
        [revision],
    )
    cut = connection.rows(
        "select number, label::varchar, rule, coalesce(confidence, 1), runner_up::varchar, place, text "
        "from audit.cut_blocks where capture_id = $1 order by number",
        [capture],
    )
    blocks = [
        Block(number=n, text=text, label=Label.HEADING if kind == "heading" else Label.BODY, kept=True, rule="")
        for n, kind, text in kept
    ]
    blocks += [
        Block(number=n, text=text, label=Label(label), kept=False, rule=rule, confidence=confidence,
              runner_up=Label(other) if other else None, place=place)
        for n, label, rule, confidence, other, place, text in cut
    ]  # fmt: skip
    return StoredBlocks(
        blocks=tuple(sorted(blocks, key=lambda b: b.number)),
        findings=tuple(
            Finding(rule=rule, severity=Severity(severity), value=value, detail=detail or "")
            for rule, severity, value, detail in connection.rows(
                "select distinct rule, severity::varchar, value, detail from audit.findings "
                "where capture_id = $1 order by all",
                [capture],
            )
        ),
        zoned=bool(zoned),
        modified_at=modified_at,
        quotes=tuple(
            Quote(paragraph=paragraph, start=start, end=end, text=text, kind=QuoteKind(kind), cue=cue, speaker=speaker,
                  speaker_name=name, speaker_paragraph=there, speaker_start=first, speaker_end=last, rule=rule,
                  confidence=confidence)
            for paragraph, start, end, text, kind, cue, speaker, name, there, first, last, rule, confidence in
            connection.rows(
                "select paragraph, start_char, end_char, text, kind, coalesce(cue, ''), speaker, speaker_name, "
                "speaker_paragraph, speaker_start_char, speaker_end_char, rule, confidence "
                "from quotes where revision_id = $1 order by position",
                [revision],
            )
        ),
    )  # fmt: skip


def numbered_changes(
    connection: Connection, article_id: str, *, old: int | None = None, new: int | None = None
) -> list[TextChange]:
    """Compare two texts of an article by their numbers; the last two when left out.

    Raises:
        UsageError: It has only one text, or none of that number.
    """
    ids = {r.number: r.revision_id for r in _revisions(connection, article_id) if r.number is not None}
    last = max(ids)
    new = new if new is not None else last
    old = old if old is not None else new - 1
    if last == 1:
        raise UsageError("there is only one text of this article; nothing has changed.")
    if old not in ids or new not in ids:
        raise UsageError(f"its texts are numbered 1 to {last}.")
    return changes_between(connection, ids[old], ids[new])


def changes_between(connection: Connection, old_revision: str, new_revision: str) -> list[TextChange]:
    """Compare two texts: the headline first, then paragraph by paragraph, in order."""
    old_title, new_title = (_title(connection, r) for r in (old_revision, new_revision))
    old, new = (_paragraphs(connection, r) for r in (old_revision, new_revision))
    changes = [TextChange(what="same" if old_title == new_title else "edited", old=old_title, new=new_title)]
    for tag, a, b, c, d in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if tag == "equal":
            changes += [TextChange(what="same", old=t, new=t) for t in old[a:b]]
        else:
            changes += _replaced(old[a:b], new[c:d])
    return changes


def _title(connection: Connection, revision: str) -> str:
    return connection.value("select title from revisions where revision_id = $1::uuid", [revision]) or ""


def _paragraphs(connection: Connection, revision: str) -> list[str]:
    rows = connection.rows("select text from paragraphs where revision_id = $1::uuid order by position", [revision])
    return [row[0] for row in rows]


def _replaced(old: list[str], new: list[str]) -> list[TextChange]:
    """Pair what was replaced with what replaced it, where the two share half of their words; in order."""
    changes: list[TextChange] = []
    gone, come = list(old), []
    for text in new:
        pair = next((n for n, other in enumerate(gone) if _shared(other, text) >= _SAME_ENOUGH), None)
        if pair is None:
            come.append(text)
            continue
        changes += _apart(gone[:pair], come)
        changes.append(TextChange(what="edited", old=gone[pair], new=text))
        gone, come = gone[pair + 1 :], []
    return changes + _apart(gone, come)


def _apart(gone: list[str], come: list[str]) -> list[TextChange]:
    return [*(TextChange(what="removed", old=t) for t in gone), *(TextChange(what="added", new=t) for t in come)]


def _shared(one: str, other: str) -> float:
    a, b = set(one.lower().split()), set(other.lower().split())
    return len(a & b) / max(1, len(a | b))
