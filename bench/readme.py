"""Refresh the outputs that README.md and docs/reference.md show, by running their commands in a scratch desk.

    python bench/readme.py            # rewrites the pages in place
    python bench/readme.py --check    # exit 1 when a block would change

A block is a comment that names its command and what stands between it and the closing comment:

    <!-- output: copydesk run -->
    ...
    <!-- end -->

`| head N` and `| tail N` take some lines. `settings` and `commands` stand for tables made from the code, `python` for
the output of the Python code fenced right above the block. Output in Markdown is put in as it is, all other in a fence.
"""

from __future__ import annotations

import argparse
import inspect
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGES = (ROOT / "README.md", ROOT / "docs" / "reference.md")
_BLOCK = re.compile(
    r"(?:```python\n(?P<code>(?:(?!```).)*)```\n\n)?"
    r"(?P<open><!-- output: (?P<command>.+?) -->\n)(.*?)(?P<close><!-- end -->)",
    re.DOTALL,
)
_VARIES = re.compile(r"\d{8}T\d{6}-[0-9a-f]{6}|(?<=seconds)[ │\d.]+")
"""What differs from run to run: the run's name and its seconds; `--check` does not look at them."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    stale = 0
    with tempfile.TemporaryDirectory() as folder:
        _copydesk(["init", "desk"], Path(folder))
        for page in PAGES:
            before = page.read_text(encoding="utf-8")
            after = _BLOCK.sub(lambda m: _refreshed(m, Path(folder) / "desk"), before)
            if _VARIES.sub("", after) != _VARIES.sub("", before):
                stale += 1
                print(f"{page.name} {'is out of date: run python bench/readme.py' if args.check else 'is refreshed'}")
            if not args.check:
                page.write_text(after, encoding="utf-8")
    return int(args.check and stale > 0)


def _refreshed(block: re.Match[str], desk: Path) -> str:
    head = block[0][: block.end("open") - block.start()]
    code = block["code"] if block["command"] == "python" else None
    return head + (_python(code, desk) if code else _shown(block["command"], desk)) + block["close"]


def _python(code: str, desk: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "128", "NO_COLOR": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=desk, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"the Python code of a block failed: {done.stderr}")
    return f"```text\n{done.stdout.rstrip()}\n```\n"


def _shown(command: str, desk: Path) -> str:
    if command == "settings":
        return _settings()
    if command == "commands":
        return _commands()
    words, _, lines = command.partition(" | ")
    out = _copydesk(shlex.split(words)[1:], desk)
    end, _, number = lines.partition(" ")
    part = {"": slice(None), "head": slice(int(number or 0)), "tail": slice(-int(number or 0), None)}[end]
    out = "\n".join(line.rstrip() for line in out.strip("\n").split("\n")[part])
    return f"\n{out}\n\n" if "--format markdown" in words else f"```text\n{out}\n```\n"


def _copydesk(words: list[str], folder: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "128", "NO_COLOR": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "copydesk", *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"copydesk {' '.join(words)} ended with {done.returncode}: {done.stderr}")
    return done.stdout


def _commands() -> str:
    from typer.main import get_command

    from copydesk.cli import app

    rows = ["", "| command | what it does |", "|---|---|"]
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        if command.hidden:
            continue
        inner = [name for name, inner in getattr(command, "commands", {}).items() if not inner.hidden]
        shown = " ".join([name, "\\|".join(inner)]) if inner else name
        first = (command.help or "").strip().split("\n\n")[0].replace("\n", " ").replace("|", "\\|")
        rows.append(f"| `copydesk {shown}` | {first} |")
    return "\n".join(rows) + "\n\n"


def _settings() -> str:
    from copydesk import settings

    sections = {
        "[[source]]": settings.Source,
        "[warehouse]": settings.WarehouseSettings,
        "[run]": settings.RunSettings,
        "[web]": settings.WebSettings,
        "[quality]": settings.QualitySettings,
        "[schedule]": settings.ScheduleSettings,
        "[notify]": settings.NotifySettings,
    }
    rows = ["", "| section | key | default | meaning |", "|---|---|---|---|"]
    for section, model in sections.items():
        for key, meaning in _attributes(inspect.getdoc(model) or ""):
            field = model.model_fields.get(key)
            default = (
                "" if field is None or field.is_required() else _default(field.get_default(call_default_factory=True))
            )
            rows.append(f"| `{section}` | `{key}` | {default} | {meaning} |")
    return "\n".join(rows) + "\n\n"


def _default(value: object) -> str:
    return "" if value in (None, (), {}) else f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _attributes(text: str) -> list[tuple[str, str]]:
    """Return (name, meaning) of a docstring's attributes; "a, b: meaning" gives both."""
    _, _, listed = text.partition("Attributes:\n")
    joined = re.sub(r"\n {5,}", " ", listed)
    found = re.findall(r"^ {4}([\w, ]+): (.+)$", joined, re.MULTILINE)
    return [(name.strip(), meaning.replace("|", "\\|")) for names, meaning in found for name in names.split(",")]


if __name__ == "__main__":
    sys.exit(main())
