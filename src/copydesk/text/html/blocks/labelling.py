"""Label cut blocks.

The model decides kept or cut. The label of a cut block comes from its tag (<figcaption>), its phrases, the class names
around it, the text that it stands in (comments, a further story), its landmark and its links, in this order; otherwise
it is `other`, cut by the model.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from copydesk.records import Label
from copydesk.text.html.dom.css_names import categories, categories_of
from copydesk.text.html.dom.html_page import Page, PageBlock, Place
from copydesk.text.phrases.rules import Match

__all__ = ["LabelDecision", "is_caption", "label_cut_block"]


class LabelDecision(NamedTuple):
    """A label and the id of the rule that gave it."""

    label: Label
    rule: str


_LANDMARKS = (
    (Place.NAV, LabelDecision(Label.NAV, "html.place.nav")),
    (Place.FOOTER, LabelDecision(Label.SITE_NOTICE, "html.place.footer")),
    (Place.FORM, LabelDecision(Label.OTHER, "html.place.form")),
    (Place.BUTTON, LabelDecision(Label.OTHER, "html.place.button")),
)
_ANY_LANDMARK = Place.NAV | Place.FOOTER | Place.FORM | Place.BUTTON
_BY_LINKS = LabelDecision(Label.RELATED, "html.shape.links")
_BY_MODEL = LabelDecision(Label.OTHER, "html.model.cut")
_WEAK_CATEGORIES = frozenset(("title", "dek", "header", "hidden", "side", "player", "picture"))
_MAX_LEVELS = 6
_MIN_LINK_SHARE = 0.8
_MIN_HEADLINE_SPACES = 4


def label_cut_block(
    page: Page, block: PageBlock, phrases: Sequence[Match], inside: LabelDecision | None = None
) -> LabelDecision:
    """Return the label of a cut block.

    Args:
        page: The page.
        block: The block.
        phrases: Matches of the phrase rules in its text.
        inside: Label and rule of the comments or the other text that it stands in, if any.
    """
    if block.place & Place.FIGCAPTION:
        return LabelDecision(Label.CAPTION, "html.tag.figcaption")
    if phrases:
        return LabelDecision(Label(phrases[0].rule.label), phrases[0].rule.id)
    named = _by_names(page, block)
    if named is not None:
        return named
    if inside is not None and not block.place & _ANY_LANDMARK and not _is_headline(block):
        return inside
    for bit, decision in _LANDMARKS:
        if block.place & bit:
            return decision
    return _BY_LINKS if _is_link(block) else _BY_MODEL


def _is_link(block: PageBlock) -> bool:
    return block.link_chars > _MIN_LINK_SHARE * len(block.text)


def _is_headline(block: PageBlock) -> bool:
    """Return whether a block is a link with the words of a headline, not a reader's name or a button."""
    return _is_link(block) and block.text.count(" ") >= _MIN_HEADLINE_SPACES


def is_caption(page: Page, block: PageBlock) -> bool:
    """Return whether a block is a picture's caption by its tag or class names."""
    if block.place & Place.FIGCAPTION:
        return True
    return bool(page.elements[block.element].kinds & _caption_bit()) and not block.level


@cache
def _caption_bit() -> int:
    return next(1 << c.number for c in categories() if c.id == "caption")


def _by_names(page: Page, block: PageBlock) -> LabelDecision | None:
    """Return the label of the nearest element with a clear category, else with any."""
    weak: LabelDecision | None = None
    kinds, at, elements = categories_of(block.names) if block.names else 0, block.element, page.elements
    for _ in range(_MAX_LEVELS + 1):
        if kinds:
            clear, faint = _named(kinds)
            if clear is not None:
                return clear
            weak = weak or faint
        if at < 0:
            break
        element = elements[at]
        kinds = element.kinds
        if kinds and element.tag in ("html", "body"):
            kinds = 0
        at = element.parent
    return weak


@lru_cache(maxsize=10_000)
def _named(bits: int) -> tuple[LabelDecision | None, LabelDecision | None]:
    """Return (label of the first clear category, label of the first category) of the bits; None without one."""
    said = [c for c in categories() if bits >> c.number & 1 and c.label is not Label.BODY]
    named = [LabelDecision(c.label, f"html.names.{c.id}") for c in said]
    clear = (n for n, c in zip(named, said, strict=True) if c.id not in _WEAK_CATEGORIES)
    return next(clear, None), next(iter(named), None)
