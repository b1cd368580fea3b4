"""A page whose body is one run of text below its headline is an article, whatever its other signs say."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from copydesk.records import Document, Extraction, PageKind
from copydesk.text.html import extract_html

_SENTENCES = (
    "The council voted on Monday to close the old harbour bridge for repairs that will last until the end of the year.",
    "Engineers had found cracks in two of the pillars, and lorries were turned back at once by the police of the town.",
    "Residents of the northern bank now need twenty minutes more to reach the hospital, said the mayor after the vote.",
    "A ferry will run every half an hour from six in the morning, paid for by the county until the bridge opens again.",
    "The work costs four million, of which the state pays half; the rest was saved by putting off a new swimming pool.",
    "Nobody spoke against the plan, but two members asked for a second opinion about the pillars before summer ends.",
)
_AROUND = (
    "".join(f'<form action="/{n}"><input name="q"></form>' for n in range(6))
    + "<ul>"
    + "".join(f'<li><a href="/offer/{n}">Offer {n}</a></li><li>only $ {n}.99</li>' for n in range(12))
    + "".join(f"<li>{n} March 2024</li>" for n in range(1, 13))
    + "</ul>"
)


def _extract(body: str, url: str = "http://paper.example/") -> Extraction:
    html = (
        '<html lang="en"><head><title>Harbour bridge closes</title></head><body class="forum-skin">'
        f"{body}{_AROUND}</body></html>"
    )
    return extract_html(
        Document(
            document_id="d",
            content=html.encode(),
            media_type="text/html",
            charset="utf-8",
            url=url,
            captured_at=datetime(2026, 11, 1, tzinfo=UTC),
        )
    )


def _reason(found: Extraction) -> str:
    return next(e.reason for e in found.evidence if e.field == "kind")


_STORY = "<div><h1>Harbour bridge closes</h1>" + "".join(f"<p>{s}</p>" for s in _SENTENCES) + "</div>"


def test_a_story_at_the_address_of_a_home_page_is_an_article() -> None:
    """Prices, forms, dates and the address of a home page do not refuse one run of text below its headline."""
    found = _extract(_STORY)
    assert "one run of text below the headline" in _reason(found), _reason(found)
    assert found.kind is PageKind.ARTICLE
    assert found.rejection is None
    assert [p.text for p in found.paragraphs] == list(_SENTENCES)


_LEAD_BESIDE = (
    f"<div><div><h1>Harbour bridge closes</h1><h2>{' '.join(_SENTENCES[:3])}</h2></div><div>"
    + "".join(f"<p>{s}</p>" for s in _SENTENCES[3:])
    + "</div></div>"
)
_NOTICE = "<div><h1>Harbour bridge closes</h1><p>3 May 2024</p>" + "".join(f"<p>{s}</p>" for s in _SENTENCES[:3])


@pytest.mark.parametrize(
    "body",
    [
        _STORY.replace("h1", "b"),
        _LEAD_BESIDE,
        _NOTICE,
    ],
    ids=["a headline that is no heading", "a lead marked as a heading, in an element of its own", "a dated notice"],
)
def test_headlines_leads_and_notices_of_old_pages(body: str) -> None:
    """Old pages mark their headline as bold text, or the lead as a heading beside it; a notice with a date is short."""
    found = _extract(body)
    assert found.kind is PageKind.ARTICLE, _reason(found)
    assert found.rejection is None


@pytest.mark.parametrize(
    "body",
    [
        "<h1>Harbour bridge closes</h1>" + "".join(f"<div><div><p>{s}</p></div></div>" for s in _SENTENCES),
        _STORY.replace("<h1>Harbour bridge closes</h1>", ""),
        f"<div><h1>Harbour bridge closes</h1><p>{_SENTENCES[0]}</p></div>",
    ],
    ids=["texts in elements of their own", "no headline", "one sentence"],
)
def test_the_same_page_without_one_story_is_refused(body: str) -> None:
    """Each condition alone keeps the refusal: one element, the page's headline above it, enough text."""
    found = _extract(body)
    assert found.kind is not PageKind.ARTICLE, _reason(found)
    assert found.rejection is not None


def test_an_answer_at_the_address_of_a_forum_is_refused() -> None:
    """A question or a product description is one run of text, too: the address tells."""
    found = _extract(_STORY, "http://forum.paper.example/")
    assert found.kind is PageKind.FORUM, _reason(found)
