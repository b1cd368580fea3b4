"""Cut what stands in the story and is none of it: bylines, browser notices, platforms' statements, words of buttons."""

from __future__ import annotations

from copydesk.text.dates.written import date_span
from copydesk.text.html.blocks.labelling import LabelDecision
from copydesk.text.html.blocks.override_rules import count_words, decision, has_words, named, stems
from copydesk.text.html.blocks.story import Story
from copydesk.text.html.dom.html_page import Element, Page, PageBlock, Place
from copydesk.text.people.split_names import looks_like_name, split_names, strip_byword
from copydesk.text.refusals import fold_sentence
from copydesk.text.tokens.stems import search_text

__all__ = ["notice_cuts"]

_MAX_NOTICE_CHARS = 400
_MAX_NOTICES = 5
"""Kept blocks with words of browsers above which the story is about them."""
_MAX_FALLBACK_CHARS = 160
_MAX_STATEMENT_CHARS = 900
_MAX_BUTTON_CHARS = 40
_MAX_CONTROL_CHARS = 25
_MAX_CODE_BLOCKS = 8
_MAX_BYLINE_DISTANCE, _MAX_BYLINE_CHARS, _MIN_NAMED_SHARE = 6, 90, 0.6
_MIN_PROSE_CHARS = 60
_TEXT_HOLDERS = frozenset(("p", "li", "dd", "dt", "h1", "h2", "h3", "h4", "h5", "h6"))


def notice_cuts(story: Story) -> dict[int, LabelDecision]:
    """Return index -> label and rule of the kept blocks that are notices or controls."""
    page = story.page
    found = {n: decision("html.notice.browser") for n in _browser_notices(story)}
    for n in story.kept:
        block = page.blocks[n]
        if block.place & Place.BUTTON and _is_button(page, block):
            found[n] = decision("html.button")
        elif len(block.text) <= _MAX_CONTROL_CHARS and _beside_code(page, block):
            found[n] = decision("html.code.controls")
        elif 0 < n - story.headline <= _MAX_BYLINE_DISTANCE and story.headline >= 0 and _is_byline(block):
            found[n] = decision("html.byline")
    if stems("statement").found(story.text):
        found.update(_statements(story))
    return found


def _is_byline(block: PageBlock) -> bool:
    """Return whether a line says who wrote the story, and little else: a by-word and names, maybe a date."""
    text = block.text
    if block.level or len(text) > _MAX_BYLINE_CHARS or text[-1] in '!?…。"”':
        return False
    signed = strip_byword(text)
    if len(signed) == len(text):
        return False
    span = date_span(signed)
    written = signed if span is None else signed[: span[0]] + signed[span[1] :]
    names = [a.name for a in split_names(written) if looks_like_name(a.name)]
    return bool(names) and sum(map(len, names)) >= _MIN_NAMED_SHARE * sum(c.isalpha() for c in written)


def _is_button(page: Page, block: PageBlock) -> bool:
    """Return whether a block has the words of a button: no heading, no question, no part of a sentence."""
    text = block.text
    if block.level or len(text) > _MAX_BUTTON_CHARS or text[-1] in "??؟¿":
        return False
    for element in page.ancestors(block):
        if element.names and named("answer", element.names):
            return False
        if element.tag == "button":
            if "aria-expanded" in element.node.attributes or "aria-controls" in element.node.attributes:
                return False
            return element.parent < 0 or _holds_controls(page, page.elements[element.parent])
        if not element.place & Place.BUTTON:
            break
    return False


def _holds_controls(page: Page, around: Element) -> bool:
    """Return whether the parent of a button has no sentence of which the button could be a part."""
    if around.tag not in _TEXT_HOLDERS:
        return True
    return around.tag in ("p", "li") and all(b.place & Place.BUTTON for b in page.blocks[around.first : around.last])


