"""Laws of the plain-text way that hold for any input."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from copydesk.records import KEPT_LABELS, Document, Extraction, Label
from copydesk.text.decode import decode
from copydesk.text.plain import extract_texts

LINES = st.sampled_from(
    [
        "", "  ", "Leave a Reply", "Home / World / Something happened", "By Jane Smith and John Doe", "3 May 2024",
        "Source: Reuters", "12 comments", "* item", "www.example.org", "• один", "0", "…", "A\u200cB",
        "The town council voted on Tuesday evening to close the old bridge over the river until the spring.",
        "“Share this article,” she said, and the whole room of the old town hall went quiet for a long moment.",
        "Berlin, dpa – Die Bundesregierung hat am Dienstag beschlossen, die Brücke bis zum Frühjahr zu sperren.",
        "市议会星期二投票决定,在春天之前关闭河上的老桥,官员们说这座桥已经不再安全。",
    ]
)  # fmt: skip
PAGES = st.lists(LINES | st.text(max_size=60), max_size=25).flatmap(
    lambda lines: st.sampled_from(["\n", "\r\n", "\n\n"]).map(lambda end: end.join(lines))
)


_ROUNDING = 0.02
"""Log-odds by which the sum of a hundred rounded points can miss."""


def _document(text: str, name: str = "x") -> Document:
    return Document(document_id=name, content=text.encode("utf-8", "surrogatepass"), media_type="text/plain")


def _extract(*texts: str, explain: bool = False) -> list[Extraction]:
    return extract_texts([_document(text, str(k)) for k, text in enumerate(texts)], explain=explain)


@settings(max_examples=60, deadline=None)
@given(PAGES)
def test_every_character_is_accounted_for(text: str) -> None:
    """The blocks put back in order are the decoded text, numbered from one, and a blank line is a blank block."""
    found = _extract(text)[0]
    if found.rejection is not None and found.rejection.reason == "binary":
        return
    decoded = decode(text.encode("utf-8", "surrogatepass"), None).text
    assert "".join(block.text + block.ending for block in found.blocks) == decoded
    assert [block.number for block in found.blocks] == list(range(1, len(found.blocks) + 1))
    for block in found.blocks:
        if block.label is Label.BLANK:
            assert not block.kept
            assert not block.text.strip().strip("\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad ")


@settings(max_examples=60, deadline=None)
@given(PAGES)
def test_kept_is_what_is_published(text: str) -> None:
    """Kept blocks have a kept label, and each paragraph is the text of kept blocks."""
    found = _extract(text)[0]
    assert all((block.label in KEPT_LABELS) == block.kept for block in found.blocks)
    kept = "".join("".join(block.text.split()) for block in found.blocks if block.kept)
    assert "".join("".join(paragraph.text.split()) for paragraph in found.paragraphs) == kept
    assert all(0.5 <= block.confidence <= 1 and block.rule for block in found.blocks)


@settings(max_examples=30, deadline=None)
@given(st.lists(PAGES, min_size=2, max_size=5))
def test_the_rest_of_the_batch_changes_nothing(texts: list[str]) -> None:
    """A page gives the same result alone, in company, and in any place among the others."""
    together = _extract(*texts)
    alone = [extract_texts([_document(text, str(k))])[0] for k, text in enumerate(texts)]
    assert together == alone
    backwards = extract_texts([_document(text, str(k)) for k, text in reversed(list(enumerate(texts)))])
    assert backwards[::-1] == together


@settings(max_examples=20, deadline=None)
@given(PAGES)
def test_the_evidence_adds_up(text: str) -> None:
    """Asked to explain, every line that is not blank has evidence, and the sign of its points is the decision."""
    plain, told = _extract(text)[0], _extract(text, explain=True)[0]
    assert [(b.label, b.kept, b.rule) for b in plain.blocks] == [(b.label, b.kept, b.rule) for b in told.blocks]
    assert all(bool(block.evidence) == (block.label is not Label.BLANK) for block in told.blocks)
    for block in told.blocks:
        points = sum(one.points for one in block.evidence)
        assert abs(points) < _ROUNDING or (points > 0) == block.kept, (block.text, block.rule, points)
