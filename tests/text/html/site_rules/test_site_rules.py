"""A user's rules for a site decide its pages."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from copydesk.errors import SettingsError
from copydesk.records import Document
from copydesk.text.html import extract_html
from copydesk.text.html.site_rules.load_site_rules import SiteRules, load_site_rules

HTML = b"""<html><head><title>Site</title></head><body><div id=top>Menu of the site</div>
<h2 class=head>The true headline</h2><span class=who>By Ada Marsh</span><time datetime="2024-03-05">5 March 2024</time>
<div class=text><p>First words of it.</p><div class=box>Buy our box</div><p>Last words of it.</p></div>
<div class=tail>More from us</div></body></html>"""


def rules(folder: Path, **files: str) -> SiteRules:
    """The rules of a folder with these files."""
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text, encoding="utf-8")
    return load_site_rules(folder)


def kept(found: SiteRules, url: str, seen: datetime | None = None) -> tuple[list[str], str | None, list[str]]:
    """Paragraphs, title and findings of the page under the rules."""
    document = Document(document_id="d", content=HTML, media_type="text/html", url=url, captured_at=seen)
    out = extract_html(document, site_rules=found, detect_kind=False)
    return [p.text for p in out.paragraphs], out.title, [f.detail for f in out.findings]


TOML = """
[[site]]
domain = "example.org"
body = ".text"
strip = [".box"]
title = "h2.head"
author = "//span[@class='who']"
date = "time"
because = "the site builds its pages by hand"
"""


def test_toml_rules_choose_the_body_and_the_fields(tmp_path: Path) -> None:
    """CSS and XPath patterns name the very blocks; stripped ones go."""
    found = rules(tmp_path, site_toml=TOML)
    document = Document(document_id="d", content=HTML, media_type="text/html", url="https://www.example.org/a")
    out = extract_html(document, site_rules=found, detect_kind=False)
    assert [p.text for p in out.paragraphs] == ["First words of it.", "Last words of it."]
    assert (out.title, out.authors[0].name) == ("The true headline", "Ada Marsh")
    assert out.published is not None
    assert out.published.value.date().isoformat() == "2024-03-05"
    assert out.extractor == "site_rule:site.toml#1"
    assert any(e.source == "site_rule" and e.field == "title" and e.chosen for e in out.evidence)


def test_site_config_files_are_honoured(tmp_path: Path) -> None:
    """FiveFilters' lines: body by XPath, strip by id or class."""
    (tmp_path / "example.org.txt").write_text(
        "# a comment\nbody: //div[@class='text']\nstrip_id_or_class: box\ntitle: //h2\nprune: no\n", encoding="utf-8"
    )
    texts, title, _ = kept(load_site_rules(tmp_path), "https://news.example.org/a")
    assert (texts, title) == (["First words of it.", "Last words of it."], "The true headline")


def test_a_rule_that_matches_nothing_is_a_finding(tmp_path: Path) -> None:
    """The page is then read as if there were no rule, and the user is told."""
    _, _, findings = kept(rules(tmp_path, s_toml='[[site]]\ndomain="example.org"\nbody=".gone"'), "http://example.org/")
    assert findings == ["s.toml#1: body"]


def test_rules_end_and_hold_for_their_site_only(tmp_path: Path) -> None:
    """A rule past its day and a rule of another site say nothing."""
    found = rules(tmp_path, s_toml='[[site]]\ndomain="example.org"\nbody=".text"\nvalid_until=2024-01-31')
    assert found.find("https://example.org/x", datetime(2024, 1, 31, tzinfo=UTC)) is not None
    assert found.find("https://example.org/x", datetime(2024, 2, 1, tzinfo=UTC)) is None
    assert found.find("https://badexample.org/x", None) is None
    assert found.find(None, None) is None


@pytest.mark.parametrize(
    "text", ["not toml [", '[[site]]\nbody="x"', '[[site]]\ndomain="a.b"\nbdoy="x"', '[[site]]\ndomain="a.b"\nbody=7']
)
def test_files_that_cannot_be_read_say_so(tmp_path: Path, text: str) -> None:
    """The message names the file."""
    (tmp_path / "x.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"x\.toml"):
        load_site_rules(tmp_path)


def test_a_folder_that_is_not_there_holds_no_rules(tmp_path: Path) -> None:
    """Nobody has to make one."""
    assert load_site_rules(tmp_path / "none").by_domain == {}


def test_patterns_that_cannot_be_read_match_nothing(tmp_path: Path) -> None:
    """A mistyped pattern is a finding, not a crash."""
    text = '[[site]]\ndomain="example.org"\nbody="//div[["\ntitle="h2[["'
    _, _, findings = kept(rules(tmp_path, s_toml=text), "http://example.org/")
    assert findings == ["s.toml#1: body", "s.toml#1: title"]
