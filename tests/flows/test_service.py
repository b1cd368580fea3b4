"""A served desk from the outside, as a user and a hard day treat it: commands, files, signals. In the order written."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest
from tests.quality.parts import story
from tests.servers import Call, Site, page

from .conftest import Serving, until

pytestmark = pytest.mark.server
WAIT_S = 120
WALL = (
    "Readers of the Gazette can read this story in full when they have signed in with their account.\n\n"
    "An account is free of charge for people who live in Arden, and can be opened at the town hall on any weekday.\n"
)


def api(desk: Serving, path: str, body: dict[str, object] | None = None) -> list[dict[str, object]]:
    """Ask Prefect's own API, as its users do."""
    url = f"http://127.0.0.1:{desk.port}/api/{path}"
    request = Request(url, data=json.dumps(body or {}).encode(), headers={"content-type": "application/json"})
    for attempt in range(8):  # SQLite is busy on a busy machine; Prefect's own client asks again, too
        try:
            with urlopen(request, timeout=30) as answer:  # noqa: S310 (loopback)
                content = answer.read()
                return list(json.loads(content) or ()) if content else []
        except URLError:
            time.sleep(attempt)
    raise AssertionError(f"{url} does not answer")


def test_a_schedule_fires_and_loads(serving: Serving) -> None:
    """Without anybody asking, the seeds are loaded, and a page that appears later is loaded by a later run."""
    until(lambda: serving.source("pages")["loaded"] == 5, WAIT_S, "the seeds are loaded")
    first = serving.source("pages")["run_id"]
    seed = sorted((serving.root / "pages").iterdir())[0]
    text = seed.read_text(encoding="utf-8").replace("the", "the very")
    (serving.root / "pages" / "later.txt").write_text(text, encoding="utf-8")
    until(lambda: serving.source("pages")["loaded"] == 6, WAIT_S, "the later page is loaded")
    assert serving.source("pages")["run_id"] != first


