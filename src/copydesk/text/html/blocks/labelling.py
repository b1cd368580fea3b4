"""What each block is: its label and the id of the rule that gave it.

The model says kept or cut. What a cut block is called comes from its tag (<figcaption>), the phrases in it, the names
of the elements around it (class, id), the landmark it stands in and its shape, in this order. A block nobody knows is
`other`, cut by the model.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from copydesk.records import Label
from copydesk.text.html.dom.css_names import categories, verdict
from copydesk.text.html.dom.html_page import Page, PageBlock, Place
from copydesk.text.phrases.rules import Match

__all__ = ["Named", "is_caption", "name_cut_block"]

_LANDMARKS = (
    (Place.NAV, Label.NAV, "nav"),
    (Place.FOOTER, Label.SITE_NOTICE, "footer"),
    (Place.FORM, Label.OTHER, "form"),
    (Place.BUTTON, Label.OTHER, "button"),
)
_WEAK = frozenset(("title", "dek", "header", "hidden", "side", "player", "picture"))
_LEVELS = 6
_LINKS = 0.8


class Named(NamedTuple):
    """A label and the id of its rule."""

    label: Label
    rule: str


def name_cut_block(page: Page, block: PageBlock, phrases: Sequence[Match]) -> Named:
    """Name a block that was cut.

    Args:
        page: The page.
        block: The block.
        phrases: What the phrase rules found in its text.
    """
    if block.place & Place.FIGCAPTION:
        return Named(Label.CAPTION, "html.tag.figcaption")
    if phrases:
        return Named(Label(phrases[0].rule.label), phrases[0].rule.id)
    named = _by_names(page, block)
    if named is not None:
        return named
    for bit, label, name in _LANDMARKS:
        if block.place & bit:
            return Named(label, f"html.place.{name}")
    if block.link_chars > _LINKS * len(block.text):
        return Named(Label.RELATED, "html.shape.links")
    return Named(Label.OTHER, "html.model.cut")


def is_caption(page: Page, block: PageBlock) -> bool:
    """Whether a block is by its tag or its own names the words under a picture."""
    if block.place & Place.FIGCAPTION:
        return True
    names = page.elements[block.element].names
    return bool((verdict(names) if names else 0) & _caption_bit()) and not block.level


@cache
def _caption_bit() -> int:
    return next(1 << c.number for c in categories() if c.id == "caption")


def _by_names(page: Page, block: PageBlock) -> Named | None:
    """The nearest element whose names speak clearly, else the nearest that speaks at all."""
    weak: Named | None = None
    names, at = block.names, block.element
    for _ in range(_LEVELS + 1):
        if names:
            clear, faint = _named(verdict(names))
            if clear is not None:
                return clear
            weak = weak or faint
        if at < 0:
            break
        element = page.elements[at]
        names = element.names if element.tag not in ("html", "body") else ""
        at = element.parent
    return weak


@lru_cache(maxsize=10_000)
def _named(bits: int) -> tuple[Named | None, Named | None]:
    """What names with these bits say clearly, and what they say at all; None where they say nothing."""
    said = [c for c in categories() if bits >> c.number & 1 and c.label is not Label.BODY]
    named = [Named(c.label, f"html.names.{c.id}") for c in said]
    clear = (n for n, c in zip(named, said, strict=True) if c.id not in _WEAK)
    return next(clear, None), next(iter(named), None)
