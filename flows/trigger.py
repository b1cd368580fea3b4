"""Trigger a run, as `copydesk trigger` does: `python flows/trigger.py SOURCE --desk DESK [--watch]`."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from scheduler.environment import prepare

prepare(sys.argv)

from scheduler.trigger import TriggeredRun, follow, trigger  # noqa: E402 (the environment comes first)

from copydesk.errors import CopydeskError  # noqa: E402
from copydesk.service.state import is_starting  # noqa: E402
from copydesk.settings import find_desk_folder  # noqa: E402


def main() -> int:
    """Trigger a run, follow it when wanted, and return the exit code."""
    parser = ArgumentParser(prog="flows/trigger.py", description="Trigger a run of the scheduler.")
    parser.add_argument("source")
    parser.add_argument("--desk")
    parser.add_argument("--watch", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--param", action="append", default=[])
    try:
        return asyncio.run(_trigger(parser.parse_args()))
    except CopydeskError as error:
        print(f"copydesk: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("copydesk: no longer watching; the run goes on.", file=sys.stderr)
        return 130


async def _trigger(wanted: Namespace) -> int:
    if "PREFECT_API_URL" not in os.environ:
        if is_starting(find_desk_folder(Path(wanted.desk) if wanted.desk else None)):
            raise CopydeskError("the scheduler is starting; its first start takes a minute. Try again then.")
        raise CopydeskError(
            "no scheduler runs for this desk. Start one with `copydesk serve`, "
            f"or run it here and now: `copydesk run {wanted.source}`."
        )
    run = await trigger(wanted.source, dict(_pair(p) for p in wanted.param))
    if not wanted.json:
        print(f"triggered {run.name}: {run.link}", file=sys.stderr)
    code = 0
    if wanted.watch:
        run, code = await follow(run, show=not wanted.json)
    if wanted.json:
        print(json.dumps(_as_json(run, code if wanted.watch else None), ensure_ascii=False, indent=2))
    return code


def _pair(text: str) -> tuple[str, Any]:
    """Read `name=value`; the value is JSON where it can be read as such, else text."""
    name, _, value = text.partition("=")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _as_json(run: TriggeredRun, code: int | None) -> dict[str, Any]:
    return {
        "flow_run": run.name,
        "id": str(run.id),
        "state": run.state,
        "detail": run.detail,
        "exit_code": code,
    }


if __name__ == "__main__":
    sys.exit(main())
