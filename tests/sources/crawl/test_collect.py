"""Collecting from a real loopback server: feeds, sitemaps and lists, twice, interrupted, and with problem."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest
from tests.servers import Route, Site, conditional, page, raw

from copydesk.errors import SettingsError
from copydesk.records import Location, Outcome
from copydesk.settings import Source
from copydesk.sources.crawl import enumerate_urls, feeds, sitemaps
from copydesk.sources.crawl.collect import PageArchives, collect
from copydesk.sources.crawl.frontier import CrawlPlan
from copydesk.sources.crawl.results import FetchBatch, FetchResult, archived_page, batched, done_in, page_notes
from copydesk.sources.crawl.state import State
from copydesk.store.archive.warc_archive import read_archived
from copydesk.store.parts.part_files import write_part
from copydesk.web.limits import WebLimits

QUICK = WebLimits(delay_s=0, backoff_s=0.01, max_backoff_s=0.02, deadline_s=5, robots_s=2, connect_s=1, attempts=2)


def rss(site: Site, paths: Iterable[str], title: str = "Wire") -> str:
    """Build a feed of some paths of the site."""
    items = "".join(
        f"<item><title>Story {p}</title><link>{site.url(p)}?utm_source=rss</link>"
        "<pubDate>Fri, 20 Nov 2026 08:00:00 GMT</pubDate></item>"
        for p in paths
    )
    return f"<rss version='2.0'><channel><title>{title}</title><link>{site.url('/')}</link>{items}</channel></rss>"


def urlset(site: Site, paths: Iterable[str], lastmod: str = "2026-11-20") -> str:
    """Build a sitemap of some paths of the site."""
    urls = "".join(f"<url><loc>{site.url(p)}</loc><lastmod>{lastmod}</lastmod></url>" for p in paths)
    return f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{urls}</urlset>"


def story(path: str) -> str:
    """Build a page."""
    return f"<html><body><h1>Story {path}</h1><p>Something happened at {path}.</p></body></html>"


@dataclass
class Desk:
    """A folder, and what is known from run to run."""

    root: Path
    site: Site
    state: State = field(default_factory=State)
    runs: int = 0
    robots: bool = True

    def collect(self, *sources: Source, **plan: object) -> list[FetchResult]:
        """Run the sources to the end and remember their state."""
        self.runs += 1
        keeping = self.keeping(f"run-{self.runs}")
        limits = replace(QUICK, allow_hosts=self.site.allow, robots=self.robots)
        found = list(collect(sources, CrawlPlan(state=self.state, **plan), limits, keeping))  # type: ignore[arg-type]
        keeping.close()
        self.state = State(
            sources={**self.state.sources, **{g.source: g.state for g in found if g.state}},
            addresses={**self.state.addresses, **{(g.source, g.address.uri): g.address for g in found if g.address}},
        )
        return found

    def keeping(self, run: str) -> PageArchives:
        """Return where a run keeps its pages."""
        warehouse = self.root / "warehouse"
        return PageArchives.of(self.root, warehouse / "archive", warehouse / "runs" / run, run)


def outcomes(found: Iterable[FetchResult]) -> Counter[str]:
    """Count how pages ended."""
    return FetchBatch(items=list(found)).counts


def test_a_feed_brings_its_pages_with_what_it_said_of_them(tmp_path: Path) -> None:
    """Pages of a feed are captured once, archived, and carry title and date of the feed; tracking is no identity."""
    paths = [f"/a/{n}" for n in range(5)]
    with Site({p: page(story(p), headers={"ETag": f'"{p}"'}) for p in paths}) as site:
        site.routes["/feed"] = page(rss(site, paths), kind="application/rss+xml")
        desk = Desk(tmp_path, site)
        found = desk.collect(Source(name="wire", kind="feed", url=site.url("/feed")))
    captures = [g.capture for g in found if g.capture]
    assert outcomes(found) == {"captured": 5}
    assert {c.uri for c in captures} == {site.url(p) for p in paths}
    assert {c.url for c in captures} == {f"{site.url(p)}?utm_source=rss" for p in paths}
    assert {c.title_hint for c in captures} == {f"Story {p}" for p in paths}
    assert {c.published_hint for c in captures} == {"2026-11-20T08:00:00+00:00"}
    assert all(read_archived(tmp_path, c.location).decode() == story(c.uri[-4:]) for c in captures)
    sightings = [g.sighting for g in found if g.sighting]
    assert {(s.uri, s.feed) for s in sightings} == {(site.url(p), site.url("/feed")) for p in paths}
    (state,) = [g.state for g in found if g.state]
    assert (state.items_seen, state.items_new, state.failures_in_row) == (5, 5, 0)
    assert state.last_success_at is not None


def test_the_second_run_asks_conditionally_and_loads_nothing_twice(tmp_path: Path) -> None:
    """Lists and listed pages are asked for with their ETags; known pages of a feed are left alone."""
    with Site({}) as site:
        for p in ("/a", "/b", "/c"):
            site.routes[p] = conditional(story(p), f'"{p}"')
        site.routes["/feed"] = conditional(rss(site, ["/a"]), '"f"', "application/rss+xml")
        site.routes["/map.xml"] = conditional(urlset(site, ["/b"]), '"m"', "application/xml")
        sources = (
            Source(name="feed", kind="feed", url=site.url("/feed")),
            Source(name="map", kind="sitemap", url=site.url("/map.xml")),
            Source(name="list", kind="urls", urls=(site.url("/c"),)),
        )
        desk = Desk(tmp_path, site)
        first = desk.collect(*sources)
        asked = len(site.log)
        second = desk.collect(*sources)
        again = {call.path: call.headers.get("if-none-match") for call in site.log[asked:]}
    assert outcomes(first) == {"captured": 3}
    assert outcomes(second) == {"unchanged": 1}
    assert {k: v for k, v in again.items() if v} == {"/feed": '"f"', "/map.xml": '"m"', "/c": '"/c"'}
    assert set(again) == {"/robots.txt", "/.well-known/tdmrep.json", "/feed", "/map.xml", "/c"}


def test_a_changed_page_is_captured_again(tmp_path: Path) -> None:
    """A sitemap that says a page changed makes it asked for; the same bytes are unchanged whatever the server says."""
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    with Site({"/a": page(story("/a")), "/b": page(story("/b"))}) as site:
        site.routes["/map.xml"] = page(urlset(site, ["/a", "/b"]), kind="text/xml")
        desk = Desk(tmp_path, site)
        source = Source(name="map", kind="sitemap", url=site.url("/map.xml"))
        assert outcomes(desk.collect(source)) == {"captured": 2}
        site.routes["/map.xml"] = page(urlset(site, ["/a", "/b"], lastmod=tomorrow), kind="text/xml")
        site.routes["/a"] = page(story("/a, corrected"))
        second = desk.collect(source)
    assert {g.uri: str(g.outcome) for g in second if g.outcome} == {
        site.url("/a"): "captured",
        site.url("/b"): "unchanged",
    }


def test_a_capture_says_why_it_was_asked_for(tmp_path: Path) -> None:
    """New, newer by its list, failed before, due again, listed: each capture carries its reason, in a word or two."""
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    with Site({"/a": page(story("/a")), "/b": page("", status="500 Oops"), "/c": page(story("/c"))}) as site:
        site.routes["/map.xml"] = page(urlset(site, ["/a", "/b"]), kind="text/xml")
        desk = Desk(tmp_path, site)
        sources = (
            Source(name="map", kind="sitemap", url=site.url("/map.xml")),
            Source(name="list", kind="urls", urls=(site.url("/c"),)),
        )
        found = desk.collect(*sources)
        site.routes["/map.xml"] = page(urlset(site, ["/a"], lastmod=tomorrow), kind="text/xml")
        site.routes |= {"/a": page(story("/a, corrected")), "/b": page(story("/b"))}
        past = datetime.now(UTC) - timedelta(days=2)
        desk.state = State(
            addresses={k: replace(v, next_allowed_at=None, due_at=None) for k, v in desk.state.addresses.items()}
        )
        found += desk.collect(sources[0])
        site.routes["/a"] = page(story("/a, corrected twice"))
        site.routes["/map.xml"] = page(urlset(site, ["/a"], lastmod="2020-01-01"), kind="text/xml")
        desk.state = State(
            addresses={k: replace(v, checked_at=past, due_at=None) for k, v in desk.state.addresses.items()}
        )
        found += desk.collect(sources[0])
    told = [(g.capture.uri[-2:], g.capture.asked_because) for g in found if g.capture]
    assert sorted(told[:2]) == [("/a", "new in sitemap"), ("/c", "listed")]
    assert sorted(told[2:4]) == [("/a", "newer date in sitemap"), ("/b", "retry after http_500")]
    assert told[4:] == [("/a", "check again after 2.0 days")]


def test_notes_of_an_earlier_version_give_the_same_capture() -> None:
    """A run that was interrupted before an update goes on after it: flat notes without the new fields are read."""
    notes = {
        "source": "w", "uri": "https://p.example/a", "url": "https://p.example/a", "sha256": "ab" * 32,
        "media_type": "text/html", "charset": None, "size_bytes": 3, "http_status": 200, "etag": None,
        "last_modified": None, "title_hint": "T", "published_hint": None, "opt_outs": ["noai", "tdm"], "hops": [],
        "wire_bytes": 2, "elapsed_ms": 7,
    }  # fmt: skip
    now = datetime(2026, 11, 1, tzinfo=UTC)
    old = archived_page(notes, Location(path="a.warc.gz", carrier="warc"), now)
    assert (old.capture.title_hint, old.capture.asked_because, old.log.opt_outs) == ("T", None, "noai,tdm")
    new = archived_page(page_notes(old.capture, old.log), old.capture.location, now)
    assert new == old


def test_an_article_in_three_feeds_is_asked_for_once_and_sighted_three_times(tmp_path: Path) -> None:
    """Whoever names it first fetches it; the others leave a sighting. The next run keeps the owner."""
    with Site({"/a": page(story("/a"))}) as site:
        for n in range(3):
            site.routes[f"/feed{n}"] = page(rss(site, ["/a", f"/a?utm_medium={n}"]), kind="text/xml")
        desk = Desk(tmp_path, site)
        sources = [Source(name=f"feed{n}", kind="feed", url=site.url(f"/feed{n}")) for n in range(3)]
        first = desk.collect(*sources)
        second = desk.collect(*sources)
    assert site.paths().count("/a?utm_source=rss") == 1
    assert {(g.sighting.source, g.sighting.uri) for g in first if g.sighting} == {
        (f"feed{n}", site.url("/a")) for n in range(3)
    }
    assert outcomes(first)["captured"] == 1
    assert outcomes(second)["captured"] == 0


def test_limits_of_a_source_are_kept_and_what_is_left_comes_later(tmp_path: Path) -> None:
    """max_items, since, include and exclude; a list that was cut short is read whole next time, not `unchanged`."""
    paths = [f"/news/{n}" for n in range(6)] + ["/sport/1", "/news/video/1"]
    with Site({p: page(story(p)) for p in paths}) as site:
        site.routes["/feed"] = conditional(rss(site, paths), '"f"', "application/rss+xml")
        desk = Desk(tmp_path, site)
        source = Source(
            name="w", kind="feed", url=site.url("/feed"), include=("/news/",), exclude=("/video/",), max_items=4
        )
        first, second = desk.collect(source), desk.collect(source)
        old = desk.collect(Source(name="old", kind="feed", url=site.url("/feed"), since=date(2026, 11, 21)))
    assert (outcomes(first)["captured"], outcomes(second)["captured"]) == (4, 2)
    assert FetchBatch(items=first).reasons == {"pattern": 2, "max_items": 2}
    assert FetchBatch(items=old).reasons == {"too_old": 8}


def test_a_page_that_failed_is_tried_again_though_no_list_names_it(tmp_path: Path) -> None:
    """The feed answers `not modified`; the page that failed an hour ago is asked for nevertheless."""
    with Site({"/a": page("", status="500 Oops")}) as site:
        site.routes["/feed"] = conditional(rss(site, ["/a"]), '"f"', "application/rss+xml")
        desk = Desk(tmp_path, site)
        source = Source(name="w", kind="feed", url=site.url("/feed"))
        first = desk.collect(source)
        early = desk.collect(source)
        past = datetime.now(UTC) - timedelta(seconds=1)
        desk.state = State(
            sources=desk.state.sources,
            addresses={k: replace(v, next_allowed_at=past) for k, v in desk.state.addresses.items()},
        )
        site.routes["/a"] = page(story("/a"))
        late = desk.collect(source)
    assert outcomes(first) == {"failed": 1}
    assert outcomes(early)["captured"] == 0
    assert outcomes(late) == {"captured": 1}


def test_a_run_that_was_killed_fetches_nothing_twice(tmp_path: Path) -> None:
    """Stopped in the middle and started again under the same name, each page is asked for once and captured once."""
    paths = [f"/{n}" for n in range(30)]
    with Site({p: page(story(p)) for p in paths}) as site:
        site.routes["/map.xml"] = page(urlset(site, paths), kind="text/xml")
        desk = Desk(tmp_path, site)
        source = Source(name="map", kind="sitemap", url=site.url("/map.xml"))
        limits = replace(QUICK, allow_hosts=site.allow)
        stage = tmp_path / "warehouse" / "runs" / "r" / "acquire"
        keeping = desk.keeping("r")
        part = 0
        # dies after one part and some pages that are in the archive only
        for item in islice(
            batched(collect([source], CrawlPlan(state=State()), limits, keeping), documents=8, size_bytes=10**9), 1
        ):
            keeping.flush()
            write_part(stage / "part-00000", item.tables(), {})
            part = item.counts["captured"]
        rest = collect([source], CrawlPlan(state=State(), done=done_in(stage)), limits, keeping)
        lost = list(islice((g for g in rest if g.capture), 5))
        rest.close()
        keeping.close()
        keeping = desk.keeping("r")
        plan = CrawlPlan(state=State(), done=done_in(stage), archived=keeping.recover_pages("r"))
        before = len(site.log)
        last = list(collect([source], plan, limits, keeping))
        keeping.close()
        asked = {p for p in site.paths()[before:] if p in paths}
    assert (part, len(lost)) == (8, 5)
    assert outcomes(last) == {"captured": 22}
    assert len(asked) + len(plan.archived) == 30
    assert not asked & {uri.removeprefix(site.url("")) for _, uri in plan.archived}
    assert {g.capture.capture_id for g in lost if g.capture} <= {g.capture.capture_id for g in last if g.capture}


def test_every_address_of_a_list_ends_in_one_outcome(tmp_path: Path) -> None:
    """A list with good, bad and impossible addresses: each is logged once with outcome and reason."""
    with Site({"/ok": page(story("/ok")), "/cut": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nx")}) as site:
        site.routes["/robots.txt"] = page("User-agent: *\nDisallow: /secret", kind="text/plain")
        listed = [site.url(p) for p in ("/ok", "/cut", "/secret/1", "/missing")]
        listed += ["ftp://x.example/", "http://10.0.0.1/", "not an address", "http://user:pw@x.example/"]
        (tmp_path / "list.txt").write_text("# ours\n" + "\n".join(listed) + "\n\n")
        found = Desk(tmp_path, site).collect(Source(name="list", kind="urls", urls="list.txt"))
    ends = {g.log.uri: (g.log.outcome, g.log.reason) for g in found if g.log and g.log.purpose == "page"}
    assert list(ends.values()) == [ends[u] for u in ends]
    assert sorted(ends.values()) == sorted(
        [
            ("captured", ""),
            ("captured", "truncated"),
            ("refused", "robots"),
            ("failed", "http_404"),
            *[("refused", "guard")] * 4,
        ]
    )
    assert sum(outcomes(found).values()) == len(listed)


def _skipped(found: Iterable[FetchResult]) -> list[tuple[str, str]]:
    """Return (reason, detail) of the rows that limits left."""
    return [(g.log.reason, g.log.detail) for g in found if g.log and g.log.purpose == "list"]


def test_what_a_limit_leaves_out_is_a_row_and_a_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Entries, addresses, sitemaps and levels beyond a limit, and addresses too long: a row each, and their number."""
    monkeypatch.setattr(feeds, "_MAX_ENTRIES", 3)
    monkeypatch.setattr(sitemaps, "_MAX_ENTRIES", 4)
    monkeypatch.setattr(enumerate_urls, "_MAX_SITEMAPS", 3)
    monkeypatch.setattr(enumerate_urls, "_MAX_SITEMAP_DEPTH", 1)
    paths = [f"/{n}" for n in range(6)]
    with Site({p: page(story(p)) for p in paths}) as site:
        maps = "".join(f"<sitemap><loc>{site.url(f'/m{n}.xml')}</loc></sitemap>" for n in range(4))
        index = "<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>%s</sitemapindex>"
        site.routes["/feed"] = page(rss(site, [*paths, "/" + "x" * 5000]), kind="application/rss+xml")
        site.routes["/long"] = page(rss(site, ["/0", "/" + "x" * 5000]), kind="application/rss+xml")
        site.routes["/index.xml"] = page(index % maps, kind="application/xml")
        site.routes["/m0.xml"] = page(urlset(site, paths), kind="application/xml")
        site.routes["/m1.xml"] = page(index % maps.replace("/m", "/deep"), kind="application/xml")
        feed = Desk(tmp_path / "a", site).collect(Source(name="w", kind="feed", url=site.url("/feed")))
        long = Desk(tmp_path / "b", site).collect(Source(name="w", kind="feed", url=site.url("/long")))
        tree = Desk(tmp_path / "c", site).collect(Source(name="w", kind="sitemap", url=site.url("/index.xml")))
        few = Desk(tmp_path / "d", site).collect(Source(name="w", kind="sitemap", url=site.url("/m0.xml"), max_items=1))
    assert _skipped(feed) == [("over_limit", "4 of 7 entries were not read")]
    assert (outcomes(feed), FetchBatch(items=feed).reasons) == ({"captured": 3, "skipped": 4}, {"over_limit": 4})
    assert [reason for reason, _ in _skipped(long)] == ["url_too_long"]
    assert FetchBatch(items=long).reasons == {"url_too_long": 1}
    assert sorted(_skipped(tree)) == [
        ("over_limit", "2 of 4 sitemaps: beyond 3 sitemaps"),
        ("over_limit", "2 of 6 entries were not read"),
        ("over_limit", "4 of 4 sitemaps: deeper than 1"),
    ]
    assert FetchBatch(items=tree).reasons["over_limit"] == 8
    assert [reason for reason, _ in _skipped(few)] == ["over_limit", "max_items"]
    assert FetchBatch(items=few).reasons == {"over_limit": 2, "max_items": 3}


