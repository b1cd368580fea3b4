"""The events of one run: START and COMPLETE, FAIL or ABORT, for the run and for each stage.

with tracing(run) as trace:
    with trace.stage("acquire"):
        ...

An error while an event is made is logged and ends nothing but the tracing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from copydesk.errors import CopydeskError
from copydesk.keys import key
from copydesk.logs import log
from copydesk.runs.folder import PREVIEW, Run
from copydesk.service.lineage import datasets
from copydesk.service.lineage.deliver import Delivery, lineage_folder
from copydesk.service.lineage.events import (
    Dataset,
    Event,
    EventType,
    engine_facet,
    error_facet,
    parent_facet,
)
from copydesk.store.parts.part_files import part_paths

__all__ = ["Trace", "tracing"]

_Named = Callable[[], list[Dataset]]
_NONE: _Named = list


@contextmanager
def tracing(run: Run) -> Iterator[Trace]:
    """Tell of a run for as long as the block takes; of a preview, and where nobody listens, nothing is told."""
    settings = run.desk.settings.lineage
    silent = run.trigger == PREVIEW or not (settings.file or settings.url)
    tracer = Trace(run, None if silent else Delivery(settings, lineage_folder(run.desk.warehouse)))
    try:
        with tracer.whole():
            yield tracer
    finally:
        tracer.close()


class Trace:
    """Tells of one run and its stages; with no delivery, nothing."""

    def __init__(self, run: Run, delivery: Delivery | None) -> None:
        self._run, self._delivery = run, delivery
        self._namespace = run.desk.settings.lineage.namespace
        self._job = f"{run.desk.root.resolve().name or 'desk'}.run"
        self._id = key("lineage", run.run_id)
        self._held: datasets.Assertions | None = None

    def close(self) -> None:
        """Wait for what is being delivered, within its limit."""
        if self._delivery is not None:
            self._delivery.close()

    @contextmanager
    def whole(self) -> Iterator[None]:
        """Tell of the run as a whole."""
        with self._told("", self._sources, self._written):
            yield

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Tell of one stage."""
        inputs = {"acquire": self._sources, "extract": self._archive_or_files, "check": self._checked}
        outputs = {"acquire": self._archived, "publish": self._written}
        with self._told(name, inputs.get(name, _NONE), outputs.get(name, _NONE)):
            yield

    @contextmanager
    def _told(self, stage: str, inputs: _Named, outputs: _Named) -> Iterator[None]:
        late = stage == "check"  # what check judges is known when it is done
        self._tell("START", stage, _NONE if late else inputs)
        try:
            yield
        except Exception as error:
            line = str(error) if isinstance(error, CopydeskError) else f"{type(error).__name__}: {error}"
            self._tell("FAIL", stage, inputs, error=line)
            raise
        except BaseException:
            self._tell("ABORT", stage, inputs)
            raise
        self._tell("COMPLETE", stage, inputs, outputs)

    def _tell(
        self, kind: EventType, stage: str, inputs: _Named, outputs: _Named = _NONE, *, error: str | None = None
    ) -> None:
        if self._delivery is None:
            return
        try:
            facets = {"processing_engine": engine_facet()}
            if stage:
                facets["parent"] = parent_facet(self._id, self._namespace, self._job)
            if error is not None:
                facets["errorMessage"] = error_facet(error)
            event = Event(
                kind=kind,
                run_id=key("lineage", self._run.run_id, stage) if stage else self._id,
                namespace=self._namespace,
                job=f"{self._job}.{stage}" if stage else self._job,
                job_type="TASK" if stage else "JOB",
                run_facets=facets,
                inputs=inputs(),
                outputs=outputs(),
            )
            self._delivery.send(event.as_line(), event.at)
        except Exception as trouble:  # noqa: BLE001 - lineage is told on the side: no defect of it may end a run
            log.warning(
                "lineage not told", run=self._run.run_id, stage=stage, why=f"{type(trouble).__name__}: {trouble}"
            )

    def _assertions(self) -> datasets.Assertions:
        """Return which rules held, asked once: from check on it stands. Of a run that checked nothing, none."""
        if self._held is None and not part_paths(self._run.stage_folder("check")):
            self._held = {}
        if self._held is None:
            from copydesk.quality.rules import desk_registry  # which a run without news does not need

            registry = desk_registry(self._run.desk).for_sources(self._run.sources)
            self._held = datasets.assertions_of(self._run, registry)
        return self._held

    def _sources(self) -> list[Dataset]:
        return datasets.source_datasets(self._run.desk, self._run.sources)

    def _archived(self) -> list[Dataset]:
        return datasets.warc_datasets(self._run, written=True) if any(s.fetches for s in self._run.sources) else []

    def _archive_or_files(self) -> list[Dataset]:
        files = [s for s in self._run.sources if not s.fetches]
        return datasets.warc_datasets(self._run, written=False) + datasets.source_datasets(self._run.desk, files)

    def _checked(self) -> list[Dataset]:
        return datasets.checked_tables(self._run, self._assertions())

    def _written(self) -> list[Dataset]:
        return datasets.written_tables(self._run, self._assertions())
