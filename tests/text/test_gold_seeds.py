"""The five seeds against their hand-made gold: every line's label and every field of the article."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from copydesk.records import Document, Extraction
from copydesk.text.plain import extract_texts

SHARED = Path(os.environ.get("COPYDESK_SHARED", Path(__file__).parents[3] / "shared"))
GOLD = SHARED / "seeds" / "gold"
pytestmark = pytest.mark.skipif(not GOLD.is_dir(), reason="needs the shared seeds (set COPYDESK_SHARED)")

CASES = sorted(path.stem for path in GOLD.glob("*.json")) if GOLD.is_dir() else []


def _case(name: str) -> tuple[dict[str, Any], Extraction]:
    gold = json.loads((GOLD / f"{name}.json").read_text(encoding="utf-8"))
    content = (GOLD.parent / gold["file"]).read_bytes()
    return gold, extract_texts([Document(document_id=name, content=content, media_type="text/plain")])[0]


def _plain(text: str | None) -> str | None:
    return text.replace("\u00a0", " ").strip() if text else text


@pytest.mark.parametrize("name", CASES)
def test_every_line_has_the_label_of_the_gold(name: str) -> None:
    """Each line's label is the gold's or one the gold accepts, and only body and heading lines are kept."""
    gold, found = _case(name)
    wrong = [
        f"{line['n']}: {block.label} ({block.rule}) instead of {line['label']}: {block.text[:80]}"
        for line, block in zip(gold["lines"], found.blocks, strict=True)
        if block.label not in (line["label"], *line.get("also_accept", ()))
    ]
    assert not wrong, "\n".join(wrong)
    assert [block.number for block in found.blocks if block.kept] == [
        line["n"] for line in gold["lines"] if line["label"] in ("body", "heading")
    ]


@pytest.mark.parametrize("name", CASES)
def test_the_article_is_that_of_the_gold(name: str) -> None:
    """Title, body, authors, section path, credit, dateline, publisher, agency.

    Captions and comment count are the gold's or tolerated.
    """
    gold, found = _case(name)
    want = gold["article"]
    wrong: list[str] = []

    def check(field: str, value: object, *accepted: object) -> None:
        if value not in accepted:
            wrong.append(f"{field}: {value!r} instead of {accepted!r}")

    check("title", _plain(found.title), _plain(want["title"]))
    check(
        "body",
        [_plain(p.text) for p in found.paragraphs],
        [_plain(t) for t in want["body"]],
        [_plain(t) for t in want["body_without_dateline"]],
    )
    check("authors", [author.name for author in found.authors], want["authors"])
    check("section", list(found.section_path), want["section_path"])
    check("credit", found.credit, want["source_credit"], *want.get("source_credit_accept", ()))
    check("dateline", _plain(found.dateline.text) if found.dateline else None, _plain(want["dateline_text"]))
    check("place", found.dateline.place if found.dateline else None, want["dateline_place"])
    check("publisher", found.publisher, want["publisher"]["value"], *want["publisher"]["accept"])
    check("agency", found.agency, want["agency"]["value"], *want["agency"]["accept"])
    check("captions", [_plain(caption.text) for caption in found.captions], [_plain(t) for t in want["captions"]])
    check("comment count", found.comment_count, want["comment_count"], *want.get("comment_count_accept", ()))
    check("language", found.language, gold["language"])
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", CASES)
def test_the_dateline_is_marked_on_its_line(name: str) -> None:
    """The dateline's span has the gold's offsets on the gold's line."""
    gold, found = _case(name)
    want = {line["n"]: (span["start"], span["end"]) for line in gold["lines"] for span in line.get("spans", ())}
    assert {block.number: (span.start, span.end) for block in found.blocks for span in block.spans} == want
