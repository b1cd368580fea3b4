"""Boilerplate counts."""

from __future__ import annotations

from itertools import permutations

from copydesk.records import Document
from copydesk.text.boilerplate import Boilerplate, count_lines, line_key
from copydesk.text.plain import extract_texts

STORY = (
    "Council votes to close the old bridge\n\n"
    "The town council voted on Tuesday evening to close the old bridge over the river until the spring.\n\n"
    "Engineers had warned for months that the pillars of the bridge were no longer safe for traffic.\n\n"
)
WIDGET = "Harbour Watch members get the tide table early, every single morning\n"


def _document(name: str, text: str, site: str = "example.org") -> Document:
    return Document(document_id=name, content=text.encode(), media_type="text/plain", site=site)


def _pages(n: int) -> list[Document]:
    return [_document(f"p{k}", STORY.replace("bridge", f"bridge{k}") + WIDGET) for k in range(n)]


def test_keys_do_not_depend_on_case_space_and_numbers() -> None:
    """Lines that differ in case, white space or numbers have one key; other lines have another; the key is stable."""
    assert line_key("12  Comments ") == line_key("3 comments")
    assert line_key("12 comments") != line_key("12 shares")
    assert line_key("Check Also") == -6420266038063434244


def test_a_line_counts_once_per_page() -> None:
    """A line that stands three times on one page, with another number each time, counts as one page."""
    counts = count_lines([_document("a", "Menu 1\nMenu 2\nMenu 2\n"), _document("b", "Menu 3\n")])
    assert counts.page_count("example.org", line_key("menu 0")) == 2
    assert counts.pages["example.org"] == 2


def test_order_does_not_count() -> None:
    """The same pages in any order give the same counts."""
    pages = _pages(3)
    counted = [count_lines(order) for order in permutations(pages)]
    assert all(one == counted[0] for one in counted)


def test_two_pages_are_no_evidence_and_more_are_soft() -> None:
    """With two pages the counts change nothing; from three they lower the line's points, shown in the evidence."""
    for n, speaks in ((2, False), (3, True), (9, True)):
        pages = _pages(n)
        block = extract_texts(pages[:1], boilerplate=count_lines(pages), explain=True)[0].blocks[-1]
        points = [one.points for one in block.evidence if one.name == "boilerplate"]
        assert bool(points) is speaks
        assert all(p < 0 for p in points)


def test_a_pin_decides() -> None:
    """What a person pinned is kept or cut whatever else speaks, and says so."""
    key = line_key(WIDGET)
    second = "The town council voted on Tuesday evening to close the old bridge over the river until the spring."
    pinned = Boilerplate(pins={"example.org": {key: "keep", line_key(second): "cut"}})
    found = extract_texts([_document("a", STORY + WIDGET)], boilerplate=pinned)[0]
    rules = {block.text.strip(): (block.kept, block.rule) for block in found.blocks}
    assert rules[WIDGET.strip()] == (True, "pin.keep")
    assert rules[second] == (False, "pin.cut")


def test_a_long_line_that_recurs_is_no_part_of_the_story() -> None:
    """A sentence after the story, written like the story itself, is cut once it stands on six pages of a site."""
    appeal = (
        "Our small newsroom lives on what its readers give, and every evening we write about the harbour, its boats "
        "and the people who work there for you.\n"
    )
    pages = [_document(f"p{k}", STORY.replace("bridge", f"bridge{k}") + appeal) for k in range(6)]
    alone = extract_texts(pages[:1])[0]
    known = extract_texts(pages[:1], boilerplate=count_lines(pages))[0]
    assert alone.blocks[-1].kept
    assert not known.blocks[-1].kept
    assert [p.text for p in known.paragraphs] == [p.text for p in alone.paragraphs][:-1]
