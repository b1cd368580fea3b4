"""Texts that mislead: words of furniture inside stories, stories without blank lines.

Pages that are nothing but furniture.
"""

from __future__ import annotations

import pytest

from copydesk.records import Document, Extraction
from copydesk.text.plain import extract_texts

P1 = (
    "The town council voted on Tuesday evening to close the old bridge over the river until the spring, officials said."
)
P2 = "Engineers had warned for months that the pillars of the bridge were no longer safe for heavy traffic on the road."
P3 = "The mayor said the repair would cost about four million and that the state would pay for half of the whole work."
P4 = "Shop owners on both banks of the river fear for their trade, and many of them came to the meeting to protest."


def extract(text: str) -> Extraction:
    """Return what is made of a text."""
    return extract_texts([Document(document_id="x", content=text.encode(), media_type="text/plain")])[0]


def kept(text: str) -> list[str]:
    """Return the paragraphs that stay."""
    return [paragraph.text for paragraph in extract(text).paragraphs]


@pytest.mark.parametrize(
    "inside",
    [
        "“Share this article with everyone you know,” the mayor urged them, “so that all of them hear of it.”",
        "Source: the engineers’ own report, which the council had kept in a drawer for two years before it was leaked.",
        "Many news sites removed their “leave a reply” buttons because nobody read what was written there.",
        "Readers were asked to subscribe to the council’s newsletter if they wanted to know when it would open.",
        "Advertisement revenue at the local paper fell by a third while the bridge was closed, its publisher said.",
        "“No.”",
        "He laughed.",
    ],
)
def test_words_of_furniture_inside_the_story_stay(inside: str) -> None:
    """A paragraph of the story stays, whatever buttons it talks about and however short it is."""
    assert kept("\n\n".join(["Council closes the old bridge", P1, P2, inside, P3, P4])) == [P1, P2, inside, P3, P4]


def test_a_sub_heading_stays() -> None:
    """A short line between paragraphs is part of the story."""
    assert "A question of money" in kept(
        "\n\n".join(["Council closes the old bridge", P1, P2, "A question of money", P3, P4])
    )


def test_a_list_in_the_story_stays() -> None:
    """The items of a list that the story leads into are kept."""
    items = [
        "- the northern pillar, built in 1911",
        "- the railing on the eastern side",
        "- the road surface between the two banks",
    ]
    text = "\n\n".join(
        [P1, P2, "The engineers named three parts of the bridge that must be replaced:", "\n".join(items), P3, P4]
    )
    assert [item for item in items if item not in kept("Council closes the old bridge\n\n" + text)] == []


def test_what_follows_the_story_goes() -> None:
    """A related box takes its teaser with it, the form what follows it, and a teaser's dateline is not the story's."""
    tail = [
        "Check Also",
        "Stop the traffic: Diplomat warns",
        "MOSCOW, SANA-Russia is not going to discuss the new treaty with …",
        "Leave a Reply",
        "Your email address will not be published.",
    ]
    found = extract("\n\n".join(["Council closes the old bridge", P1, P2, P3, P4, *tail]))
    assert [paragraph.text for paragraph in found.paragraphs] == [P1, P2, P3, P4]
    assert found.dateline is None
    assert [block.label for block in found.blocks if block.text in tail] == [
        "related",
        "related",
        "related",
        "comment_form",
        "comment_form",
    ]


@pytest.mark.parametrize("gap", ["\n", "\n\n", "\r\n", "\r\n\r\n", "\n\n\n\n", "\n\t\n"])
def test_any_spacing_between_paragraphs(gap: str) -> None:
    """No blank lines, one, many, Windows line ends: the story is the same."""
    assert kept(gap.join(["Council closes the old bridge", P1, P2, P3, P4])) == [P1, P2, P3, P4]


def test_hard_wrapped_lines_are_put_together() -> None:
    """Lines cut at a fixed width become paragraphs again."""
    import textwrap

    paragraphs = [P1 + " " + P2, P3 + " " + P4, P2 + " " + P3]
    text = "Council closes the old bridge\n\n" + "\n\n".join("\n".join(textwrap.wrap(p, 68)) for p in paragraphs) + "\n"
    assert kept(text) == paragraphs


def test_one_giant_line_is_one_paragraph() -> None:
    """A story on a single line is kept whole."""
    text = " ".join([P1, P2, P3, P4] * 5)
    assert kept(text) == [text]


def test_a_two_line_report_is_an_article() -> None:
    """A title and one paragraph make an article."""
    found = extract(f"Council closes the old bridge\n\n{P1}\n")
    assert (found.title, [p.text for p in found.paragraphs]) == ("Council closes the old bridge", [P1])


def test_nothing_but_furniture_is_rejected() -> None:
    """A page of menus and forms has no body, says so, and accounts for every line."""
    found = extract(
        "Home\nMenu\nSubscribe\nShare\nFacebook\nTwitter\nLeave a Reply\nName *\nEmail *\n© 2026 All rights reserved\n"
    )
    assert found.rejection is not None
    assert found.rejection.reason == "no_body"
    assert not any(block.kept for block in found.blocks)


@pytest.mark.parametrize("content", [b"", b"\n\n \t\n", "\ufeff\u200b\n".encode()])
def test_an_empty_page_is_rejected(content: bytes) -> None:
    """Nothing visible: `empty`."""
    found = extract_texts([Document(document_id="x", content=content, media_type="text/plain")])[0]
    assert found.rejection is not None
    assert (found.rejection.reason, found.kind) == ("empty", "empty")


def test_binary_is_rejected() -> None:
    """A binary file called .txt is no text."""
    found = extract_texts(
        [Document(document_id="x", content=b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", media_type="text/plain")]
    )[0]
    assert found.rejection is not None
    assert found.rejection.reason == "binary"


def test_huge_inputs_do_no_harm() -> None:
    """A line of ten million characters and a page of 200,000 lines come through whole."""
    for text in (
        "word and " * 1_200_000,
        "a short line\n" * 200_000,
        "(" * 300_000,
        "- " * 300_000,
        "Aa " * 100_000 + "\n" + ". " * 100_000,
    ):
        found = extract(text)
        assert "".join(block.text + block.ending for block in found.blocks) == text


def test_a_page_without_a_visible_character_is_empty() -> None:
    """A lone NUL is a line with a space: the page is empty, and no page of the batch breaks."""
    found = extract_texts([Document(document_id="x", content=b"\0", media_type="text/plain")] * 2)
    assert [one.rejection.reason for one in found if one.rejection] == ["empty", "empty"]


@pytest.mark.parametrize("line", ["abc de\n", "\n", "\r\n"])
def test_more_lines_than_any_story_has_are_refused_with_their_number(line: str) -> None:
    """A text of a million lines is turned away by name and number instead of holding up its neighbours."""
    found = extract(line * 1_000_000)
    assert found.rejection
    assert (found.rejection.reason, found.rejection.detail) == ("too_many_lines", "1000000 lines, 200000 allowed")


def test_many_characters_on_few_lines_are_not_refused() -> None:
    """The limit counts lines, not characters."""
    found = extract(f"{P1}\n\n{P2}\n\n{P3} " + "x" * 300_000)
    assert found.rejection is None
    assert len(found.blocks) == 5
