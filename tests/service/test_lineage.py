"""OpenLineage events of runs: valid by the specification, true to the warehouse, and never in the way of a run."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import jsonschema
import pytest
from openlineage.client import event_v2, facet_v2
from pytest_httpserver import HTTPServer
from tests.servers import Site, page
from werkzeug import Request, Response

from copydesk import open_desk
from copydesk.errors import StoreError
from copydesk.logs import read_log, start_logs
from copydesk.pipeline import run_desk, run_inline
from copydesk.settings import find_desk_folder

SCHEMA = json.loads(Path(__file__).with_name("openlineage.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())
FACETS = {
    "parent": facet_v2.parent_run.ParentRunFacet,
    "errorMessage": facet_v2.error_message_run.ErrorMessageRunFacet,
    "processing_engine": facet_v2.processing_engine_run.ProcessingEngineRunFacet,
    "jobType": facet_v2.job_type_job.JobTypeJobFacet,
    "schema": facet_v2.schema_dataset.SchemaDatasetFacet,
    "outputStatistics": facet_v2.output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet,
    "dataQualityAssertions": facet_v2.data_quality_assertions_dataset.DataQualityAssertionsDatasetFacet,
}
BODY = "The council of Arden met on Monday and decided on {}. The work begins before the winter, the mayor said. "


def _story(title: str) -> str:
    text = "".join(f"<p>{BODY.format(title.lower()) * 2}</p>" for _ in range(3))
    head = f"<html lang=en><head><title>{title}</title></head>"
    return f"{head}<body><article><h1>{title}</h1>{text}</article></body></html>"


def _desk(folder: Path, *sources: str, lineage: str = "") -> Path:
    (folder / "files").mkdir(parents=True)
    (folder / "files" / "a.html").write_text(_story("Night tram returns in March"), encoding="utf-8")
    (folder / "files" / "stub.txt").write_text("Bridge closed\n\nThe bridge is closed.\n", encoding="utf-8")
    files = '[[source]]\nname = "files"\npaths = ["files"]\n'
    text = files + "".join(sources) + f"[run]\nworkers = 1\n[lineage]\n{lineage}"
    (folder / "copydesk.toml").write_text(text, encoding="utf-8")
    return folder


def _events(desk: Path) -> list[dict[str, Any]]:
    files = sorted((desk / "warehouse" / "lineage").glob("*.jsonl"))
    return [json.loads(line) for path in files for line in path.read_text(encoding="utf-8").splitlines()]


def _facets(event: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from event["run"]["facets"].items()
    yield from event["job"]["facets"].items()
    for dataset in (*event["inputs"], *event["outputs"]):
        for kind in ("facets", "inputFacets", "outputFacets"):
            yield from dataset.get(kind, {}).items()


def _valid(event: dict[str, Any]) -> bool:
    """Validate an event by the schema; read it, and each facet, with the classes of OpenLineage's own client."""
    VALIDATOR.validate(event)
    read = event_v2.RunEvent(
        eventTime=event["eventTime"],
        eventType=event_v2.RunState[event["eventType"]],
        run=event_v2.Run(**event["run"]),
        job=event_v2.Job(**event["job"]),
        inputs=[event_v2.InputDataset(**one) for one in event["inputs"]],
        outputs=[event_v2.OutputDataset(**one) for one in event["outputs"]],
        producer=event["producer"],
    )
    assert read.schemaURL == event["schemaURL"]
    for name, facet in _facets(event):
        content = {k: v for k, v in facet.items() if not k.startswith("_")}
        assert FACETS[name](**content)._get_schema() == facet["_schemaURL"]
        if name == "dataQualityAssertions":
            assert all(facet_v2.data_quality_assertions_dataset.Assertion(**one) for one in content["assertions"])
    return True


def test_the_events_of_a_run_are_valid_and_true(tmp_path: Path) -> None:
    """A run and its four stages begin and complete; sources and WARC go in, the rows of the warehouse come out."""
    with Site({"/w.html": page(_story("Harvest ends early, growers say"))}) as site:
        web = f'[[source]]\nname = "web"\nkind = "urls"\nurls = ["{site.url("/w.html")}"]\n'
        allowed = f'[web]\nallow_hosts = ["{site.allow[0]}"]\nrobots = false\ndelay_s = 0\n'
        desk = _desk(tmp_path / "arden", web, allowed)
        open_desk(desk).run()
        host = site.url("").rstrip("/")
    events = _events(desk)
    assert all(map(_valid, events))
    told = [(e["job"]["name"].removeprefix("arden.run"), e["eventType"]) for e in events]
    stages = [
        (f".{name}", kind) for name in ("acquire", "extract", "check", "publish") for kind in ("START", "COMPLETE")
    ]
    assert told == [("", "START"), *stages, ("", "COMPLETE")]
    whole, *_, last = events
    assert {e["run"]["facets"]["parent"]["run"]["runId"] for e in events[1:-1]} == {whole["run"]["runId"]}
    named = {(one["namespace"], one["name"]) for one in whole["inputs"]}
    assert named == {("file", str(desk / "files")), (host, "/w.html")}
    warc = next(one for one in events[2]["outputs"])
    assert warc["name"].endswith(".warc.gz")
    assert Path(warc["name"]).is_file()
    assert warc["outputFacets"]["outputStatistics"]["rowCount"] == 1
    assert warc["name"] in {one["name"] for one in events[3]["inputs"]}
    tables = {one["name"]: one for one in last["outputs"]}
    with duckdb.connect(str(desk / "warehouse" / "copydesk.duckdb"), read_only=True) as raw:
        for name in ("main.articles", "main.revisions", "main.paragraphs", "audit.captures", "audit.quarantine"):
            found = raw.execute(f"select count(*) from {name}").fetchone()
            assert found == (tables[name]["outputFacets"]["outputStatistics"]["rowCount"],), name
    fields = {one["name"]: one["type"] for one in tables["main.articles"]["facets"]["schema"]["fields"]}
    assert fields["article_id"] == "UUID"
    judged = {a["name"]: a for a in tables["main.revisions"]["facets"]["dataQualityAssertions"]["assertions"]}
    assert (judged["no_date"]["success"], judged["no_date"]["severity"]) == (False, "warn")
    assert judged["key_malformed"]["success"] is True


