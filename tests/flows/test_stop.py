"""`copydesk serve` from its first line to the end of its processes, as a person at a terminal has it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import REPOSITORY, Serving, free_port, until

pytestmark = pytest.mark.server


def serve(root: Path) -> tuple[Serving, subprocess.Popen[bytes], str]:
    """Start the scheduler of a desk; return it with the first line it prints."""
    (root / "copydesk.toml").write_text('[[source]]\nname = "a"\npaths = ["a"]\n', encoding="utf-8")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT", "COPYDESK"))}
    desk = Serving(root=root, port=free_port(), environment={**environment, "PYTHONPATH": str(REPOSITORY / "src")})
    command = [sys.executable, "-m", "copydesk", "serve", "--desk", str(root), "--port", str(desk.port)]
    process = subprocess.Popen(command, env=desk.environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    assert process.stderr is not None
    return desk, process, process.stderr.readline().decode()


@pytest.mark.parametrize("when", ["before Prefect is imported", "while its server starts"])
@pytest.mark.parametrize("times", [1, 2])
def test_the_first_line_names_the_server_and_ctrl_c_ends_all_within_ten_seconds(
    tmp_path: Path, when: str, times: int
) -> None:
    """What is started and where is printed before Prefect answers; Ctrl-C then leaves no process and no traceback."""
    desk, process, line = serve(tmp_path)
    assert f"http://127.0.0.1:{desk.port}" in line
    assert "prefect-server.log" in line
    if when.startswith("while"):
        log_file = tmp_path / "warehouse" / "logs" / "prefect-server.log"
        until(lambda: log_file.exists() or process.poll() is not None, 120, "the server is started")
    for _ in range(times):
        process.send_signal(signal.SIGINT)
    try:
        assert process.wait(10) == 0
    finally:
        process.kill()
    assert process.stderr is not None
    said = process.stderr.read().decode()
    process.stderr.close()
    assert "stop" in said
    assert "Traceback" not in said
    assert not desk.processes()