def test_a_robots_file_that_is_read_in_part_is_told(tmp_path: Path) -> None:
    """The rules behind the limit do not count (RFC 9309); the log says that there were more."""
    with Site({"/a": page(story("/a"))}) as site:
        site.routes["/robots.txt"] = page("# x\n" * 1000, kind="text/plain")
        desk = Desk(tmp_path, site)
        limits = replace(QUICK, allow_hosts=site.allow, robots_bytes=1000)
        archives = desk.keeping("r")
        source = Source(name="l", kind="urls", urls=(site.url("/a"),))
        found = list(collect([source], CrawlPlan(state=State()), limits, archives))
        archives.close()
    (log,) = [g.log for g in found if g.log and g.log.purpose == "robots"]
    assert (log.reason, log.detail) == ("over_limit", "only its first 1000 bytes count (RFC 9309)")
    assert outcomes(found) == {"captured": 1, "skipped": 1}


def test_half_a_page_is_taken_with_its_mark_and_replaces_nothing(tmp_path: Path) -> None:
    """Fewer bytes than announced, on every try: a new page is captured with `truncation`, a known one stays."""
    half = raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 99\r\n\r\n<p>Half a")
    with Site({"/new": half, "/known": page(story("/known"))}) as site:
        desk = Desk(tmp_path, site)
        source = Source(name="l", kind="urls", urls=(site.url("/new"), site.url("/known")))
        first = desk.collect(source)
        site.routes["/known"] = half
        second = desk.collect(source)
    marks = {g.capture.uri[-4:]: g.capture.truncation for g in first if g.capture}
    assert marks == {"/new": "9 of 99 bytes came", "nown": None}
    ends = {g.uri[-4:]: (str(g.outcome), g.reason) for g in second if g.outcome}
    assert ends == {"/new": ("unchanged", "same_bytes"), "nown": ("failed", "truncated")}


