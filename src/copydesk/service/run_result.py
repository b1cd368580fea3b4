"""The result of a run for machines: JUnit XML, which every CI shows, or JSON, by the suffix of the file.

    suite run       outcome: the run's exit code is 0         stages: one case each, with its seconds
    suite sources   one case per source: it delivers, and no batch of it is held
    suite rules     one case per rule that is not off: a hold fails it, errors and warnings are told in its output

A case fails where the exit code says so too. A rule of severity `error` that refused a page does its work: what was
refused is in quarantine, and too much of that fails the outcome.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET

from copydesk.errors import CopydeskError, UsageError
from copydesk.filesystem import replacing, write_error
from copydesk.health import standing
from copydesk.runs.outcome import RunOutcome
from copydesk.runs.summary import RunSummary
from copydesk.settings import DeskFolder, output_path
from copydesk.store.warehouse.connection import open_warehouse

__all__ = ["result_path", "write_result"]

_FORMS = (".xml", ".json")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 has no place for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """One case: it passed where `failure` is empty; `output` is told either way."""

    name: str
    group: str
    seconds: float = 0.0
    failure: str = ""
    kind: str = ""
    output: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Result:
    run_id: str
    outcome: RunOutcome
    suites: Mapping[str, list[_Case]]
    numbers: Mapping[str, int] = field(default_factory=dict)


def result_path(desk: DeskFolder, path: Path) -> Path:
    """Return the path of a result, or refuse it before anything runs.

    Raises:
        UsageError: Its suffix is neither .xml nor .json, its folder is missing, or it belongs to the desk.
    """
    if path.suffix not in _FORMS:
        raise UsageError(f"--result {path}: the suffix says the form. Name a file that ends in .xml (JUnit) or .json.")
    if not path.absolute().parent.is_dir():
        raise UsageError(f"--result {path}: there is no folder {path.absolute().parent}. Make it first.")
    return output_path(desk, path)


def write_result(desk: DeskFolder, path: Path, outcome: RunOutcome, summary: RunSummary | None) -> None:
    """Write the result of a run; of one that broke there is no summary.

    Raises:
        StoreError: The file cannot be written.
    """
    result = _result(desk, outcome, summary)
    content = _junit(result) if path.suffix == ".xml" else _json(result)
    try:
        with replacing(path) as temporary:
            temporary.write_bytes(content)
    except OSError as error:
        raise write_error(path, error) from error


def _result(desk: DeskFolder, outcome: RunOutcome, summary: RunSummary | None) -> _Result:
    bad = outcome.line if outcome.exit_code else ""
    run = [_Case(name="outcome", group="run", failure=bad, kind=outcome.name if bad else "", output=outcome.line)]
    if summary is None:
        return _Result(run_id="", outcome=outcome, suites={"run": run})
    run += [
        _Case(name=stage, group="run.stage", seconds=seconds, output=_counts(summary.tallies[stage].counts))
        for stage, seconds in summary.seconds.items()
    ]
    suites = {"run": run, "sources": _sources(summary), "rules": _rules(desk, summary)}
    return _Result(run_id=summary.run_id, outcome=outcome, suites=suites, numbers=summary.numbers)


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in counts.items() if number)


def _sources(summary: RunSummary) -> list[_Case]:
    held = {batch.source: f"run {batch.run_id}: {batch.detail}" for batch in summary.waiting}
    held |= {source: held.get(source, f"run {summary.run_id}") for source in summary.held}
    health = {one.source: one for one in summary.health}
    cases = []
    for name in sorted({*health, *held}):
        one = standing(name, health.get(name), ran=True, held=held.get(name, ""))
        failed = one.state in ("failing", "held")
        cases.append(
            _Case(
                name=name,
                group="sources",
                failure=(one.detail or one.reason or one.state) if failed else "",
                kind=one.state if failed else "",
                output="" if failed else one.detail,
            )
        )
    return cases


def _rules(desk: DeskFolder, summary: RunSummary) -> list[_Case]:
    """Return a case for each rule of a run that judged something."""
    if not (summary.count("check", "accepted") + summary.quarantined + len(summary.held)):
        return []
    from copydesk.quality.rules import OFF, desk_registry

    found = _findings(desk, summary.run_id)
    held = {rule for batch in summary.waiting for rule in getattr(batch, "rules", ())}
    cases = []
    for rule in desk_registry(desk):
        if rule.severity == OFF:
            continue
        pages, severity = found.get(rule.id, (0, rule.severity))
        broken = f"{severity}: broken by {pages} of this run. {rule.because}" if pages else ""
        fails = rule.id in held or severity == "hold"
        failure = (broken or f"hold: a batch is held. {rule.because}") if fails and (pages or rule.id in held) else ""
        cases.append(
            _Case(
                name=rule.id,
                group=f"rules.{rule.table}",
                failure=failure,
                kind="hold" if failure else "",
                output="" if failure else broken,
            )
        )
    return cases


def _findings(desk: DeskFolder, run_id: str) -> dict[str, tuple[int, str]]:
    """Return rule -> captures (or batches) of a run that broke it, and the severity."""
    try:
        with open_warehouse(desk).open_for_reading() as connection:
            rows = connection.rows(
                "select rule, count(*), max(severity)::varchar from audit.findings where run_id = $1 group by rule",
                [run_id],
            )
    except CopydeskError:  # somebody holds the warehouse: the result is written without these figures
        return {}
    return {rule: (number, severity) for rule, number, severity in rows}


def _json(result: _Result) -> bytes:
    suites = {
        name: [
            {
                "name": case.name,
                "group": case.group,
                "passed": not case.failure,
                "seconds": round(case.seconds, 3),
                "failure": case.failure,
                "output": case.output,
            }
            for case in cases
        ]
        for name, cases in result.suites.items()
    }
    told = {
        "run_id": result.run_id,
        "outcome": result.outcome.name,
        "exit_code": result.outcome.exit_code,
        "line": result.outcome.line,
        "numbers": dict(result.numbers),
        **suites,
    }
    return (json.dumps(told, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "backslashreplace")


def _junit(result: _Result) -> bytes:
    every = [case for cases in result.suites.values() for case in cases]
    root = ET.Element("testsuites", {"name": "copydesk", **_totals(every)})
    for name, cases in result.suites.items():
        suite = ET.SubElement(root, "testsuite", {"name": name, **_totals(cases), "errors": "0", "skipped": "0"})
        if result.run_id:
            properties = ET.SubElement(suite, "properties")
            ET.SubElement(properties, "property", name="run_id", value=result.run_id)
        for case in cases:
            _add_case(suite, case)
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _add_case(suite: ET.Element, case: _Case) -> None:
    classname = f"copydesk.{case.group}"
    element = ET.SubElement(suite, "testcase", classname=classname, name=_text(case.name), time=f"{case.seconds:.3f}")
    if case.failure:
        failure = ET.SubElement(element, "failure", message=_text(case.failure), type=_text(case.kind))
        failure.text = _text(case.failure)
    if case.output:
        ET.SubElement(element, "system-out").text = _text(case.output)


def _totals(cases: list[_Case]) -> dict[str, str]:
    seconds = sum(case.seconds for case in cases)
    failures = sum(bool(case.failure) for case in cases)
    return {"tests": str(len(cases)), "failures": str(failures), "time": f"{seconds:.3f}"}


def _text(value: str) -> str:
    return _NOT_XML.sub("\ufffd", value)
