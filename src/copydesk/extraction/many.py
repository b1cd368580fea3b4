"""`extract_many` on several processes: batches go to the pool, articles come back in the order of the pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from copydesk.extraction.article import Article, article_of
from copydesk.extraction.batches import Page, batches
from copydesk.records import Document, Extraction
from copydesk.text.documents import TEXT_BATCH, ExtractOptions, extract_safely, rejected
from copydesk.text.media_types import is_html
from copydesk.workers.pool import Batch, Watchdog, Workers, chunks, worker_count

__all__ = ["in_workers"]

_TIMEOUT_S, _MEMORY_MB = 20.0, 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """One batch of pages: its place in the order, and the documents of it that could be read."""

    number: int
    documents: tuple[Document, ...]
    options: ExtractOptions


def in_workers(
    pages: Iterable[Page | tuple[Page, str | None]], options: ExtractOptions, workers: int
) -> Iterator[Article]:
    """Yield the article of each page, in order; pages are read as fast as they are worked off.

    Args:
        pages: As for `extract_many`.
        options: As for `extract_documents`.
        workers: Processes; 0 is one per core.
    """
    number = worker_count(workers)
    read: dict[int, list[tuple[Document | Extraction, str | None]]] = {}

    def tasks() -> Iterator[Batch[_Task]]:
        for n, items in enumerate(batches(pages)):
            read[n] = items
            documents = tuple(item for item, _ in items if isinstance(item, Document))
            yield Batch(payload=_Task(number=n, documents=documents, options=options), size=len(documents))

    done: dict[int, list[Extraction]] = {}
    turn = 0
    with Workers(number, limit_s=_TIMEOUT_S, memory_mb=_MEMORY_MB) as pool:
        for batch, answers in pool.each(_extract, tasks()):
            done[batch.payload.number] = answers
            while turn in done:
                yield from _articles(read.pop(turn), done.pop(turn))
                turn += 1


def _articles(items: list[tuple[Document | Extraction, str | None]], found: list[Extraction]) -> Iterator[Article]:
    answers = iter(found)
    for item, url in items:
        yield article_of(next(answers) if isinstance(item, Document) else item, url)


def _extract(batch: Batch[_Task], watch: Watchdog) -> list[Extraction]:
    """Extract one batch. Runs in a worker process."""
    documents, options = batch.payload.documents, batch.payload.options
    answers = {
        i: rejected(documents[i].document_id, why, "the worker crashed or timed out on this document")
        for i, why in batch.skip.items()
    }
    todo = [i for i in range(len(documents)) if i not in answers]
    texts = [i for i in todo if not is_html(documents[i].media_type)]
    html = [i for i in todo if is_html(documents[i].media_type)]
    for some in (*chunks(texts, 1 if batch.isolate else TEXT_BATCH), *chunks(html, 1)):
        watch.at(some[0], len(some))
        answers.update(zip(some, extract_safely([documents[i] for i in some], options=options), strict=True))
    return [answers[i] for i in range(len(documents))]