def test_a_site_address_is_enough(tmp_path: Path) -> None:
    """A feed source may name the site, whose page names the feed; a sitemap source the site, whose robots.txt does."""
    with Site({"/a": page(story("/a")), "/b": page(story("/b"))}) as site:
        link = '<link rel="alternate" type="application/rss+xml" title="All" href="/rss">'
        site.routes["/"] = page(f"<html><head>{link}</head><body>Hello</body></html>")
        site.routes["/rss"] = page(rss(site, ["/a"]), kind="application/rss+xml")
        site.routes["/robots.txt"] = page(f"Sitemap: {site.url('/index.xml')}", kind="text/plain")
        child = f"<sitemap><loc>{site.url('/map.xml')}</loc></sitemap>"
        site.routes["/index.xml"] = page(f"<sitemapindex>{child}</sitemapindex>", kind="text/xml")
        site.routes["/map.xml"] = page(urlset(site, ["/b"]), kind="text/xml")
        found = Desk(tmp_path, site).collect(
            Source(name="feed", kind="feed", url=site.url("/")), Source(name="map", kind="sitemap", url=site.url("/"))
        )
    assert {(g.source, g.uri) for g in found if g.capture} == {("feed", site.url("/a")), ("map", site.url("/b"))}


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (page("<html><body>no feed</body></html>"), "no_feed"),
        (page("", status="404 Not Found"), "http_404"),
        (page("<!DOCTYPE x [<!ENTITY a 'b'>]><rss version='2.0'><channel/></rss>", kind="text/xml"), "no_feed"),
        (raw(b""), "robots_unreachable"),
    ],
)
def test_a_source_that_fails_says_so(tmp_path: Path, answer: Route, reason: str) -> None:
    """A broken list is a failure of the source, counted in a row, with the class of the failure."""
    with Site({"/feed": answer}) as site:
        if reason == "robots_unreachable":
            site.routes["/robots.txt"] = answer
        desk = Desk(tmp_path, site)
        desk.collect(Source(name="w", kind="feed", url=site.url("/feed")))
    state = desk.state.sources["w"]
    assert (state.last_reason, state.failures_in_row, state.last_success_at) == (reason, 1, None)


