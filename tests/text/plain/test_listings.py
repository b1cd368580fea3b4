"""Listings of code in plain text are kept or cut as one piece."""

from __future__ import annotations

import pytest

from copydesk.text.plain.article.listings import listings, whole_listings

PROSE = "The harbour master of Kiel counted the boats twice, then wrote a program to do it for him."
PYTHON = ["def count(boats):", "total = 0", "for boat in boats:", "total += boat.crew", "print(total)", "return total"]
SHELL = ["sudo apt install harbour", "cd /srv/boats", "git clone https://example.org/boats.git", "./count.sh --all"]
C_LIKE = ["int main() {", "count(boats);", "if (total > 3) {", "report(total);", "}", "}"]
MARKUP = ["<ul>", "<li>Boat</li>", "<li>Barge</li>", "</ul>"]


@pytest.mark.parametrize("code", [PYTHON, SHELL, C_LIKE, MARKUP], ids=["python", "shell", "braces", "markup"])
def test_a_listing_is_found_whole(code: list[str]) -> None:
    """From its first to its last line that looks like code, in languages of several kinds."""
    assert list(listings([PROSE, PROSE, *code, PROSE, PROSE])) == [(2, 2 + len(code))]


QUERY = ['rows = con.execute("""', "all boats", "of this harbour", "by name", "and age", '""").fetchall()']
CALL = ["total = count(", "every boat", "in the harbour", "by name", "and age", ")"]
SQL = ["select name, count(*) as n", "from boats", "where age > 3", "group by name", "order by n"]
BLOCKS = ["for name, age in boats:", "if age > 3:", "old += 1", "else:", "young += 1"]


@pytest.mark.parametrize("code", [QUERY, CALL, SQL, BLOCKS], ids=["string", "brackets", "query", "blocks"])
def test_a_listing_goes_on_through_what_it_opened(code: list[str]) -> None:
    """Lines in a string or brackets that code opens and closes, queries and opened blocks do not break a listing."""
    assert list(listings([PROSE, PROSE, *code, PROSE, PROSE])) == [(2, 2 + len(code))]


@pytest.mark.parametrize("opened", ["total = count(", 'text = """'])
def test_prose_in_what_code_left_open_is_no_listing(opened: str) -> None:
    """What is never closed, or has a sentence in it, is not taken for code."""
    words = ["every boat", "in the harbour", "by name", "and age"]
    close = '"""' if '"' in opened else ")"
    assert list(listings([opened, *words])) == []
    assert list(listings([opened, PROSE, *words, close])) == []


@pytest.mark.parametrize("kept", [True, False])
def test_a_listing_is_decided_as_one_piece(kept: bool) -> None:
    """The larger part of its lines decides on all, inside of the story."""
    texts = [PROSE, *C_LIKE, PROSE]
    keep = [True, *([kept] * 4), *([not kept] * 2), True]
    assert whole_listings(texts, keep) == [5, 6]
    assert keep == [True, *([kept] * 6), True]


def test_a_line_that_a_user_pinned_stays_as_it_is() -> None:
    """A pin wins against the rest of its listing."""
    keep = [True, True, True, True, False, False, True, True]
    assert whole_listings([PROSE, *C_LIKE, PROSE], keep, {5: "cut"}) == [4]
    assert keep == [True, True, True, True, True, False, True, True]


def test_what_stands_outside_of_the_story_stays_cut() -> None:
    """A listing before the first kept line or behind the last is none of the story's."""
    texts = [*C_LIKE, PROSE, PROSE, *C_LIKE]
    keep = [False] * 6 + [True, True] + [False] * 6
    whole_listings(texts, keep)
    assert keep == [False] * 6 + [True, True] + [False] * 6


TEXTS = [
    ["Berlin (dpa) - The vote is on Monday.", "Who may vote;", "who may not;", "and who need not;", "is said here."],
    ["Kiel 3 : 1 Bremen", "Lubeck 0 : 0 Rostock", "Goals: Holm (12), Berg (30)", "Red card: none", "Crowd: 4,000"],
    ["For (more) see below:", "If you go, go early.", "From Kiel: two hours.", "Return ticket: 12 euros.", "Class: 2"],
]


@pytest.mark.parametrize("lines", TEXTS, ids=["clauses", "results", "words that are keywords, too"])
def test_lines_of_stories_are_no_listing(lines: list[str]) -> None:
    """Semicolons, scores and words that programs use occur in stories, too."""
    assert list(listings(lines)) == []


@pytest.mark.parametrize(
    "line", ["boats.map(b => b.crew)", "the boat->crew", "a Boat::count", "the end</ul>", "when (a) :"]
)
def test_a_line_is_code_by_a_sign_inside(line: str) -> None:
    """Arrows, scopes, closing tags and what opens a block tell code where the line begins like prose."""
    assert list(listings([line] * 4)) == [(0, 4)]
    assert list(listings([line.translate(dict.fromkeys(map(ord, "=>-:</"))) + "."] * 4)) == []
