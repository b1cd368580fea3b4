"""Decisions from a page: only with --write, the token, our own form; and each is on record with who and when."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.browse.conftest import Served, serving, wait_for_index
from tests.browse.newsroom import copydesk
from tests.quality.test_hold import make_desk as make_held_desk

_FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, newsroom: Path) -> Path:
    """A newsroom of its own, which these tests change."""
    return shutil.copytree(newsroom, tmp_path_factory.mktemp("writable") / "lindhaven", symlinks=True)


@pytest.fixture(scope="module")
def editor(desk: Path) -> Iterator[Served]:
    """The pages of that desk for somebody with the token."""
    for served in serving(desk, writable=True):
        entered = served.get("/", token=served.token.value)
        yield served.with_headers(Cookie=entered.headers["set-cookie"].partition(";")[0], Content_Type=_FORM)


def post(site: Served, what: str, /, **form: str) -> int:
    """Send a form as a page of ours does; return the status."""
    return site.get(f"/decide/{what}", method="POST", body=urlencode({"csrf": site.token.csrf, **form})).status


def decisions(site: Served) -> list[list[str]]:
    """Return what is on record."""
    return site.get("/sql.json", q="select decision, decided_by, subject from audit.decisions order by number").json


def test_a_line_is_restored_from_its_page_and_taken_back(editor: Served) -> None:
    """The button's form puts the line back into the article; undo takes it out; both are on record."""
    article = editor.get("/search.json", q='"night train"', publisher="strait.example").json["hits"][0]["article_id"]
    lines = editor.get(f"/article/{article}.json").json["lines"]
    caption = next(line for line in lines if line["label"] == "caption")
    assert 'action="/decide/restore"' in editor.get(f"/article/{article}?cut=1").text

    assert post(editor, "restore", article=article, line=str(caption["number"])) == 303
    kept = {line["text"]: line for line in editor.get(f"/article/{article}.json").json["lines"] if line["kept"]}
    assert kept[caption["text"]]["restored"]
    assert post(editor, "unrestore", article=article, line=str(kept[caption["text"]]["number"])) == 303
    after = editor.get(f"/article/{article}.json").json["lines"]
    assert caption["text"] not in {line["text"] for line in after if line["kept"]}
    made = decisions(editor)
    assert [row["decision"] for row in made][-2:] == ["restore", "unrestore"]
    assert all(row["decided_by"].endswith(", on a page") for row in made)


def test_a_record_is_dropped_from_its_page(editor: Served) -> None:
    """The record is closed, and the next page says so at once."""
    record = next(q for q in editor.get("/quarantine.json").json["records"] if "consent" in q["uri"])["capture_id"]
    assert 'action="/decide/drop"' in editor.get(f"/quarantine/{record}").text
    assert post(editor, "drop", capture=record) == 303
    assert editor.get(f"/quarantine/{record}.json").json["resolution"] == "dropped"
    assert decisions(editor)[-1]["decision"] == "drop"


def test_a_page_is_let_in_from_its_record(editor: Served) -> None:
    """The stub that was too short is an article then, counted on pages of articles that were asked for before, too."""
    wait_for_index(editor.copies)
    before = [editor.get(path).json for path in ("/search.json", "/search.json", "/trends.json")]
    assert before[0] == before[1]
    record = next(q for q in editor.get("/quarantine.json").json["records"] if "stub" in q["uri"])["capture_id"]
    assert post(editor, "accept", capture=record) == 303
    assert editor.get(f"/quarantine/{record}.json").json["resolution"] == "loaded"
    assert decisions(editor)[-1]["decision"] == "accept"

    wait_for_index(editor.copies)
    after = editor.get("/search.json").json
    assert after["total"] == before[0]["total"] + 1
    for counts in ("days", "facets"):
        assert _counted(after[counts]) == _counted(before[0][counts]) + (1 if counts == "days" else 3)
    assert editor.get("/trends.json").json["total"] == before[2]["total"] + 1


def _counted(counts: object) -> int:
    """Return the sum of the numbers of articles in a list of counts, or in all lists of a mapping."""
    if isinstance(counts, dict):
        return int(counts["articles"]) if "articles" in counts else sum(map(_counted, counts.values()))
    return sum(map(_counted, counts)) if isinstance(counts, list) else 0