def test_a_feed_is_not_asked_before_it_is_due_unless_by_hand(tmp_path: Path) -> None:
    """The schedule respects the adaptive interval, a person does not have to, and Retry-After binds both."""
    with Site({"/a": page(story("/a"))}) as site:
        site.routes["/feed"] = page(rss(site, ["/a"]), kind="text/xml")
        desk = Desk(tmp_path, site)
        source = Source(name="w", kind="feed", url=site.url("/feed"))
        desk.collect(source)
        before = site.paths().count("/feed")
        desk.collect(source, by_hand=False)
        assert site.paths().count("/feed") == before
        site.routes["/feed"] = page("", status="503 Busy", headers={"Retry-After": "3600"})
        desk.collect(source)
        assert site.paths().count("/feed") == before + 1
        desk.collect(source)
        assert site.paths().count("/feed") == before + 1


def test_a_back_off_ends_when_a_person_names_the_source_or_its_setting_changes(tmp_path: Path) -> None:
    """A feed and a page that were gone are asked for again by name; a page of a robots.txt not obeyed any more, too."""
    with Site({"/a": page("", status="404 Not Found")}) as site:
        feed = page(rss(site, ["/a", "/secret"]), kind="text/xml")
        site.routes["/feed"] = page("", status="404 Not Found")
        site.routes["/robots.txt"] = page("User-agent: *\nDisallow: /secret", kind="text/plain")
        desk = Desk(tmp_path, site)
        source = Source(name="w", kind="feed", url=site.url("/feed"))
        desk.collect(source)
        site.routes["/feed"] = feed
        assert outcomes(desk.collect(source)) == {}
        assert outcomes(desk.collect(source, ignore_backoff=True)) == {"failed": 1, "refused": 1}
        site.routes["/a"], site.routes["/secret"] = page(story("/a")), page(story("/secret"))
        assert outcomes(desk.collect(source)) == {"skipped": 2}
        desk.robots = False
        assert outcomes(desk.collect(source)) == {"captured": 1, "skipped": 1}
        assert outcomes(desk.collect(source, ignore_backoff=True)) == {"captured": 1, "skipped": 1}


