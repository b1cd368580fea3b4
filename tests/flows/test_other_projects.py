"""The flows from outside: as a subflow of another project, beside `prefect deploy`, and what is kept of old runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from copydesk.settings import find_desk_folder

from .conftest import REPOSITORY, Serving
from .test_service import api

PROJECT = """
import asyncio
import scheduler  # the project's own
from datetime import UTC, datetime, timedelta
from pathlib import Path
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter
from copydesk_flows import ingest, upkeep
from flows import mine
assert scheduler.WHOSE == mine.WHOSE == "theirs"


@flow
def morning():
    return ingest(targets=["seeds"], desk="news", return_state=True)


state = morning()
print("ENDED", state.name)
with get_client(sync_client=True) as client:
    print("RUNS", sorted(run.name.split()[0] for run in client.read_flow_runs() if run.parent_task_run_id))
"""


def test_a_checkout_imports_its_flows_by_their_folder() -> None:
    """From the top of a checkout, installed as `make` does it, a flow is imported as `flows.ingest`."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT", "COPYDESK", "PYTHONPATH"))}
    code = "from flows.ingest import ingest; print(ingest.name)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == "ingest\n"


@pytest.mark.server
def test_ingest_is_a_subflow_of_another_project(tmp_path: Path, serving: Serving) -> None:
    """A project with `flows` and `scheduler` of its own runs `ingest` in a flow; the pages are in the warehouse."""
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "copydesk.toml").write_text(
        f'[[source]]\nname = "seeds"\npaths = ["{REPOSITORY / "seeds"}"]\n[run]\nworkers = 1\n', encoding="utf-8"
    )
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "mine.py").write_text('WHOSE = "theirs"\n')
    (tmp_path / "scheduler.py").write_text('WHOSE = "theirs"\n')
    (tmp_path / "project.py").write_text(PROJECT)
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT", "COPYDESK"))}
    environment |= {
        "PYTHONPATH": str(REPOSITORY / "src"),
        "PREFECT_HOME": str(tmp_path / "home"),
        "PREFECT_API_URL": f"http://127.0.0.1:{serving.port}/api",
        "DO_NOT_TRACK": "1",
    }
    done = subprocess.run(
        [sys.executable, "project.py"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
        timeout=400,
    )  # fmt: skip
    assert "ENDED Completed" in done.stdout, done.stdout + done.stderr
    assert "RUNS ['seeds']" in done.stdout
    assert (tmp_path / "news" / "warehouse" / "copydesk.duckdb").exists()
    assert not (tmp_path / "news" / "warehouse" / "prefect").exists()


def test_prefect_deploy_takes_over_no_name_that_serve_uses(tmp_path: Path) -> None:
    """No deployment of `prefect.yaml` is called as one that `copydesk serve` registers; entry points are there."""
    from scheduler.deployments import jobs_of

    (tmp_path / "copydesk.toml").write_text((REPOSITORY / "copydesk.toml").read_text(encoding="utf-8"))
    served = {(job.flow, job.name) for job in jobs_of(find_desk_folder(tmp_path)).values()}
    declared = yaml.safe_load((REPOSITORY / "prefect.yaml").read_text(encoding="utf-8"))
    deployed = {(d["entrypoint"].rpartition(":")[2], d["name"]) for d in declared["deployments"]}
    assert len(deployed) == 4
    assert not served & deployed
    assert all((REPOSITORY / d["entrypoint"].split(":")[0]).is_file() for d in declared["deployments"])
    head = (REPOSITORY / "prefect.yaml").read_text(encoding="utf-8")
    assert all(f"export {name}=" in head for name in ("COPYDESK_DESK", "COPYDESK_PROJECT", "PREFECT_API_URL"))


@pytest.mark.server
def test_old_flow_runs_and_their_artifacts_are_removed(serving: Serving) -> None:
    """Of a served desk's runs those that ended before a moment go, with their artifacts; another desk's stay."""
    assert serving.run("trigger", "pages", "--watch").returncode == 0
    serving.run("pause", "pages")
    before = {str(run["id"]) for run in api(serving, "flow_runs/filter")}
    script = f"""
from datetime import UTC, datetime
from pathlib import Path
from scheduler.prune import prune_flow_runs
from copydesk.settings import find_desk_folder
desk = find_desk_folder(Path({str(serving.root)!r}))
print(prune_flow_runs(desk, before=datetime(2020, 1, 1, tzinfo=UTC)))
print(prune_flow_runs(desk, before=datetime.now(UTC)))
"""
    environment = {
        **serving.environment,
        "PYTHONPATH": f"{REPOSITORY / 'src'}{os.pathsep}{REPOSITORY / 'flows'}",
        "PREFECT_API_URL": f"http://127.0.0.1:{serving.port}/api",
        "PREFECT_HOME": str(serving.root / "warehouse" / "prefect"),
    }
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False, timeout=200
    )
    assert done.returncode == 0, done.stderr
    none, some = map(int, done.stdout.split())
    assert none == 0
    assert 0 < some <= len(before) + 3
    left = {str(run["id"]) for run in api(serving, "flow_runs/filter") if run["end_time"]}
    assert len(before & left) <= len(before) - min(some, len(before)) + 1
    kept = {str(a["flow_run_id"]) for a in api(serving, "artifacts/filter")}
    assert not kept & (before - left)
    serving.run("resume", "pages")
