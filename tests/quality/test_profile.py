"""The profile of a source: columns by week with their distance, and templates that change."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import Command
from tests.quality.parts import story

import copydesk
from copydesk.quality.profile import Page, distance, template_changes, weeks_of
from copydesk.text.html.dom.read_page import read_page
from copydesk.text.html.dom.template import template_sketch

MONDAY = date(2026, 9, 7)
counts = st.dictionaries(st.sampled_from("abcde"), st.integers(1, 50), min_size=1)


@given(counts, counts)
def test_the_distance_is_symmetric_and_between_0_and_1(one: dict[str, int], other: dict[str, int]) -> None:
    """Equal shares have no distance, disjoint ones 1, whatever the sizes; the order does not matter."""
    assert distance(one, other) == pytest.approx(distance(other, one))
    assert 0 <= distance(one, other) <= 1 + 1e-9
    assert distance(one, {k: 3 * n for k, n in one.items()}) == pytest.approx(0)
    assert distance(one, {k.upper(): n for k, n in other.items()}) == pytest.approx(1)


def rows(*weeks: dict[str, int]) -> list[tuple[str, str, date, str, int]]:
    """Return the counts of one column by week."""
    return [
        ("wire", "language", MONDAY + timedelta(weeks=n), value, articles)
        for n, week in enumerate(weeks)
        for value, articles in week.items()
    ]


def test_a_language_that_comes_in_is_drift_and_chance_is_not() -> None:
    """A third of another language drifts; some points up and down, and a week of five articles, do not."""
    calm = [{"en": 90 + n % 3, "de": 10 - n % 3} for n in range(10)]
    found = weeks_of(rows(*calm, {"en": 60, "ru": 40}))
    assert [one.week for one in found if one.drifted] == [MONDAY + timedelta(weeks=10)]
    assert found[-1].values == {"en": 0.6, "ru": 0.4}
    assert found[0].distance is None
    few = weeks_of(rows(*calm, {"ru": 5}))
    assert few[-1].distance is None
    small = weeks_of(rows(*[{"en": 24, "de": 2}] * 5, {"en": 22, "de": 3, "fr": 1}))
    assert not small[-1].drifted


def pages(number: int, start: datetime, names: str, *, furniture: float, blocks: float) -> list[Page]:
    """Return two pages a day of one template, which share most of their class names."""
    return [
        Page(
            source="wire",
            publisher="gazette.example",
            captured_at=start + timedelta(hours=12 * n),
            article_id=f"{names}{n}",
            uri=f"https://gazette.example/{names}/{n}",
            names=frozenset({f"{names}-{k}" for k in range(14)} | {f"own-{names}-{n}"}),
            blocks=blocks + n % 5,
            furniture=furniture + n % 3 / 100,
        )
        for n in range(number)
    ]


def test_class_names_furniture_and_blocks_that_jump_together_are_a_new_template() -> None:
    """The change is named with day, pages since, points of furniture and three pages; one sign alone is none."""
    march = datetime(2026, 3, 3, 8, tzinfo=UTC)
    old = pages(60, march - timedelta(days=30), "old", furniture=0.3, blocks=60)
    new = pages(40, march, "new", furniture=0.42, blocks=80)
    (change,) = template_changes([*old, *new])
    assert change.line.startswith(
        "gazette.example: template changed on 3 March, 40 pages since, furniture share +12 points"
    )
    assert change.look_at == tuple(f"https://gazette.example/new/{n}" for n in (39, 38, 37))
    assert template_changes([*old, *pages(40, march, "old", furniture=0.42, blocks=80)]) == []
    assert template_changes([*old, *pages(40, march, "new", furniture=0.3, blocks=60)]) == []
    assert template_changes([*old, *new[:4]]) == []


OLD = (
    '<div class="site"><header class="top"><nav class="menu">{links}</nav></header>'
    '<main class="story">{body}</main></div>'
)
NEW = (
    '<div class="app"><div class="grid wide"><section class="lead">{body}</section>'
    '<aside class="rail teaser-box">{links}</aside><footer class="foot legal">{links}</footer></div></div>'
)


def html(template: str, n: int) -> str:
    """Return a page of a story in a template."""
    one = story(n)
    links = "".join(f'<a class="item" href="/s/{k}">Section number {k} of the Gazette</a>' for k in range(9))
    body = f"<h1>{one['title']}</h1>" + "".join(f'<p class="par">{p}</p>' for p in one["paragraphs"])
    head = f"<html><head><title>{one['title']}</title></head><body>"
    return f"{head}{template.format(body=body, links=links)}</body></html>"


def test_a_sketch_tells_templates_apart_and_not_texts() -> None:
    """Two stories of one template have one sketch, of two templates hardly anything in common; no class gives none."""
    first, second = (template_sketch(read_page(html(OLD, n).encode())) for n in (1, 2))
    other = template_sketch(read_page(html(NEW, 1).encode()))
    assert first == second != ""
    parts = [{s[k : k + 8] for k in range(0, len(s), 8)} for s in (first, other)]
    assert len(parts[0] & parts[1]) <= 2
    assert template_sketch(read_page(b"<html><body><p>Hello</p></body></html>")) == ""


def test_a_source_with_a_new_template_is_named_everywhere(tmp_path: Path, command: Command) -> None:
    """Pages of an old template three weeks ago and of a new one today: the command, the report and the page say so."""
    (tmp_path / "copydesk.toml").write_text('[run]\nworkers = 1\n[[source]]\nname = "wire"\npaths = ["pages"]\n')
    (tmp_path / "pages").mkdir()
    desk = copydesk.open_desk(tmp_path)
    for template, start in ((OLD, 0), (NEW, 100)):
        for n in range(start, start + 24):
            (tmp_path / "pages" / f"{n:03}.html").write_text(html(template, n), encoding="utf-8")
        assert desk.run().loaded == 24
        if template is OLD:
            with desk.open_warehouse().open_for_writing() as connection:
                connection.execute("update main.revisions set captured_at = captured_at - interval 21 days")
    found = command("profile", "wire", "--json", cwd=tmp_path).json
    (change,) = found["template_changes"]
    assert (change["pages"], change["day"]) == (24, datetime.now(UTC).date().isoformat())
    assert change["line"] in command("profile", "wire", cwd=tmp_path).out.replace("\n", " ")
    names = Counter(c["name"] for c in found["columns"])
    assert set(names) == {"language", "charset", "length", "title", "date", "byline", "quotes"}
    assert {c["name"]: c["articles"] for c in found["columns"]} == dict.fromkeys(names, 24)
    assert command("report", "--out", "report.html", cwd=tmp_path).code in (0, 1)
    assert "template changed on" in (tmp_path / "report.html").read_text(encoding="utf-8")
