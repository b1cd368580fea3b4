"""Run the console sessions that a page of the documentation shows, and put the outputs below their commands.

A session is a fence of the language `console` under a comment that names it:

    <!-- session -->
    ```console
    $ copydesk init news
    Created a desk in news.
    ```

All sessions of a page run in one shell, one after another, in a folder of their own, so `cd` and variables hold. A
command goes on over lines that end in a backslash. `$ ...` lines are run as they stand; `<!-- prepare: COMMAND -->`
runs a command that the page does not show; `<!-- write: PATH -->` above a fence writes the fence's content to a file.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

_STEP = re.compile(
    r"<!-- prepare: (?P<hidden>.+?) -->\n|<!-- write: (?P<path>\S+) -->\n```\w+\n(?P<content>.*?)```\n"
    r"|(?P<open><!-- session -->\n```console\n)(?P<shown>.*?)(?P<close>```\n)",
    re.DOTALL,
)
_END = "=== end of output {} ==="


def refresh_sessions(page: str, folder: Path, root: Path) -> str:
    """Return a page with the outputs of its sessions as they are today.

    Raises:
        SystemExit: A command ended with a code that the page does not announce (`# exit code N` behind it).
    """
    steps = list(_STEP.finditer(page))
    commands = [command for step in steps for command in _commands(step)]
    if not commands:
        return page
    outputs = iter(_run(commands, folder, root))
    return _STEP.sub(lambda step: _refreshed(step, outputs), page)


def _commands(step: re.Match[str]) -> list[str]:
    if step["hidden"]:
        return [step["hidden"]]
    if step["path"]:
        path = Path(step["path"])
        return [f"mkdir -p {path.parent} && printf %s {shlex.quote(step['content'])} > {path}"]
    return re.findall(r"^\$ ((?:.*\\\n)*.*)$", step["shown"], re.MULTILINE)


def _refreshed(step: re.Match[str], outputs: object) -> str:
    if step["hidden"] or step["path"]:
        next(outputs)  # type: ignore[call-overload]
        return step[0]
    blocks = [f"$ {command}\n{next(outputs)}" for command in _commands(step)]  # type: ignore[call-overload]
    return step["open"] + "\n".join(blocks).rstrip("\n") + "\n" + step["close"]


def _run(commands: list[str], folder: Path, root: Path) -> list[str]:
    """Run commands in one shell; return the output of each, both streams together."""
    script = "".join(f"{command}\ncode=$?; echo; echo {shlex.quote(_END.format(''))}$code\n" for command in commands)
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=_environment(root, folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    pieces = re.split(rf"\n{re.escape(_END.format(''))}(\d+)\n", done.stdout)
    outputs, codes = pieces[:-1:2], pieces[1::2]
    if len(codes) != len(commands):
        sys.exit(f"a session broke off after: {commands[len(codes)]}\n{done.stdout[-2000:]}")
    for command, output, code in zip(commands, outputs, codes, strict=True):
        announced = re.search(r"# exit code (\d+)$", command)
        if code != (announced[1] if announced else "0"):
            sys.exit(f"{command} ended with {code}:\n{output}")
    return [_plain(output, folder) for output in outputs]


def _plain(output: str, folder: Path) -> str:
    """Drop what differs from machine to machine: the folder's place and blanks at line ends."""
    output = output.replace(f"{folder}/", "~/").replace(str(folder), "~")
    return "".join(f"{line.rstrip()}\n" for line in output.rstrip("\n").split("\n")) if output.strip() else ""


def _environment(root: Path, folder: Path) -> dict[str, str]:
    """Return an environment in which `copydesk` is this checkout's and nothing of the user's own settings counts."""
    bin_folder = folder.parent / "bin"
    bin_folder.mkdir(exist_ok=True)
    command = bin_folder / "copydesk"
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m copydesk "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("COPYDESK_", "PREFECT_"))}
    path = f"{bin_folder}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    python = f"{root / 'src'}"
    return {
        **kept,
        "PATH": path,
        "PYTHONPATH": python,
        "COLUMNS": "110",
        "NO_COLOR": "1",
        "HOME": str(folder),
        "SAMPLE_SITE": str(root / "docs" / "sample-site"),
    }
