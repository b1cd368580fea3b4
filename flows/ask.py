"""Asking a scheduler for a run, as `copydesk trigger` does: `python flows/ask.py SOURCE --desk DESK [--watch]`."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from argparse import ArgumentParser, Namespace
from typing import Any

from desk_service.environment import prepare

prepare(sys.argv)

from desk_service.asking import Asked, ask, follow  # noqa: E402 (the environment comes first)

from copydesk.errors import CopydeskError  # noqa: E402


def main() -> int:
    """Ask, follow when wanted, and return the exit code."""
    parser = ArgumentParser(prog="flows/ask.py", description="Ask a scheduler for a run.")
    parser.add_argument("source")
    parser.add_argument("--desk")
    parser.add_argument("--watch", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--param", action="append", default=[])
    try:
        return asyncio.run(_ask(parser.parse_args()))
    except CopydeskError as error:
        print(f"copydesk: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("copydesk: no longer watching; the run goes on.", file=sys.stderr)
        return 130


async def _ask(wanted: Namespace) -> int:
    if "PREFECT_API_URL" not in os.environ:
        raise CopydeskError(
            "no scheduler runs for this desk. Start one with `copydesk serve`, "
            f"or run it here and now: `copydesk run {wanted.source}`."
        )
    asked = await ask(wanted.source, dict(_pair(p) for p in wanted.param))
    if not wanted.json:
        print(f"asked for {asked.name}: {asked.link}", file=sys.stderr)
    code = 0
    if wanted.watch:
        asked, code = await follow(asked, show=not wanted.json)
    if wanted.json:
        print(json.dumps(_as_json(asked, code if wanted.watch else None), ensure_ascii=False, indent=2))
    return code


def _pair(text: str) -> tuple[str, Any]:
    """Read `name=value`; the value is JSON where it can be read as such, else text."""
    name, _, value = text.partition("=")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _as_json(asked: Asked, code: int | None) -> dict[str, Any]:
    return {
        "flow_run": asked.name,
        "id": str(asked.id),
        "state": asked.state,
        "detail": asked.detail,
        "exit_code": code,
    }


if __name__ == "__main__":
    sys.exit(main())
