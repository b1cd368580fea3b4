"""Beside `copydesk serve`: deployments by `prefect deploy`."""

from __future__ import annotations

from pathlib import Path

import yaml

from copydesk.settings import find_desk_folder

from .conftest import REPOSITORY


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
