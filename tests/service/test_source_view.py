"""Source health from the outside: real folders, a real server, a real warehouse, and what the commands say."""

from __future__ import annotations

import json
from pathlib import Path

from tests.conftest import Command
from tests.servers import Site, page, redirect

from copydesk.pipeline import run_desk
from copydesk.resources import SEEDS
from copydesk.runs.outcome import run_outcome
from copydesk.service.source_view import notify_run, source_standings
from copydesk.service.state import pause
from copydesk.settings import DeskFolder, find_desk_folder
from copydesk.store.warehouse.connection import Warehouse

TEXT = "text/plain; charset=utf-8"


def make_desk(root: Path, site: Site | None, *sources: str) -> DeskFolder:
    """Return a desk with these sources; pages may come from the server."""
    hosts = f'allow_hosts = ["127.0.0.1:{site.port}"]\n' if site else ""
    text = f"[web]\ndelay_s = 0\n{hosts}[run]\nworkers = 1\n" + "".join(f"[[source]]\n{s}\n" for s in sources)
    (root / "copydesk.toml").write_text(text, encoding="utf-8")
    return find_desk_folder(root)


def states(desk: DeskFolder) -> dict[str, tuple[str, str]]:
    """Return source -> state and reason, as `status` shows them."""
    return {one.source: (one.state, one.reason) for one in source_standings(desk)}


def rows(desk: DeskFolder, query: str) -> list[tuple[object, ...]]:
    """Ask the desk's warehouse."""
    with Warehouse(desk.warehouse).open_for_reading() as connection:
        return list(connection.rows(query))


def test_folders_that_bring_nothing_are_failing_until_they_do(tmp_path: Path, command: Command) -> None:
    """A missing, an empty and a binary folder each fail with their reason and exit code 1; mended, all are ok."""
    desk = make_desk(
        tmp_path,
        None,
        'name = "missing"\npaths = ["nowhere"]',
        'name = "empty"\npaths = ["empty"]',
        'name = "binary"\npaths = ["binary"]',
        'name = "well"\npaths = ["well"]',
    )
    for name in ("empty", "binary", "well"):
        (tmp_path / name).mkdir()
    (tmp_path / "binary" / "a.txt").write_bytes(bytes(range(256)) * 20)
    seed = next(SEEDS.glob("*.txt")).read_bytes()
    (tmp_path / "well" / "a.txt").write_bytes(seed)
    done = command("run", "--json", cwd=tmp_path)
    assert done.code == 1
    said = {one["source"]: one for one in done.json["sources"]}
    assert {name: one["reason"] for name, one in said.items()} == {
        "missing": "not_found",
        "empty": "empty_folder",
        "binary": "binary",
        "well": "",
    }
    assert "nowhere" in said["missing"]["detail"]
    shown = command("run", cwd=tmp_path)
    assert "missing failing: not_found" in shown.out
    assert {name: state for name, (state, _) in states(desk).items()} == {
        **dict.fromkeys(("missing", "empty", "binary"), "failing"),
        "well": "ok",
    }
    status = command("status", "--json", cwd=tmp_path)
    assert status.code == 1
    assert {s["source"]: s["failures_in_row"] for s in status.json["sources"]}["empty"] == 2
    assert command("report", "--json", cwd=tmp_path).json["verdict"] == 1
    assert "3 of 4 sources do not deliver" in (tmp_path / "warehouse" / "report.html").read_text(encoding="utf-8")
    (tmp_path / "nowhere").mkdir()
    for number, name in enumerate(("nowhere", "empty", "binary")):
        (tmp_path / name / f"{number}.txt").write_bytes(seed)
    assert command("run", cwd=tmp_path).code == 0
    assert set(states(desk).values()) == {("ok", "")}
    changes = rows(desk, "select source, state from ops.source_health_changes order by source, changed_at")
    assert changes.count(("empty", "failing")) == changes.count(("empty", "ok")) == 1