def test_a_source_that_is_not_archived_keeps_its_pages_in_the_runs_folder(tmp_path: Path) -> None:
    """`archive = false`: the bytes can be read for this run, and go with its folder."""
    with Site({"/a": page(story("/a"))}) as site:
        found = Desk(tmp_path, site).collect(Source(name="w", kind="urls", urls=(site.url("/a"),), archive=False))
    (capture,) = [g.capture for g in found if g.capture]
    assert capture.location.path.startswith("warehouse/runs/run-1/")
    assert read_archived(tmp_path, capture.location).decode() == story("/a")
    assert not (tmp_path / "warehouse" / "archive").exists()


def test_a_run_out_of_time_defers_the_rest(tmp_path: Path) -> None:
    """With its budget spent, addresses are deferred, not lost: the next run takes them."""
    with Site({f"/{n}": page(story(f"/{n}")) for n in range(5)}) as site:
        desk = Desk(tmp_path, site)
        source = Source(name="w", kind="urls", urls=tuple(site.url(f"/{n}") for n in range(5)))
        first = desk.collect(source, budget_s=-1.0)
        second = desk.collect(source)
    assert outcomes(first) == {"deferred": 5}
    assert outcomes(second) == {"captured": 5}


def test_a_wrong_setting_stops_the_run_with_its_name(tmp_path: Path) -> None:
    """A pattern that cannot be read is a settings error, not a traceback of a thread."""
    with Site({}) as site:
        desk = Desk(tmp_path, site)
        with pytest.raises(SettingsError, match="regular expression"):
            desk.collect(Source(name="w", kind="urls", urls=(site.url("/a"),), include=("(",)))


