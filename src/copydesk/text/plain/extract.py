"""Texts to extractions, a batch at a time: decode, split, judge, label, assemble.

bytes -> text -> lines -> verdicts (all pages of a batch at once) -> labels -> article
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from copydesk.records import Block, Document, Evidence, Extraction, Label, PageKind, Rejection, Witness
from copydesk.text.decode import Decoded, decode, is_binary
from copydesk.text.language import UNKNOWN, detect
from copydesk.text.memory import SiteMemory, line_key
from copydesk.text.plain.article import Parts, assemble
from copydesk.text.plain.labels import label_lines
from copydesk.text.lines import Lines, split
from copydesk.text.plain.page import Decision, Found, Page, normal
from copydesk.text.plain.title import find_title
from copydesk.text.plain.verdict import Verdicts, judge
from copydesk.text.plain.witnesses import testify
from copydesk.text.rules import phrase_table

__all__ = ["extract_texts"]

_BATCH_PAGES = 50
"""Larger batches are slower: the arrays leave the cache (FINDINGS-TEXT)."""

_BATCH_CHARS = 400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """A document, decoded and split."""

    document: Document
    decoded: Decoded
    lines: Lines
    language: str
    binary: bool = False


def extract_texts(
    documents: Sequence[Document],
    *,
    memory: SiteMemory | None = None,
    explain: bool = False,
    strictness: float | None = None,
) -> list[Extraction]:
    """Extract the article of each text, in the order given.

    A pure function of each document, the rules and the memory: what else is in the batch changes nothing.

    Args:
        memory: Lines that recur across the documents' sites.
        explain: Fill the blocks' witnesses with the whole evidence.
        strictness: Probability, 0 to 1, below which a line inside the story is cut; None for the trained balance of .3.
    """
    out: list[Extraction] = []
    for batch in _batches([_read(document) for document in documents]):
        out += _extract_batch(batch, memory, explain, strictness)
    return out


def _batches(reads: Sequence[_Read]) -> Iterator[Sequence[_Read]]:
    start, size = 0, 0
    for k, read in enumerate(reads):
        size += len(read.decoded.text)
        if k + 1 - start >= _BATCH_PAGES or size >= _BATCH_CHARS:
            yield reads[start : k + 1]
            start, size = k + 1, 0
    if start < len(reads):
        yield reads[start:]


def _read(document: Document) -> _Read:
    if is_binary(document.content):
        return _Read(
            document=document,
            decoded=Decoded(text="", charset="binary"),
            lines=split(""),
            language=UNKNOWN,
            binary=True,
        )
    decoded = decode(document.content, document.charset)
    lines = split(decoded.text)
    return _Read(document=document, decoded=decoded, lines=lines, language=document.language or _language(lines))


def _language(lines: Lines) -> str:
    """Ask for the language of the longest lines: menus are a mixture of names."""
    texts = [lines.texts[row] for row in lines.rows]
    if len(texts) > 3:
        bar = sorted(map(len, texts), reverse=True)[2]
        texts = [text for text in texts if len(text) >= bar][:3]
    return detect(" ".join(text[:200] for text in texts))


def _extract_batch(
    batch: Sequence[_Read], memory: SiteMemory | None, explain: bool, strictness: float | None
) -> list[Extraction]:
    pages = [
        [(read.lines.texts[row], gap) for row, gap in zip(read.lines.rows, read.lines.gaps, strict=True)]
        for read in batch
    ]
    verdicts = judge(
        pages, [read.language for read in batch], [read.document.site for read in batch], memory, strictness
    )
    found = _found(verdicts)
    starts = verdicts.lines.page_start.tolist()
    columns = _Columns(verdicts)
    return [_one(read, k, columns, found, starts[k], starts[k + 1], memory, explain) for k, read in enumerate(batch)]


class _Columns:
    """The verdicts' arrays as lists, which plain Python reads faster."""

    __slots__ = ("chance", "cohesion", "keep", "long", "odds", "tail", "title_share", "verdicts", "words")

    def __init__(self, verdicts: Verdicts) -> None:
        from copydesk.text.plain.features import SCALES

        column = {scale.name: k for k, scale in enumerate(SCALES)}
        values = verdicts.features.values
        self.verdicts = verdicts
        self.keep: list[bool] = verdicts.keep.tolist()
        self.odds: list[float] = verdicts.odds.tolist()
        self.chance: list[float] = (1.0 / (1.0 + np.exp(-np.clip(verdicts.odds, -30, 30)))).tolist()
        self.words: list[float] = verdicts.lines.words.tolist()
        self.tail: list[int] = verdicts.lines.tail.tolist()
        self.title_share: list[float] = values[:, column["title_share"]].tolist()
        self.cohesion: list[float] = values[:, column["cohesion"]].tolist()
        self.long: list[bool] = verdicts.features.long.tolist()


def _found(verdicts: Verdicts) -> dict[int, list[Found]]:
    table = phrase_table()
    out: dict[int, list[Found]] = {}
    for line, phrase in zip(verdicts.hits.line.tolist(), verdicts.hits.phrase.tolist(), strict=True):
        rule = table.rules[phrase]
        one = Found(rule.id, rule.label, int(table.where[phrase]), rule.opens, table.phrases[phrase])
        out.setdefault(line, []).append(one)
    for some in out.values():
        some.sort(key=lambda one: (-one.where, -len(one.phrase)))
    return out