def test_feeds_that_bring_nothing_are_failing_with_what_the_server_said(tmp_path: Path) -> None:
    """A 404, HTML in the feed's place, broken XML and a closed port fail; a moved feed is ok and says where to."""
    item = "<item><title>T</title><link>{}</link></item>"
    with Site({"/1": page(next(SEEDS.glob("*.txt")).read_bytes(), kind=TEXT)}) as site:
        feed = f"<rss version='2.0'><channel>{item.format(site.url('/1'))}</channel></rss>"
        site.routes["/new"] = page(feed, kind="text/xml")
        site.routes["/moved"] = redirect(site.url("/new"), "301 Moved Permanently")
        site.routes["/html"] = page("<html><body>Welcome</body></html>")
        site.routes["/broken"] = page("<rss version='2.0'><channel><item><title>T", kind="text/xml")
        urls = {name: site.url(f"/{name}") for name in ("moved", "gone", "html", "broken")}
        urls["blocked"] = "http://127.0.0.1:9/feed"
        desk = make_desk(
            tmp_path,
            site,
            *(f'name = "{name}"\nkind = "feed"\nurl = "{url}"' for name, url in urls.items()),
            'name = "listed"\nkind = "urls"\nurls = "nothing.txt"',
        )
        summary = run_desk(desk)
        again = run_desk(desk, ["gone"])
    found = {one.source: one for one in summary.health}
    assert {name: one.state for name, one in found.items() if one.state == "ok"} == {"moved": "ok"}
    assert found["moved"].moved_to == site.url("/new")
    assert (found["gone"].reason, found["gone"].http_status) == ("http_404", 404)
    assert (found["html"].reason, found["html"].http_status) == ("no_feed", 200)
    assert found["broken"].reason in {"malformed", "no_feed"}
    assert found["blocked"].reason == "guard"
    assert (found["listed"].reason, "nothing.txt" in found["listed"].detail) == ("unreadable_list", True)
    outcome = run_outcome(summary, desk.settings.quality)
    assert (outcome.name, outcome.exit_code) == ("failing", 1)
    assert (again.health[0].failures_in_row, again.health[0].http_status) == (
        2,
        404,
    )  # named, so asked in spite of its back-off
    assert again.health[0].next_attempt_at is not None
    assert "not asked again before" in run_outcome(again, desk.settings.quality).line


def test_a_site_that_turns_to_a_cookie_wall_is_failing_and_its_article_stays(tmp_path: Path) -> None:
    """The wall is no revision: the old text stays the latest, the source fails, and recovers with the real page."""
    story = "".join(
        f"<p>Paragraph {n} of a story about a harbour and its cranes, told at some length.</p>" for n in range(9)
    )
    html = f"<html><head><title>Harbour</title></head><body><article><h1>Harbour</h1>{story}</article></body></html>"
    wall = (
        "<html><head><title>Before you continue</title></head><body><h1>We value your privacy</h1>"
        "<p>We and our partners use cookies. Please accept all cookies to continue.</p>"
        "<button>Accept all</button></body></html>"
    )
    with Site({"/a": page(html)}) as site:
        desk = make_desk(tmp_path, site, f'name = "w"\nkind = "urls"\nurls = ["{site.url("/a")}"]')
        assert run_desk(desk).health[0].state == "ok"
        before = rows(desk, "select revision_id, title from main.revisions")
        site.routes["/a"] = page(wall)
        walled = run_desk(desk).health[0]
        same = run_desk(desk).health[0]
        after = rows(desk, "select revision_id, title from main.revisions")
        current = rows(desk, "select current_revision_id from main.articles")
        site.routes["/a"] = page(html)
        healed = run_desk(desk).health[0]
    assert (walled.state, walled.concern) == ("failing", "text")
    assert same.state == "failing"
    assert before == after
    assert current == [(before[0][0],)]
    assert healed.state == "ok"


def test_one_notice_per_trouble_through_the_runs(tmp_path: Path) -> None:
    """Failing is notified once, not recovered by a run of something else, and recovered when the folder is back."""
    desk = make_desk(tmp_path, None, 'name = "f"\npaths = ["pages"]')
    sent = []
    for number in range(4):
        if number == 2:
            (tmp_path / "pages").mkdir()
            (tmp_path / "pages" / "a.txt").write_bytes(next(SEEDS.glob("*.txt")).read_bytes())
        summary = run_desk(desk)
        sent += notify_run(desk, "f", {"failed": None}, summary.health, run=summary.run_id)
    assert [(m.state, m.was) for m in sent] == [("failing", ""), ("ok", "failing")]


def test_a_source_that_never_ran_or_is_paused_says_so(tmp_path: Path, command: Command) -> None:
    """Never run and paused are states of their own, and no reason to get up."""
    desk = make_desk(tmp_path, None, 'name = "a"\npaths = ["x"]', 'name = "b"\npaths = ["x"]')
    pause(desk, "b")
    assert {name: state for name, (state, _) in states(desk).items()} == {"a": "never_run", "b": "paused"}
    done = command("status", "--json", cwd=tmp_path)
    assert done.code == 0
    assert [s["health"] for s in json.loads(done.out)["sources"]] == ["never_run", "paused"]
