"""The hostile corpus through acquire's file side: each input ends, in one way it may end, within its limits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from tests.hostile.corpus import Case, changing, write_corpus

from copydesk.records import Capture
from copydesk.sources.files.byte_reader import Reader, ReadError
from copydesk.sources.files.captures import capture_file, find_files
from copydesk.sources.files.found import FoundFile, Limits, Skipped
from copydesk.sources.files.safe_names import printable

MEMORY_BYTES = 1_000_000_000
CPU_SECONDS = 120

WORKER = """
import json, resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, ({memory}, {memory}))
resource.setrlimit(resource.RLIMIT_CPU, ({seconds}, {seconds}))
from copydesk.sources.files.found import FoundFile, Skipped
from copydesk.sources.files.captures import capture_file, find_files
from copydesk.sources.files.byte_reader import Reader
folder = Path(sys.argv[1])
with Reader(folder) as reader:
    for found in find_files([folder], desk=folder):
        ended = capture_file(found, source="s", known={{}}) if isinstance(found, FoundFile) else [found]
        for one in ended:
            if not isinstance(one, Skipped):
                reader.read(one.location)
            print(json.dumps([one.uri, one.reason if isinstance(one, Skipped) else "captured"]), flush=True)
"""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Case]]:
    """The corpus, written once."""
    folder = tmp_path_factory.mktemp("hostile") / "corpus"
    return folder, write_corpus(folder)


@pytest.fixture(scope="module")
def ends(corpus: tuple[Path, list[Case]]) -> dict[str, list[str]]:
    """Uri -> how it ended, as a process with 1 GB of memory and two minutes of processor found it."""
    worker = WORKER.format(memory=MEMORY_BYTES, seconds=CPU_SECONDS)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src")}
    done = subprocess.run(
        [sys.executable, "-c", worker, str(corpus[0])], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = defaultdict(list)
    for line in done.stdout.splitlines():
        uri, end = json.loads(line)
        found[uri].append(end)
    return found


def ends_of(case: Case, ends: dict[str, list[str]]) -> set[str]:
    """Return the ends of a file and of all that is in it."""
    uri = printable(case.name)
    return {
        end
        for name, some in ends.items()
        if name == uri or name.startswith((f"{uri}!/", f"{uri}#", f"{uri}/"))
        for end in some
    }


def test_every_input_ends_as_it_may_and_none_in_silence(
    corpus: tuple[Path, list[Case]], ends: dict[str, list[str]]
) -> None:
    """All of the corpus goes through 1 GB of memory without a traceback, and each input is accounted for."""
    wrong = []
    for case in corpus[1]:
        seen = ends_of(case, ends)
        if not seen or not seen <= case.ends or not case.must <= seen:
            wrong.append((case.name, sorted(seen), sorted(case.ends), sorted(case.must)))
    assert not wrong


def test_nothing_is_found_that_is_no_case(corpus: tuple[Path, list[Case]], ends: dict[str, list[str]]) -> None:
    """Every uri belongs to a file that was written: nothing comes from outside, nothing is invented."""
    names = tuple(printable(case.name) for case in corpus[1])
    assert [uri for uri in ends if not uri.startswith(names)] == []


def test_a_file_ends_once(ends: dict[str, list[str]]) -> None:
    """A plain file has one end; only carriers, which may be whole at first and broken later, have more."""
    assert {uri: some for uri, some in ends.items() if uri.endswith((".txt", ".html")) and len(some) > 1} == {}


def test_a_file_that_changes_while_it_is_read_is_never_taken_half(tmp_path: Path) -> None:
    """Whatever state a capture was made of, reading it again gives those bytes or says that they changed."""
    path = tmp_path / "a.txt"
    seen = set()
    with changing(path), Reader(tmp_path) as reader:
        for _ in range(40):
            (found,) = find_files([path], desk=tmp_path)
            assert isinstance(found, FoundFile)
            (one,) = capture_file(found, source="s", known={})
            seen.add(type(one))
            if isinstance(one, Skipped):
                assert one.reason == "changed_while_read"
            elif isinstance(one, Capture):
                assert len(reader.read(one.location)) > 0
    (found,) = find_files([path])
    assert isinstance(found, FoundFile)
    (settled,) = capture_file(found, source="s", known={})
    assert isinstance(settled, Capture)
    assert Skipped in seen


def test_a_carrier_that_changes_while_it_is_read_says_so(tmp_path: Path) -> None:
    """What was whole is used; that the rest may not be is reported, and the next run looks again."""
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "one"}\n' * 1000)
    (found,) = find_files([path])
    assert isinstance(found, FoundFile)
    results = capture_file(found, source="s", known={})
    first = next(results)
    with path.open("a") as file:
        file.write('{"text": "two"}\n')
    rest = list(results)
    assert isinstance(first, Capture)
    assert isinstance(rest[-1], Skipped)
    assert (rest[-1].uri, rest[-1].reason) == ("a.jsonl", "changed_while_read")


def test_limits_are_the_settings_own(tmp_path: Path) -> None:
    """A smaller cap holds for documents in every carrier, and for reading them again."""
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": "x" * 2000}) + "\n")
    (found,) = find_files([tmp_path], desk=tmp_path)
    assert isinstance(found, FoundFile)
    (small,) = capture_file(found, source="s", known={}, limits=Limits(document_bytes=1000))
    assert isinstance(small, Skipped)
    assert small.reason == "too_large"
    (large,) = capture_file(found, source="s", known={})
    assert isinstance(large, Capture)
    with Reader(tmp_path, max_bytes=1000) as reader, pytest.raises(ReadError, match="too_large"):
        reader.read(large.location)
