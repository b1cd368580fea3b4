"""Every page answers, as HTML, JSON and CSV, with what the warehouse says."""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from urllib.parse import quote

import pytest

from tests.browse.conftest import Served

PAGES = (
    "/",
    "/search?q=harbour",
    "/search?publisher=valley.example",
    "/search?from=40",
    "/stories",
    "/stories?order=latest",
    "/people",
    "/people?q=ines",
    "/person?name=Ines%20Okafor",
    "/people?show=quoted",
    "/people?show=shared",
    "/people?show=authors",
    "/trends",
    "/trends?q=harbour",
    "/sources",
    "/source?name=valley",
    "/quarantine",
    "/quarantine?all=1",
    "/quality",
    "/quality?days=7",
    "/findings",
    "/findings?rule=too_short",
    "/runs",
    "/sql",
    "/sql?saved=words-by-paper",
    "/schema",
    "/schema/main.articles",
)


def every_page(site: Served) -> list[str]:
    """Return the fixed pages, and those of things that have ids."""
    hits = site.get("/search.json", n="100").json["hits"]
    found = list(PAGES)
    for hit in hits:
        found += [f"/article/{hit['article_id']}", f"/article/{hit['article_id']}?cut=1"]
    changed = next(h["article_id"] for h in hits if h["title"].startswith("School roof"))
    found += [f"/article/{changed}/changes", f"/article/{changed}/changes?old=1&new=3", f"/article/{changed}/fetched"]
    found += [f"/story/{s['story_id']}" for s in site.get("/stories.json").json["stories"]]
    found += [f"/quarantine/{q['capture_id']}" for q in site.get("/quarantine.json").json["records"]]
    return found + [f"/run/{r['run_id']}" for r in site.get("/runs.json").json["runs"]]


def test_every_page_answers_in_every_format(site: Served) -> None:
    """HTML, JSON and, where a page has rows, CSV; each page has one first heading and a title."""
    for path in every_page(site):
        page = site.get(path)
        assert page.status == 200, (path, page.text[-400:])
        assert page.text.count("<h1") == 1, path
        assert re.search(r"<title>\S.* · lindhaven</title>", page.text), path
        plain, _, query = path.partition("?")
        plain = "/search" if plain == "/" else plain
        suffix = f"?{query}" if query else ""
        if path == "/sql":
            continue
        assert site.get(f"{plain}.json{suffix}").json, path
        table = site.get(f"{plain}.csv{suffix}")
        if table.status == 200:
            assert len(next(csv.reader(io.StringIO(table.text)))) > 1, path
        else:
            assert plain.endswith("/fetched"), path


def test_every_link_of_every_page_leads_somewhere(site: Served) -> None:
    """No page links to a page that is not there."""
    links: set[str] = set()
    for path in every_page(site):
        links |= {unescape(a) for a in re.findall(r'href="(/[^"]*)"', site.get(path).text)}
    broken = [link for link in sorted(links) if site.get(link).status != 200]
    assert not broken


def test_cut_lines_stand_where_they_stood(site: Served) -> None:
    """With `cut`, kept and cut lines come in the order of the page, each cut one with label, rule and its command."""
    wall = site.get("/search.json", q="harbour wall", publisher="courier.example").json["hits"][0]["article_id"]
    lines = site.get(f"/article/{wall}.json").json["lines"]
    html = site.get(f"/article/{wall}", cut="1").text

    assert [line["number"] for line in lines] == sorted(line["number"] for line in lines)
    cut = {line["text"]: line for line in lines if not line["kept"]}
    newsletter = cut["Sign up for our morning newsletter"]
    assert newsletter["label"] == "newsletter"
    assert newsletter["restore"] == f"copydesk restore {wall[:8]} {newsletter['number']}"
    places = [
        html.index(t) for t in ("Engineers will begin", "Sign up for our morning newsletter", newsletter["restore"])
    ]
    assert places == sorted(places)
    assert "Sign up for our morning newsletter" not in site.get(f"/article/{wall}").text.split("<aside>")[0]


def test_a_diff_shows_words_that_went_and_came(site: Served) -> None:
    """Between the first and second text a number changed and a paragraph came."""
    roof = site.get("/search.json", q='"school roof"').json["hits"][0]["article_id"]
    text = site.get(f"/article/{roof}/changes?old=1&new=2").text
    assert "<del>240</del> <ins>310</ins>" in text
    assert "<ins>The builder, Kestrel &amp; Sons" in text


def test_a_story_says_who_was_first(site: Served) -> None:
    """The story of the toll: the paper that printed it first, and the others in order with hours."""
    toll = next(s for s in site.get("/stories.json").json["stories"] if "toll" in s["title"])
    rows = site.get(f"/story/{toll['story_id']}.json").json["articles"]
    assert [(r["publisher"], r["hours_later"]) for r in rows] == [
        ("strait.example", 0.0), ("courier.example", 8.2), ("valley.example", 20.7),
    ]  # fmt: skip


def test_a_record_says_what_was_measured_and_what_can_be_done(site: Served) -> None:
    """The stub in quarantine: its rule with measured value and threshold, and the commands that decide on it."""
    stub = next(q for q in site.get("/quarantine.json").json["records"] if "stub" in q["uri"])
    page = site.get(f"/quarantine/{stub['capture_id']}.json").json
    (short,) = [b for b in page["broken"] if b["rule"] == "too_short"]
    assert short["measured"] < short["threshold"]
    assert short["because"]
    html = site.get(f"/quarantine/{stub['capture_id']}").text
    assert f"copydesk quarantine replay {stub['capture_id'][:8]}" in html


