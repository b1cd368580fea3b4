"""A desk to be treated badly: files and a site that grow, runs as processes that can be killed, and what must hold.

    inputs = Inputs(folder, site)     inputs.grow()            the same inputs for any number of desks
    desk = make_desk(root, inputs)    start(desk).kill()       real processes, real signals
    run(desk, **at(point, desk=desk))                          something happens at a named point
    dump(desk)    ledger(desk)    archive(desk)    scratch(desk)         rows, and what is wrong, as text

Texts have words of their own, so that no line is furniture by recurrence: what a page becomes must not depend on how
many runs it took, or two desks could not be compared row by row. Of the site memory only its counts are compared: text,
label and samples of a line are those of the load that first found it on enough pages.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import duckdb
from fastwarc.warc import ArchiveIterator, WarcRecordType

from tests.servers import Site, page

ROOT = Path(__file__).parents[2]
INJECTED = Path(__file__).parent / "injected"

CLOCK = frozenset({"run_id", "first_run_id", "last_run_id", "loaded_at", "seen_at", "resolved_at"})
"""Columns that name a run or tell the time of a load."""

FETCHED = frozenset(
    {"captured_at", "first_seen_at", "last_seen_at", "valid_from", "valid_to", "path", "offset", "length"}
)
"""Columns that a fetched page has from the clock, or from the archive file of its run; files have theirs from mtime."""

_WORDS = (
    *("harbour", "council", "winter", "bridge", "market", "teacher", "river", "railway", "minister", "engine"),
    *("garden", "letter", "village", "doctor", "season", "budget", "captain", "forest", "museum", "island"),
    *("factory", "journal", "pepper", "window", "mountain", "evening", "signal", "ladder", "mirror", "orchard"),
)
_LONG_AGO = 1_700_000_000  # mtime of the first file: 2023, so that no file is too fresh to be believed


@dataclass
class Inputs:
    """What desks take in: a folder of files, and pages on a site; it only grows, or changes where it is told to."""

    folder: Path
    site: Site | None = None
    seed: int = 1
    files: int = 0
    paths: list[str] = field(default_factory=list)

    def grow(self, texts: int = 3, pages: int = 1, web: int = 1) -> None:
        """Add so many text files, HTML files and web pages."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for _ in range(texts):
            if self.files % 8 == 7:  # too short: a row of quarantine
                self._write(self.folder / f"{self.files:05}.txt", f"Nothing {self.files}\n\nOf note.\n", self.files)
                self.files += 1
                continue
            self._file("txt", "{title}\n\n{body}\n", "\n\n")
        for _ in range(pages):
            head = "<!doctype html><html lang=en><head><title>{title}</title></head><body><h1>{title}</h1>"
            self._file("html", head + "<article><p>{body}</p></article></body></html>", "</p><p>")
        if self.site is not None:
            for _ in range(web):
                title, body = story(self.seed, f"web-{len(self.paths)}")
                text = f"{title}\n\n" + "\n\n".join(body) + "\n"
                self.paths.append(f"/story/{len(self.paths)}")
                self.site.routes[self.paths[-1]] = page(text, kind="text/plain; charset=utf-8")
            urls = "".join(f"<url><loc>{self.site.url(path)}</loc></url>" for path in self.paths)
            self.site.routes["/map.xml"] = page(f"<urlset>{urls}</urlset>", kind="text/xml")

    def change(self, number: int) -> None:
        """Print a file's story anew, with another text."""
        (path,) = self.folder.glob(f"{number:05}.*")
        text = path.read_text(encoding="utf-8").replace("It was written", "It was rewritten, and later")
        self._write(path, text, number + 100_000)

    def _file(self, kind: str, form: str, between: str) -> None:
        title, body = story(self.seed, f"file-{self.files}")
        text = form.format(title=title, body=between.join(body))
        self._write(self.folder / f"{self.files:05}.{kind}", text, self.files)
        self.files += 1

    def _write(self, path: Path, text: str, second: int) -> None:
        """Write under a name that no source takes, then rename: a run that looks meanwhile sees the file or none."""
        temporary = path.with_suffix(".writing")
        temporary.write_text(text, encoding="utf-8")
        os.utime(temporary, (_LONG_AGO + second, _LONG_AGO + second))
        temporary.rename(path)


