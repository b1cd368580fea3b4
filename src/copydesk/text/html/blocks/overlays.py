"""Cut what lies over the page or is hidden behind it: dialogs, consent layers, hidden terms and promotions.

    role=dialog, aria-modal, <dialog>, position:fixed            html.layer
    named or worded as a request for consent, with its buttons   html.layer.consent
    hidden, and named or worded as something else                html.hidden.layer
    hidden, outside of the story and about something else        html.hidden.apart

The rest of a story behind "read more" is hidden, too, so a hidden element stays unless something speaks against it:
cutting everything hidden costs .007 on one set of the benchmark. A layer with the headline is the article itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from copydesk.text.html.blocks.labelling import LabelDecision
from copydesk.text.html.blocks.override_rules import count_words, decision, named, stems
from copydesk.text.html.blocks.story import Story, content_words
from copydesk.text.html.dom.html_page import Element, Page, Place
from copydesk.text.tokens.stems import search_text

__all__ = ["overlay_cuts"]

_MIN_STORY_CHARS = 60
"""Visible kept paragraphs, in characters, without which nothing is cut: what is hidden may be the story."""
_MAX_HIDDEN_SHARE = 0.5
"""A hidden element with a larger share of the kept text is cut only by names or words."""
_MIN_OVERLAP = 0.12
"""Share of a hidden text's content words that are the story's, from which it is about the same."""
_MAX_TEXT_CHARS = 3_000
_MAX_LEVELS = 12
_BUTTONS = "button, input, [role=button], a[href='#'], a[class*=btn], a[class*=button]"
_STREAMED = re.compile(r"(?:^| )[sb]:[0-9a-f]+$")
"""Id of a piece that React sends hidden and moves to its place: no reader finds it hidden."""


def overlay_cuts(story: Story) -> dict[int, LabelDecision]:
    """Return index -> label and rule of the kept blocks that lie in a layer or in a hidden element apart."""
    page, found = story.page, dict[int, LabelDecision]()
    place = 0
    for n in story.kept:
        place |= page.blocks[n].place
    if place & Place.LAYER:
        for element in _outermost(page, Place.LAYER):
            _cut(story, element, "html.layer", found)
    for element in _consent_layers(story):
        _cut(story, element, "html.layer.consent", found)
    if place & Place.HIDDEN:
        for index, element in enumerate(page.elements):
            if element.place & Place.HIDDEN and not _above(page, element) & Place.HIDDEN and story.kept_in(element):
                rule = _hidden_rule(story, index)
                if rule:
                    _cut(story, element, rule, found)
    return found


def _above(page: Page, element: Element) -> int:
    return page.elements[element.parent].place if element.parent >= 0 else 0


def _outermost(page: Page, bit: int) -> Iterator[Element]:
    """Yield the elements that have a bit and whose parent does not."""
    return (e for e in page.elements if e.place & bit and not _above(page, e) & bit)


def _cut(story: Story, element: Element, rule: str, found: dict[int, LabelDecision]) -> None:
    """Cut the kept blocks of an element, unless it is the article or nothing would be left."""
    if story.holds_headline(element) or story.prose_outside(element.first, element.last) < _MIN_STORY_CHARS:
        return
    for n in story.kept_in(element):
        found.setdefault(n, decision(rule))


def _consent_layers(story: Story) -> Iterator[Element]:
    """Yield the elements around kept blocks that ask for consent: by name, or by their text and buttons."""
    page = story.page
    told = stems("names").among(page.names, search_text("\n".join(page.names)))
    if told:
        for element in page.elements:
            if element.names in told and _is_box(story, element):
                about = named("consent", element.names)
                if (about and (_is_small(story, element) or _mostly_consent(story, element))) or (
                    (about or named("cookie", element.names))
                    and _names_cookies(story, element)
                    and _asks(story, element)
                ):
                    yield element
    some = stems("consent").found(story.text)
    if not some:
        return
    asked: set[int] = set()
    for n, text in story.lowered.items():
        innermost = page.blocks[n].element
        if story.size[n] < _MIN_STORY_CHARS or innermost in asked:
            continue
        if any(stem in text for stem in some):
            chain = _chain(story, innermost)
            asked.update(chain)
            boxes = [at for at in reversed(chain) if _asks_with_buttons(story, at)]
            if boxes:
                yield page.elements[boxes[0]]


def _is_box(story: Story, element: Element) -> bool:
    """Return whether an element is a part of the page, without the headline, that holds kept blocks."""
    page_tag = element.tag in ("html", "body", "main", "article")
    kept = story.keep[element.first : element.last]
    return not page_tag and not story.holds_headline(element) and bool(kept.any())


def _chain(story: Story, at: int) -> list[int]:
    """Return the elements around a block, innermost first, below those that hold the headline or are the page."""
    chain: list[int] = []
    while at >= 0 and len(chain) < _MAX_LEVELS and _is_box(story, story.page.elements[at]):
        chain.append(at)
        at = story.page.elements[at].parent
    return chain


def _asks_with_buttons(story: Story, at: int) -> bool:
    """Return whether an element is mostly a request for consent, and has something to click."""
    page = story.page
    element = page.elements[at]
    return (
        _names_cookies(story, element)
        and _has_button(page, at)
        and _asks(story, element)
        and _mostly_consent(story, element)
    )


def _is_small(story: Story, element: Element) -> bool:
    """Return whether an element has less than half of the story's paragraphs."""
    return 2 * sum(element.first <= n < element.last for n in story.prose) < len(story.prose)


