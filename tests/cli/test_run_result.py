"""`copydesk run --result`: what a CI reads agrees with the exit code, whatever the run's end."""

from __future__ import annotations

import json
from pathlib import Path

from junitparser import Failure, JUnitXml
from tests.conftest import Command

from copydesk.quality.rules import load_registry
from copydesk.runs.outcome import RunOutcome
from copydesk.service.run_result import write_result
from copydesk.settings import find_desk_folder

HOLD = "-- severity: hold\n-- because: a test\nselect source, 1 as value, 'all of it' as detail from batch_loaded"


def _cases(path: Path) -> dict[str, dict[str, str]]:
    """Return suite -> case -> why it failed, "" where it passed, as a reader of JUnit files sees them."""
    found = JUnitXml.fromfile(str(path))
    assert (found.tests, found.failures) == (sum(s.tests for s in found), sum(s.failures for s in found))
    for suite in found:
        assert suite.tests == len(list(suite))
    return {
        suite.name: {case.name: "".join(r.message for r in case.result if isinstance(r, Failure)) for case in suite}
        for suite in found
    }


def test_a_run_that_loads_passes_and_one_that_is_held_fails(desk: Path, command: Command) -> None:
    """All cases pass with exit code 0; a hold rule fails its own case, its source and the outcome, with exit code 3."""
    ran = command("run", "--result", "result.xml", "--quiet", cwd=desk)
    assert ran.code == 0, ran.err
    cases = _cases(desk / "result.xml")
    assert set(cases["run"]) == {"outcome", "acquire", "extract", "check", "publish"}
    assert set(cases["sources"]) == {"seeds"}
    assert set(cases["rules"]) == {rule.id for rule in load_registry() if rule.severity != "off"}
    assert {why for suite in cases.values() for why in suite.values()} == {""}
    (desk / "checks").mkdir(exist_ok=True)
    (desk / "checks" / "never.sql").write_text(HOLD, encoding="utf-8")
    seed = next((desk / "seeds").glob("*.txt"))
    (desk / "seeds" / "again.txt").write_text(seed.read_text(encoding="utf-8") + "\nOne more line.\n", encoding="utf-8")
    held = command("run", "--result", "result.json", "--quiet", cwd=desk)
    told = json.loads((desk / "result.json").read_text(encoding="utf-8"))
    assert (held.code, told["exit_code"], told["outcome"]) == (3, 3, "held")
    failed = {case["name"] for suite in ("run", "sources", "rules") for case in told[suite] if not case["passed"]}
    assert failed == {"outcome", "seeds", "never"}
    assert told["numbers"]["held"] == 1


def test_a_run_that_breaks_leaves_a_result(desk: Path, command: Command) -> None:
    """A warehouse that is none ends the run with its message; the file says the same, and a wrong suffix is refused."""
    (desk / "warehouse").mkdir(exist_ok=True)
    (desk / "warehouse" / "copydesk.duckdb").write_bytes(b"no database" * 100)
    ran = command("run", "--result", "result.xml", cwd=desk)
    why = _cases(desk / "result.xml")["run"]["outcome"]
    assert ran.code != 0
    assert why
    assert why in ran.err
    refused = command("run", "--result", "result.html", cwd=desk)
    assert (refused.code, "ends in .xml (JUnit) or .json" in refused.err) == (2, True)


def test_any_text_makes_valid_xml(desk: Path) -> None:
    """Characters that XML forbids are replaced: the file can be read whatever a message holds."""
    outcome = RunOutcome(name="failed", line="a\x00b\x1b[31m <&> \ud800 \U0001f600", exit_code=1)
    write_result(find_desk_folder(desk), desk / "r.xml", outcome, None)
    assert _cases(desk / "r.xml")["run"]["outcome"] == "a\ufffdb\ufffd[31m <&> \ufffd \U0001f600"