def story(seed: int, name: str) -> tuple[str, list[str]]:
    """Return a title and paragraphs that no other name has."""
    luck = random.Random(f"{seed} {name}")
    number = luck.randrange(10**9)
    title = f"The {' '.join(luck.sample(_WORDS, 4))} of number {number}"
    starts = [f"It was written of number {number} that the", *["And the"] * 5]
    return title, [
        f"{s} {' '.join(luck.choices(_WORDS, k=24))} was seen {luck.randrange(10**9)} times." for s in starts
    ]


def make_desk(root: Path, inputs: Inputs, *, more: str = "", workers: int = 1, part_documents: int = 5) -> Path:
    """Make a desk over some inputs; `more` is added to its settings."""
    root.mkdir(parents=True)
    allowed = f'allow_hosts = ["127.0.0.1:{inputs.site.port}"]' if inputs.site else ""
    wire = (
        f'[[source]]\nname = "wire"\nkind = "sitemap"\nurl = "{inputs.site.url("/map.xml")}"\n' if inputs.site else ""
    )
    (root / "copydesk.toml").write_text(
        f"[run]\nworkers = {workers}\npart_documents = {part_documents}\n[web]\ndelay_s = 0\n{allowed}\n"
        f'[[source]]\nname = "texts"\npaths = ["{inputs.folder}"]\ninclude = ["*.txt", "*.html"]\n{wire}{more}',
        encoding="utf-8",
    )
    return root


def environment(**more: str) -> dict[str, str]:
    """Return the environment of a run: nothing of the caller's settings, the package where it is."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("COPYDESK_", "PREFECT_", "FAULT_"))}
    return {**kept, "PYTHONPATH": f"{INJECTED}{os.pathsep}{ROOT / 'src'}", "NO_COLOR": "1", "COLUMNS": "200", **more}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a process ended."""

    code: int
    out: str
    err: str

    def refused(self, code: int, *said: str) -> None:
        """Assert that it ended with this code and one line that says these words."""
        lines = [line for line in self.err.splitlines() if line.strip()]
        assert self.code == code, self.err
        assert "Traceback" not in self.err, self.err
        assert len(lines) == 1, self.err
        assert all(word in lines[0] for word in said), self.err


