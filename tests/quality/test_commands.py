"""The commands of the gate: what they print, and what they end with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.conftest import Command
from tests.quality.test_hold import make_desk
from typer.testing import CliRunner

import copydesk
from copydesk.cli import app

RUN = CliRunner()


def invoke(root: Path, *words: str, code: int = 0) -> dict:
    """Run a command on a desk and return its JSON."""
    done = RUN.invoke(app, [*words, "--desk", str(root), "--json"])
    assert done.exit_code == code, done.output + repr(done.exception)
    return json.loads(done.stdout)


def test_a_hold_from_the_command_line(tmp_path: Path) -> None:
    """A held batch makes run and quality end with 3; release loads it and quality ends with 0 again."""
    make_desk(tmp_path)
    invoke(tmp_path, "run", code=3)
    seen = invoke(tmp_path, "quality", code=3)
    (held,) = seen["held"]
    assert held["source"] == "gazette"
    settled = invoke(tmp_path, "quality", "release", held["run_id"], "gazette", "--because", "a real partner story")
    assert settled["released"] == ["gazette"]
    assert settled["loaded"] == 24 or settled["loaded"] == 48
    assert invoke(tmp_path, "quality")["held"] == []
    assert RUN.invoke(app, ["quality", "release", "../x", "--desk", str(tmp_path)]).exit_code != 0
    recorded = copydesk.open_desk(tmp_path).sql("select decision, source, subject, because from audit.decisions").rows()
    assert recorded == [("release", "gazette", held["run_id"], "a real partner story")]


def test_a_held_batch_is_decided_on_in_python(tmp_path: Path) -> None:
    """`drop_held` puts the batch into quarantine under the name of who decided; what is not held is an error."""
    make_desk(tmp_path)
    desk = copydesk.open_desk(tmp_path)
    (batch,) = desk.run().waiting
    for run, source in ((batch.run_id, "nobody"), ("nothing", "gazette"), ("../x", "gazette")):
        with pytest.raises(copydesk.UsageError, match=r"holds no batch of|no held batch"):
            desk.release(run, source)
    sources, summary = desk.drop_held(batch.run_id, "gazette", because="a login page", by="ada")
    assert (sources, summary.quarantined) == (("gazette",), 24)
    assert {record.source for record in desk.quarantine()} == {"gazette"}
    assert desk.mark_incident(batch.run_id, "gazette", because="a test", by="ada") == 1
    rows = desk.sql("select decided_by, decision, source, because from audit.decisions order by number").rows()
    assert rows == [("ada", "drop_batch", "gazette", "a login page"), ("ada", "mark_incident", "gazette", "a test")]


def test_quarantine_from_the_command_line(tmp_path: Path) -> None:
    """Refused stories are listed, shown, foretold, replayed after a rule change, and dropped."""
    make_desk(tmp_path, sources="[quality.rules]\ntoo_short = 100000\ntexts_identical = 'off'\n")
    invoke(tmp_path, "run", "herald", code=3)
    rows = invoke(tmp_path, "quarantine", "list", "--source", "herald", "--rule", "too_short")
    assert len(rows) == 24
    assert rows[0]["measured"][0] < 100000
    assert invoke(tmp_path, "quarantine", "list", "--rule", "no_date") == []
    one = rows[0]["capture_id"]
    assert invoke(tmp_path, "quarantine", "show", one[:13])[0]["capture_id"] == one
    assert RUN.invoke(app, ["quarantine", "show", one, "--desk", str(tmp_path)]).exit_code == 0
    assert invoke(tmp_path, "quarantine", "drop", one) == {"dropped": 1}
    path = tmp_path / "copydesk.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("too_short = 100000\n", ""), encoding="utf-8")
    foretold = invoke(tmp_path, "quality", "preview", "--quarantined-only")
    assert foretold["same"] == 0
    replayed = invoke(tmp_path, "quarantine", "replay", "--rule", "too_short")
    assert replayed["replayed"] == 23
    assert replayed["quarantined"] == 0
    assert invoke(tmp_path, "quarantine", "list") == []


def test_rules_and_report_from_the_command_line(tmp_path: Path) -> None:
    """Every rule is listed with its because, what the desk changed is told apart, and the report is written."""
    make_desk(tmp_path, sources="[quality.rules]\nno_date = { severity = 'off', because = 'an archive' }\n")
    listed = invoke(tmp_path, "quality", "rules")
    assert all(rule["because"] for rule in listed["rules"])
    assert [(c["rule"], c["because"]) for c in listed["changed"]] == [("no_date", "an archive")]
    invoke(tmp_path, "run", "herald")
    written = invoke(tmp_path, "report", "--out", str(tmp_path / "out" / "report.html"))
    page = Path(written["report"]).read_text(encoding="utf-8")
    assert "herald" in page
    assert "an archive" in page


def test_the_former_name_of_preview_works_with_a_notice(tmp_path: Path) -> None:
    """`quality impact` answers as `quality preview` does, and says on standard error what it is called now."""
    make_desk(tmp_path)
    invoke(tmp_path, "run", "herald")
    done = RUN.invoke(app, ["quality", "impact", "--json", "--desk", str(tmp_path)])
    assert done.exit_code == 0
    assert json.loads(done.stdout) == invoke(tmp_path, "quality", "preview")
    assert "`copydesk quality preview`" in done.stderr


def test_findings_name_their_articles(desk: Path, command: Command) -> None:
    """`quality findings` lists who broke a rule, with what was measured; a rule nobody broke gives no rows."""
    rule = "[quality.rules]\nbody_short = { threshold = 100000 }\n"
    (desk / "copydesk.toml").write_text('[[source]]\nname = "seeds"\npaths = ["seeds"]\n' + rule, encoding="utf-8")
    assert command("run", "--quiet", cwd=desk).code in (0, 1)
    found = command("quality", "findings", "--rule", "body_short", "--json", cwd=desk).json
    assert found
    assert {(f["rule"], f["severity"], f["source"]) for f in found} == {("body_short", "warn", "seeds")}
    assert all(f["article_id"] and f["title"] for f in found)
    assert command("quality", "findings", "--rule", "no_such_rule", "--json", cwd=desk).json == []