def test_a_list_that_cannot_be_read_is_the_trouble_of_its_source_alone(tmp_path: Path) -> None:
    """The source whose list is missing says so and names the file; the others of the run go on."""
    with Site({"/a": page(story("/a"))}) as site:
        desk = Desk(tmp_path, site)
        missing = Source(name="missing", kind="urls", urls="nothing.txt")
        ended = desk.collect(missing, Source(name="w", kind="urls", urls=(site.url("/a"),)))
    seen = {one.source: one.seen for one in ended if one.seen is not None}
    assert outcomes(ended) == {"captured": 1}
    assert seen["missing"].list_reason == "unreadable_list"
    assert "nothing.txt" in seen["missing"].list_detail
    assert (seen["w"].read, seen["w"].list_reason) == (1, "")


def test_leaving_the_iteration_stops_the_fetching(tmp_path: Path) -> None:
    """A caller that stops listening (Ctrl-C, a full disk) leaves no thread that goes on asking."""
    with Site({f"/{n}": page(story(f"/{n}")) for n in range(300)}, work_s=0.005) as site:
        desk = Desk(tmp_path, site)
        source = Source(name="w", kind="urls", urls=tuple(site.url(f"/{n}") for n in range(300)))
        limits = replace(QUICK, allow_hosts=site.allow)
        desk_keeping = desk.keeping("r")
        going = collect([source], CrawlPlan(state=State()), limits, desk_keeping)
        assert next(g for g in going if g.outcome is Outcome.CAPTURED)
        going.close()
        asked = len(site.log)
        assert asked < 250
        assert len(site.log) == asked
        desk_keeping.close()
