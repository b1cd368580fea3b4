"""Every command that a message, a help text or a document names exists, with the options it is named with."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from tests.conftest import ROOT
from typer.testing import CliRunner

from copydesk.cli import COMMANDS, app, app_for
from copydesk.cli.command_lines import COMMAND_LINES

ROOT_COMMAND = typer.main.get_command(app)
IN_BACKTICKS = re.compile(r"`(?:`)?copydesk ([^`]+)`")
IN_CODE = re.compile(r"^(?:\$ )?copydesk (.+?)(?: +#.*)?$", re.MULTILINE)
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "warehouse" / "README.md"])
SOURCES = sorted([*ROOT.glob("src/**/*.py"), *ROOT.glob("flows/**/*.py")])
TEXTS = sorted([*ROOT.glob("src/copydesk/**/*.toml"), *ROOT.glob("src/**/*.j2"), ROOT / "copydesk.toml"])


def strings_of(path: Path) -> Iterator[str]:
    """Yield the texts of a Python file; what is filled in stands as X."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(p.value) if isinstance(p, ast.Constant) else "X" for p in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            yield node.value


def named_in(path: Path) -> set[str]:
    """Return what a file says behind `copydesk`."""
    if path.suffix == ".py":
        return {found for text in strings_of(path) for found in IN_BACKTICKS.findall(text)}
    text = path.read_text(encoding="utf-8")
    fenced = "\n".join(re.findall(r"^```(?:sh|bash|console)?\n(.*?)^```", text, re.MULTILINE | re.DOTALL))
    marked = re.sub(r"<code>(.*?)</code>", r"`\1`", text)
    return {*IN_BACKTICKS.findall(marked), *IN_CODE.findall(fenced)}


def wrong(call: str) -> str:
    """Return what is wrong with a command line, "" for nothing."""
    first = re.split(r" (?:&&|\||;|>|<)(?: |$)", call)[0]
    words = shlex.split(first.replace("...", "X").replace("{{", "X").replace("}}", "X"), comments=True)
    command: Any = ROOT_COMMAND
    while words and getattr(command, "commands", None) and not words[0].startswith("-"):
        if words[0] in {"X", "COMMAND"}:
            return ""
        if not set(words[0].split("|")) <= set(command.commands):
            return f"there is no command {words[0]!r}"
        command, words = command.commands[words[0].split("|")[0]], words[1:]
    known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    given = [word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)]
    unknown = [word for word in given if word not in known | {"-h", "--help"}]
    return f"{command.name} has no option {unknown[0]}" if unknown else ""


@pytest.mark.parametrize("kind", ["source", "document", "data"])
def test_every_named_command_exists(kind: str) -> None:
    """No message sends a user to a command or an option that is not there."""
    files = {"source": SOURCES, "document": DOCUMENTS, "data": TEXTS}[kind]
    calls = {(path.relative_to(ROOT).as_posix(), call) for path in files for call in named_in(path)}
    assert len(calls) >= {"source": 80, "document": 20, "data": 2}[kind]
    assert [f"{path}: copydesk {call}: {what}" for path, call in sorted(calls) if (what := wrong(call))] == []


def leaves(command: Any = ROOT_COMMAND, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every visible command with its path."""
    for name, inner in getattr(command, "commands", {}).items():
        if not inner.hidden:
            yield (*path, name), inner
            yield from leaves(inner, (*path, name))


@pytest.mark.parametrize(("path", "command"), [pytest.param(*leaf, id=" ".join(leaf[0])) for leaf in leaves()])
def test_every_command_says_in_one_line_what_it_does(path: tuple[str, ...], command: Any) -> None:
    """Each has a one-line summary that fits at 80 columns, an example that names it, and help for every option."""
    help_text = command.help or ""
    summary = help_text.split("\n\n")[0]
    assert re.fullmatch(r"[A-Z][^\n]+\.", summary), summary
    assert len(summary) <= 64 or len(path) > 1, summary
    assert getattr(command, "commands", None) or f"`copydesk {' '.join(path)}" in help_text
    assert all(parameter.help for parameter in command.params if parameter.name != "help"), path


def test_a_wrong_hint_is_noticed() -> None:
    """The test above sees a command, a subcommand and an option that do not exist."""
    assert wrong("quality --rules") == "quality has no option --rules"
    assert wrong("qualty") == "there is no command 'qualty'"
    assert wrong("gold remove x") == "there is no command 'remove'"
    assert wrong("quality release RUN --because 'a reason'") == ""


def test_the_short_way_to_help_says_the_same() -> None:
    """`--help` names each command with its line in full, without reading options; each command alone is the command."""
    outline = CliRunner().invoke(app_for(["--help"]), ["--help"])
    listed = [line.split(maxsplit=1) for line in outline.output.partition("Commands:")[2].splitlines() if line.strip()]
    assert dict(listed) == COMMAND_LINES
    for name in COMMANDS:
        alone, entire = (CliRunner().invoke(a, [name, "--help"]) for a in (app_for([name]), app))
        assert (alone.exit_code, alone.output) == (0, entire.output), name
    assert app_for(["serch"]) is app
