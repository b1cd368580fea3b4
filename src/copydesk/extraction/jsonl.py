"""`copydesk extract --batch`: JSON lines in, JSON lines out, in the order they came, on all cores.

Pages of one domain are read twice: first to learn which lines recur, then to label, so that a folder of pages of
one site is cleaned better than each page alone. What a line asks for and cannot be had is answered with an `error`.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TextIO

import polars as pl

from copydesk.extraction.pages import options_of
from copydesk.records import Document, Extraction
from copydesk.sources.publishers import domain_of
from copydesk.stages.count_boilerplate import COLUMNS, counted, read_boilerplate, summed
from copydesk.store.parts.part_files import write_frame
from copydesk.text.boilerplate import MIN_PAGES
from copydesk.text.documents import TEXT_BATCH, ExtractOptions, extract_safely
from copydesk.workers.pool import Batch, Watchdog, Workers, chunks, worker_count

__all__ = ["answer_lines"]

_TEXTS, _PAGES = 4 * TEXT_BATCH, 12
_LIMIT_S, _MEMORY_MB = 20.0, 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """One line of standard input."""

    id: Any
    path: str
    html: bool
    url: str | None
    charset: str | None
    site: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """Some questions of one media type, and what all of them share."""

    questions: Sequence[_Question]
    options: ExtractOptions
    boilerplate: Path | None = None  # read by those who answer, written by those who count


def answer_lines(source: TextIO, sink: TextIO, *, workers: int = 0, extractor: str = "auto") -> None:
    """Answer every line of `source` on `sink`."""
    questions = [_question(line, number) for number, line in enumerate(source, 1) if line.strip()]
    options = replace(options_of(extractor, explain=False, desk=None), quotes=False)
    good = {i: q for i, q in enumerate(questions) if isinstance(q, _Question)}
    texts = [i for i, q in good.items() if not q.html]
    pages = [i for i, q in good.items() if q.html]
    number = worker_count(workers)
    with (
        tempfile.TemporaryDirectory(prefix="copydesk-") as folder,
        Workers(number, limit_s=_LIMIT_S, memory_mb=_MEMORY_MB) as pool,
    ):
        boilerplate = _learn([*good.values()], Path(folder) / "boilerplate.parquet", pool, number)
        chunks = [*_chunks(texts, _TEXTS, number), *_chunks(pages, _PAGES, number)]
        batches = [
            Batch(payload=_Task(questions=[good[i] for i in c], options=options, boilerplate=boilerplate), size=len(c))
            for c in chunks
        ]
        lines: dict[int, str] = {i: json.dumps(q, ensure_ascii=False) for i, q in enumerate(questions) if i not in good}
        first_of = {id(b.payload): c for b, c in zip(batches, chunks, strict=True)}
        written = 0
        for batch, answers in pool.each(_answer, batches):
            lines.update(zip(first_of[id(batch.payload)], answers, strict=True))
            while written in lines:
                sink.write(lines.pop(written) + "\n")
                written += 1
            sink.flush()
    for i in sorted(lines):
        sink.write(lines[i] + "\n")


def _chunks(numbers: Sequence[int], most: int, workers: int) -> Iterator[Sequence[int]]:
    """Cut the work so that every worker gets some, and none of it is too large."""
    size = max(1, min(most, -(-len(numbers) // (2 * workers))))
    for start in range(0, len(numbers), size):
        yield numbers[start : start + size]


def _question(line: str, number: int) -> _Question | dict[str, Any]:
    try:
        asked = json.loads(line)
    except ValueError:
        return {"id": None, "error": f"line {number} is no JSON object"}
    if not isinstance(asked, dict):
        return {"id": None, "error": f"line {number} is no JSON object"}
    path = asked.get("html_path") or asked.get("text_path")
    if not isinstance(path, str):
        return {"id": asked.get("id"), "error": f"line {number} has neither html_path nor text_path"}
    url = asked.get("url")
    return _Question(
        id=asked.get("id"),
        path=path,
        html=bool(asked.get("html_path")),
        url=url if isinstance(url, str) else None,
        charset=asked.get("encoding") if isinstance(asked.get("encoding"), str) else None,
        site=str(asked.get("domain") or "") or (isinstance(url, str) and domain_of(url)) or "",
    )


def _learn(questions: Sequence[_Question], path: Path, pool: Workers, workers: int) -> Path | None:
    """Count the lines of every domain with pages enough, and keep the counts where workers can read them."""
    pages = Counter(q.site for q in questions)
    some = [q for q in questions if q.site and pages[q.site] >= MIN_PAGES]
    if not some:
        return None
    options, parts = ExtractOptions(), path.with_name("line_counts")
    parts.mkdir()
    batches = [
        Batch(
            payload=_Task(questions=[some[i] for i in c], options=options, boilerplate=parts / f"{c[0]}.parquet"),
            size=len(c),
        )
        for c in _chunks(range(len(some)), 500, workers)
    ]
    for _ in pool.each(_count, batches):
        pass
    write_frame(path, summed(parts, pl.DataFrame(schema=COLUMNS)))
    return path


def _count(batch: Batch[_Task], watch: Watchdog) -> None:
    watch.at(0, batch.size)
    task = batch.payload
    good = (q for i, q in enumerate(task.questions) if i not in batch.skip)
    if task.boilerplate is not None:
        write_frame(task.boilerplate, counted(enumerate(_documents(good))))


def _documents(questions: Iterable[_Question]) -> list[Document]:
    return [document for q in questions if isinstance(document := _read(q), Document)]


def _read(q: _Question) -> Document | str:
    """Return the document, or why it cannot be read."""
    try:
        content = Path(q.path).read_bytes()
    except OSError as error:
        return f"cannot read {q.path}: {error.strerror}"
    return Document(
        document_id=str(q.id),
        content=content,
        media_type="text/html" if q.html else "text/plain",
        charset=q.charset,
        url=q.url,
        site=q.site,
    )


def _answer(batch: Batch[_Task], watch: Watchdog) -> list[str]:
    """Return one line per question. Runs in a worker process."""
    task = batch.payload
    boilerplate = read_boilerplate(task.boilerplate)
    answers: dict[int, str] = {i: _line(task.questions[i], why) for i, why in batch.skip.items()}
    documents: dict[int, Document] = {}
    for i, q in enumerate(task.questions):
        if i in answers:
            continue
        document = _read(q)
        if isinstance(document, str):
            answers[i] = _line(q, document)
        else:
            documents[i] = document
    alone = batch.isolate or task.questions[0].html
    for some in chunks(list(documents), 1 if alone else TEXT_BATCH):
        watch.at(some[0], len(some))
        found = extract_safely([documents[i] for i in some], options=task.options, boilerplate=boilerplate)
        answers.update((i, _line(task.questions[i], e)) for i, e in zip(some, found, strict=True))
    return [answers[i] for i in range(len(task.questions))]


def _line(q: _Question, found: Extraction | str) -> str:
    if isinstance(found, str):
        return json.dumps({"id": q.id, "text": None, "kind": "unreadable", "error": found}, ensure_ascii=False)
    answer = {
        "id": q.id,
        "text": "\n".join(p.text for p in found.paragraphs) or None,
        "title": found.title,
        "authors": [a.name for a in found.authors],
        "date": found.published.isoformat() if found.published else None,
        "language": found.language,
        "kind": found.kind.value,
    }
    return json.dumps(answer, ensure_ascii=False)
