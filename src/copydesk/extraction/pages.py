"""Pages in, articles out, in memory: what `copydesk.extract`, `extract_file` and `extract_many` do.

    str, bytes --sniff--> Document --text.documents--> Extraction --article_of--> Article
    file -------open----> Document

Plain text is labelled in batches of 50, as a run does it, since one text at a time is several times slower.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from copydesk.errors import UsageError
from copydesk.extraction.article import Article, article_of
from copydesk.extraction.batches import Page, batches, document_of
from copydesk.plugins import EXTRACTORS, is_own, load
from copydesk.records import Document, Extraction
from copydesk.text.documents import ExtractOptions, extract_documents, extract_safely

if TYPE_CHECKING:
    from copydesk.settings import DeskFolder, Source

__all__ = ["extract", "extract_file", "extract_many"]


def extract(
    page: str | bytes,
    *,
    url: str | None = None,
    extractor: str = "auto",
    explain: bool = False,
    captured_at: datetime | None = None,
    desk: DeskFolder | None = None,
) -> Article:
    r"""Return the article of one page.

    Args:
        page: HTML or plain text; which of them, its content tells. Bytes are decoded by what they say of themselves.
        url: The page's web address; names, dates and site rules are looked up by it.
        extractor: `auto`, `blocks` (the block model alone) or `trafilatura` for HTML; or one that another package adds.
        explain: Include each block's whole evidence for its label.
        captured_at: When the page was seen (UTC); no date after it is believed. None: no such limit.
        desk: Read this desk's own rules, too.

    Returns:
        The article; a page without one is an `Article` with a `rejection`.

    Raises:
        UsageError: There is no such extractor, or the page is neither str nor bytes.

    >>> html = "<h1>Rain</h1><p>It rained all day in the hills above the town, and the river rose by a metre.</p>"
    >>> article = extract(f"<html><body><article>{html}</article></body></html>", url="https://example.org/rain")
    >>> article.title, article.language
    ('Rain', 'en')
    """
    options = options_of(extractor, explain=explain, desk=desk)
    document = document_of(page, url=url, captured_at=captured_at)
    if isinstance(document, Extraction):
        return article_of(document, url)
    return article_of(extract_documents([document], options=options)[0], url)


def extract_file(
    path: str | Path,
    *,
    url: str | None = None,
    extractor: str = "auto",
    explain: bool = False,
    desk: DeskFolder | None = None,
) -> Article:
    """Return the article of the page in a file, or on standard input for "-".

    An archive that holds one page (gzip, mhtml, eml, ...) is opened.

    Args:
        path: The file.
        url: The page's web address, where the file does not say it.
        extractor: As for `extract`.
        explain: As for `extract`.
        desk: As for `extract`.

    Raises:
        UsageError: The file is not there, cannot be read, or holds no page or more than one.
    """
    from copydesk.extraction.one import read_document

    options = options_of(extractor, explain=explain, desk=desk)
    document = read_document(str(path), url)
    return article_of(extract_documents([document], options=options)[0], document.url)


def extract_many(
    pages: Iterable[Page | tuple[Page, str | None]],
    *,
    extractor: str = "auto",
    explain: bool = False,
    workers: int = 1,
    desk: DeskFolder | None = None,
) -> Iterator[Article]:
    r"""Yield the article of each page, in the order of the pages; memory stays flat however many there are.

    What cannot be read, and a page that breaks the code, is an `Article` with a `rejection`: one bad page does not end
    the others.

    Args:
        pages: HTML, text, bytes, paths or `Document`s, or pairs of one of these and its web address.
        workers: Processes; 1 works in this process, 0 takes one per core. In workers a page also has a time limit of
            20 s and a memory limit of 2 GB.
        extractor: As for `extract`.
        explain: As for `extract`.
        desk: As for `extract`.

    Raises:
        UsageError: There is no such extractor, or `pages` is one page, or holds something that is none.

    >>> files = sorted(Path("seeds").glob("*.txt"))
    >>> [len(article.paragraphs) for article in extract_many(files)]
    [11, 10, 23, 5, 7]
    """
    if isinstance(pages, str | bytes):
        raise UsageError("pages must be an iterable of pages, not a single one: `extract` takes that.")
    options = options_of(extractor, explain=explain, desk=desk)
    if workers == 1:
        return _in_this_process(pages, options)
    from copydesk.extraction.many import in_workers

    return in_workers(pages, options, workers)


def options_of(
    extractor: str,
    *,
    explain: bool,
    desk: DeskFolder | None,
    source: Source | None = None,
    accepted: frozenset[str] = frozenset(),
) -> ExtractOptions:
    """Return the options of one call.

    Args:
        extractor: As for `extract`.
        explain: As for `extract`.
        desk: As for `extract`.
        source: Source of the page, whose own severities count.
        accepted: Page kinds and refusals that do not refuse this page.

    Raises:
        UsageError: There is no such extractor.
    """
    if not is_own(EXTRACTORS, extractor):
        load(EXTRACTORS, extractor)
    return ExtractOptions(
        extractor=extractor,
        explain=explain,
        site_rules=desk.site_rules if desk else None,
        phrase_rules=desk.phrase_rules if desk else (),
        admitted=_admitted(desk, source) | accepted if desk else accepted,
    )


def _admitted(desk: DeskFolder, source: Source | None) -> frozenset[str]:
    """Return the page kinds and refusals that the desk, or the source, does not refuse."""
    own = source.rules if source else {}
    if not (own or desk.settings.quality.rules or (desk.root / "rules" / "quality.toml").is_file()):
        return frozenset()  # none of the package's refusals is less than an error
    from copydesk.quality.admission import admitted_rules
    from copydesk.quality.rules import desk_registry

    registry = desk_registry(desk).for_sources([source] if source else [])
    return admitted_rules(registry, source.name if source else "")


def answer_batch(items: Sequence[tuple[Document | Extraction, str | None]], options: ExtractOptions) -> list[Article]:
    """Extract what was read; the answers stand in the same order."""
    documents = [item for item, _ in items if isinstance(item, Document)]
    answers = iter(extract_safely(documents, options=options))
    return [article_of(next(answers) if isinstance(item, Document) else item, url) for item, url in items]


def _in_this_process(pages: Iterable[Page | tuple[Page, str | None]], options: ExtractOptions) -> Iterator[Article]:
    for batch in batches(pages):
        yield from answer_batch(batch, options)
