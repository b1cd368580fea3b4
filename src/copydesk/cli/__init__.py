"""The command line: one module per command, its heavy imports inside the command.

`main` is the only place where an exception becomes a line on standard error and an exit code:

    0 success    1 findings, or an error of the system    2 wrong usage or settings
    3 a batch is held, or too much is quarantined     130 interrupted    143 terminated
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import import_module
from io import TextIOWrapper
from pkgutil import iter_modules
from types import FrameType

import typer

from copydesk._version import __version__
from copydesk.cli.command_lines import COMMAND_LINES
from copydesk.errors import CopydeskError
from copydesk.escapes import shown

__all__ = ["app", "app_for", "main"]

app: typer.Typer
"""All commands; made when it is asked for."""

COMMANDS = (
    *("init", "run", "backfill", "extract", "explain", "show", "search", "browse"),
    *("quotes", "people", "trends", "profile", "watch", "sql", "schema", "status"),
    *("quality", "incidents", "quarantine", "report", "gold", "boilerplate", "restore", "reprocess"),
    *("sources", "serve", "trigger", "pause", "logs"),
    *("export", "feed", "mcp", "forget", "load", "runs", "stage", "warehouse", "doctor"),
)
"""Modules of this package in the order of `--help`; each has `register(app)`."""


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"copydesk {__version__}")
        raise typer.Exit


def _root(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    """Turn news pages into clean, checked articles in a DuckDB warehouse, and explain every decision."""


def _made(names: Iterable[str], *, rich: bool = True) -> typer.Typer:
    """Return an app with the commands of some modules; without `rich`, whose import takes 0.15 s, its help is plain."""
    made = typer.Typer(
        name="copydesk",
        help="Turn news pages into clean, checked articles in a DuckDB warehouse, and explain every decision.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="markdown" if rich else None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    made.callback()(_root)
    for name in names:
        import_module(f"copydesk.cli.{name}").register(made)
    return made


@cache
def _all() -> typer.Typer:
    here = {module.name for module in iter_modules(__path__)}
    return _made(name for name in COMMANDS if name in here)


def __getattr__(name: str) -> typer.Typer:
    if name == "app":
        return _all()
    raise AttributeError(name)


def app_for(arguments: Sequence[str]) -> typer.Typer:
    """Return an app that answers these arguments: of one command that command alone, of `--help` only the lines.

    Importing all commands, to read their options, takes longer than most of them.
    """
    first = arguments[0] if arguments else "--help"
    if any(name.startswith("_") and name.endswith("_COMPLETE") for name in os.environ):  # a shell asks for words
        return _all()
    if first in ("--help", "-h", "--version"):
        return _outline()
    return _made([first]) if first in COMMANDS else _all()


def _outline() -> typer.Typer:
    """Return an app with the names and descriptions of all commands, and none of their options."""
    made = _made((), rich=False)
    for name, line in COMMAND_LINES.items():
        made.command(name, help=line)(_nothing)
    return made


def _nothing() -> None:
    """Do nothing."""


class _Terminated(BaseException):
    """The process received SIGTERM."""


_AGAIN_S = 0.2
_ends: list[type[BaseException]] = []


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    _ends.append(_Terminated)
    raise _Terminated


class _LateEnd:
    """Hook for exceptions that Python cannot raise, such as those of a generator that is being closed.

    Ctrl-C that arrives there is neither lost nor printed as a traceback: it is sent again, unless the command has
    ended in the meantime.
    """

    def __init__(self) -> None:
        self.over = False

    def __call__(self, found: sys.UnraisableHookArgs) -> None:
        if not issubclass(found.exc_type, KeyboardInterrupt | _Terminated):
            sys.__unraisablehook__(found)
        elif not self.over:
            number = signal.SIGINT if issubclass(found.exc_type, KeyboardInterrupt) else signal.SIGTERM
            again = threading.Timer(_AGAIN_S, self._send, [number])
            again.daemon = True
            again.start()

    def _send(self, number: int) -> None:
        if not self.over:
            signal.pthread_kill(threading.main_thread().ident or 0, number)  # also ends a wait


def main() -> None:
    """Run the command line and exit with its code; user errors are one line on standard error, never a traceback."""
    signal.signal(signal.SIGTERM, _terminate)
    sys.unraisablehook = late = _LateEnd()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal whose encoding lacks a letter
    try:
        code = _called()
    except (KeyboardInterrupt, _Terminated) as end:
        late.over = True
        _say("Interrupted. What was done is kept; the next run continues it, `copydesk runs drop` gives it up.")
        code = 130 if isinstance(end, KeyboardInterrupt) else 143
    except CopydeskError as error:
        _say(str(error))
        code = error.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except typer.Abort as error:
        if isinstance(error.__cause__, EOFError):  # not a question: an input that ended too early
            raise
        _say("Nothing was changed. --yes does it without asking.")
        code = 1
    except OSError as error:  # a full disk, a folder that may not be written
        _say(f"{error.filename or 'the system'}: {error.strerror or error}. Correct that and run again.")
        code = 1
    except Exception as error:  # click's own usage errors know how to show themselves
        if hasattr(error, "show"):
            error.show()
            code = getattr(error, "exit_code", 2)
        elif os.environ.get("COPYDESK_TRACEBACK"):
            raise
        else:
            what = f"{type(error).__name__}: {error}"[:300]
            _say(f"internal error ({what}). Finished work is kept. COPYDESK_TRACEBACK=1 shows the traceback.")
            code = 1
    late.over = True
    sys.exit(code if isinstance(code, int) else 0)


def _called() -> object:
    """Run the app; a signal is raised again wherever it was caught.

    Typer swallows Ctrl-C. DuckDB (1.5.5) aborts a query at a signal and turns what the signal's handler raised into a
    RuntimeError.
    """
    try:
        code: object = app_for(sys.argv[1:])(standalone_mode=False)
    except RuntimeError as error:
        if str(error) != "Query interrupted":
            raise
        code = 130
    if code == 130:
        raise _ends[0] if _ends else KeyboardInterrupt
    return code


def _say(message: str) -> None:
    """Write one message to standard error; control characters in it, of a file name for example, are escaped."""
    print(f"copydesk: {shown(message)}", file=sys.stderr)
