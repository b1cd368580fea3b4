# ruff: noqa: E501 - pages
"""Articles on several pages, from a real loopback server: fetched politely, joined, and marked where a page is missing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.servers import Route, Site, page

from copydesk.records import Document, Extraction
from copydesk.settings import Source
from copydesk.sources.crawl.collect import PageArchives, collect
from copydesk.sources.crawl.frontier import CrawlPlan
from copydesk.sources.crawl.further_pages import MAX_FURTHER_PAGES
from copydesk.sources.crawl.results import FetchResult
from copydesk.sources.crawl.state import State
from copydesk.store.archive.warc_archive import read_archived
from copydesk.text.html import extract_html
from copydesk.web.limits import WebLimits

QUICK = WebLimits(delay_s=0, backoff_s=0.01, max_backoff_s=0.02, deadline_s=5, robots_s=2, connect_s=1, attempts=2)
TITLE = "How the lighthouse of Skagen was moved by eleven metres"
LEAD = (
    "In the summer the lighthouse stood on rails, and the whole town came to see whether it would stay upright on them."
)


def part(number: int, total: int, *, link: str = "/light?page={}") -> str:
    """One page of the article, with its own paragraphs and links to all pages."""
    own = "".join(
        f"<p>Paragraph {k} of page {number} tells how the masons cut the foot of the tower, how many jacks stood under it "
        f"on day {number * 10 + k}, and what the keeper wrote in his log before the light went out.</p>"
        for k in range(1, 5)
    )
    numbers = " ".join(f"<a href='{link.format(n)}'>{n}</a>" for n in range(1, total + 1) if n != number)
    return (
        f"<!doctype html><html lang=en><head><title>{TITLE} - Harbour Times</title></head><body><header><a href=/>Home</a></header>"
        f"<main><article><h1>{TITLE}</h1><p>{LEAD}</p>{own}</article>"
        f"<div class=pages>Page {number} of {total} {numbers}</div></main></body></html>"
    )


def run(tmp_path: Path, site: Site, state: State | None = None, **limits: object) -> list[FetchResult]:
    """Fetch /light by a list of addresses."""
    warehouse = tmp_path / "warehouse"
    keeping = PageArchives.of(tmp_path, warehouse / "archive", warehouse / "runs" / "r", f"r{len(site.log)}")
    source = Source(name="list", kind="urls", urls=[site.url("/light")])
    plan = CrawlPlan(state=state or State())
    found = list(collect([source], plan, replace(QUICK, allow_hosts=site.allow, **limits), keeping))  # type: ignore[arg-type]
    keeping.close()
    return found


def article(tmp_path: Path, found: list[FetchResult]) -> tuple[Extraction, str | None]:
    """The extraction of the one capture, and why its bytes are incomplete."""
    (capture,) = [r.capture for r in found if r.capture is not None]
    content = read_archived(tmp_path, capture.location)
    assert len(content) == capture.size_bytes
    return extract_html(Document.of(capture, content)), capture.truncation


def routes(total: int) -> dict[str, Route]:
    """The pages of an article, and a robots.txt that allows them."""
    paths = {f"/light?page={n}": page(part(n, total)) for n in range(2, total + 1)}
    return {"/light": page(part(1, total)), **paths, "/robots.txt": page("", kind="text/plain")}


def test_the_pages_of_an_article_become_one(tmp_path: Path) -> None:
    """Every page is asked for once, in order; the text is whole, the repeated lead stands once, the finding says it."""
    with Site(routes(3)) as site:
        found = run(tmp_path, site)
        asked = [p for p in site.paths() if p.startswith("/light")]
        base = site.url("")
    got, truncation = article(tmp_path, found)
    text = "\n".join(p.text for p in got.paragraphs)
    assert asked == ["/light", "/light?page=2", "/light?page=3"]
    assert [n for n in range(1, 4) for k in range(1, 5) if f"Paragraph {k} of page {n} " not in text] == []
    assert text.count(LEAD) == 1
    assert (got.truncated, truncation, got.title) == (False, None, TITLE)
    assert [f.rule for f in got.findings] == ["joined_pages"]
    assert [e.value for e in got.evidence if e.field == "body"] == [f"{base}/light?page=2", f"{base}/light?page=3"]
    assert [b.number for b in got.blocks] == list(range(1, len(got.blocks) + 1))
    assert all(got.blocks[p.block - 1].kept for p in got.paragraphs)
    logs = {r.log.url.removeprefix(base): r.log.reason for r in found if r.log is not None and r.log.purpose == "page"}
    assert logs == {"/light": "", "/light?page=2": "further_page", "/light?page=3": "further_page"}


def test_a_page_that_fails_leaves_the_article_truncated_with_a_reason(tmp_path: Path) -> None:
    """What was read before it is kept; the page is asked for again, since no validator is kept."""
    with Site(routes(3) | {"/light?page=3": page("gone", status="404 Not Found")}) as site:
        found = run(tmp_path, site)
    got, truncation = article(tmp_path, found)
    text = "\n".join(p.text for p in got.paragraphs)
    assert "of page 2 " in text
    assert truncation is not None
    assert truncation.startswith("page 3 of 3 is missing: http_404")
    assert [r.capture.etag for r in found if r.capture] == [None]


def test_robots_txt_holds_for_further_pages(tmp_path: Path) -> None:
    """A page that robots.txt forbids is not asked for."""
    forbidden = {"/robots.txt": page("User-agent: *\nDisallow: /light?page=", kind="text/plain")}
    with Site(routes(2) | forbidden) as site:
        found = run(tmp_path, site)
        assert "/light?page=2" not in site.paths()
    _, truncation = article(tmp_path, found)
    assert truncation is not None
    assert "robots" in truncation


def test_unchanged_pages_are_unchanged_together(tmp_path: Path) -> None:
    """The second run reads all pages and finds the same bytes."""
    with Site(routes(2)) as site:
        first = run(tmp_path, site)
        state = State(addresses={(r.source, r.address.uri): r.address for r in first if r.address})
        second = run(tmp_path, site, state)
    assert [str(r.outcome) for r in second if r.outcome is not None] == ["unchanged"]


def test_the_number_of_pages_is_limited(tmp_path: Path) -> None:
    """An article with more pages than the limit is truncated, and says so."""
    with Site(routes(MAX_FURTHER_PAGES + 5)) as site:
        found = run(tmp_path, site)
        asked = [p for p in site.paths() if p.startswith("/light?")]
    _, truncation = article(tmp_path, found)
    assert len(asked) == MAX_FURTHER_PAGES
    assert truncation is not None
    assert "the limit is" in truncation


def test_the_size_of_the_pages_together_is_limited(tmp_path: Path) -> None:
    """No document grows beyond what extraction takes."""
    with Site(routes(4)) as site:
        found = run(tmp_path, site, page_bytes=len(part(1, 4)) * 2 + 500)
    _, truncation = article(tmp_path, found)
    assert truncation is not None
    assert truncation.endswith("too large")


def test_pages_that_the_site_sends_again_end_the_article(tmp_path: Path) -> None:
    """A site that answers every number with its first page is asked once."""
    with Site(dict.fromkeys(("/light", "/light?page=2", "/light?page=3"), page(part(1, 3)))) as site:
        found = run(tmp_path, site)
        asked = [p for p in site.paths() if p.startswith("/light?")]
    got, truncation = article(tmp_path, found)
    assert asked == ["/light?page=2"]
    assert truncation is not None
    assert "earlier page again" in truncation
    assert "\n".join(p.text for p in got.paragraphs).count(LEAD) == 1


def test_lists_are_no_articles_on_several_pages(tmp_path: Path) -> None:
    """The archive of a blog has pages, too; it is fetched as one page."""
    teasers = "".join(
        f"<h2><a href=/s/{n}>Story number {n} of the week</a></h2><p>Its first line.</p>" for n in range(30)
    )
    index = (
        f"<html><head><title>Stories</title></head><body>{teasers}<a rel=next href='/light?page=2'>2</a></body></html>"
    )
    with Site({"/light": page(index), "/light?page=2": page(index)}) as site:
        run(tmp_path, site)
        assert "/light?page=2" not in site.paths()
