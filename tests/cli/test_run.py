"""`copydesk run` as a user meets it: what comes in ends somewhere, and is told."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from tests.conftest import Command, clean_environment

from copydesk.cli.first_sight import first_sight
from copydesk.cli.run import _holds_html, _is_new
from copydesk.resources import SEEDS

ROWS = """
    select 'articles', article_id::varchar, '' from main.articles
    union all select 'revisions', revision_id::varchar, title from main.revisions
    union all select 'paragraphs', revision_id::varchar || position, text from main.paragraphs
    union all select 'cut', capture_id::varchar || number, label || rule from audit.cut_blocks
    union all select 'quarantine', uri, reason from audit.quarantine
    order by all
"""


def rows(desk: Path) -> list[tuple[str, ...]]:
    """Return what a desk's warehouse holds, in a fixed order."""
    with duckdb.connect(str(desk / "warehouse" / "copydesk.duckdb"), read_only=True) as connection:
        return connection.execute(ROWS).fetchall()


def test_the_seeds_go_in_and_a_second_run_adds_nothing(desk: Path, command: Command) -> None:
    """The five seeds load; a second run says that five are unchanged and leaves every row as it was.

    `run --json` prints one JSON object and nothing else, so that a script can read it.
    """
    first = command("run", "--json", cwd=desk)
    assert first.code == 0, first.err
    assert set(json.loads(first.out)) >= {"run_id", "captured", "unchanged", "loaded", "quarantined", "cut_lines"}
    assert (first.json["captured"], first.json["loaded"], first.json["quarantined"]) == (5, 5, 0)
    before = rows(desk)
    second = command("run", "--json", cwd=desk)
    assert (second.json["captured"], second.json["unchanged"], second.json["loaded"]) == (0, 5, 0)
    assert rows(desk) == before
    assert not [p for p in (desk / "warehouse" / "runs").iterdir() if p.name != "locks"]


NEEDED_FOR_NEWS = {
    *("polars", "numpy", "pandera", "pyarrow", "pandas", "lxml", "selectolax", "trafilatura", "htmldate", "dateparser"),
    *("fasttext", "cchardet", "httpx2", "httpcore2", "feedparser", "fastwarc", "jinja2", "starlette", "apprise"),
    *("prefect", "rich.progress", "copydesk.text.documents", "copydesk.stages.extract", "copydesk.stages.check"),
    "copydesk.store.load.load_parts",
}


def test_who_starts_workers_goes_without_their_rules() -> None:
    """Coordinating the extract stage imports neither quotes nor mentions nor HTML: those are of the workers."""
    code = "import sys, copydesk.stages.extract; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=clean_environment(), check=True)
    rooms = ("copydesk.text.quotes.find", "copydesk.text.entities", "copydesk.text.html", "copydesk.text.plain")
    assert [name for name in done.stdout.decode().split() if name.startswith(rooms)] == []


