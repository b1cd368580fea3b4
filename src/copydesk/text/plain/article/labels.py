"""Label lines by rules in order: words first, then shape, then position.

    before the story   breadcrumb, section, title, repeated title, byline, date, caption, counters
    anywhere           phrase rules; the heading of a box gives its label to the lines after it, up to the next heading
    after the story    byline, credit, related, comments, addresses
A line that heads or labels a comment form and stands on the page more than once is a button below each comment, so that
the comments go on behind it.
Labels never change what is kept, except that the title is never part of the body.
"""

from __future__ import annotations

from copydesk.records import Label
from copydesk.text.dates.written import looks_like_date
from copydesk.text.people.name_words import name_words
from copydesk.text.plain.article.shapes import crumbs, host, is_clock, is_counter, looks_like_names
from copydesk.text.plain.page import Decision, FoundPhrase, TextPage, normal
from copydesk.text.tokens.characters import CLOSER

__all__ = ["label_lines"]

_BOX = {Label.COMMENT_COUNT: Label.COMMENT}
"""Label of a heading -> label of the lines in its box, if different."""

_BRACKETS = "()[]. "
_MAX_BYLINE_DISTANCE = 3
"""Maximum number of lines between the story's end and a line of names that is its byline."""


_TITLE = Decision(Label.TITLE, "position.title")
_HEADING = Decision(Label.HEADING, "shape.heading", Label.BODY)
_IN_STORY = Decision(Label.BODY, "model.story")
_BETWEEN = Decision(Label.BODY, "sequence.story")
_EVEN_ODDS = 0.5
_SYMBOLS = Decision(Label.OTHER, "shape.symbols", Label.NAV)
_INSIDE = Decision(Label.CAPTION, "position.inside", Label.RELATED)
_FURNITURE_INSIDE = Decision(Label.OTHER, "model.furniture", Label.NAV)
_SHORT = Decision(Label.NAV, "position.short", Label.OTHER)
_OUTSIDE = Decision(Label.OTHER, "sequence.outside_story", Label.BODY)
_OUTSIDE_HEADLINE = Decision(Label.RELATED, "sequence.outside_story", Label.BODY)
_LISTING = Decision(Label.OTHER, "sequence.listing", Label.BODY)
_AFTER = Decision(Label.RELATED, "position.after_story", Label.OTHER)
_FURNITURE = Decision(Label.OTHER, "model.furniture", Label.RELATED)


def label_lines(page: TextPage) -> list[Decision]:
    """Return the label and rule of every line of the page, kept and cut."""
    box: Label | None = None
    out: list[Decision] = []
    for k, (text, keep) in enumerate(zip(page.texts, page.keep, strict=True)):
        if k == page.title:
            out.append(_TITLE)
        elif keep:
            box = None
            out.append(_label_kept_line(page, k))
        else:
            decision, opened = _label_cut_line(page, k, text, box)
            if opened and not (box is Label.COMMENT and opened is Label.COMMENT_FORM and _is_button(page, k)):
                box = opened
            out.append(decision)
    return out


def _label_kept_line(page: TextPage, k: int) -> Decision:
    if page.words[k] <= 12 and _is_heading(page, k):
        return _HEADING
    if k in page.ruled:
        return Decision(Label.BODY, page.ruled[k])
    return _IN_STORY if page.chance[k] >= _EVEN_ODDS else _BETWEEN


def _is_button(page: TextPage, k: int) -> bool:
    """Return whether the line stands on the page more than once, as a button below each comment does."""
    return page.keys.count(page.keys[k]) > 1


def _is_heading(page: TextPage, k: int) -> bool:
    """Return whether a short kept line is a heading: without a full stop, before a longer line."""
    if page.long[k] or page.tail[k] > 4 or k + 1 >= len(page.texts) or not page.keep[k + 1]:
        return False
    ahead = page.words[k + 1]
    return ahead >= 12 and ahead > 1.5 * page.words[k] and page.texts[k][-1] not in ".,;"


def _label_cut_line(page: TextPage, k: int, text: str, box: Label | None) -> tuple[Decision, Label | None]:
    """Return the decision on a cut line and the label of the box it opens, if any."""
    named = _label_above_story(page, k, text) or _label_by_phrase(page, k)
    if named:
        return named
    shape = _label_by_shape(page, k, text, box)
    if shape:
        return shape, None
    if box:
        return Decision(box, "sequence.box", _label_by_position(page, k).label), None
    return _label_by_position(page, k), None