def _one(
    read: _Read,
    number: int,
    columns: _Columns,
    found: dict[int, list[Found]],
    a: int,
    b: int,
    memory: SiteMemory | None,
    explain: bool,
) -> Extraction:
    document, lines = read.document, read.lines
    if read.binary:
        return _rejected(read, "binary", "the bytes are no text in any charset")
    texts = [lines.texts[row].strip() for row in lines.rows]
    keep = columns.keep[a:b]
    pinned = _pins(texts, document.site, memory)
    for k, verdict in pinned.items():
        keep[k] = verdict == "keep"
    page = Page(
        texts=texts, gaps=lines.gaps, keep=keep, chance=columns.chance[a:b], words=columns.words[a:b], tail=columns.tail[a:b],
        title_share=columns.title_share[a:b], cohesion=columns.cohesion[a:b], long=columns.long[a:b],
        found={k - a: found[k] for k in range(a, b) if k in found},
    )  # fmt: skip
    titles = _frame_story(page, document.title_hint)
    decisions = label_lines(page)
    parts = assemble(page, decisions, [row + 1 for row in lines.rows], texts, document, read.language)
    blocks = _blocks(read, page, decisions, parts, pinned, columns, a, explain)
    rejection = None
    kind = PageKind.ARTICLE
    if not parts.paragraphs:
        reason, detail = (
            ("no_body", f"{len(texts)} lines, none of them part of a story")
            if texts
            else ("empty", "no visible character")
        )
        rejection = Rejection(stage="extract", reason=reason, detail=detail)
        kind = PageKind.OTHER if texts else PageKind.EMPTY
    language = Evidence(
        field="language", value=read.language, source="declared" if document.language else "text", chosen=True
    )
    return Extraction(
        document_id=document.document_id, kind=kind, extractor="text", charset=read.decoded.charset, blocks=blocks, title=parts.title,
        paragraphs=tuple(parts.paragraphs), authors=parts.authors, published=parts.published, modified=parts.modified, dateline=parts.dateline,
        section_path=parts.section_path, agency=parts.agency, credit=parts.credit, publisher=parts.publisher, language=read.language,
        captions=tuple(parts.captions), comment_count=parts.comment_count, confidence=_confidence(page), evidence=(*titles, *parts.evidence, language),
        findings=read.decoded.findings, rejection=rejection,
    )  # fmt: skip


def _rejected(read: _Read, reason: str, detail: str) -> Extraction:
    return Extraction(
        document_id=read.document.document_id,
        kind=PageKind.OTHER,
        extractor="text",
        charset=read.decoded.charset,
        findings=read.decoded.findings,
        rejection=Rejection(stage="extract", reason=reason, detail=detail),
    )


def _pins(texts: list[str], site: str, memory: SiteMemory | None) -> dict[int, str]:
    pins = memory.pins.get(site) if memory else None
    return {k: pins[key] for k, text in enumerate(texts) if (key := line_key(text)) in pins} if pins else {}


def _frame_story(page: Page, hint: str | None) -> tuple[Evidence, ...]:
    """Find where the story begins and ends and which line is its title; the title leaves the story."""
    _set_ends(page)
    page.title, evidence = find_title(page, hint)
    if page.title >= 0:
        page.title_text = normal(page.texts[page.title])
        page.keep[page.title] = False
        for k in range(len(page.texts)):
            if page.keep[k] and page.words[k] <= 40 and normal(page.texts[k]) == page.title_text:
                page.keep[k] = False
        _set_ends(page)
    return evidence


def _set_ends(page: Page) -> None:
    kept = [k for k, keep in enumerate(page.keep) if keep]
    page.first, page.last = (kept[0], kept[-1]) if kept else (len(page.texts), -1)


def _confidence(page: Page) -> float:
    weight = sum(page.words)
    if not weight:
        return 1.0
    sure = sum(w * (c if keep else 1 - c) for w, c, keep in zip(page.words, page.chance, page.keep, strict=True))
    return round(sure / weight, 4)


def _blocks(
    read: _Read,
    page: Page,
    decisions: list[Decision],
    parts: Parts,
    pinned: dict[int, str],
    columns: _Columns,
    a: int,
    explain: bool,
) -> tuple[Block, ...]:
    out: list[Block] = []
    row = 0
    rows, texts, endings = read.lines.rows, read.lines.texts, read.lines.endings
    for number, (text, ending) in enumerate(zip(texts, endings, strict=True)):
        if row >= len(rows) or rows[row] != number:
            out.append(
                Block(number=number + 1, text=text, ending=ending, label=Label.BLANK, kept=False, rule="shape.blank")
            )
            continue
        decision, keep, chance = decisions[row], page.keep[row], page.chance[row]
        spans = parts.spans.get(row, ())
        rule = decision.rule if row not in pinned else f"pin.{pinned[row]}"
        witnesses: tuple[Witness, ...] = (
            testify(columns.verdicts, a + row, page.found.get(row, []), pinned.get(row)) if explain else ()
        )
        out.append(
            Block(
                number=number + 1,
                text=text,
                ending=ending,
                label=decision.label,
                kept=keep,
                rule=rule,
                confidence=round(max(0.5, chance if keep else 1.0 - chance), 4),
                runner_up=decision.runner_up or (Label.OTHER if keep else Label.BODY),
                spans=spans,
                witnesses=witnesses,
            )  # fmt: skip
        )
        row += 1
    return tuple(out)
