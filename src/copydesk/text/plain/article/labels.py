"""What the cut lines are called: rules in order, from what a line says to where it stands.

    before the story   breadcrumb, section, title, repeated title, byline, date, caption, counters
    anywhere           what a phrase rule names; a heading opens its box, and the box takes what follows until the
    next heading
    after the story    byline, credit, related, comments, addresses
Labels never change what is kept, with one exception: the title is never part of the body.
"""

from __future__ import annotations

from copydesk.records import Label
from copydesk.text.characters import CLOSER
from copydesk.text.dates.written import looks_like_date
from copydesk.text.people.name_words import name_words
from copydesk.text.plain.article.shapes import crumbs, host, is_clock, is_counter, looks_like_names
from copydesk.text.plain.page import Decision, FoundPhrase, TextPage, normal

__all__ = ["label_lines"]

_BOX = {Label.COMMENT_COUNT: Label.COMMENT}
"""What a heading's box holds, where that is not the heading's own label."""

_BRACKETS = "()[]. "
_MAX_BYLINE_DISTANCE = 3
"""So many lines after the last line of the story a bare line of names is still its byline."""


_TITLE = Decision(Label.TITLE, "position.title")
_HEADING = Decision(Label.HEADING, "shape.heading", Label.BODY)
_INSIDE_STORY = Decision(Label.BODY, "model.story")
_SYMBOLS = Decision(Label.OTHER, "shape.symbols", Label.NAV)
_INSIDE = Decision(Label.CAPTION, "position.inside", Label.RELATED)
_FURNITURE_INSIDE = Decision(Label.OTHER, "model.furniture", Label.NAV)
_SHORT = Decision(Label.NAV, "position.short", Label.OTHER)
_AFTER = Decision(Label.RELATED, "position.after_story", Label.OTHER)
_FURNITURE = Decision(Label.OTHER, "model.furniture", Label.RELATED)


def label_lines(page: TextPage) -> list[Decision]:
    """Return the label of every line of the page; lines that are kept get theirs too."""
    box: Label | None = None
    out: list[Decision] = []
    for k, (text, keep) in enumerate(zip(page.texts, page.keep, strict=True)):
        if k == page.title:
            out.append(_TITLE)
        elif keep:
            box = None
            out.append(_HEADING if page.words[k] <= 12 and _is_heading(page, k) else _INSIDE_STORY)
        else:
            decision, opened = _label_cut_line(page, k, text, box)
            box = opened or box
            out.append(decision)
    return out


def _is_heading(page: TextPage, k: int) -> bool:
    """Say whether a short kept line is a heading: unfinished, and before a longer one."""
    if page.long[k] or page.tail[k] > 4 or k + 1 >= len(page.texts) or not page.keep[k + 1]:
        return False
    ahead = page.words[k + 1]
    return ahead >= 12 and ahead > 1.5 * page.words[k] and page.texts[k][-1] not in ".,;"


def _label_cut_line(page: TextPage, k: int, text: str, box: Label | None) -> tuple[Decision, Label | None]:
    """Return the decision on a cut line and the box it opens, if it opens one."""
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
    """What stands before the story: path, section, title again."""
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
    """A word or two right before the title, on a page that does not begin with a menu."""
    if not (k < page.title <= k + 3) or page.title > 8 or not 0 < page.words[k] <= 4 or page.tail[k] > 1:
        return False
    best = page.best(k)
    return best is None or best.where < 3 or best.label is Label.SECTION


def _label_by_phrase(page: TextPage, k: int) -> tuple[Decision, Label | None] | None:
    """What a phrase rule names. A phrase that fills or opens the line decides.

    One inside it only where the line is cut short.
    """
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
    """What its shape alone tells: a date, an address, names beside the story, a picture's words above it."""
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
    """Nothing tells: a short line is navigation, a headline after the story is related.

    An unfinished one within it a caption.
    """
    if page.first <= page.last and page.first <= k <= page.last:
        return _INSIDE if page.words[k] >= 4 and page.tail[k] <= 1 else _FURNITURE_INSIDE
    if page.words[k] <= 4:
        return _SHORT
    return _AFTER if k > page.last and page.words[k] <= 30 else _FURNITURE
