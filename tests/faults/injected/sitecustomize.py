"""Named points of a run, and what happens there: found by every Python process whose PYTHONPATH names this folder.

A point is a step that changes something: a file opened for writing, a rename, a folder made or removed (from Python's
audit events), an SQL statement before and after it ran, a page half and wholly written to the archive. Its name is what
is done and to what, without run ids, process ids and days, so the points of a run are the same every time.

    FAULT_ROOT    only what is below this folder counts
    FAULT_POINT   the point's name
    FAULT_NTH     which time it is passed, from 1, within one process
    FAULT_MIGRATIONS  folder of the migrations, in place of the package's
    FAULT_ACTION  record  write the names to FAULT_LOG
                  kill    end the whole process group by SIGKILL
                  crash   end this process by SIGKILL if it is a worker; point `read FILE`
                  full    the disk is full from here on
                  hold    make FAULT_ROOT/held and wait until it is removed
"""
# ruff: noqa: D102, D103, PLW0603, PTH100, PTH110, PTH115, PTH118, PTH123

import os
import sys

if "FAULT_ACTION" in os.environ:
    import errno
    import functools
    import importlib.abc
    import importlib.machinery
    import multiprocessing
    import pathlib
    import re
    import signal
    import time

    ROOT, ACTION = os.environ["FAULT_ROOT"], os.environ["FAULT_ACTION"]
    POINT, NTH = os.environ.get("FAULT_POINT", ""), int(os.environ.get("FAULT_NTH", "1"))
    LOG = os.open(os.environ["FAULT_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT) if ACTION == "record" else -1
    HELD = os.path.join(ROOT, "held")
    WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
    NAMES = (
        (re.compile(r"\d{8}T\d{6}-[0-9a-f]{6}"), "RUN"),
        (re.compile(r"\.[0-9a-f]{8}\.\d+\.tmp"), ".PID.tmp"),
        (re.compile(r"part-\d{5}"), "part-N"),
        (re.compile(r"-\d{3}\.warc"), "-N.warc"),
        (re.compile(r"\d{4}-\d{2}-\d{2}"), "DAY"),
        (re.compile(r"archive/\d{4}/\d{2}"), "archive/MONTH"),
    )
    passed = 0
    full = False

    def point(name, *, writes=False):
        """Pass a point."""
        global passed, full
        if ACTION == "record":
            os.write(LOG, name.encode() + b"\n")
        elif name == POINT:
            passed += 1
            if passed == NTH or ACTION == "crash":
                if ACTION == "kill":
                    os.killpg(0, signal.SIGKILL)
                if ACTION == "crash" and multiprocessing.parent_process():
                    os.kill(os.getpid(), signal.SIGKILL)
                if ACTION == "hold":
                    open(HELD, "x").close()
                    while os.path.exists(HELD):
                        time.sleep(0.02)
                full = ACTION == "full"
        if full and writes:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def place(path, folder=-1):
        """Name a path below the root; None for any other."""
        if not isinstance(path, (str, bytes, os.PathLike)):
            return None
        path = os.fsdecode(path)
        if folder is not None and folder >= 0:
            path = os.path.join(os.readlink(f"/proc/self/fd/{folder}"), path)
        path = os.path.abspath(path)
        if not path.startswith(ROOT + os.sep):
            return None
        path = path[len(ROOT) + 1 :]
        if path == "held":
            return None
        for pattern, word in NAMES:
            path = pattern.sub(word, path)
        return path

    def hook(event, args):
        if event == "open":
            path, _, flags = args
            if flags & WRITES and (where := place(path)):
                point(f"open {where}", writes=True)
            elif ACTION == "crash" and (where := place(path)):
                point(f"read {where}")
        elif event == "os.rename":
            if where := place(args[1], args[3]):
                point(f"rename to {where}", writes=True)
        elif event in {"os.mkdir", "os.remove", "os.rmdir", "os.truncate", "os.link"}:
            path, folder = args[1 if event == "os.link" else 0], args[-1] if event != "os.truncate" else -1
            if where := place(path, folder):
                point(f"{event[3:]} {where}", writes=event in {"os.mkdir", "os.link"})

    class Statements:
        """A DuckDB connection whose statements are points."""

        def __init__(self, raw):
            self._raw = raw

        def __getattr__(self, name):
            return getattr(self._raw, name)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self._raw.close()

        def execute(self, sql, *args, **more):
            head = self._head(sql)
            point(f"before {head}")
            answer = self._raw.execute(sql, *args, **more)
            point(f"after {head}")
            return answer

        @staticmethod
        def _head(sql):
            sql = getattr(sql, "query", sql)  # one that DuckDB has parsed
            lines = [line for line in sql.splitlines() if line.strip() and not line.strip().startswith("--")]
            return " ".join(" ".join(lines).split())[:70]

    def watch_duckdb(module):
        connect = module.connect

        @functools.wraps(connect)
        def watched(database=":memory:", *args, **more):
            raw = connect(database, *args, **more)
            return Statements(raw) if database != ":memory:" and place(database) else raw

        module.connect = watched

    def watch_archive(module):
        def write(file, data):
            half = len(data) // 2
            plain(file, data[:half])
            point("archive: half a page", writes=True)
            plain(file, data[half:])
            point("archive: a page")

        plain, module._write = module._write, write

    def add_migration(module):
        module.MIGRATIONS = pathlib.Path(os.environ["FAULT_MIGRATIONS"])

    WATCHED = {"duckdb": watch_duckdb, "copydesk.store.archive.warc_archive": watch_archive}
    if "FAULT_MIGRATIONS" in os.environ:
        WATCHED["copydesk.resources"] = add_migration

    class Finder(importlib.abc.MetaPathFinder):
        """Watches some modules as soon as they are there."""

        def find_spec(self, name, path, target=None):
            if name not in WATCHED:
                return None
            spec = importlib.machinery.PathFinder.find_spec(name, path, target)
            run = spec.loader.exec_module

            def then(module):
                run(module)
                WATCHED[name](module)

            spec.loader.exec_module = then
            return spec

    sys.meta_path.insert(0, Finder())
    sys.addaudithook(hook)