def test_prefect_shows_what_its_users_expect(serving: Serving) -> None:
    """Deployments with schedules and typed parameters, runs named after source and time, a task per stage, a tally."""
    deployments = {d["name"]: d for d in api(serving, "deployments/filter")}
    assert set(deployments) == {"pages", "bad", "upkeep", "replay", "reprocess"}
    assert deployments["pages"]["schedules"][0]["schedule"]["interval"] == 5.0
    assert "max_items" in deployments["pages"]["parameter_openapi_schema"]["properties"]
    runs = api(serving, "flow_runs/filter", {"flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}})
    mine = [r for r in runs if r["deployment_id"]]
    assert mine
    assert all(str(r["name"]).startswith("pages 20") for r in mine)
    tasks = {t["name"].split("-")[0] for t in api(serving, "task_runs/filter")}
    assert {"acquire", "extract", "check", "publish"} <= tasks
    assert {a["key"] for a in api(serving, "artifacts/filter")} >= {"tally-pages", "story-pages"}
    assert [a["name"] for a in api(serving, "automations/filter")] == ["copydesk: runs without a heartbeat"]


def test_trigger_watch_ends_with_the_runs_exit_code(serving: Serving) -> None:
    """A run that goes well is 0, one whose pages are nearly all quarantined is 3, a wrong parameter is 2."""
    good = serving.run("trigger", "pages", "--watch")
    assert good.returncode == 0, good.stderr
    assert any("by-hand" in run["tags"] for run in api(serving, "flow_runs/filter"))
    bad = serving.run("trigger", "bad", "--watch", "--json")
    assert bad.returncode == 3, bad.stdout + bad.stderr
    assert json.loads(bad.stdout)["state"] == "Quarantined"
    wrong = serving.run("trigger", "pages", "--param", "colour=green")
    assert wrong.returncode == 2
    assert "colour" in wrong.stderr
    assert "Traceback" not in wrong.stderr
    told = [json.loads(line) for line in (serving.root / "told.jsonl").read_text().splitlines() if line.strip()]
    assert [(m["source"], m["state"]) for m in told] == [("bad", "quarantined")]


def test_a_run_as_a_flow_is_seen_by_the_scheduler_and_shares_the_desk(serving: Serving) -> None:
    """`run --prefect` and a plain `run` work while the scheduler is at work, and end as a run by hand does."""
    assert serving.run("run", "pages", "--prefect").returncode == 0
    assert serving.run("run", "pages", "--json").returncode == 0
    names = {str(r["name"]).split()[0] for r in api(serving, "flow_runs/filter")}
    assert "pages" in names


def test_logs_tell_what_a_run_said(serving: Serving) -> None:
    """The last run's lines are found by its name, from the desk's own files."""
    done = serving.run("logs", "last", "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert len({line["run"] for line in lines}) == 1
    assert {line["stage"] for line in lines if line["event"] == "stage done"} >= {"acquire"}
    assert serving.run("logs", "nothing-like-it").returncode == 2


def test_two_schedulers_refuse(serving: Serving) -> None:
    """A second scheduler of the same desk ends at once, names the first and touches nothing."""
    started = time.monotonic()
    second = serving.run("serve", "--port", "1")
    assert second.returncode == 1
    assert f"process {serving.process.pid}" in second.stderr if serving.process else False
    assert str(serving.port) in second.stderr
    assert time.monotonic() - started < 60
    assert serving.status()["scheduler"] is not None


def test_a_pause_stops_the_schedule_and_resume_lets_it_go_on(serving: Serving) -> None:
    """Paused from the command line and seen in Prefect, resumed in Prefect and seen on the command line."""
    serving.run("pause", "pages")
    until(lambda: _deployment(serving, "pages")["paused"], WAIT_S, "paused in Prefect")
    assert serving.source("pages")["next_run"] is None
    deployment = _deployment(serving, "pages")["id"]
    api(serving, f"deployments/{deployment}/resume_deployment")
    until(lambda: serving.source("pages")["next_run"], WAIT_S, "resumed on the command line")


def test_changed_settings_are_used_at_once_and_broken_ones_are_not(serving: Serving) -> None:
    """A new source is there without a restart; a file that cannot be read changes nothing and is said."""
    path = serving.root / "copydesk.toml"
    before = path.read_text(encoding="utf-8")
    path.write_text(before + "\n[[source]]\nname = 'broken", encoding="utf-8")
    until(lambda: "cannot be used" in serving.console(), WAIT_S, "the broken file is named")
    path.write_text(before + '\n[[source]]\nname = "more"\npaths = ["pages"]\n', encoding="utf-8")
    until(lambda: _deployment(serving, "more"), WAIT_S, "the new source is there")
    path.write_text(before, encoding="utf-8")
    until(lambda: not _deployment(serving, "more"), WAIT_S, "the source that was removed is gone")


def test_a_held_batch_ends_held_and_a_cancelled_run_goes_on_later(serving: Serving) -> None:
    """Held: the flow run fails by that name, exit code 3. Cancelled in Prefect's UI: that state; its pages are kept.

    The run is cancelled while its third page is on its way; the next run asks for that one, and not for the first.
    """
    reached, release = threading.Event(), threading.Event()

    async def hang(_call: Call, writer: asyncio.StreamWriter) -> None:
        reached.set()
        while not release.is_set():
            await asyncio.sleep(0.05)
        writer.write(_story(3))

    (serving.root / "wall").mkdir()
    for number in range(24):
        (serving.root / "wall" / f"{number:02}.txt").write_text(f"{story(number)['title']}\n\n{WALL}", encoding="utf-8")
    path = serving.root / "copydesk.toml"
    before = path.read_text(encoding="utf-8")
    with Site({"/p1": _story(1), "/p2": _story(2), "/p3": hang}) as site:
        items = "".join(f"<item><title>{n}</title><link>{site.url(f'/p{n}')}</link></item>" for n in (1, 2, 3))
        feed = f"<rss version='2.0'><channel><title>Arden</title>{items}</channel></rss>"
        site.routes["/feed"] = page(feed, kind="application/rss+xml")
        more = '[[source]]\nname = "wall"\npaths = ["wall"]\n[[source]]\nname = "arden"\nkind = "feed"\n'
        web = f'url = "{site.url("/feed")}"\n[web]\nallow_hosts = ["{site.allow[0]}"]\ndelay_s = 0\nattempts = 1\n'
        path.write_text(f"{before}\n{more}{web}", encoding="utf-8")
        until(lambda: _deployment(serving, "arden") and _deployment(serving, "wall"), WAIT_S, "the sources are there")
        asked = json.loads(serving.run("trigger", "arden", "--json").stdout)
        assert reached.wait(WAIT_S)
        body: dict[str, object] = {"state": {"type": "CANCELLING", "name": "Cancelling"}}
        api(serving, f"flow_runs/{asked['id']}/set_state", body)
        until(lambda: _flow_run(serving, asked["id"])["state_type"] == "CANCELLED", WAIT_S, "the run is cancelled")
        assert _flow_run(serving, asked["id"])["state_name"] == "Cancelled"
        release.set()
        assert serving.run("trigger", "arden").returncode == 0
        until(lambda: serving.source("arden")["loaded"] == 3, WAIT_S, "a later run goes on")  # whichever comes first
        pages = Counter(path for path in site.paths() if path.startswith("/p"))
    assert (pages["/p1"], pages["/p3"]) == (1, 2)
    held = serving.run("trigger", "wall", "--watch", "--json")
    assert (held.returncode, json.loads(held.stdout)["state"]) == (3, "Held"), held.stdout + held.stderr
    assert _flow_run(serving, json.loads(held.stdout)["id"])["state_type"] == "FAILED"
    path.write_text(before, encoding="utf-8")
    until(lambda: not _deployment(serving, "arden"), WAIT_S, "the sources are gone")


def test_the_prefect_server_killed_comes_back(serving: Serving) -> None:
    """A killed server is started again, and the schedule goes on loading."""
    server = next(p for p in _pids(serving) if b"prefect" in _command(p) and b"server" in _command(p))
    os.kill(server, signal.SIGKILL)
    seed = sorted((serving.root / "pages").iterdir())[1]
    text = seed.read_text(encoding="utf-8").replace(" a ", " one ")
    (serving.root / "pages" / "after.txt").write_text(text, encoding="utf-8")
    until(lambda: serving.source("pages")["loaded"] == 7, START_AGAIN_S, "the page after the kill is loaded")


def test_killed_and_started_again_nothing_is_lost_or_there_twice(serving: Serving) -> None:
    """After SIGKILL no process stays behind; the next start has the same deployments and goes on."""
    serving.kill(signal.SIGKILL)
    until(lambda: not serving.processes(), 30, "nothing works for the desk any more")
    assert serving.status()["scheduler"] is None
    done = serving.run("trigger", "pages")
    assert done.returncode == 1
    assert "copydesk serve" in done.stderr
    extra = serving.root / "pages" / "meanwhile.txt"
    shutil.copy(sorted((serving.root / "pages").iterdir())[2], extra)
    extra.write_text(extra.read_text(encoding="utf-8").replace(" the ", " this "), encoding="utf-8")
    serving.start()
    until(lambda: serving.source("pages")["loaded"] == 8, WAIT_S, "what came meanwhile is loaded")
    names = [d["name"] for d in api(serving, "deployments/filter")]
    assert sorted(names) == ["bad", "pages", "replay", "reprocess", "upkeep"]
    running = api(serving, "flow_runs/filter", {"flow_runs": {"state": {"type": {"any_": ["RUNNING", "PENDING"]}}}})
    assert len(running) <= 1
    query = "select count(*), count(distinct capture_id) from audit.captures"
    rows = json.loads(serving.run("sql", query, "--format", "json").stdout) if _has_sql(serving) else None
    assert rows is None or len(set(rows[0].values())) == 1


def test_sigterm_stops_within_ten_seconds_and_leaves_nobody(serving: Serving) -> None:
    """TriggeredRun to stop while a run may be at work, it ends with 0 in time and without a traceback."""
    started = time.monotonic()
    assert serving.kill(signal.SIGTERM) == 0
    assert time.monotonic() - started < 10
    assert serving.processes() == []
    assert "Traceback" not in serving.console()


START_AGAIN_S = 240


def _deployment(desk: Serving, name: str) -> dict[str, object] | None:
    return next((d for d in api(desk, "deployments/filter") if d["name"] == name), None)


def _flow_run(desk: Serving, name: str) -> dict[str, object]:
    return next(r for r in api(desk, "flow_runs/filter", {"flow_runs": {"id": {"any_": [name]}}}))


def _story(number: int) -> bytes:
    text = "".join(f"<p>{one}</p>" for one in story(number)["paragraphs"])
    return page(f"<html lang=en><title>Plan {number}</title><article><h1>Plan {number}</h1>{text}</article></html>")


def _pids(desk: Serving) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"COPYDESK_DESK={desk.root}".encode() in (folder / "environ").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _has_sql(desk: Serving) -> bool:
    help_text = subprocess.run(
        [sys.executable, "-m", "copydesk", "--help"], env=desk.environment, capture_output=True, text=True, check=False
    )
    return " sql " in help_text.stdout