def test_workers_go_without_settings_and_the_warehouse() -> None:
    """What the fork server imports for workers has neither pydantic nor DuckDB, and a task brings neither along."""
    code = (
        "import pickle, sys, copydesk.stages.extract_parts as parts; from copydesk.records import SourceFacts;"
        "pickle.loads(pickle.dumps(SourceFacts(name='pages'))); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=clean_environment(), check=True)
    assert {"pydantic", "pydantic_settings", "duckdb", "copydesk.settings"} & set(done.stdout.decode().split()) == set()


@pytest.mark.usefixtures("loaded")
def test_a_run_without_news_imports_only_what_it_needs_and_is_recorded(desk: Path) -> None:
    """Where nothing is new, no table library, text model or HTTP client is imported; the ledger has the run."""
    code = (
        "import sys\nfrom copydesk.cli import main\nsys.argv = ['copydesk', 'run', '--json']\n"
        "try:\n    main()\nfinally:\n    print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=desk, capture_output=True, env=clean_environment(), check=True
    )
    assert NEEDED_FOR_NEWS & set(done.stderr.decode().split()) == set()
    told = json.loads(done.stdout)
    assert (told["unchanged"], told["captured"], told["loaded"]) == (5, 0, 0)
    assert [source["state"] for source in told["sources"]] == ["ok"]
    with duckdb.connect(str(desk / "warehouse" / "copydesk.duckdb"), read_only=True) as connection:
        last = connection.execute("select run_id, status, exit_code from ops.runs order by started_at").fetchall()[-1]
        assert last == (told["run_id"], "finished", 0)
        counted = "select stage, kind, name, inputs from ops.tallies where run_id = $1"
        assert connection.execute(counted, [last[0]]).fetchall() == [("acquire", "outcome", "unchanged", 5)]
        stages = "select stage from ops.stage_runs where run_id = $1 order by started_at"
        assert connection.execute(stages, [last[0]]).fetchall() == [
            (s,) for s in ("acquire", "extract", "check", "publish")
        ]
        loads = "select stage, part, captures from ops.loads where run_id = $1"
        assert connection.execute(loads, [last[0]]).fetchall() == [("acquire", "part-00000", 5)]


def test_the_ledger_says_what_each_stage_cost(desk: Path, command: Command) -> None:
    """Each of the four stages has a row: all pages, their bytes, and memory with that of the workers; --profile too."""
    shown = command("run", "--profile", cwd=desk)
    assert all(stage in shown.out for stage in ("acquire", "extract", "check", "publish")), shown.out
    size = sum(path.stat().st_size for path in (desk / "seeds").iterdir())
    with duckdb.connect(str(desk / "warehouse" / "copydesk.duckdb"), read_only=True) as connection:
        told = connection.execute(
            "select stage, pages, bytes, seconds > 0, peak_memory_bytes from ops.stage_runs order by started_at"
        ).fetchall()
    assert [row[:4] for row in told] == [(s, 5, size, True) for s in ("acquire", "extract", "check", "publish")]
    assert told[1][4] > told[0][4] > 1_000_000


def test_the_order_of_files_changes_nothing(tmp_path: Path, new_desk: Path, command: Command) -> None:
    """The same files named in two orders, in one run or in two, give the same rows."""
    desks = [tmp_path / f"d{number}" for number in range(3)]
    for desk in desks:
        shutil.copytree(new_desk, desk)
    names = [f"seeds/{p.name}" for p in sorted((desks[0] / "seeds").iterdir())]
    shuffled = random.Random(1).sample(names, len(names))
    assert command("run", *names, cwd=desks[0]).code == 0
    assert command("run", *shuffled, cwd=desks[1]).code == 0
    for some in (shuffled[:2], shuffled[2:]):
        assert command("run", *some, cwd=desks[2]).code == 0
    assert rows(desks[0]) == rows(desks[1]) == rows(desks[2])


BAD = {
    "a missing path": (["run", "nowhere"], 2, "nowhere"),
    "an unknown source": (["run", "seedz"], 2, "seedz"),
    "no desk": (["run", "--desk", "nowhere"], 2, "nowhere"),
    "an unknown option": (["run", "--speed"], 2, "--speed"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_mistake_is_one_clear_line(name: str, desk: Path, command: Command) -> None:
    """What cannot be done is named in one message with exit code 2, without a traceback, and nothing is written."""
    words, code, named = BAD[name]
    ended = command(*words, cwd=desk)
    assert ended.code == code
    assert named in ended.err
    assert "Traceback" not in ended.err
    assert not (desk / "warehouse" / "copydesk.duckdb").exists()


def test_bad_files_are_rows_and_good_ones_load(desk: Path, command: Command) -> None:
    """A binary file called .txt and an empty one are refused with a reason; their good neighbour loads."""
    folder = desk / "mixed"
    folder.mkdir()
    shutil.copy(next((desk / "seeds").iterdir()), folder / "good.txt")
    (folder / "binary.txt").write_bytes(bytes(range(256)) * 40)
    (folder / "empty.txt").write_bytes(b"")
    ended = command("run", "mixed", "--json", cwd=desk)
    assert ended.json["loaded"] == 1, ended.err
    reasons = {(uri, reason) for _, uri, reason in rows(desk) if _ == "quarantine"}
    assert {("mixed/binary.txt", "binary"), ("mixed/empty.txt", "empty")} <= reasons
    assert "Traceback" not in ended.err


def test_the_row_of_a_missing_folder_is_closed_when_the_folder_is_read(desk: Path, command: Command) -> None:
    """A missing folder is an open row as long as runs miss it; the run that reads the folder closes it."""

    def row() -> list[tuple[object, ...]]:
        with duckdb.connect(str(desk / "warehouse" / "copydesk.duckdb"), read_only=True) as connection:
            return connection.execute("select reason, attempts, resolution from audit.quarantine").fetchall()

    (desk / "copydesk.toml").write_text('[[source]]\nname = "late"\npaths = ["late"]\n')
    command("run", cwd=desk)
    command("run", cwd=desk)
    assert row() == [("not_found", 2, None)]
    shutil.copytree(desk / "seeds", desk / "late")
    ended = command("run", "--json", cwd=desk)
    assert ended.json["loaded"] == 5, ended.err
    assert row() == [("not_found", 2, "superseded")]
    shutil.rmtree(desk / "late")
    command("run", cwd=desk)
    assert row() == [("not_found", 3, None)]


def test_broken_settings_are_refused_before_any_write(desk: Path, command: Command) -> None:
    """A copydesk.toml that is no TOML ends with exit code 2 and names the file."""
    (desk / "copydesk.toml").write_text("[run\n")
    ended = command("run", cwd=desk)
    assert (ended.code, "copydesk.toml" in ended.err, "Traceback" in ended.err) == (2, True, False)
    assert not (desk / "warehouse").exists()


def test_what_a_run_will_read_is_guessed_from_names(tmp_path: Path) -> None:
    """Names in a source's folder or among the targets tell HTML from text; what cannot be read is no error."""
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "One.HTML").touch()
    (tmp_path / "note.txt").touch()
    (tmp_path / "copydesk.toml").write_text('[[source]]\nname = "a"\npaths = ["pages"]\n', encoding="utf-8")
    here, said = first_sight(tmp_path / "pages")
    assert (here, _is_new(here, said)) == (tmp_path, True)
    assert _holds_html(here, said, [])
    assert not _holds_html(here, said, [str(tmp_path / "note.txt")])
    (tmp_path / "copydesk.toml").write_text("[[source]\n", encoding="utf-8")
    assert first_sight(tmp_path) == (tmp_path, {})
    for strange in ({}, {"source": 3, "warehouse": 3}, {"source": [{"paths": ["\0", 3, "absent"]}]}):
        assert not _holds_html(tmp_path, strange, [])
        _is_new(tmp_path, strange)


@pytest.mark.usefixtures("loaded")
def test_new_changed_same_and_unchanged_are_told_apart(desk: Path, command: Command) -> None:
    """A new text, an edited one, other bytes of a known text and known bytes: each is counted as what it is."""
    one, two, *_ = sorted((desk / "seeds").glob("*.txt"))
    one.write_text(one.read_text(encoding="utf-8").replace(" the ", " the very ", 20), encoding="utf-8")
    two.write_text(two.read_text(encoding="utf-8").rstrip() + "\n\n\n", encoding="utf-8")
    (desk / "seeds" / "empty.txt").write_text("", encoding="utf-8")
    told = json.loads(command("run", "--json", cwd=desk).out)
    names = ("new", "changed", "same", "unchanged", "skipped", "refused", "failed", "held", "loaded")
    assert [told[name] for name in names] == [0, 1, 1, 3, 1, 0, 0, 0, 2]
    sql = (
        "select name, inputs from ops.tallies join ops.runs using (run_id) where stage = 'publish' and kind = 'outcome'"
    )
    rows = json.loads(command("sql", f"{sql} and run_id = '{told['run_id']}'", "--json", cwd=desk).out)
    kept = {row["name"]: row["inputs"] for row in rows}
    assert {name: kept[name] for name in ("loaded", "new_revisions", "same_text")} == {
        "loaded": 2,
        "new_revisions": 1,
        "same_text": 1,
    }
    again = command("run", cwd=desk)
    assert "5 " in again.out
    assert "loaded" not in again.out


def test_a_run_without_a_desk_makes_nothing_unasked(tmp_path: Path, command: Command) -> None:
    """Without a desk the command says what to do; into a folder that was named it runs."""
    page = tmp_path / "pages" / "a.txt"
    page.parent.mkdir()
    page.write_text(next(SEEDS.glob("*.txt")).read_text(encoding="utf-8"), encoding="utf-8")
    refused = command("run", "pages")
    assert refused.code == 2
    assert "--desk" in refused.err
    assert not (tmp_path / "warehouse").exists()
    (tmp_path / "there").mkdir()
    assert command("run", "pages", "--desk", "there").code == 0
    assert (tmp_path / "there" / "warehouse" / "copydesk.duckdb").exists()


@pytest.mark.parametrize("columns", ["0", "20", "-3", "wide"])
@pytest.mark.usefixtures("loaded")
def test_a_strange_width_still_shows_the_summary(desk: Path, command: Command, columns: str) -> None:
    """Whatever COLUMNS says, the result of a command can be read."""
    ended = command("sql", "select 4711 as n", cwd=desk, COLUMNS=columns)
    assert "4711" in ended.out, ended.err


def test_reasons_stand_below_the_outcome_they_belong_to(desk: Path, command: Command) -> None:
    """A run with skipped, quarantined, new and changed inputs counts them apart, each reason below its own row."""
    (desk / "copydesk.toml").write_text('[[source]]\nname = "all"\npaths = ["seeds", "gone"]\n')
    seeds = sorted((desk / "seeds").iterdir())
    assert command("run", cwd=desk).code in (0, 1)
    seeds[0].write_text(seeds[0].read_text() + "\nThe council added on Friday that the bridge will open in May.\n")
    shutil.copy(seeds[1], desk / "seeds" / "copy.txt")
    (desk / "seeds" / "stub.txt").write_text("Too short to be news.\n")
    (desk / "seeds" / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(400))
    table = command("run", cwd=desk).out
    blocks: dict[str, list[str]] = {}
    for line in table.splitlines():
        cells = [cell.strip() for cell in line.split("│")[1:-1]]
        if cells and cells[0]:
            name = cells[0]
            blocks[name] = []
        elif cells and blocks:
            blocks[name].append(cells[2])
    assert {"new", "changed", "unchanged", "skipped", "quarantined"} <= blocks.keys(), table
    assert blocks["new"] == blocks["changed"] == blocks["unchanged"] == []
    assert "not_found" in blocks["skipped"]
    assert blocks["quarantined"] == ["no_body"]


@pytest.mark.usefixtures("loaded")
def test_an_interrupted_run_is_named_whatever_continues_it(desk: Path, command: Command) -> None:
    """`reprocess`, `quarantine replay` and `restore` say which interrupted run they finish first, as `run` does."""
    (desk / "seeds" / "stub.txt").write_text("Too short to be news.\n")
    assert command("run", cwd=desk).code in (0, 1, 3)
    for words in (("quarantine", "replay"), ("restore", "000_bca97a53f92043e2.txt", "28")):
        name = _interrupted(desk)
        ended = command(*words, cwd=desk)
        assert (ended.code, f"Continuing run {name} of seeds" in ended.err) == (0, True), (words, ended.err)
    line = command("show", "000_bca97a53f92043e2.txt", "--json", cwd=desk).json["paragraphs"][3]
    assert command("boilerplate", "pin", "seeds", line, "--cut", cwd=desk).code == 0
    name = _interrupted(desk)
    assert command("reprocess", "--yes", cwd=desk).err.count(f"run {name} of seeds") == 1


def _interrupted(desk: Path) -> str:
    """Leave the folder of a run of the seeds whose process is gone; return its name."""
    from copydesk.runs.folder import new_run
    from copydesk.settings import find_desk_folder

    where = find_desk_folder(desk)
    with new_run(where, where.settings.source, trigger="cli") as run:
        return run.run_id


def test_a_run_by_hand_notifies_when_it_is_asked_to(desk: Path, command: Command) -> None:
    """`run --notify` sends what changed, once, through the channels of `[notify]`; a plain run sends nothing."""
    notify = '[notify]\ncommand = ["sh", "-c", "cat >> sent.jsonl; echo >> sent.jsonl"]\n\n'
    (desk / "copydesk.toml").write_text(notify + '[[source]]\nname = "late"\npaths = ["late"]\n')
    assert command("run", cwd=desk).code == 1
    assert not (desk / "sent.jsonl").exists()
    for _ in range(2):
        assert command("run", "--notify", cwd=desk).code == 1
    shutil.copytree(desk / "seeds", desk / "late")
    assert command("run", "--notify", cwd=desk).code == 0
    sent = [json.loads(line) for line in (desk / "sent.jsonl").read_text().splitlines()]
    assert [(m["source"], m["was"], m["state"]) for m in sent] == [("late", "", "failing"), ("late", "failing", "ok")]


def test_files_named_to_run_appear_in_the_status(desk: Path, command: Command) -> None:
    """What was loaded by `run FOLDER` is a line of `status` called `paths`, which raises no alarm."""
    here = desk.parent / "elsewhere"
    here.mkdir()
    (here / "a.txt").write_text((desk / "seeds" / "001_f99d47caf96a5657.txt").read_text("utf-8"), "utf-8")
    (here / "b.txt").write_text("Too short to be news.\n")
    command("run", str(here), cwd=desk)
    status = command("status", "--json", cwd=desk)
    lines = {line["source"]: line for line in status.json["sources"]}
    assert list(lines) == ["seeds", "paths"]
    assert (lines["paths"]["loaded"], lines["paths"]["quarantined"], status.code) == (1, 1, 0)
    assert "were named to `copydesk run PATH`" in command("status", cwd=desk).out
    assert "Nothing has recurred on pages of sana.sy yet." in command("boilerplate", "list", "sana.sy", cwd=desk).out
