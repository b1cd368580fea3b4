"""What makes foreign libraries faster_xpath changes nothing they say."""

from __future__ import annotations

import pytest
from lxml import etree, html
from trafilatura import xpaths

from copydesk.text.html.trafilatura_compat import bare_extraction, faster_xpath, find_date

PAGE = html.fromstring(
    "<html><body><div id='nav-main' class='menu'><ul><li>Home<li class='share-box'>Share</ul></div>text"
    "<section class='post-content' id=''><h1>Pier</h1><p>One.</p>tail<p class='hidden'>Two <b>words</b>.</p></section>"
    "<div class=''><span id='reply-3'>x</span><div class='comments-title' aria-hidden='true'>Talk</div></div>"
    "<aside class='infinite-scroll'><p>More</p></aside><form><input name=a><select><option>o</select></form></body>"
)
SPACES = {"re": "http://exslt.org/regular-expressions"}


@pytest.mark.parametrize(
    "path",
    [
        ".//*[self::div or self::p][re:test(@id, 'nav|reply') or re:test(@class, '^h')]",
        ".//*[re:test(@id|@class, 'menu|reply')]",
        ".//*[re:test(@id, 'x*')]",
        ".//*[not(re:test(@class, 'hidden'))]",
        "(.//*[self::p][re:test(@class, 'hid', 'i')])[1]",
        ".//section//*[self::p]",
    ],
)
def test_a_quicker_pattern_selects_the_same(path: str) -> None:
    """Missing, empty and full attributes, expressions that find nothing in nothing or do, in the order of the page."""
    pattern = etree.XPath(path, namespaces=SPACES)
    assert faster_xpath(pattern)(PAGE) == pattern(PAGE) != []


def test_what_asks_for_a_place_is_left_alone() -> None:
    """The second child of every element is not the second of all descendants."""
    for path in (".//*[2]", ".//*[position() = 2]", ".//*[last()]", ".//p"):
        pattern = etree.XPath(path)
        assert faster_xpath(pattern) is pattern


def test_trafilatura_uses_the_quicker_patterns() -> None:
    """No pattern of its lists asks for the text of an attribute that is missing, after it was taken into use."""
    bare_extraction()
    assert xpaths.OVERALL_DISCARD_XPATH[0].path.count("(@class and re:test(@class, ") == 1
    assert ".//*[" not in xpaths.OVERALL_DISCARD_XPATH[0].path


def test_both_libraries_answer() -> None:
    """They read a page with forms, whose elements have no classes of their own any more."""
    story = "<p>The council of the small harbour town decided on Tuesday to rebuild the old pier.</p>" * 9
    page = f"<html><body><form><input name=a><label>L</label>{story}<p>Published 2026-03-04</p></form></body></html>"
    assert "council" in bare_extraction()(page, with_metadata=False).text
    assert find_date()(page, extensive_search=False) == "2026-03-04"
