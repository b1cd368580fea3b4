"""The warehouse as a data contract (ODCS 3.1) and as sources of dbt, tested by programs of others."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from tests.conftest import ROOT, Command

PYTHON = Path(os.environ.get("COPYDESK_CONTRACT_PYTHON", "missing"))
CLI = PYTHON.parent / "datacontract"
needs_cli = pytest.mark.skipif(
    not CLI.exists(), reason="datacontract is not installed: `make contract`, COPYDESK_CONTRACT_PYTHON"
)
DBT = PYTHON.parent / "dbt"
needs_dbt = pytest.mark.skipif(
    not DBT.exists(), reason="dbt is not installed: `make contract`, COPYDESK_CONTRACT_PYTHON"
)
PROJECT = ROOT / "packaging" / "dbt"


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk with the seeds loaded, two of whose sources promise to be fresh."""
    from copydesk import open_desk

    desk = tmp_path_factory.mktemp("contract")
    shutil.copytree(ROOT / "seeds", desk / "seeds")
    (desk / "copydesk.toml").write_text(
        '[run]\nworkers = 1\n[[source]]\nname = "seeds"\npaths = ["seeds"]\nerror_after_h = 48\n'
        '[[source]]\nname = "later"\npaths = ["later"]\nwarn_after_h = 100\n[quality.rules]\ntitle_long = "off"\n',
        encoding="utf-8",
    )
    for path in (desk / "seeds").iterdir():
        os.utime(path)  # first seen now: the source is fresh
    open_desk(desk).run("seeds")
    return desk


def _ask(desk: Path, *words: str, program: Path = CLI) -> tuple[int, str]:
    done = subprocess.run(
        [program, *words],
        cwd=desk,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "250", "NO_COLOR": "1", "PYTHONPATH": ""},
    )
    return done.returncode, done.stdout + done.stderr


def _broken(desk: Path, contract: str) -> dict[str, str]:
    """Return rule -> reason of what `datacontract test` finds broken."""
    _ask(desk, "test", contract, "--output", "result.json", "--output-format", "json")
    result = json.loads((desk / "result.json").read_text(encoding="utf-8"))
    return {
        c.get("qualityId") or c["type"]: c["reason"] for c in result["checks"] if c["result"] not in ("passed", "info")
    }


def _written(command: Command, desk: Path, *words: str) -> dict[str, Any]:
    ran = command("schema", "--format", "odcs", *words, cwd=desk)
    assert ran.code == 0, ran.err
    found: dict[str, Any] = yaml.safe_load(ran.out)
    return found


@needs_cli
def test_the_contracts_of_all_schemas_are_valid_and_hold(loaded: Path, command: Command) -> None:
    """`datacontract lint` finds each contract valid, and `datacontract test` finds the seeds' warehouse to keep it."""
    for schema, least in (("main", 900), ("audit", 300), ("ops", 300)):
        path = loaded / f"{schema}.odcs.yaml"
        path.write_text(command("schema", schema, "-f", "odcs", cwd=loaded).out, encoding="utf-8")
        if schema == "main":
            code, said = _ask(loaded, "lint", path.name)
            assert (code, "Data contract is valid" in said) == (0, True), said
        code, said = _ask(loaded, "test", path.name)
        assert (code, "Data contract is valid" in said) == (0, True), said[-3000:]
        assert int(said.rpartition("Ran ")[2].partition(" ")[0]) >= least


@needs_cli
def test_a_broken_warehouse_breaks_the_contract(loaded: Path, command: Command, tmp_path: Path) -> None:
    """A lost paragraph, a source without news and a key that points nowhere are found, each by its own rule."""
    (tmp_path / "warehouse").mkdir()
    shutil.copy(loaded / "warehouse" / "copydesk.duckdb", tmp_path / "warehouse")
    contract = command("schema", "articles", "revisions", "paragraphs", "-f", "odcs", cwd=loaded).out
    (tmp_path / "some.odcs.yaml").write_text(contract, encoding="utf-8")
    with duckdb.connect(str(tmp_path / "warehouse" / "copydesk.duckdb")) as raw:
        raw.execute("delete from main.paragraphs where position = 2 and revision_id in (from (select revision_id "
                    "from main.revisions order by revision_id limit 1))")  # fmt: skip
        raw.execute("update main.articles set first_seen_at = first_seen_at - interval 60 hour")
        raw.execute("update main.revisions set capture_id = uuid() where revision_id = (select max(revision_id) "
                    "from main.revisions)")  # fmt: skip
    assert set(_broken(tmp_path, "some.odcs.yaml")) == {
        "revisions_count_their_paragraphs",
        "paragraphs_have_no_holes",
        "capture_id_points_at_captures",
        "fresh_seeds",
        "servicelevel_freshness",
    }


