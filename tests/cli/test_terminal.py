"""What a terminal shows, through a real one (pty): progress that never falls, a question before stored pages change."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.conftest import Command, clean_environment

PAGE = "seeds/000_bca97a53f92043e2.txt"
_DRAWN = re.compile(r"(?:acquire|learn|extract|check|publish) +([\d,]+) documents(?:.* (\d+) %)?")


def on_a_terminal(*words: str, cwd: Path, answers: dict[str, str] | None = None) -> tuple[int, str]:
    """Run a command with its three streams on a pty of 100 columns; return its exit code and all it wrote.

    Args:
        words: The command.
        cwd: Where.
        answers: Question -> what is typed when it appears.
    """
    ours, theirs = pty.openpty()
    environment = {**clean_environment(), "TERM": "xterm", "COLUMNS": "100"}
    process = subprocess.Popen(
        [sys.executable, "-m", "copydesk", *words],
        cwd=cwd, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    waiting, seen, end = dict(answers or {}), b"", time.monotonic() + 240
    while time.monotonic() < end:
        if not select.select([ours], [], [], 1)[0]:
            continue
        try:
            part = os.read(ours, 65_536)
        except OSError:  # the other side is closed
            break
        seen += part
        for question in [q for q in waiting if q.encode() in seen]:
            os.write(ours, f"{waiting.pop(question)}\n".encode())
    os.close(ours)
    return process.wait(30), seen.decode(errors="replace")


@pytest.mark.slow
def test_progress_moves_and_never_goes_back(desk: Path, command: Command) -> None:
    """On a terminal one line tells documents known and a share that only grow; a pipe gets nothing of it."""
    story = (desk / PAGE).read_text()
    for number in range(200):
        (desk / "seeds" / f"more-{number:03}.txt").write_text(story.replace("Syria", f"Land {number}"))
    (desk / "copydesk.toml").write_text('[[source]]\nname = "seeds"\npaths = ["seeds"]\n[run]\npart_documents = 25\n')
    code, seen = on_a_terminal("run", cwd=desk)
    assert code in (0, 3), seen  # so many equal titles are held
    drawn = [found for line in seen.split("\x1b[2K") if (found := _DRAWN.search(line))]
    documents = [int(found[1].replace(",", "")) for found in drawn]
    shares = [int(found[2]) for found in drawn if found[2]]
    assert documents == sorted(documents)
    assert documents[-1] == 205
    assert shares == sorted(shares)
    assert len(set(shares)) >= 3, seen
    (desk / "seeds" / "last.txt").write_text(story.replace("Syria", "another land"))
    assert command("run", cwd=desk).err == ""


@pytest.mark.usefixtures("loaded")
def test_reprocess_asks_before_it_applies(desk: Path, command: Command) -> None:
    """It says how many pages would change; "n" and a pipe change nothing, "y" and --yes do."""
    line = command("show", PAGE, "--json", cwd=desk).json["paragraphs"][3]
    assert command("boilerplate", "pin", "seeds", line, "--cut", cwd=desk).code == 0

    def kept() -> bool:
        return line in command("show", PAGE, "--json", cwd=desk).json["paragraphs"]

    piped = command("reprocess", cwd=desk)
    assert (piped.code, "1 of the stored pages would change" in piped.err, "--yes" in piped.err) == (2, True, True)
    code, seen = on_a_terminal("reprocess", cwd=desk, answers={"Apply to 1 page?": "n"})
    assert (code, "Nothing was changed." in seen, kept()) == (0, True, True)
    code, seen = on_a_terminal("reprocess", cwd=desk, answers={"Apply to 1 page?": "y"})
    assert (code, "Applied: 1 page" in seen, kept()) == (0, True, False), seen
