"""Short pages that a site sends in place of the article, and news that must load."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from copydesk.records import REFUSAL_KINDS, Document, Extraction, PageKind
from copydesk.text.documents import ExtractOptions, extract_documents
from copydesk.text.refusals import RefusalRule, find_refusal, match_refusal, refusal_rules

_URL = "https://daily.example/news/2026/11/27/mayor-opens-new-school-in-the-north"
_REFUSALS = {
    "geo": (PageKind.UNAVAILABLE, ["We’re sorry. This content is not available in your region."]),
    "geo_de": (PageKind.UNAVAILABLE, ["Dieser Inhalt ist in Ihrem Land nicht verfügbar.", "Wenden Sie sich an uns."]),
    "maintenance": (PageKind.UNAVAILABLE, ["Our website is currently undergoing scheduled maintenance.", "Bye."]),
    "maintenance_zh": (PageKind.UNAVAILABLE, ["网站正在维护中，请稍后再试。"]),
    "rate_limit": (
        PageKind.UNAVAILABLE,
        ["You have sent too many requests in a given amount of time. Try again later."],
    ),
    "bot_check": (
        PageKind.CONSENT,
        ["Our systems have detected unusual activity from your network.", "Reference 7f3."],
    ),
    "cookies_es": (PageKind.CONSENT, ["Nosotros y nuestros 300 socios almacenamos información en un dispositivo."]),
}
_NEWS = {
    "outage": [
        "Customers of the phone company could not make calls on Monday after a fault in a data centre, the firm said.",
        "Its website was temporarily unavailable for two hours. Engineers restored service by noon.",
    ],
    "works": [
        "The old bridge will be under maintenance until Friday, the council said. Drivers should use the tunnel."
    ],
    "cookies": [
        "The privacy regulator fined a news site 2 million euros because readers could not reject all cookies.",
        "The site said it would appeal.",
    ],
    "film": [
        "The film is not available in your region, viewers were told on Monday when they tried to open it.",
        "The company cited rights.",
    ],
    "embedded_player": [
        "The mayor opened the new school in the north of the city on Monday, two years late, and thanked everybody.",
        "This content is not available in your region.",
    ],
}


def extract(paragraphs: list[str], media_type: str, title: str = "") -> Extraction:
    """Extract a page of these paragraphs under the address of an article."""
    html = media_type == "text/html"
    heading = f"<h1>{title}</h1>" if title else ""
    text = (
        "".join(f"<p>{p}</p>" for p in paragraphs) if html else "\n\n".join([*([title] if title else []), *paragraphs])
    )
    page = f"<html><body><main>{heading}{text}</main></body></html>" if html else f"{text}\n"
    document = Document(
        document_id="x",
        content=page.encode(),
        media_type=media_type,
        url=_URL,
        captured_at=datetime(2026, 11, 27, tzinfo=UTC),
    )
    return extract_documents([document], options=ExtractOptions())[0]


@pytest.mark.parametrize("rule", refusal_rules(), ids=lambda r: r.id)
def test_each_rule_has_a_reason_and_matches_its_examples_only(rule: RefusalRule) -> None:
    """Every example gives this very rule, no counter-example gives any, and the kind is one of the refusals."""
    assert rule.because
    assert rule.kind in REFUSAL_KINDS
    assert {text: getattr(match_refusal(text), "id", None) for text in rule.examples} == dict.fromkeys(
        rule.examples, rule.id
    )
    assert not [text for text in rule.counter_examples if match_refusal(text)]


@pytest.mark.parametrize("media_type", ["text/html", "text/plain"])
@pytest.mark.parametrize("name", _REFUSALS)
def test_a_refusal_with_status_200_is_rejected_with_its_kind(name: str, media_type: str) -> None:
    """A page of one or two such sentences, without a title, under an article's address, does not load."""
    kind, paragraphs = _REFUSALS[name]
    found = extract(paragraphs, media_type)
    assert found.rejection is not None
    assert (found.kind, found.rejection.reason) == (kind, kind.value)
    assert paragraphs[0][:20] in found.rejection.detail


@pytest.mark.parametrize("name", _NEWS)
def test_short_news_about_outages_and_cookies_loads(name: str) -> None:
    """A short article that has the words of a refusal, or the notice of an embedded player, is an article."""
    found = extract(_NEWS[name], "text/html", "A headline of six plain words")
    assert (found.kind, found.rejection) == (PageKind.ARTICLE, None)


def test_a_long_page_is_no_refusal() -> None:
    """A body of more than 1,200 characters is never a refusal, whatever its first sentence."""
    sentence = "This content is not available in your region. "
    assert find_refusal(None, [], [sentence]) is not None
    assert find_refusal(None, [], [sentence * 30]) is None