def test_a_number_leads_to_the_articles_behind_it(site: Served) -> None:
    """For each broken rule the findings page holds as many findings as the quality page counts."""
    for rule in site.get("/quality.json").json["rules"]:
        listed = site.get("/findings.json", rule=rule["rule"], days="90").json
        same = [f for f in listed["findings"] if f["severity"] == rule["severity"]]
        assert len(same) == rule["captures"], rule["rule"]


def test_pages_have_limits(site: Served) -> None:
    """Odd and huge parameters give a page, never an error of the server."""
    for path in (
        "/search?from=99999999",
        "/search?n=100000",
        "/search?from=-3",
        "/search?since=never&until=2026-99-01",
        "/runs?from=x",
        "/quality?days=0",
        "/trends?window=999",
        "/people?from=1e9",
        "/source?name=",
        "/run/x",
        "/schema/nothing",
        "/article/zzzz",
        "/article/" + "0" * 5000,
        "/story/a",
        "/quarantine/ab",
    ):
        assert site.get(path).status in {200, 404}, path


@pytest.mark.parametrize("path", ["/article/../../etc/passwd", "/static/../pages.py", "/static/%2e%2e/pages.py",
                                  "/static//etc/passwd", "/schema/..%2f..%2fcopydesk.toml"])  # fmt: skip
def test_no_path_leads_out(site: Served, path: str) -> None:
    """Paths that climb are not found."""
    answer = site.get(path)
    assert answer.status == 404
    assert "root:" not in answer.text


def test_sql_gives_all_rows_as_files(site: Served) -> None:
    """The page shows the first rows; CSV, JSON and Parquet hold all of them."""
    import duckdb

    query = "select i, i * 2 as twice from range(1234) as t(i) order by i"
    page = site.get("/sql.json", q=query)
    assert len(page.json) == 1234
    assert "The first <b>200</b> rows" in site.get("/sql", q=query).text
    assert len(list(csv.reader(io.StringIO(site.get("/sql.csv", q=query).text)))) == 1235
    path = site.desk / "got.parquet"
    path.write_bytes(site.get("/sql.parquet", q=query).raw)
    assert duckdb.sql(f"select count(*), sum(twice) from '{path}'").fetchone() == (1234, 1_521_522)
    path.unlink()


@pytest.mark.parametrize("shape", ["line", "bar", "dots"])
def test_sql_draws_two_columns(site: Served, shape: str) -> None:
    """Two columns become a chart with a mark per row; a column of names becomes bars."""
    query = quote("select i as x, i * i as y from range(9) as t(i)")
    chart = site.get(f"/sql?q={query}&x=x&y=y&shape={shape}").text
    marks = {"line": "<polyline", "bar": '<rect class="bar"', "dots": '<circle class="point"'}
    assert marks[shape] in chart
    assert "has no numbers" in site.get(f"/sql?q={quote('select 1 as x, true as y')}&x=x&y=y").text


@pytest.mark.parametrize("query", [
    "drop table articles", "copy articles to '/tmp/x.csv'", "select * from read_csv('/etc/passwd')", "install httpfs",
    "select 1; select 2", "attach '/tmp/x.duckdb'", "set memory_limit = '9GB'", "select * from duckdb_secrets()",
    "selec", "select * from enable_logging(storage = 'file', storage_path = '/tmp/x')", "insert into articles select 1",
])  # fmt: skip
def test_sql_may_only_read(site: Served, query: str) -> None:
    """Whatever writes, reads files or is no statement is refused, on the page and in every download."""
    assert site.get("/sql", q=query).status == 400
    for form in ("csv", "json", "parquet"):
        assert site.get(f"/sql.{form}", q=query).status == 400


def test_what_is_not_there_is_said_in_the_format_asked_for(site: Served) -> None:
    """An unknown address ending in .json or .csv is answered as such; an unknown saved query is an error."""
    assert site.get("/nothing.json").json["error"]
    assert site.get("/nothing.csv").headers["content-type"].startswith("text/plain")
    assert "<h1" in site.get("/nothing").text
    assert [site.get(f"/nothing{end}").status for end in ("", ".json", ".csv")] == [404, 404, 404]
    unknown = site.get("/sql?saved=nobody-wrote-this")
    assert unknown.status == 400
    assert "there is no saved query" in unknown.text


def test_numbers_of_rows_are_counted(site: Served) -> None:
    """The schema page counts rows as SQL does, also of a table whose rows were replaced by a later run."""
    shown = {r["name"]: r["rows"] for r in site.get("/schema.json").json["relations"] if r["kind"] == "table"}
    for name in ("main.articles", "main.revisions", "main.paragraphs", "audit.captures"):
        (row,) = site.get("/sql.json", q=f"select count(*) as n from {name}").json
        assert shown[name] == row["n"], name


def test_a_single_day_can_be_seen(site: Served) -> None:
    """A search whose articles are all of one day has a mark for each publisher; a line of one point has no length."""
    hit = site.get("/search.json", n="1").json["hits"][0]
    day = str(hit["printed_at"])[:10]
    page = site.get("/trends", since=day, until=day).text
    days = site.get("/trends.json", since=day, until=day).json["days"]
    assert len({d["day"] for d in days}) == 1
    assert page.count('<circle class="line') == len({d["publisher"] for d in days})