@pytest.mark.parametrize(
    ("headers", "form"),
    [
        ({"Cookie": ""}, {}),
        ({"Cookie": "copydesk_x=y"}, {}),
        ({"Sec_Fetch_Site": "cross-site"}, {}),
        ({"Sec_Fetch_Site": "same-site"}, {}),
        ({"Origin": "https://evil.example"}, {}),
        ({"Origin": "null"}, {}),
        ({"Content_Type": "text/plain"}, {}),
        ({}, {"csrf": ""}),
        ({}, {"csrf": "0" * 64}),
    ],
)
def test_a_form_that_is_not_ours_decides_nothing(editor: Served, headers: dict[str, str], form: dict[str, str]) -> None:
    """Without the cookie, from another site, with another type or a wrong CSRF token: refused, and nothing changes."""
    record = editor.get("/quarantine.json", all="1").json["records"][0]["capture_id"]
    before = decisions(editor)
    held = {**{k.replace("-", "_"): v for k, v in editor.headers.items()}, **headers}
    assert post(editor.with_headers(**held), "drop", capture=record, **form) == 403
    assert decisions(editor) == before


def test_what_cannot_be_decided_is_said(editor: Served) -> None:
    """Unknown decisions, records and lines, and a form that is too large, are errors that change nothing."""
    before = decisions(editor)
    assert post(editor, "everything") == 404
    assert post(editor, "drop") == 400
    assert post(editor, "drop", capture="ffffffff") == 400
    assert post(editor, "restore", article="ffffffff", line="1") == 400
    assert post(editor, "restore", article="x", line="one") == 400
    assert post(editor, "pin", site="a", text="b", verdict="maybe") == 400
    assert post(editor, "drop", because="x" * 30_000) == 413
    assert decisions(editor) == before


def test_the_way_back_stays_here(editor: Served) -> None:
    """A form cannot be made to lead to another site."""
    form = urlencode({"csrf": editor.token.csrf, "site": "courier.example", "text": "Sport", "verdict": "cut"})
    for back, to in (("/article/x?cut=1", "/article/x?cut=1"), ("//evil.example", "/"), ("https://evil.example", "/")):
        answer = editor.get("/decide/pin", method="POST", body=f"{form}&{urlencode({'back': back})}")
        assert (answer.status, answer.headers["location"]) == (303, to)


def test_without_the_token_pages_show_the_commands(editor: Served) -> None:
    """Who has no cookie reads as before: commands to type, no forms."""
    reader = editor.with_headers()
    article = reader.get("/search.json", q="toll").json["hits"][0]["article_id"]
    html = reader.get(f"/article/{article}?cut=1").text
    assert "/decide/" not in html
    assert f"copydesk restore {article[:8]}" in html


@pytest.mark.parametrize(("what", "outcome"), [("release", "loaded"), ("drop_held", "quarantined")])
def test_a_held_batch_is_decided_on_from_the_page(tmp_path: Path, what: str, outcome: str) -> None:
    """The quality page of a held batch has both buttons; released it is loaded, dropped it lies in quarantine."""
    make_held_desk(tmp_path)
    copydesk(tmp_path, "run")
    for served in serving(tmp_path, writable=True):
        assert "copydesk quality release" in served.get("/quality").text
        entered = served.get("/", token=served.token.value)
        site = served.with_headers(Cookie=entered.headers["set-cookie"].partition(";")[0], Content_Type=_FORM)
        (held,) = site.get("/quality.json").json["held"]
        assert f'action="/decide/{what}"' in site.get("/quality").text
        assert post(site, what, run=held["run_id"]) == 400
        assert post(site, what, run=held["run_id"], source="gazette") == 303
        assert site.get("/quality.json").json["held"] == []
        counted = "select outcome, count(*) as n from audit.captures where source = 'gazette' group by all"
        assert site.get("/sql.json", q=counted).json == [{"outcome": outcome, "n": 24}]


def test_a_refused_page_is_shown_line_by_line(editor: Served) -> None:
    """Each line with its label and rule, in all formats; another site cannot make the server extract a page."""
    record = editor.get("/quarantine.json", all="1").json["records"][0]["capture_id"]
    assert f"/quarantine/{record}/lines" in editor.get(f"/quarantine/{record}").text
    shown = editor.get(f"/quarantine/{record}/lines.json").json
    assert shown["lines"]
    assert all(line["label"] and line["rule"] for line in shown["lines"])
    assert editor.get(f"/quarantine/{record}/lines").text.count('id="line-') == len(shown["lines"])
    assert editor.get(f"/quarantine/{record}/lines.csv").text.startswith("number,kept,label,rule,confidence,text")
    assert editor.with_headers(Sec_Fetch_Site="cross-site").get(f"/quarantine/{record}/lines").status == 400
    assert editor.get("/quarantine/ffffffff/lines").status == 404