def _label_above_story(page: TextPage, k: int, text: str) -> tuple[Decision, Label | None] | None:
    """Label a line above the story: breadcrumb, section, counter, repeated title."""
    if page.title >= 0 and page.keys[k] == page.keys[page.title]:
        return Decision(Label.TITLE_DUPLICATE, "repetition.title", Label.CAPTION), None
    if k < page.first or page.first > page.last:
        path = crumbs(text)
        if path and _is_path(page, k, path):
            return Decision(Label.BREADCRUMB, "shape.breadcrumb", Label.NAV), None
        if is_counter(text):
            return Decision(Label.COMMENT_COUNT, "shape.counter", Label.SHARE), None
        if _is_section(page, k):
            return Decision(Label.SECTION, "position.section", Label.NAV), None
    elif is_counter(text):
        return Decision(Label.COMMENT_COUNT, "shape.counter", Label.SHARE), None
    return None


def _is_path(page: TextPage, k: int, path: tuple[str, ...]) -> bool:
    found = page.found.get(k, ())
    if any(one.label in (Label.BYLINE, Label.DATE, Label.SOURCE_CREDIT) and one.where >= 3 for one in found):
        return False
    if page.title_text and (normal(path[-1]) == page.title_text or page.title_text.startswith(normal(path[-1]) or "?")):
        return True
    short = all(len(part.split()) <= 4 for part in path[:-1])
    return short and (len(path) >= 3 or k < page.title) and not looks_like_names(text="/".join(path))


def _is_section(page: TextPage, k: int) -> bool:
    """Return whether the line is a section: one to four words right above the title, not in a menu."""
    if not (k < page.title <= k + 3) or page.title > 8 or not 0 < page.words[k] <= 4 or page.tail[k] > 1:
        return False
    best = page.best(k)
    return best is None or best.where < 3 or best.label is Label.SECTION


def _label_by_phrase(page: TextPage, k: int) -> tuple[Decision, Label | None] | None:
    """Label by the strongest phrase; in long lines a phrase inside does not count for dates, bylines and comments."""
    found = page.found.get(k)
    if not found:
        return None
    best = found[0]
    if best.label is Label.SECTION:
        return Decision(Label.NAV, best.rule, Label.SECTION), None
    if best.where < 3 and (page.words[k] > 14 and best.label in (Label.DATE, Label.BYLINE, Label.COMMENT)):
        return None
    if best.label is Label.BYLINE and best.where in (3, 4) and not _byline_place(page, k):
        return None
    if best.label is Label.SOURCE_CREDIT and best.where == 5 and k > page.last + 6:
        return None
    return Decision(best.label, best.rule, _runner_up(found)), (
        _BOX.get(best.label, best.label) if best.opens else None
    )


def _byline_place(page: TextPage, k: int) -> bool:
    return k < page.first + 2 or abs(k - page.last) <= 6 or page.first > page.last


def _runner_up(found: list[FoundPhrase]) -> Label | None:
    return next((one.label for one in found[1:] if one.label is not found[0].label), None)


def _label_by_shape(page: TextPage, k: int, text: str, box: Label | None) -> Decision | None:
    """Label by shape: a date, an agency, an address, names beside the story, a caption above it."""
    if page.digits[k] and page.words[k] <= 8 and (looks_like_date(text) or is_clock(text)):
        return Decision(Label.DATE, "shape.date", Label.OTHER)
    if text.strip(_BRACKETS).casefold() in name_words().agencies and _byline_place(page, k):
        return Decision(Label.SOURCE_CREDIT, "shape.agency", Label.BYLINE)
    if host(text):
        return Decision(Label.SITE_NOTICE, "shape.address", Label.NAV)
    if text.endswith((":", "：")) and k + 1 < len(page.texts) and host(page.texts[k + 1]):
        return Decision(Label.SITE_NOTICE, "sequence.before_address", Label.OTHER)
    beside = page.title < k < page.first or (page.last < k <= page.last + _MAX_BYLINE_DISTANCE and box is None)
    if beside and page.first <= page.last and looks_like_names(text):
        return Decision(Label.BYLINE, "shape.names", Label.CAPTION)
    if not page.words[k]:
        return _SYMBOLS
    open_ended = page.tail[k] <= 1 or page.tail[k] == CLOSER
    if 0 <= page.title < k < page.first and 4 <= page.words[k] <= 60 and open_ended:
        return Decision(Label.CAPTION, "position.caption", Label.OTHER)
    return None


def _label_by_position(page: TextPage, k: int) -> Decision:
    """Label by position: caption inside the story, navigation if short, related after the story."""
    if k in page.ruled:
        return _LISTING
    if page.first <= page.last and page.first <= k <= page.last:
        return _INSIDE if page.words[k] >= 4 and page.tail[k] <= 1 else _FURNITURE_INSIDE
    if page.words[k] <= 4:
        return _SHORT
    related = k > page.last and page.words[k] <= 30
    if page.outside[k]:
        return _OUTSIDE_HEADLINE if related and page.tail[k] <= 1 else _OUTSIDE
    return _AFTER if related else _FURNITURE