def test_a_run_that_fails_says_so_and_completes_when_it_is_resumed(tmp_path: Path) -> None:
    """FAIL carries the error, for the stage and for the run; the resumed run has the same id and completes."""
    desk = find_desk_folder(_desk(tmp_path / "arden"))

    def step(stage: Any, run: Any) -> Any:
        if stage.__name__ == "publish":
            raise StoreError("the disk is full")
        return run_inline(stage, run)

    with pytest.raises(StoreError):
        run_desk(desk, step=step)
    failed = _events(desk.root)
    assert all(map(_valid, failed))
    ends = [
        (e["job"]["name"], e["run"]["facets"]["errorMessage"]["message"]) for e in failed if e["eventType"] == "FAIL"
    ]
    assert ends == [("arden.run.publish", "the disk is full"), ("arden.run", "the disk is full")]
    run_desk(desk)
    whole = [e for e in _events(desk.root) if e["run"]["runId"] == failed[0]["run"]["runId"]]
    assert [e["eventType"] for e in whole] == ["START", "FAIL", "START", "COMPLETE"]


def test_a_server_gets_the_lines_of_the_file(tmp_path: Path, httpserver: HTTPServer) -> None:
    """Each event is posted as it stands in the file, in order, with the headers that are configured."""
    httpserver.expect_request("/lineage", method="POST").respond_with_data("", status=201)
    lineage = f'url = "{httpserver.url_for("/lineage")}"\nheaders = {{ Authorization = "Bearer x" }}\nnamespace = "n"\n'
    desk = _desk(tmp_path / "arden", lineage=lineage)
    open_desk(desk).run()
    posted = [json.loads(request.data) for request, _ in httpserver.log]
    assert posted == _events(desk)
    assert {request.headers["Authorization"] for request, _ in httpserver.log} == {"Bearer x"}
    assert {e["job"]["namespace"] for e in posted} == {"n"}


@pytest.mark.parametrize("kind", ["hangs", "answers 500", "redirects", "is away"])
def test_a_server_that_fails_does_not_fail_a_run(tmp_path: Path, httpserver: HTTPServer, kind: str) -> None:
    """The run loads its articles, one request is made at most, the log says why; the file has every event."""
    answered = threading.Event()

    def behave(_request: Request) -> Response:
        if kind == "hangs":
            answered.wait(60)
        return Response("", status=302 if kind == "redirects" else 500, headers={"Location": "/elsewhere"})

    httpserver.expect_request("/lineage", method="POST").respond_with_handler(behave)
    url = "http://127.0.0.1:9/lineage" if kind == "is away" else httpserver.url_for("/lineage")
    desk = _desk(tmp_path / "arden", lineage=f'url = "{url}"\ntimeout_s = 0.5\n')
    start_logs(desk / "warehouse" / "logs", console=False)
    summary = open_desk(desk).run()
    assert not answered.is_set()  # a server that hangs has not answered yet: the run did not wait for it
    answered.set()
    assert summary.loaded == 1
    assert len(_events(desk)) == 10
    assert len(httpserver.log) <= 1
    why = [line["why"] for line in read_log(desk / "warehouse" / "logs") if line["event"] == "lineage not delivered"]
    assert len(why) == 1
    assert {"hangs": "timed out", "answers 500": "500", "redirects": "302", "is away": "refused"}[kind] in why[0]


def test_lineage_is_told_where_it_is_asked_for(tmp_path: Path) -> None:
    """`file = false` without an address tells nothing; an address without a scheme is an error of the settings."""
    desk = _desk(tmp_path / "arden", lineage="file = false\n")
    open_desk(desk).run()
    assert not (desk / "warehouse" / "lineage").exists()
    (desk / "copydesk.toml").write_text('[lineage]\nurl = "localhost:5000"\n', encoding="utf-8")
    with pytest.raises(Exception, match="give the whole address"):
        open_desk(desk)
