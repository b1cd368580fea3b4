"""One page as its desk decides it: with the source's settings, the site's boilerplate and pins, and restored lines.

    file ------capture--.
                         >--> Document --boilerplate of its site--> extract_documents --> restored lines --> Article
    stored ----capture--'

A stored page is decided as `copydesk reprocess` decides it, a file as `copydesk run` would take it now.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from copydesk.errors import UsageError
from copydesk.extraction.article import Article, article_of
from copydesk.extraction.one import only_capture, read_document
from copydesk.extraction.pages import options_of
from copydesk.filesystem import scratch_folder
from copydesk.records import Capture, Document, Extraction
from copydesk.runs.targets import source_of_path
from copydesk.settings import DeskFolder, Source
from copydesk.sources.documents import read_capture
from copydesk.sources.files.byte_reader import Reader
from copydesk.sources.files.found import ReadError
from copydesk.stages.count_boilerplate import boilerplate_of, counted, summed
from copydesk.store.curate.curation import page_decisions
from copydesk.store.parts.part_files import write_frame
from copydesk.store.read.lookups import captures_to_reprocess, known_lines
from copydesk.store.read.resolve import find_page
from copydesk.store.warehouse.connection import open_warehouse
from copydesk.text.boilerplate import MIN_PAGES, Boilerplate
from copydesk.text.documents import extract_documents
from copydesk.text.pins import with_restored

__all__ = ["explain", "explain_capture"]

_OUTCOMES = ("loaded", "quarantined", "held")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """A capture with its source; `is_new` where the warehouse has not counted its lines yet."""

    capture: Capture
    source: Source
    is_new: bool


def explain(desk: DeskFolder, name: str, *, url: str | None = None, extractor: str | None = None) -> Article:
    """Return the article of one page under the desk's rules, each block with all evidence for its label.

    Args:
        desk: The desk; without a warehouse only its rules apply.
        name: A file, "-" for standard input, or any name that `find_page` takes: the id of an article or of a
            quarantined record, an address, a path, or a part of one.
        url: The page's web address, where it is not known.
        extractor: As for `extract`; None is the source's own.

    Raises:
        UsageError: No such file or stored page, or several; or its bytes are gone.
    """
    if name == "-":
        document = read_document(name, url)
        options = options_of(extractor or "auto", explain=True, desk=desk)
        return article_of(extract_documents([document], options=options)[0], url)
    page = _of_file(desk, name) if _is_file(name) else _of_warehouse(desk, name)
    document = _read(desk, page, name, url)
    found = _extract(desk, page, document, extractor or page.source.extractor)
    return article_of(found, document.url)


def explain_capture(desk: DeskFolder, capture: Capture, accepted: frozenset[str]) -> Extraction:
    """Return what extract makes of a stored capture when these page kinds and refusals do not refuse it.

    Raises:
        UsageError: Its bytes are gone.
    """
    page = _Page(capture=capture, source=_source(desk, capture.source), is_new=False)
    return _extract(desk, page, _read(desk, page, capture.uri, None), page.source.extractor, accepted)


def _extract(
    desk: DeskFolder, page: _Page, document: Document, extractor: str, accepted: frozenset[str] = frozenset()
) -> Extraction:
    boilerplate = _boilerplate(desk, document, is_new=page.is_new)
    keys, rules = page_decisions(desk.warehouse, page.capture.source, page.capture.uri)
    options = options_of(extractor, explain=True, desk=desk, source=page.source, accepted=rules | accepted)
    found = extract_documents([document], options=options, boilerplate=boilerplate)[0]
    return with_restored(found, keys) if keys else found


def _is_file(name: str) -> bool:
    """Return whether there is a file or folder of that name; one that no file can have is none."""
    return os.path.exists(name)  # noqa: PTH110  `Path.exists` raises for names that are too long


def _of_file(desk: DeskFolder, file: str) -> _Page:
    """Return the one page of a file, as a run would capture it."""
    path = Path(file).absolute()
    if path.is_dir():
        raise UsageError(f"{file} is a folder. `copydesk run {file}` takes a folder into the warehouse.")
    source = source_of_path(desk, file)
    capture = only_capture(path, file, source=source.name, desk=desk.root)
    known = captures_to_reprocess(desk.warehouse, capture_ids=[capture.capture_id], outcomes=_OUTCOMES)
    return _Page(capture=known[0] if known else capture, source=source, is_new=not known)


def _of_warehouse(desk: DeskFolder, name: str) -> _Page:
    if not desk.warehouse.exists():
        raise UsageError(f"no such file: {name}. There is no warehouse yet in which a page could be called so.")
    with open_warehouse(desk).open_for_reading() as connection:
        ref = find_page(connection, name)
    captures = captures_to_reprocess(desk.warehouse, capture_ids=[ref.capture_id], outcomes=_OUTCOMES)
    if not captures:
        raise UsageError(f"{ref.uri} has no bytes to explain: it was stopped before any were read ({ref.reason}).")
    return _Page(capture=captures[0], source=_source(desk, ref.source), is_new=False)


def _source(desk: DeskFolder, name: str) -> Source:
    """Return a declared source; one that is not declared any more has no settings."""
    declared = {source.name: source for source in desk.settings.source}
    return declared.get(name) or Source(name=name, kind="files", paths=(".",))


def _read(desk: DeskFolder, page: _Page, name: str, url: str | None) -> Document:
    try:
        with Reader(desk.root, max_bytes=desk.settings.run.document_bytes) as reader:
            document = read_capture(page.capture, reader, page.source.facts, url=url)
    except ReadError as error:
        raise UsageError(f"{page.capture.uri}: its bytes cannot be read ({error}).") from error
    return replace(document, document_id=name) if _is_file(name) else document


def _boilerplate(desk: DeskFolder, document: Document, *, is_new: bool) -> Boilerplate | None:
    """Return what is known of the document's site; the lines of a page that no run has seen count, as in a run."""
    if not desk.warehouse.exists():
        return None
    with TemporaryDirectory(dir=scratch_folder()) as name:
        folder = Path(name)
        if is_new:
            write_frame(folder / "page.parquet", counted([(0, document)]))
        known = known_lines(desk.warehouse, counted=folder, least=MIN_PAGES, site=document.site)
        return boilerplate_of(summed(folder, known))
