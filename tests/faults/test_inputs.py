"""What inputs and servers do to a run: they change, go away, poison a worker (F11, F14, F17, F20, F23 to F25)."""

from __future__ import annotations

import os
import socket
import time
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import duckdb
import pytest

from copydesk import pipeline
from copydesk.runs import folder as runs
from copydesk.settings import find_desk_folder
from copydesk.store.load import load_run as load
from tests.faults.conftest import Pair
from tests.faults.desks import at, held, make_desk, numbers, run, warehouse
from tests.faults.equality import differences, dump, ledger, scratch
from tests.faults.inputs import Inputs
from tests.servers import Site


def _ask(desk: Path, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(warehouse(desk)), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_a_clock_that_goes_back_changes_no_row(other: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """F11: a story printed anew while the clock stands a year back: same ids, same order of revisions, same rows."""

    class Earlier(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime.now(tz) - timedelta(days=365)

    assert run(other.calm).code == 0
    other.inputs.change(0)
    other.inputs.grow(2, 1, 0)
    with monkeypatch.context() as patch:
        for module in (runs, pipeline, load):
            patch.setattr(module, "datetime", Earlier)
        summary = pipeline.run_desk(find_desk_folder(other.desk))
    assert summary.run_id.startswith(f"{datetime.now(UTC) - timedelta(days=365):%Y}")
    assert summary.count("publish", "new_revisions") == 1
    other.equal()


@pytest.mark.parametrize("what", ["a file that changes", "a file that goes"])
def test_a_file_that_is_another_when_it_is_read_again(other: Pair, what: str) -> None:
    """F23: changed or gone between acquire and extract, it is refused by name; the next run takes what is there."""
    other.inputs.grow(2, 1, 0)
    number = other.inputs.files - 1
    (path,) = other.inputs.folder.glob(f"{number:05}.*")
    kept = path.read_text(encoding="utf-8"), path.stat()
    with held(other.desk, "rename to warehouse/runs/RUN/acquire.done") as process:
        if what == "a file that changes":
            other.inputs.change(number)
        else:
            path.unlink()
    ended = process.end()
    assert ended.code == 0, ended.err
    assert numbers(ended)["quarantined"] == 1
    reasons = _ask(other.desk, f"select reason from audit.quarantine where uri = '{path}' and resolved_at is null")
    assert reasons == [("changed_while_read" if what == "a file that changes" else "not_found",)]
    if not path.exists():
        path.write_text(kept[0], encoding="utf-8")
        os.utime(path, ns=(kept[1].st_atime_ns, kept[1].st_mtime_ns))
    assert run(other.desk).code == 0
    assert _ask(other.desk, f"select count(*) from main.articles where uri = '{path}'") == [(1,)]


def test_a_poison_document_costs_only_itself(other: Pair) -> None:
    """F20: a document that ends every worker that reads it is quarantined alone; its neighbours load."""
    other.inputs.grow(4, 1, 0)
    poison = other.inputs.folder / f"{other.inputs.files - 2:05}.txt"
    fault = {**at(f"read {poison.name}", desk=other.inputs.folder, action="crash")}
    ended = run(other.desk, **fault)
    assert ended.code == 0, ended.err
    assert (numbers(ended)["captured"], numbers(ended)["loaded"]) == (5, 4)
    refused = _ask(other.desk, "select uri, reason from audit.quarantine where reason = 'memory_limit'")
    assert refused == [(str(poison), "memory_limit")]
    assert scratch(other.desk) == []


def test_a_replay_that_is_killed(other: Pair) -> None:
    """F25: killed in the load and after it, a replay leaves each record in one place; doing it again is harmless."""
    waiting = _ask(
        other.desk, "select count(*) from audit.quarantine where reason = 'memory_limit' and resolved_at is null"
    )
    assert waiting == [(1,)]  # of the test before
    replay = ("quarantine", "replay", "--rule", "memory_limit", "--json")
    for point in ("after begin transaction", "before checkpoint"):
        assert run(other.desk, *replay, **at(point, desk=other.desk)).code == -9
        places = "select uri from main.articles union all select uri from audit.quarantine where resolved_at is null"
        assert _ask(other.desk, f"select uri from ({places}) group by uri having count(*) > 1") == []
    assert run(other.desk, *replay).code == 0
    assert _ask(other.desk, "select resolution from audit.quarantine where reason = 'memory_limit'") == [("loaded",)]


def test_rows_are_those_of_the_undisturbed_desk(other: Pair) -> None:
    """I1 to I4, F24: after all that, main has the rows of a desk that took the same files once, in one run."""
    for desk in (other.desk, other.calm):
        assert run(desk).code == 0
    suffered, calm = dump(other.desk), dump(other.calm)
    assert [line for line in differences(suffered, calm) if line.startswith("main.")] == []
    assert ledger(other.desk, other.inputs) == []


def test_a_server_that_dies_at_a_third(tmp_path: Path) -> None:
    """F14: what was fetched is loaded, every other address says why not, and the run ends in good order."""
    with Site({}, work_s=0.01) as site:
        inputs = Inputs(tmp_path / "inputs", site)
        inputs.grow(1, 0, 40)
        desk = make_desk(tmp_path / "desk", inputs)
        with held(desk, "archive: a page", nth=13) as process:  # the first write is the warcinfo record
            site.stop()
        ended = process.end()
    assert ended.code == 0, ended.err
    outcomes = dict(_ask(desk, "select outcome, count(*) from ops.fetch_log where purpose = 'page' group by outcome"))
    assert outcomes["captured"] >= 12
    assert sum(outcomes.values()) == 40
    assert set(outcomes) <= {"captured", "failed", "deferred"}
    assert _ask(desk, "select count(*) from main.articles where source = 'wire'") == [(outcomes["captured"],)]
    assert _ask(desk, "select count(*) from ops.fetch_log where outcome <> 'captured' and reason = ''") == [(0,)]
    assert scratch(desk) == []


def test_no_network_is_known_in_seconds(tmp_path: Path) -> None:
    """F17: a thousand addresses of one host that does not answer end with a reason each, in well under a minute."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (tmp_path / "list.txt").write_text("".join(f"http://127.0.0.1:{port}/{n}\n" for n in range(1000)))
    (tmp_path / "copydesk.toml").write_text(
        f'[web]\nallow_hosts = ["127.0.0.1:{port}"]\n[[source]]\nname = "w"\nkind = "urls"\nurls = "list.txt"\n'
    )
    began = time.monotonic()
    ended = run(tmp_path)
    assert time.monotonic() - began < 60
    assert ended.code == 1, ended.err  # the source is failing
    assert numbers(ended)["failed"] + numbers(ended)["deferred"] == 1000
    assert _ask(tmp_path, "select count(*) from ops.address_state where last_reason <> ''") == [(1000,)]