class Process:
    """`copydesk ...` in a desk, in a session of its own, so that a kill takes its workers with it."""

    def __init__(self, desk: Path, *words: str, limit_bytes: int | None = None, **more: str) -> None:
        command = [sys.executable, "-m", "copydesk", *words]
        if limit_bytes is not None:  # a file cannot grow past this: what a full disk is to a file
            command = ["prlimit", f"--fsize={limit_bytes}", *command]
        self._process = subprocess.Popen(
            command, cwd=desk, env=environment(**more), start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def alive(self) -> bool:
        """Return whether it has not ended."""
        return self._process.poll() is None

    def signal(self, number: int) -> None:
        """Send the process itself a signal."""
        self._process.send_signal(number)

    def kill(self, *, orphans: bool = False) -> bool:
        """Kill it, with its workers or without them; return whether it was still at work."""
        with suppress(ProcessLookupError):
            (os.kill if orphans else os.killpg)(self._process.pid, signal.SIGKILL)
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()
        return self._process.wait() == -signal.SIGKILL

    def end(self, timeout: float = 300) -> Ended:
        """Wait for its end."""
        out, err = self._process.communicate(timeout=timeout)
        return Ended(code=self._process.returncode, out=out.decode(), err=err.decode())


def start(desk: Path, *words: str, limit_bytes: int | None = None, **more: str) -> Process:
    """Start `copydesk run`, or another command."""
    return Process(desk, *(words or ("run", "--json")), limit_bytes=limit_bytes, **more)


def run(desk: Path, *words: str, limit_bytes: int | None = None, **more: str) -> Ended:
    """Run `copydesk run`, or another command, to its end."""
    return start(desk, *words, limit_bytes=limit_bytes, **more).end()


def at(point: str, *, nth: int = 1, action: str = "kill", desk: Path) -> dict[str, str]:
    """Return the environment in which something happens at a named point (see `injected/sitecustomize.py`)."""
    return {"FAULT_ROOT": str(desk), "FAULT_POINT": point, "FAULT_NTH": str(nth), "FAULT_ACTION": action}


def points(desk: Path, *words: str) -> list[str]:
    """Run to the end and return the names of the points it passed, in order, with repetitions."""
    log = desk.with_name(f"{desk.name}.points")
    ended = run(desk, *words, FAULT_ROOT=str(desk), FAULT_ACTION="record", FAULT_LOG=str(log))
    assert ended.code == 0, ended.err
    names = log.read_text(encoding="utf-8").splitlines()
    log.unlink()
    return names


def dump(desk: Path) -> dict[str, list[str]]:
    """Return every row of every table of `main` and `audit`, and each address's state, without clocks and run ids."""
    with duckdb.connect(str(warehouse(desk)), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() where schema_name in ('main', 'audit') order by all"
        ).fetchall()
        found = {f"{schema}.{name}": _rows(connection, f'from {schema}."{name}"') for schema, name in tables}
        found["audit.site_memory"] = _rows(connection, "select site, line_key, pages, verdict from audit.site_memory")
        found["ops.address_state"] = _rows(
            connection,
            "select source, uri, purpose, url, etag, last_modified, sha256, http_status from ops.address_state",
        )
    return found


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[str]:
    answer = connection.execute(query)
    names = [column[0] for column in answer.description]
    rows = []
    for values in answer.fetchall():
        row = {n: v for n, v in zip(names, values, strict=True) if n not in CLOCK}
        if "capture_id" in row and row["capture_id"] is None:
            continue  # a finding about a batch: what is a batch depends on how many runs there were
        rows.append(repr({n: v for n, v in row.items() if n not in FETCHED}))
    return sorted(rows)


def differences(one: Mapping[str, list[str]], other: Mapping[str, list[str]]) -> list[str]:
    """Say, table by table, which rows only one of two desks has."""
    said = []
    for table in sorted(one.keys() | other.keys()):
        here, there = Counter(one.get(table, ())), Counter(other.get(table, ()))
        only, missing = here - there, there - here
        if only or missing:
            said.append(
                f"{table}: {only.total()} rows too many {list(only)[:2]}, {missing.total()} missing {list(missing)[:2]}"
            )
    return said


def ledger(desk: Path, inputs: Inputs) -> list[str]:
    """Say what is wrong with the ledger: runs, loads, and that every input ended in exactly one state."""
    wrong = []
    with duckdb.connect(str(warehouse(desk)), read_only=True) as connection:
        ask = connection.execute
        if (running := ask("select count(*) from ops.runs where status not in ('finished', 'failed')").fetchone()) != (
            0,
        ):
            wrong.append(f"runs that say they are at work: {running}")
        ended = Counter(uri for (uri,) in ask(
            "select uri from audit.captures where outcome in ('loaded', 'quarantined') group by uri, capture_id "
            "union all select uri from audit.quarantine where resolved_at is null "
            "and capture_id not in (select capture_id from audit.captures)"
        ).fetchall())  # fmt: skip
        twice = ask("select uri, sha256, count(*) from audit.captures group by all having count(*) > 1").fetchall()
        both = ask("select uri from audit.captures join audit.quarantine using (uri) where outcome = 'loaded' "
                   "and resolved_at is null").fetchall()  # fmt: skip
    wanted = {str(p) for p in inputs.folder.iterdir() if p.suffix in {".txt", ".html"}}
    wanted |= {inputs.site.url(path) for path in inputs.paths} if inputs.site else set()
    wrong += [f"in no state: {sorted(wanted - ended.keys())[:3]}"] if wanted - ended.keys() else []
    wrong += [f"nobody's input: {sorted(ended.keys() - wanted)[:3]}"] if ended.keys() - wanted else []
    wrong += [f"there twice: {twice[:3]}"] if twice else []
    wrong += [f"loaded and quarantined: {both[:3]}"] if both else []
    return wrong


def archive(desk: Path, inputs: Inputs) -> list[str]:
    """Say what is wrong with the archive: records that cannot be read, pages that are lost or there twice."""
    wrong: list[str] = []
    pages: Counter[tuple[str, str]] = Counter()
    for path in sorted((desk / "warehouse" / "archive").rglob("*.warc.gz")):
        kinds: Counter[str] = Counter()
        try:
            whole = gzip.decompress(path.read_bytes())  # FastWARC ends in silence where a file is torn
        except (OSError, EOFError) as error:
            wrong.append(f"{path.name}: {error}")
            continue
        for record in ArchiveIterator(io.BytesIO(whole), parse_http=True):
            kinds[record.headers["WARC-Type"]] += 1
            if record.headers["WARC-Type"] == "response":
                pages[record.headers["WARC-Target-URI"], sha256(record.reader.read()).hexdigest()] += 1
        if len({kinds[k] for k in ("request", "response", "metadata")}) != 1:
            wrong.append(f"{path.name}: {dict(kinds)}")
    wanted = {inputs.site.url(path) for path in inputs.paths} if inputs.site else set()
    seen = {url for url, _ in pages}
    wrong += [f"not archived: {sorted(wanted - seen)[:3]}"] if wanted - seen else []
    wrong += [f"archived twice: {page}" for page, number in pages.items() if number > 1][:3]
    with duckdb.connect(str(warehouse(desk)), read_only=True) as connection:
        places = connection.execute(
            "select url, sha256, path, \"offset\", length from audit.captures where source = 'wire'"
        ).fetchall()
    wrong += [f"cannot be read back: {url}" for url, digest, *place in places if _read(desk, *place) != digest][:3]
    return wrong


def _read(desk: Path, path: str, offset: int, length: int) -> str:
    with (desk / path).open("rb") as file:
        file.seek(offset)
        member = file.read(length)
    for record in ArchiveIterator(io.BytesIO(member), record_types=WarcRecordType.response, parse_http=True):
        return sha256(record.reader.read()).hexdigest()
    return ""


def scratch(desk: Path) -> list[str]:
    """Name what a run has left behind: run folders, temporary files."""
    folder = desk / "warehouse"
    runs = [p.name for p in (folder / "runs").iterdir() if p.name != "locks"] if (folder / "runs").is_dir() else []
    files = [str(p.relative_to(desk)) for p in folder.rglob("*") if p.name.endswith((".tmp", ".wal"))]
    return sorted({*runs, *files})


def warehouse(desk: Path) -> Path:
    """Return the desk's DuckDB file."""
    return desk / "warehouse" / "copydesk.duckdb"


def stage_of(desk: Path) -> str:
    """Say where the latest run of a desk stopped: the stage that is not done, or `none` when nothing was begun."""
    for folder in sorted((desk / "warehouse" / "runs").glob("2*"), reverse=True):
        done = [s for s in ("acquire", "extract", "check", "publish") if (folder / f"{s}.done").exists()]
        return ("acquire", "extract", "check", "publish", "remove")[len(done)]
    return "none"


@contextmanager
def held(desk: Path, point: str, *words: str, nth: int = 1) -> Iterator[Process]:
    """Start a run, wait until it stands at a named point, and let it go on when the block ends."""
    process = start(desk, *words, **at(point, nth=nth, desk=desk, action="hold"))
    mark, deadline = desk / "held", time.monotonic() + 120
    while not mark.exists():
        assert process.alive(), process.end().err
        assert time.monotonic() < deadline, f"{point} was not passed"
        time.sleep(0.01)
    try:
        yield process
    finally:
        mark.unlink(missing_ok=True)


def numbers(ended: Ended) -> dict[str, int]:
    """Return what `run --json` counted."""
    counted: dict[str, int] = json.loads(ended.out)
    return counted
