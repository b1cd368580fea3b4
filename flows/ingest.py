"""The flow `ingest`: sources through acquire, extract, check and publish, each stage a task.

Without a scheduler:    python flows/ingest.py --desk DESK [SOURCE|PATH ...]
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from scheduler.environment import given_desk, prepare

prepare(sys.argv if __name__ == "__main__" else ())

from prefect import flow, runtime  # noqa: E402
from pydantic import Field, ValidationError  # noqa: E402
from scheduler.reporting import BY_HAND, Reporter, carry_out, run_name  # noqa: E402 (the environment comes first)

from copydesk.errors import SettingsError  # noqa: E402
from copydesk.logs import log  # noqa: E402
from copydesk.pipeline import run_desk  # noqa: E402
from copydesk.runs.outcome import RunOutcome, resuming_line  # noqa: E402
from copydesk.service.freshness import hours_since, silence  # noqa: E402
from copydesk.settings import DeskFolder, RunSettings  # noqa: E402
from copydesk.store.read.source_status import source_statuses  # noqa: E402


@flow(name="ingest", flow_run_name=run_name, description="Take sources into the warehouse.", retries=0)
def ingest(
    targets: Annotated[list[str], Field(description="Names of sources, files or folders; none: every source.")] = [],  # noqa: B006
    desk: Annotated[str, Field(description="The desk's folder, which holds copydesk.toml.")] = ".",
    max_items: Annotated[int | None, Field(gt=0, description="Addresses this run takes at most, per source.")] = None,
    lock_timeout_s: Annotated[
        float, Field(ge=0, description="Seconds to wait for another run of the same source.")
    ] = 60,
    engine: Annotated[
        Literal["local", "dask"] | None,
        Field(description="Where documents are extracted; none: as copydesk.toml says."),
    ] = None,
    dask_scheduler: Annotated[
        str | None, Field(description="Address of the Dask scheduler; none: as copydesk.toml says.")
    ] = None,
) -> object:
    """Take sources into the warehouse; end in a state that says how it went."""

    def work(desk: DeskFolder, reporter: Reporter) -> RunOutcome:
        trigger = "schedule" if runtime.deployment.id and not _is_by_hand() else "cli"
        summary = run_desk(
            _adapted(desk, max_items, {"engine": engine, "dask_scheduler": dask_scheduler}),
            targets,
            trigger=trigger,
            progress=reporter.progress,
            lock_timeout_s=lock_timeout_s,
            step=reporter.step(desk),
            resuming=lambda run: log.info(resuming_line(run)),
        )
        verdict = reporter.summary(summary, desk)
        return _with_silence(verdict, desk, targets, reporter) if runtime.deployment.id else verdict

    return carry_out(desk, targets[0] if len(targets) == 1 else "ingest", work)


def _with_silence(verdict: RunOutcome, desk: DeskFolder, targets: list[str], reporter: Reporter) -> RunOutcome:
    """Return the verdict, or `silent` if the source has brought nothing for too long and nothing else is wrong."""
    for source in desk.settings.source:
        if targets == [source.name] and source.error_after_h is not None:
            stands = source_statuses(desk.warehouse, lock_timeout_s=desk.settings.warehouse.lock_timeout_s).get(
                source.name
            )
            news_at, now = stands.news_at if stands else None, datetime.now(UTC)
            if silence(source, news_at, now, days=stands.days if stands else ()) == "error":
                line = f"nothing new for {hours_since(news_at, now):.0f} h, longer than {source.error_after_h:g} h"
                reporter.silent = line
                return verdict if verdict.exit_code else RunOutcome(name="silent", line=line, exit_code=1)
            reporter.silent = ""
    return verdict


def _is_by_hand() -> bool:
    """Return whether a person triggered this run of a deployment, as `copydesk trigger` does."""
    return BY_HAND in (runtime.flow_run.tags or ())


def _adapted(desk: DeskFolder, max_items: int | None, run: Mapping[str, str | None]) -> DeskFolder:
    """Return the desk with every source limited to `max_items` addresses, and with some values of `[run]`.

    Raises:
        SettingsError: A value of `[run]` cannot be.
    """
    changed: dict[str, Any] = {}
    if max_items is not None:
        changed["source"] = tuple(s.model_copy(update={"max_items": max_items}) for s in desk.settings.source)
    if given := {name: value for name, value in run.items() if value is not None}:
        try:
            changed["run"] = RunSettings(**{**desk.settings.run.model_dump(), **given})
        except ValidationError as error:
            raise SettingsError(f"parameter {error.errors()[0]['loc'][0]}: {error.errors()[0]['msg']}.") from error
    return DeskFolder(root=desk.root, settings=desk.settings.model_copy(update=changed)) if changed else desk


if __name__ == "__main__":
    from scheduler.run_flow import run_here

    parser = ArgumentParser(prog="flows/ingest.py", description="Take sources into the warehouse, as a Prefect flow.")
    parser.add_argument("targets", nargs="*", help="names of sources, files or folders; none: every source")
    parser.add_argument("--desk", default=given_desk(()) or ".", help="the desk's folder")
    asked = parser.parse_args()
    sys.exit(run_here(ingest, targets=asked.targets, desk=str(asked.desk)))
