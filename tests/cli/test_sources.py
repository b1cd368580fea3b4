"""`copydesk sources` as a user meets it, against a real server."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from tests.conftest import Command
from tests.servers import Site, page

ITEMS = "".join(f"<item><title>Story {n} — [bold]</title><link>/a/{n}</link></item>" for n in range(7))
FEED = page(f"<rss version='2.0'><channel><title>Daily</title>{ITEMS}</channel></rss>", kind="text/xml")


@pytest.fixture
def open_to(tmp_path: Path) -> Path:
    """A desk's folder."""
    folder = tmp_path / "desk"
    folder.mkdir()
    return folder


def _settings(folder: Path, site: Site) -> None:
    text = f'# ours\n[web]\ndelay_s = 0\nallow_hosts = ["127.0.0.1:{site.port}"]\n'
    (folder / "copydesk.toml").write_text(text, encoding="utf-8")


def test_a_source_is_found_shown_added_checked_and_listed(open_to: Path, command: Command) -> None:
    """From a site's address to an entry that works; the file keeps what a person wrote; twice is refused."""
    front = page('<html><head><link rel="alternate" type="application/rss+xml" href="/rss"></head></html>')
    with Site({"/": front, "/rss": FEED}) as site:
        _settings(open_to, site)
        dry = command("sources", "add", site.url("/"), "--dry-run", cwd=open_to)
        untouched = (open_to / "copydesk.toml").read_text(encoding="utf-8")
        added = command("sources", "add", site.url("/"), "--schedule", "every 15 minutes", cwd=open_to)
        checked = command("sources", "check", "--json", cwd=open_to)
        twice = command("sources", "add", site.url("/"), cwd=open_to)
    assert (dry.code, added.code, checked.code, twice.code) == (0, 0, 0, 2)
    assert "[[source]]" not in untouched
    assert "Story 4 — [bold]" in added.out
    text = (open_to / "copydesk.toml").read_text(encoding="utf-8")
    assert text.startswith("# ours\n")
    (declared,) = tomllib.loads(text)["source"]
    assert declared == {"name": "daily", "kind": "feed", "url": site.url("/rss"), "schedule": "every 15 minutes"}
    assert [(c["source"], c["good"], c["items"]) for c in checked.json] == [("daily", True, 7)]
    assert [s["name"] for s in command("sources", "list", "--json", cwd=open_to).json] == ["daily"]
    assert "follows" in twice.err


def test_a_source_that_is_gone_is_a_finding(open_to: Path, command: Command) -> None:
    """`check` exits with 1 and names the reason; the other sources are checked nevertheless."""
    with Site({"/rss": FEED}) as site:
        _settings(open_to, site)
        with (open_to / "copydesk.toml").open("a") as file:
            for name in ("rss", "gone"):
                file.write(f'[[source]]\nname = "{name}"\nkind = "feed"\nurl = "{site.url("/" + name)}"\n')
            file.write('[[source]]\nname = "inbox"\npaths = ["not-there"]\n')
        checked = command("sources", "check", "--json", cwd=open_to)
        table = command("sources", "check", cwd=open_to).out
    assert checked.code == 1
    assert "state" in table
    rows = [line.replace("│", " ").split() for line in table.splitlines()]
    assert [row[2] for row in rows if row[:1] in (["rss"], ["gone"], ["inbox"])] == ["ok", "failed", "failed"]
    assert [(c["source"], c["good"]) for c in checked.json] == [("rss", True), ("gone", False), ("inbox", False)]
    assert "http_404" in checked.json[1]["detail"]


def test_feeds_come_from_another_reader_and_go_to_one(open_to: Path, command: Command) -> None:
    """Import adds what is new, a second import nothing; export can be imported elsewhere."""
    (open_to / "copydesk.toml").write_text("[run]\nworkers = 1\n", encoding="utf-8")
    outlines = "".join(f'<outline text="Paper {n}" xmlUrl="https://p{n}.example/rss"/>' for n in range(3))
    (open_to / "in.opml").write_text(f"<opml version='2.0'><body>{outlines}</body></opml>", encoding="utf-8")
    first = command("sources", "import", "in.opml", "--json", cwd=open_to)
    second = command("sources", "import", "in.opml", "--json", cwd=open_to)
    exported = command("sources", "export", cwd=open_to)
    assert [e["name"] for e in first.json] == ["paper-0", "paper-1", "paper-2"]
    assert second.json == []
    assert exported.out.count("xmlUrl") == 3


def test_what_cannot_be_done_leaves_the_file_alone(open_to: Path, command: Command) -> None:
    """A bad name, a file that is none, an address that does not answer: exit code 2, one line, nothing written."""
    with Site({"/rss": FEED}) as site:
        _settings(open_to, site)
        before = (open_to / "copydesk.toml").read_text(encoding="utf-8")
        ends = [
            command("sources", "add", site.url("/rss"), "--name", "Not A Name", cwd=open_to),
            command("sources", "add", site.url("/missing"), cwd=open_to),
            command("sources", "add", "http://10.0.0.1/", cwd=open_to),
            command("sources", "import", "nothing.opml", cwd=open_to),
        ]
    assert [end.code for end in ends] == [2, 2, 2, 2]
    assert all(len(end.err.strip().splitlines()) <= 3 for end in ends)
    assert all("Traceback" not in end.err for end in ends)
    assert (open_to / "copydesk.toml").read_text(encoding="utf-8") == before
    assert [p.name for p in open_to.iterdir()] == ["copydesk.toml"]


def test_folders_and_addresses_are_added_together_and_run_as_a_collection(open_to: Path, command: Command) -> None:
    """Paths become one source, each address its own; a collection's name runs its members; SQL can sum by it."""
    story = "<html><body><article><h1>Bridge of Arden reopens</h1>" + "<p>The mayor opened it on Monday.</p>" * 20
    with Site({"/rss": FEED}) as site:
        _settings(open_to, site)
        for name in ("one", "two"):
            (open_to / name).mkdir()
            (open_to / name / "a.html").write_text(f"{story}<p>{name}</p></article></body></html>", encoding="utf-8")
        options = ("--collection", "press", "--publisher", "arden.example")
        added = command("sources", "add", "one", "two", site.url("/rss"), *options, cwd=open_to)
        again = command("sources", "add", "two", cwd=open_to)
        both = command("sources", "add", "one", site.url("/x"), "--name", "mine", cwd=open_to)
        gone = command("sources", "add", "./three", cwd=open_to)
    text = (open_to / "copydesk.toml").read_text(encoding="utf-8")
    feed, files = tomllib.loads(text)["source"]
    shared = {"publisher": "arden.example", "collections": ["press"]}
    assert (added.code, again.code, both.code, gone.code) == (0, 2, 2, 2)
    assert files == {"name": "one", "kind": "files", "paths": ["one", "two"], **shared}
    assert feed == {"name": "daily", "kind": "feed", "url": site.url("/rss"), **shared}
    assert "no file or folder" in gone.err

    (open_to / "copydesk.toml").write_text(text.split("[[source]]")[0] + "[[source]]" + text.split("[[source]]")[2])
    ran = command("run", "press", "--json", cwd=open_to)
    assert ran.code == 0, ran.err
    query = "select collection, count(*) from ops.source_collections join audit.captures using (source) group by all"
    assert (ran.code, command("sql", query, "--format", "csv", cwd=open_to).out.split()[-1]) == (0, "press,2")