def _names_cookies(story: Story, element: Element) -> bool:
    return any(story.has_words("consent", "any", n) for n in _text_blocks(story.page, element))


def _asks(story: Story, element: Element) -> bool:
    """Return whether an element's text asks about cookies."""
    return count_words("consent", "ask", _text(story, _text_blocks(story.page, element))) > 1


def _mostly_consent(story: Story, element: Element) -> bool:
    """Return whether at least half of an element's paragraphs are about consent."""
    whole = about = 0.0
    for n in (np.flatnonzero(story.size[element.first : element.last] >= _MIN_STORY_CHARS) + element.first).tolist():
        size = float(story.size[n])
        whole += size
        if story.has_words("consent", "any", n) or story.has_words("consent", "ask", n):
            about += size
    return 0 < whole <= 2 * about


def _has_button(page: Page, at: int) -> bool:
    element = page.elements[at]
    if any(b.place & Place.BUTTON for b in page.blocks[element.first : element.last]):
        return True
    return element.node.css_first(_BUTTONS) is not None


def _hidden_rule(story: Story, index: int) -> str:
    """Return the rule by which a hidden element is no part of the story, "" where it may be."""
    page = story.page
    element = page.elements[index]
    if _STREAMED.search(element.names):
        return ""
    names = _names(page, index)
    inside, text = story.is_inside(index), _text(story, _text_blocks(page, element))
    of_story = named("story", names)
    if count_words("layer", "any", text) > 1 and not (inside and of_story):
        return "html.hidden.layer"
    overlap = _overlap(story, element)
    if named("layer", names) and not of_story and (not inside or overlap < _MIN_OVERLAP):
        return "html.hidden.layer"
    held = sum(float(story.size[n]) for n in story.kept_in(element))
    kept = float(story.size[story.keep].sum())
    if inside or of_story or overlap >= _MIN_OVERLAP or held > _MAX_HIDDEN_SHARE * kept:
        return ""
    return "html.hidden.apart"


def _names(page: Page, index: int) -> str:
    """Return the names of an element, and of the only element in it that has text."""
    element = page.elements[index]
    inner = page.elements[index + 1] if index + 1 < len(page.elements) else element
    same = inner.parent == index and (inner.first, inner.last) == (element.first, element.last)
    return f"{element.names} {inner.names}" if same else element.names


def _text_blocks(page: Page, element: Element) -> range:
    """Return the blocks of an element whose text is looked at: the first of a long one."""
    size = 0
    for n in range(element.first, element.last):
        size += len(page.blocks[n].text)
        if size > _MAX_TEXT_CHARS:
            return range(element.first, n + 1)
    return range(element.first, element.last)


def _text(story: Story, blocks: range) -> str:
    return "\n".join([story.folded(n) for n in blocks])


def _overlap(story: Story, element: Element) -> float:
    """Return the share of a hidden text's content words that the visible story has, too."""
    words = content_words(" ".join(story.page.blocks[n].text for n in story.kept_in(element)))
    return len(words & story.words) / max(1, len(words))
