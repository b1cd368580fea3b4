"""Words and markup: stories in five scripts, pages that are hard on parsers, titles that are hard on reports."""

from __future__ import annotations

__all__ = ["PAGES", "STORY", "TITLES", "story"]

STORY = {
    "en": "The council met on Tuesday to vote on the bridge.\n\n" + "It will open next spring, officials said. " * 12,
    "ru": "Городской совет собрался во вторник.\n\n" + "Новый мост откроют весной, сообщили власти. " * 12,
    "fa": "شورای شهر روز سه‌شنبه تشکیل جلسه داد.\n\n" + "پل تازه بهار آینده گشوده می‌شود. " * 12,
    "zh": "市议会星期二开会，就新桥进行表决。\n\n" + "官员说，新桥将于明年春天开通。" * 12,
    "ja": "市議会は火曜日に新しい橋について採決した。\n\n" + "橋は来年の春に開通すると当局者は述べた。" * 12,
}
"""A short story per language, by its code."""


def story(number: int) -> bytes:
    """Return a text of its own for a number; it does not pack away to nothing."""
    words = " ".join(f"word{number * 7919 + n * 104_729 % 9973}" for n in range(300))
    return f"Story {number} of the corpus\n\n{words}.\n\n{STORY['en']}\n".encode()


def PAGES() -> dict[str, bytes]:  # noqa: N802  a table, made when it is asked for
    """Return file name -> page that a parser, a regular expression or a stack may stumble over."""
    words = STORY["en"].encode()
    start, end = b"<!doctype html><html><body>", b"</body></html>"
    return {
        "deep.html": start + b"<div>" * 100_000 + words + b"</div>" * 100_000 + end,
        "deep-inline.html": start + b"<b><i>" * 50_000 + words + end,
        "siblings.html": start + b"<br>" * 1_000_000 + words + end,
        "paragraphs.html": start + b"<p>x" * 300_000 + end,
        "attributes.html": start + b"<p " + b" ".join(b"a%d=%d" % (n, n) for n in range(100_000)) + b">" + words + end,
        "attribute.html": start + b'<p title="' + b"x" * 5_000_000 + b'">' + words + end,
        "comment.html": start + words + b"<!--" + b"- " * 2_000_000,
        "comments.html": b"<!---->" * 500_000 + start + words + end,
        "entities.html": start + b"&amp;" * 500_000 + b"&#x110000;&#0;&#xD800;&nosuch;" + words + end,
        "table.html": start + b"<table><tr><td>" * 5000 + words + end,
        "script.html": start + b"<script>" + b"var a = '<p>';" * 100_000 + b"</script>" + end,
        "unclosed.html": b"<" * 1_000_000,
        "select.html": start + b"<select>" + b"<option>x" * 200_000 + end,
        "svg.html": start + b"<svg>" + b"<g>" * 20_000 + words + end,
        "cdata.html": start + b"<![CDATA[" * 100_000 + words + end,
        "frames.html": b"<!doctype html><frameset>" + b"<frame src=x>" * 1000,
        "long-line.txt": b"word " * 2_000_000,
        "long-word.txt": b"w" * 10_000_000,
        "long-spaces.txt": b"By" + b" " * 10_000_000 + b"Nobody\n",
        "short-lines.txt": b"a\n" * 1_000_000,
        "blank-lines.txt": b"Title\n" + b"\n" * 2_000_000 + words,
        "commas.txt": b"By " + b"A, " * 300_000 + b"\n\n" + words,
        "dots.txt": b"." * 3_000_000 + b"\n" + words,
        "brackets.txt": b"(" * 1_000_000 + b"\n" + words,
        "dates.txt": b"1 January 2020, " * 100_000 + b"\n\n" + words,
        "marks.txt": b"e" + "\u0301".encode() * 1_000_000 + b"\n" + words,
        "directions.txt": "\u202e\u2066\u200f".encode() * 100_000 + words,
    }


def TITLES() -> dict[str, bytes]:  # noqa: N802  a table, made when it is asked for
    """Return file name -> story whose title, author or source would do harm where it is not treated as text."""
    lines = {
        "html.txt": ("<script>alert(1)</script><img src=x onerror=alert(2)>", "By <b onclick=x()>Eve</b>"),
        "sql.txt": ("Robert'); DROP TABLE articles;--", "By ' OR 1=1 --"),
        "formula.txt": ('=HYPERLINK("http://example.org","click")', "By =cmd|' /C calc'!A0"),
        "formulas.txt": ("+1+1", "By @SUM(A1:A9)"),
        "tab.txt": ("\t=1+1 in a cell", "By -2+3+cmd"),
        "escape.txt": ("\x1b]0;owned\x07\x1b[2J title", "By \x1b[31mRed"),
        "log.txt": ("Title\\r\\nERROR forged line", "By Forger"),
        "template.txt": ("{{ 7 * 7 }} ${7*7} {% raw %}", "By {0.__class__}"),
        "path.txt": ("../../etc/passwd", "By /dev/null"),
        "long.txt": ("Long " * 5000, "By " + "Name Surname and " * 500),
    }
    return {
        **{name: f"{title}\n\n{author}\n\n{STORY['en']}\n".encode() for name, (title, author) in lines.items()},
        **{name.replace(".txt", ".html"): _page(title, author) for name, (title, author) in lines.items()},
    }


def _page(title: str, author: str) -> bytes:
    head = f"<!doctype html><html><head><title>{title}</title><meta name=author content='{author}'></head>"
    return f"{head}<body><h1>{title}</h1><p>{STORY['en']}</body></html>".encode()
