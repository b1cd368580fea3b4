"""Extract plain texts in batches.

bytes -> paragraphs (input) -> kept or cut, all pages of a batch at once -> labels -> article -> blocks
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from typing import Any

import numpy as np

from copydesk.records import Document, Evidence, Extraction, PageKind, Rejection, StorySpan
from copydesk.text.boilerplate import Boilerplate, line_key
from copydesk.text.calibration import calibrated
from copydesk.text.fast_records import evidence
from copydesk.text.phrases.rules import PhraseTable, phrase_table
from copydesk.text.plain.article.article_parts import Parts, build_parts
from copydesk.text.plain.article.labels import label_lines
from copydesk.text.plain.article.line_blocks import make_blocks
from copydesk.text.plain.article.listings import whole_listings
from copydesk.text.plain.article.story_span import story_spans
from copydesk.text.plain.article.title import find_title
from copydesk.text.plain.input import MAX_LINES, TextInput, languages, read
from copydesk.text.plain.long_pages import MAX_PIECE_LINES, is_long_page
from copydesk.text.plain.model.select_lines import LineDecisions, select_lines
from copydesk.text.plain.page import FoundPhrase, TextPage, normal
from copydesk.text.tokens.scan import Floats

__all__ = ["extract_texts"]

_BATCH_PAGES = 50
"""Pages per batch; with more the arrays exceed the cache and a page takes longer."""

_BATCH_CHARS = 400_000
_MIN_LONG_PAGE_BYTES = 2 * MAX_PIECE_LINES
"""A page of fewer bytes cannot have that many non-blank lines."""
_MIN_PROSE_WORDS, _LONG_PROSE, _AT_START = 30, 3.0, 3


def extract_texts(
    documents: Sequence[Document],
    *,
    boilerplate: Boilerplate | None = None,
    explain: bool = False,
    strictness: float | None = None,
    phrases: PhraseTable | None = None,
) -> list[Extraction]:
    """Extract the article of each text, in the order given.

    A pure function of each document, the rules and the boilerplate counts: the rest of the batch changes nothing.

    Args:
        documents: Texts, with declared charset and language where known.
        boilerplate: Lines that recur across the documents' sites.
        explain: Fill in `Block.evidence`.
        strictness: Probability, 0 to 1, below which a line inside the story is cut; None for the trained balance.
        phrases: Compiled phrase rules; None for the package's.
    """
    phrases = phrases or phrase_table()
    out: list[Extraction] = []
    for batch in _batches(documents):
        out += _extract_batch(batch, boilerplate, explain, strictness, phrases)
    return out


def _batches(documents: Sequence[Document]) -> Iterator[list[TextInput]]:
    batch: list[TextInput] = []
    size = 0
    for document in documents:
        text_input = read(document)
        if len(document.content) > _MIN_LONG_PAGE_BYTES and is_long_page(text_input.texts):
            yield from ([batch] if batch else [])
            yield [text_input]
            batch, size = [], 0
            continue
        batch.append(text_input)
        size += len(document.content)
        if len(batch) >= _BATCH_PAGES or size >= _BATCH_CHARS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _extract_batch(
    batch: list[TextInput],
    boilerplate: Boilerplate | None,
    explain: bool,
    strictness: float | None,
    phrases: PhraseTable,
) -> list[Extraction]:
    page_languages = languages(batch)
    pages = [list(zip(text_input.texts, text_input.gaps, strict=True)) for text_input in batch]
    if not any(pages):
        return [
            _extract_page(text_input, _empty_page(), language, {}, None, None)
            for text_input, language in zip(batch, page_languages, strict=True)
        ]
    sites = [text_input.document.site for text_input in batch]
    selection = select_lines(pages, page_languages, sites, boilerplate, strictness, phrases)
    columns = _columns(selection)
    starts = selection.lines.page_start.tolist()
    found = _phrases_by_line(selection, len(batch), phrases)
    numbers = [[unit[0] + 1 for unit in text_input.line_groups] for text_input in batch]
    stories = story_spans(selection, numbers, explain=explain)
    out = []
    for k, (text_input, language) in enumerate(zip(batch, page_languages, strict=True)):
        page = _page(text_input, columns, found[k], starts[k], starts[k + 1])
        pinned = _apply_pins(page, text_input.document.site, boilerplate)
        explained = (selection, starts[k]) if explain else None
        out.append(_extract_page(text_input, page, language, pinned, stories[k], explained))
    return out


def _columns(selection: LineDecisions) -> dict[str, Any]:
    """Return the arrays as lists, which Python indexes faster."""
    lines, features = selection.lines, selection.features
    chance = 1.0 / (1.0 + np.exp(-np.minimum(np.maximum(selection.odds, -30.0), 30.0)))
    arrays = {
        "keep": selection.keep,
        "chance": chance,
        "outside": selection.outside,
        "sure_kept": _rounded(np.maximum(0.5, chance)),
        "sure_cut": _rounded(np.maximum(0.5, 1.0 - chance)),
        "words": lines.words,
        "tail": lines.tail,
        "digits": lines.digits,
        "keys": selection.features.keys,
        "repeats": features.column("repeats"),
        "cohesion": features.column("cohesion"),
        "long": selection.features.long,
        "prose": features.column("prose"),
    }
    return {name: array.tolist() for name, array in arrays.items()}


def _rounded(x: Floats) -> Floats:
    """Return `round(value, 4)` of each value, vectorised."""
    scaled = x * 1e4
    found: Floats = np.rint(scaled) / 1e4
    for k in (np.abs(scaled - np.floor(scaled) - 0.5) < 1e-6).nonzero()[
        0
    ]:  # a tie, or too close to one to tell after scaling
        found[k] = round(float(x[k]), 4)
    return found


def _phrases_by_line(selection: LineDecisions, pages: int, phrases: PhraseTable) -> list[dict[int, list[FoundPhrase]]]:
    """Return page -> line -> phrases found, the strongest first."""
    out: list[dict[int, list[FoundPhrase]]] = [{} for _ in range(pages)]
    page = selection.lines.page.take(selection.hits.line)
    line = selection.hits.line - selection.lines.page_start.take(page)
    for p, k, phrase in zip(page.tolist(), line.tolist(), selection.hits.phrase.tolist(), strict=True):
        some = out[p].get(k)
        if some is None:
            out[p][k] = [phrases.found(phrase)]
        else:
            some.append(phrases.found(phrase))
    for lines in out:
        for some in lines.values():
            if len(some) > 1:
                some.sort(key=_strength)
    return out


def _strength(one: FoundPhrase) -> tuple[bool, int, int, str]:
    return not one.decides, -one.where, -len(one.phrase), one.rule


def _page(
    text_input: TextInput, columns: dict[str, Any], found: dict[int, list[FoundPhrase]], a: int, b: int
) -> TextPage:
    return TextPage(
        texts=text_input.bare,
        gaps=text_input.gaps,
        found=found,
        **{name: column[a:b] for name, column in columns.items()},
    )


def _empty_page() -> TextPage:
    return TextPage(
        texts=[], gaps=[], keep=[], chance=[], outside=[], sure_kept=[], sure_cut=[], words=[], tail=[], digits=[],
        keys=[], repeats=[], cohesion=[], long=[], prose=[], found={},
    )  # fmt: skip


def _apply_pins(page: TextPage, site: str, boilerplate: Boilerplate | None) -> dict[int, str]:
    """Apply the user's phrases that decide, then the user's pins; return both by line."""
    ruled = {k: found[0].rule for k, found in page.found.items() if found[0].decides}
    for k in ruled:
        page.keep[k] = False
    pins = boilerplate.pins.get(site) if boilerplate else None
    if not pins:
        return ruled
    pinned = {k: pins[key] for k, text in enumerate(page.texts) if (key := line_key(text)) in pins}
    for k, verdict in pinned.items():
        page.keep[k] = verdict == "keep"
    return ruled | pinned


def _extract_page(
    text_input: TextInput,
    page: TextPage,
    language: str,
    pinned: dict[int, str],
    story: StorySpan | None,
    explained: tuple[LineDecisions, int] | None,
) -> Extraction:
    document = text_input.document
    if text_input.binary:
        return _refused(text_input, "binary", "the bytes are no text in any charset")
    if text_input.excess_lines:
        return _refused(text_input, "too_many_lines", f"{text_input.excess_lines} lines, {MAX_LINES} allowed")
    titles = _frame_story(page, document.title_hint, pinned)
    decisions = label_lines(page)
    parts = build_parts(
        page, decisions, [unit[0] + 1 for unit in text_input.line_groups], page.texts, document, language
    )
    detected = evidence("language", language, "declared" if document.language else "text", True, "")
    rejection = _rejection(page, parts)
    return Extraction(
        document_id=document.document_id,
        kind=_kind(page, rejection),
        extractor="text",
        charset=text_input.decoded.charset,
        blocks=make_blocks(text_input, page, decisions, parts.spans, pinned, explained),
        title=parts.title,
        paragraphs=tuple(parts.paragraphs),
        authors=parts.authors,
        published=parts.published,
        modified=parts.modified,
        dateline=parts.dateline,
        section_path=parts.section_path,
        agency=parts.agency,
        credit=parts.credit,
        publisher=parts.publisher,
        language=language,
        captions=tuple(parts.captions),
        comment_count=parts.comment_count,
        confidence=_confidence(page),
        story=story,
        evidence=(*titles, *parts.evidence, detected),
        findings=text_input.decoded.findings,
        rejection=rejection,
    )


def _refused(text_input: TextInput, reason: str, detail: str) -> Extraction:
    """Return a rejection without blocks; the bytes are still in the capture."""
    return Extraction(
        document_id=text_input.document.document_id,
        kind=PageKind.OTHER,
        extractor="text",
        charset=text_input.decoded.charset,
        findings=text_input.decoded.findings,
        rejection=Rejection(stage="extract", reason=reason, detail=detail),
    )


def _rejection(page: TextPage, parts: Parts) -> Rejection | None:
    if parts.paragraphs:
        return None
    if not page.texts:
        return Rejection(stage="extract", reason="empty", detail="no visible character")
    return Rejection(stage="extract", reason="no_body", detail=f"{len(page.texts)} lines, none of them part of a story")


def _kind(page: TextPage, rejection: Rejection | None) -> PageKind:
    if rejection is None:
        return PageKind.ARTICLE
    return PageKind.OTHER if page.texts else PageKind.EMPTY


def _frame_story(page: TextPage, hint: str | None, pinned: Container[int]) -> tuple[Evidence, ...]:
    """Find the story's first and last line and its title; the title is no longer part of the story."""
    if not any(page.keep):
        _keep_long_prose(page, pinned)
    page.ruled |= dict.fromkeys(whole_listings(page.texts, page.keep, pinned), "sequence.listing")
    _set_ends(page)
    page.title, evidence = find_title(page, hint)
    if page.title >= 0:
        page.title_text = normal(page.texts[page.title])
        title = page.keys[page.title]
        page.keep = [keep and key != title for keep, key in zip(page.keep, page.keys, strict=True)]
        _set_ends(page)
    return evidence


def _keep_long_prose(page: TextPage, pinned: Container[int]) -> None:
    """Keep long prose without a phrase rule where the model keeps nothing: a story on one line has no context."""
    for k, words in enumerate(page.words):
        named = page.best(k)
        if k in pinned:
            continue
        if words >= _MIN_PROSE_WORDS and page.prose[k] == _LONG_PROSE and (named is None or named.where < _AT_START):
            page.keep[k], page.ruled[k] = True, "sequence.only_prose"


def _set_ends(page: TextPage) -> None:
    if True in page.keep:
        page.first, page.last = page.keep.index(True), len(page.keep) - 1 - page.keep[::-1].index(True)
    else:
        page.first, page.last = len(page.texts), -1


def _confidence(page: TextPage) -> float:
    """Return the word F1 to expect, by the mean probability of the decisions, weighted by words; 1 without words."""
    weight = sum(page.words)
    if not weight:
        return 1.0
    sure = sum([w * (c if keep else 1 - c) for w, c, keep in zip(page.words, page.chance, page.keep, strict=True)])
    return calibrated("text", sure / weight)
