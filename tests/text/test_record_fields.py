"""Records: what a JSON line or CSV row says of its text becomes the article's, and stands in the evidence."""

from __future__ import annotations

from copydesk.records import Document, Extraction
from copydesk.text.documents import ExtractOptions, extract_documents

BODY = "The council of Arden decided on Monday to repair the old bridge before the winter comes to the valley. "
TEXT = "\n\n".join([BODY * 2] * 3)
PAGE = (
    "<html lang=en><head><title>Bridge repaired</title><meta name=author content='Ida Holm'></head>"
    f"<body><article><h1>Bridge repaired</h1><p>{BODY * 2}</p><p>{BODY * 2}</p></article></body></html>"
)


def _extracted(content: str, media_type: str, **hints: str) -> Extraction:
    document = Document(
        document_id="d", content=content.encode(), media_type=media_type, charset="utf-8", from_record=True, **hints
    )
    return extract_documents([document], options=ExtractOptions())[0]


def test_a_text_takes_the_fields_of_its_record() -> None:
    """A text has no page that would name title, date and authors; the record's are the article's."""
    hints = {"title_hint": " Bridge  repaired ", "published_hint": "2026-05-01", "author_hint": "Nora Field; Jon Berg"}
    found = _extracted(TEXT, "text/plain", **hints)
    chosen = {(row.field, row.value) for row in found.evidence if row.source == "record" and row.chosen}

    assert (found.title, [a.name for a in found.authors]) == ("Bridge repaired", ["Nora Field", "Jon Berg"])
    assert found.published is not None
    assert found.published.isoformat() == "2026-05-01"
    assert chosen == {
        ("title", "Bridge repaired"), ("published", "2026-05-01"), ("author", "Nora Field"), ("author", "Jon Berg"),
    }  # fmt: skip


def test_a_page_speaks_for_itself() -> None:
    """The record fills what a page leaves open and loses where the page says it, with the reason in the evidence."""
    hints = {"title_hint": "Another title", "published_hint": "2026-05-01", "author_hint": "Nora Field"}
    found = _extracted(PAGE, "text/html", **hints)
    lost = [row for row in found.evidence if row.source == "record" and not row.chosen]

    assert (found.title, [a.name for a in found.authors]) == ("Bridge repaired", ["Ida Holm"])
    assert found.published is not None
    assert {row.value for row in lost} == {"Another title", "Nora Field"}
    assert [row.value for row in found.evidence if row.source == "record" and row.chosen] == ["2026-05-01"]


def test_without_hints_nothing_changes() -> None:
    """A record that says nothing of its text leaves the extraction as it is."""
    assert not any(row.source == "record" for row in _extracted(TEXT, "text/plain").evidence)
