"""OpenLineage 2-0-2 events as plain records; the shapes are those of the specification (https://openlineage.io/spec).

Event:  eventType  eventTime  run {runId, facets}  job {namespace, name, facets}  inputs  outputs
Dataset: namespace name facets {schema ...} inputFacets | outputFacets {outputStatistics, dataQualityAssertions}
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from copydesk._version import __version__

__all__ = [
    "Assertion",
    "Dataset",
    "Event",
    "EventType",
    "assertions_facet",
    "engine_facet",
    "error_facet",
    "parent_facet",
    "schema_facet",
    "statistics_facet",
]

EventType = Literal["START", "COMPLETE", "FAIL", "ABORT"]

_SPEC = "https://openlineage.io/spec"
_EVENT = f"{_SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent"
_PRODUCER = f"urn:copydesk:{__version__}"

Facet = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """What a job reads or writes.

    Attributes:
        namespace: Where it lies: `https://host`, `file`, or `duckdb://` and the path of the warehouse.
        name: Its name there: a path, or `main.articles`.
        facets: Facet name -> facet of the dataset itself.
        input_facets, output_facets: Facet name -> facet of this one reading or writing.
    """

    namespace: str
    name: str
    facets: Mapping[str, Facet] = field(default_factory=dict)
    input_facets: Mapping[str, Facet] = field(default_factory=dict)
    output_facets: Mapping[str, Facet] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return it as the specification names its fields, without facets that are empty."""
        more = {"facets": self.facets, "inputFacets": self.input_facets, "outputFacets": self.output_facets}
        return {"namespace": self.namespace, "name": self.name, **{k: dict(v) for k, v in more.items() if v}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """Whether a rule of the gate held in a run; `actual` says how often not."""

    rule: str
    success: bool
    severity: str
    because: str
    actual: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One change of state of a run, or of one of its stages.

    Attributes:
        kind: START, then COMPLETE, FAIL or ABORT.
        run_id: UUID; the same in all events of a run, another for each of its stages.
        namespace, job: The job.
        job_type: JOB or TASK.
        run_facets: Facet name -> facet.
        at: When (UTC).
    """

    kind: EventType
    run_id: str
    namespace: str
    job: str
    job_type: Literal["JOB", "TASK"]
    run_facets: Mapping[str, Facet] = field(default_factory=dict)
    inputs: Sequence[Dataset] = ()
    outputs: Sequence[Dataset] = ()
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def as_line(self) -> bytes:
        """Return it as one line of JSON."""
        kind = _facet("JobTypeJobFacet", "2-0-4", processingType="BATCH", integration="COPYDESK", jobType=self.job_type)
        event = {
            "eventType": self.kind,
            "eventTime": self.at.isoformat(timespec="milliseconds"),
            "producer": _PRODUCER,
            "schemaURL": _EVENT,
            "run": {"runId": self.run_id, "facets": {name: dict(facet) for name, facet in self.run_facets.items()}},
            "job": {"namespace": self.namespace, "name": self.job, "facets": {"jobType": kind}},
            "inputs": [one.as_dict() for one in self.inputs],
            "outputs": [one.as_dict() for one in self.outputs],
        }
        return json.dumps(event, ensure_ascii=False, separators=(",", ":"), default=str).encode(
            "utf-8", "backslashreplace"
        )


def engine_facet() -> Facet:
    """Return the facet of what carries the run out."""
    return _facet("ProcessingEngineRunFacet", "1-1-1", version=__version__, name="copydesk")


def parent_facet(run_id: str, namespace: str, job: str) -> Facet:
    """Return the facet that ties a stage to its run."""
    return _facet("ParentRunFacet", "1-2-0", run={"runId": run_id}, job={"namespace": namespace, "name": job})


def error_facet(message: str) -> Facet:
    """Return the facet of why a run failed."""
    return _facet("ErrorMessageRunFacet", "1-0-1", message=message, programmingLanguage="python")


def schema_facet(columns: Iterable[tuple[str, str]]) -> Facet:
    """Return the facet of a table's columns, given as (name, type)."""
    fields = [{"name": name, "type": kind} for name, kind in columns]
    return _facet("SchemaDatasetFacet", "1-2-0", fields=fields)


def statistics_facet(rows: int) -> Facet:
    """Return the facet of how many rows were written."""
    return _facet("OutputStatisticsOutputDatasetFacet", "1-0-2", rowCount=rows)


def assertions_facet(assertions: Iterable[Assertion]) -> Facet:
    """Return the facet of which rules held."""
    listed = [
        {
            "assertion": one.rule,
            "success": one.success,
            "severity": "error" if one.severity in ("error", "hold") else "warn",
            "name": one.rule,
            **({} if one.success else {"description": one.because, "actual": one.actual}),
        }
        for one in assertions
    ]
    return _facet("DataQualityAssertionsDatasetFacet", "1-1-0", assertions=listed)


def _facet(name: str, version: str, /, **content: Any) -> Facet:
    return {"_producer": _PRODUCER, "_schemaURL": f"{_SPEC}/facets/{version}/{name}.json#/$defs/{name}", **content}