def _browser_notices(story: Story) -> list[int]:
    """Return the indexes of notices about the reader's browser, in a story that is about something else."""
    some = stems("browser").found(story.text)
    if not some:
        return []
    blocks = story.page.blocks
    about = [n for n, text in story.lowered.items() if any(stem in text for stem in some)]
    title = blocks[story.headline].text.lower() if story.headline >= 0 else ""
    if len(about) > _MAX_NOTICES or any(stem in title for stem in some):
        return []
    few = [n for n in about if len(blocks[n].text) <= _MAX_NOTICE_CHARS and not blocks[n].level]
    return [
        n for n in few if _is_fallback(blocks[n].text) or (_is_browser_notice(story, n) and _stands_alone(story, n))
    ]


def _is_fallback(text: str) -> bool:
    """Return whether a line is what an element shows to browsers that cannot show its film, sound or frame."""
    return len(text) <= _MAX_FALLBACK_CHARS and has_words("browser", "fallback", fold_sentence(text))


def _is_browser_notice(story: Story, n: int) -> bool:
    """Return whether a text tells the reader to change the browser, its scripts or its ad blocker.

    Above the headline, and in a box of its own behind the story, a word for browsers and what is wrong with them are
    enough.
    """
    text = story.page.blocks[n].text
    folded = fold_sentence(text)
    behind = n > max((k for k in story.prose if k != n), default=n)
    outside = n < story.headline or (behind and _in_own_box(story, n))
    loose = outside and bool(stems("browser").found(search_text(text.lower())))
    return (
        (loose and has_words("browser", "trouble", folded))
        or (has_words("browser", "yours", folded) and has_words("browser", "trouble", folded))
        or (has_words("browser", "script", folded) and has_words("browser", "enable", folded))
        or (has_words("browser", "blocker", folded) and has_words("browser", "unblock", folded))
    )


def _stands_alone(story: Story, n: int) -> bool:
    """Return whether a block is no paragraph among paragraphs: before the first, after the last, or in its own box."""
    prose = [k for k in story.prose if k != n]
    if not prose or n < prose[0] or n > prose[-1]:
        return True
    return _in_own_box(story, n)


def _in_own_box(story: Story, n: int) -> bool:
    """Return whether no paragraph of the story stands in the box of a block."""
    page = story.page
    own = page.elements[page.blocks[n].element]
    box = own.parent if own.tag in _TEXT_HOLDERS else page.blocks[n].element
    around = page.elements[box]
    return not any(around.first <= k < around.last for k in story.prose if k != n)


def _beside_code(page: Page, block: PageBlock) -> bool:
    """Return whether a short block stands with a listing and a button in one small box."""
    if block.place & (Place.PRE | Place.LIST | Place.TABLE) or block.level:
        return False
    at = block.element
    for _ in range(4):
        if at <= 0:
            return False
        box = page.elements[at]
        inside = page.blocks[box.first : box.last]
        if len(inside) > _MAX_CODE_BLOCKS or any(
            len(b.text) >= _MIN_PROSE_CHARS and not b.place & Place.PRE for b in inside
        ):
            return False
        if any(b.place & Place.PRE for b in inside):
            return box.node.css_first("button, [role=button], [class*=copy]") is not None
        at = box.parent
    return False


def _statements(story: Story) -> dict[int, LabelDecision]:
    """Walk back from the last kept block while statements and short lines follow each other."""
    found: dict[int, LabelDecision] = {}
    for n in reversed(story.kept):
        text = story.page.blocks[n].text
        if n < (story.prose[0] if story.prose else 0):
            break
        if len(text) <= _MAX_STATEMENT_CHARS and _is_statement(text):
            found[n] = decision("html.notice.statement")
        elif len(text) >= _MIN_PROSE_CHARS // 2:
            break
    return found if len(found) < len(story.kept) else {}


def _is_statement(text: str) -> bool:
    folded = fold_sentence(text)
    return has_words("statement", "sole", folded) or count_words("statement", "pair", folded) > 1