def test_a_contract_says_what_the_dictionary_and_the_rules_say(loaded: Path, command: Command) -> None:
    """Comments, keys, values of enumerations, rules in force and the freshness of sources are in the contract."""
    contract = _written(command, loaded)
    tables = {t["name"]: t for t in contract["schema"]}
    assert all(t["description"] and all(p["description"] for p in t["properties"]) for t in tables.values())
    columns = {p["name"]: p for p in tables["revisions"]["properties"]}
    assert columns["revision_id"] | {"description": ""} == {
        "name": "revision_id",
        "logicalType": "string",
        "physicalType": "uuid",
        "description": "",
        "primaryKey": True,
        "primaryKeyPosition": 1,
        "required": True,
        "unique": True,
    }
    assert columns["article_id"]["relationships"] == [{"type": "foreignKey", "to": "articles.article_id"}]
    kinds = next(p for p in tables["paragraphs"]["properties"] if p["name"] == "kind")["quality"][0]
    assert "list_item" in kinds["arguments"]["validValues"]
    rules = {q["id"]: q for q in tables["revisions"]["quality"]}
    assert rules["too_short"]["severity"] == "error"
    assert "title_long" not in rules  # off on this desk
    fresh = {q["id"]: q for q in tables["articles"]["quality"]}
    assert fresh["fresh_seeds"]["mustBeLessOrEqualTo"] == 48
    assert (fresh["fresh_later"]["severity"], fresh["fresh_seeds"]["severity"]) == ("warning", "error")
    assert contract["slaProperties"][0]["value"] == 48 * 60


def test_a_contract_is_of_one_schema(loaded: Path, command: Command) -> None:
    """Relations of two schemas are refused with what to do, since a server of the standard names one."""
    ran = command("schema", "articles", "captures", "-f", "odcs", cwd=loaded)
    assert ran.code == 2
    assert "main and audit" in ran.err


def _dbt(desk: Path, *words: str) -> tuple[int, dict[str, str]]:
    """Return the exit code of dbt and node -> status of what it ran in the desk's project."""
    code, said = _ask(desk, *words, "--project-dir", "analytics", "--profiles-dir", "analytics", program=DBT)
    written = desk / "analytics" / "target" / "run_results.json"
    assert written.exists(), said[-3000:]
    results = json.loads(written.read_text(encoding="utf-8"))["results"]
    return code, {r["unique_id"].split(".")[2]: r["status"] for r in results}


def _with_project(loaded: Path, command: Command, desk: Path) -> None:
    shutil.copytree(PROJECT, desk / "analytics")
    printed = command("schema", "--format", "dbt", cwd=loaded)
    (desk / "analytics" / "models" / "sources.yml").write_text(printed.out, encoding="utf-8")
    (desk / "warehouse").mkdir()
    shutil.copy(loaded / "warehouse" / "copydesk.duckdb", desk / "warehouse")


def test_models_of_dbt_fit_the_warehouse(loaded: Path) -> None:
    """Each model's SQL gives the columns that models.yml describes; the test's gives no row; exposures name models."""
    said = yaml.safe_load((PROJECT / "models" / "models.yml").read_text(encoding="utf-8"))
    columns = {m["name"]: [c["name"] for c in m["columns"]] for m in said["models"]}
    assert set(columns) == {p.stem for p in PROJECT.glob("models/*.sql")}
    source = re.compile(r"\{\{ source\('copydesk_(\w+)', '(\w+)'\) \}\}")
    with duckdb.connect(str(loaded / "warehouse" / "copydesk.duckdb"), read_only=True) as raw:
        for name, described in columns.items():
            query = source.sub(r"\1.\2", (PROJECT / "models" / f"{name}.sql").read_text(encoding="utf-8"))
            assert [d[0] for d in raw.execute(query).description or ()] == described, name
        for path in PROJECT.glob("tests/*.sql"):
            assert raw.execute(source.sub(r"\1.\2", path.read_text(encoding="utf-8"))).fetchall() == [], path.name
    for exposure in said["exposures"]:
        assert {f"ref('{name}')" for name in columns} >= set(exposure["depends_on"])


@needs_dbt
def test_dbt_builds_its_project_and_finds_what_is_broken(loaded: Path, command: Command, tmp_path: Path) -> None:
    """`dbt build` passes on the seeds' warehouse and leaves it as it is; a key that points nowhere fails a test."""
    _with_project(loaded, command, tmp_path)
    warehouse = tmp_path / "warehouse" / "copydesk.duckdb"
    before = warehouse.read_bytes()
    code, results = _dbt(tmp_path, "build")
    assert (code, set(results.values()) - {"pass", "success", "no-op"}) == (0, set()), results
    assert sum(status == "pass" for status in results.values()) > 90
    assert warehouse.read_bytes() == before
    with duckdb.connect(str(tmp_path / "analytics.duckdb")) as raw:
        assert raw.execute("select sum(articles) from articles_by_day").fetchall() == [(5,)]
    with duckdb.connect(str(warehouse)) as raw:
        raw.execute("update main.articles set current_revision_id = uuid() where source = 'seeds'")
    code, results = _dbt(tmp_path, "test", "--select", "current_revision_is_of_its_article")
    assert (code, results) == (1, {"current_revision_is_of_its_article": "fail"})
