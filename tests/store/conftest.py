"""A newsroom in miniature: pages as records, written as the parts a run would leave."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from copydesk.keys import article_key, capture_key
from copydesk.records import (
    Author,
    Block,
    Caption,
    Capture,
    Dateline,
    Document,
    Evidence,
    Extraction,
    Label,
    Link,
    Location,
    PageKind,
    Paragraph,
    ParagraphKind,
    Precision,
    Rejection,
    Timestamp,
)
from copydesk.stages.count_boilerplate import counted
from copydesk.store.load.due_parts import LoadReport
from copydesk.store.load.load_run import load_run
from copydesk.store.parts.parquet import frame
from copydesk.store.parts.part_files import LINE_COUNTS, write_frame, write_part
from copydesk.store.parts.rows import Origin, capture_frame, extraction_tables, rejection_frame
from copydesk.store.warehouse.connection import Warehouse
from copydesk.store.warehouse.ledger import RunRow
from copydesk.text.entities.find_mentions import find_mentions
from copydesk.text.quotes.find_quotes import with_quotes
from copydesk.text.topics.find_topics import find_topics

DAY_ONE = datetime(2026, 5, 1, 8, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page as seen once; `verdict` is accepted, quarantined, rejected, unread or held."""

    uri: str = "a.txt"
    title: str = "Ferry service resumes"
    paragraphs: tuple[str, ...] = ("The ferry sails again.", "Tickets cost four crowns.")
    at: datetime = DAY_ONE
    source: str = "paper"
    publisher: str = "paper.example"
    address: str | None = None
    authors: tuple[str, ...] = ("Ada Byron",)
    tags: tuple[str, ...] = ()
    sections: tuple[str, ...] = ("News", "Harbour")
    furniture: tuple[str, ...] = ("Share this",)
    language: str = "en"
    published: datetime | None = None
    salt: str = ""
    verdict: str = "accepted"

    @property
    def capture(self) -> Capture:
        """The bytes; a salt makes other bytes of the same text."""
        body = "\n".join((self.title, *self.paragraphs, *self.furniture, *self.authors, self.salt))
        digest = sha256(body.encode()).hexdigest()
        return Capture(
            capture_id=capture_key(self.source, self.uri, digest),
            source=self.source,
            uri=self.uri,
            url=self.address,
            sha256=digest,
            media_type="text/plain",
            charset=None,
            size_bytes=len(body),
            captured_at=self.at,
            location=Location(path=f"inbox/{self.uri}"),
            modified_ns=int(self.at.timestamp()) * 10**9,
        )

    @property
    def extraction(self) -> Extraction:
        """What extract would say of them."""
        texts = [self.title, *self.paragraphs]
        blocks = [
            Block(number=n, text=t, ending="\n", label=Label.BODY if n > 1 else Label.TITLE, kept=n > 1, rule="test")
            for n, t in enumerate(texts, 1)
        ]
        blocks += [
            Block(number=n, text=t, ending="\n", label=Label.SHARE, kept=False, rule="share.words")
            for n, t in enumerate(self.furniture, len(texts) + 1)
        ]
        found = Extraction(
            document_id=self.capture.capture_id,
            kind=PageKind.ARTICLE,
            extractor="text",
            charset="utf-8",
            blocks=tuple(blocks),
            title=self.title,
            paragraphs=tuple(
                Paragraph(kind=ParagraphKind.PARAGRAPH, text=t, block=n) for n, t in enumerate(self.paragraphs, 2)
            ),
            authors=tuple(Author(name=a) for a in self.authors),
            published=Timestamp(value=self.published, precision=Precision.DAY) if self.published else None,
            dateline=Dateline(text="Oslo —", place="Oslo"),
            section_path=self.sections,
            tags=self.tags,
            language=self.language,
            captions=(Caption(text="The quay", block=2),),
            links=(Link(url="https://paper.example/x", text="x", block=2),),
            evidence=(Evidence(field="title", value=self.title, source="text", chosen=True),),
            rejection=Rejection(stage="extract", reason="too_short")
            if self.verdict in {"rejected", "unread"}
            else None,
        )
        return with_quotes(found)

    @property
    def article_id(self) -> str:
        """The article's key."""
        return article_key(self.source, self.uri, self.address)


def write_run(
    folder: Path, pages: Sequence[Page], *, part_size: int = 1000, skipped: Sequence[str] = (), count: bool = False
) -> Path:
    """Write pages as the complete parts of a run, with their line counts if asked."""
    for number, start in enumerate(range(0, max(len(pages), 1), part_size)):
        some = pages[start : start + part_size]
        name = f"part-{number:05}"
        captures = [p.capture for p in some]
        refused = [
            (capture_key("paper", u, "binary"), "paper", u, Rejection(stage="acquire", reason="binary"), "")
            for u in (skipped if start == 0 else ())
        ]
        tally = {"counts": {"captured": len(some)}, "reasons": {}, "cut": {}}
        write_part(
            folder / "acquire" / name,
            {"captures": capture_frame(captures), "rejections": rejection_frame(refused)},
            tally,
            durable=False,
        )
        origins = [_origin(p) for p in some]
        tables, extracted = extraction_tables(captures, [p.extraction for p in some], origins, rules_version="r1")
        write_part(folder / "extract" / name, tables, extracted, durable=False)
        write_check(folder / "check" / name, some, tables["articles"].rows(named=True))
        if count:
            (folder / LINE_COUNTS).mkdir(exist_ok=True)
            write_frame(folder / LINE_COUNTS / f"{name}.parquet", counted(enumerate(map(_document, some))))
    return folder


def _document(page: Page) -> Document | None:
    """The page as its lines are counted; None for one whose bytes cannot be read."""
    if page.verdict == "unread":
        return None
    text = "\n".join((page.title, *page.paragraphs, *page.furniture))
    return Document(document_id=page.uri, content=text.encode(), media_type="text/plain", site=page.publisher)


def _origin(page: Page) -> Origin:
    found = page.extraction
    mentions = find_mentions(
        page.title, page.paragraphs, language=page.language, authors=found.authors, dateline=found.dateline
    )
    topics = find_topics(found, page.paragraphs)
    return Origin(publisher=page.publisher, address=page.address, mentions=mentions, topics=topics)


def write_check(folder: Path, pages: Sequence[Page], articles: Sequence[dict[str, str]]) -> None:
    """Write what the gate said of a part."""
    verdicts = {p.capture.capture_id: p for p in pages}
    good = [a for a in articles if verdicts[a["capture_id"]].verdict == "accepted"]
    bad = [p for p in pages if p.verdict in {"quarantined", "rejected", "unread"}]
    held = sum(p.verdict == "held" for p in pages)
    tables = {
        "accepted": frame("accepted", {c: [a[c] for a in good] for c in ("capture_id", "article_id", "revision_id")}),
        "quarantine": frame(
            "quarantine",
            {
                "capture_id": [p.capture.capture_id for p in bad],
                "source": [p.source for p in bad],
                "uri": [p.uri for p in bad],
                "stage": ["check" for _ in bad],
                "reason": ["too_short" for _ in bad],
                "rules": [["too_short"] for _ in bad],
                "measured": [[3.0] for _ in bad],
                "detail": ["3 words" for _ in bad],
                "excerpt": [p.title for p in bad],
            },
        ),
        "findings": frame(
            "findings",
            {
                "capture_id": [p.capture.capture_id for p in bad],
                "rule": ["too_short" for _ in bad],
                "severity": ["error" for _ in bad],
            },
        ),
    }
    write_part(
        folder, tables, {"counts": {"accepted": len(good), "held": held}, "reasons": {}, "cut": {}}, durable=False
    )


@dataclass
class Desk:
    """A warehouse and the runs that went into it."""

    root: Path
    warehouse: Warehouse
    runs: list[str] = field(default_factory=list)

    def load(self, *pages: Page, part_size: int = 1000, skipped: Sequence[str] = (), count: bool = False) -> LoadReport:
        """Write the pages as a run of their own and load it."""
        run_id = f"run-{len(self.runs):03}"
        self.runs.append(run_id)
        write_run(self.root / run_id, pages, part_size=part_size, skipped=skipped, count=count)
        return self.load_again(run_id)

    def load_again(self, run_id: str) -> LoadReport:
        """Load a run's folder as it is."""
        return load_run(self.warehouse, run_row(run_id), self.root / run_id)

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[object, ...]]:
        """Ask the warehouse."""
        with self.warehouse.open_for_reading() as connection:
            return connection.rows(sql, list(parameters))

    def dump(self, schema: str = "main") -> dict[str, list[tuple[object, ...]]]:
        """Return every row of every table of a schema, sorted."""
        with self.warehouse.open_for_reading() as connection:
            tables = connection.rows(
                "select table_name from duckdb_tables() where schema_name = ? order by all", [schema]
            )
            return {t: sorted(connection.rows(f'select * from {schema}."{t}"'), key=repr) for (t,) in tables}


def run_row(run_id: str) -> RunRow:
    """Return a run that began on the day after the last page."""
    return RunRow(run_id=run_id, started_at=DAY_ONE + timedelta(days=30), sources=("paper",), rules_version="r1")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk with an empty warehouse."""
    return Desk(root=tmp_path, warehouse=Warehouse(tmp_path / "copydesk.duckdb", lock_timeout_s=2))


@pytest.fixture
def make_desk(tmp_path: Path) -> Callable[[str], Desk]:
    """Make further desks by name."""

    def make(name: str) -> Desk:
        return Desk(root=tmp_path / name, warehouse=Warehouse(tmp_path / name / "copydesk.duckdb", lock_timeout_s=2))

    return make
