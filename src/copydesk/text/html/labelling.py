"""What a cut block is: its label and the id of the rule that gave it.

The model says kept or cut; what a cut block is called comes from the phrases in it, the names of the elements around it
(class, id), the landmarks it stands in and its tag, in this order. A block nobody knows is `other`, cut by the model.
"""

from __future__ import annotations

from typing import NamedTuple

from copydesk.records import Label
from copydesk.text.html.names import categories, verdict
from copydesk.text.html.page import Page, PageBlock, Place

__all__ = ["Named", "name_cut_block"]

_LANDMARKS = (
    (Place.NAV, Label.NAV, "nav"),
    (Place.FOOTER, Label.SITE_NOTICE, "footer"),
    (Place.FORM, Label.OTHER, "form"),
    (Place.BUTTON, Label.OTHER, "button"),
)
_WEAK = frozenset(("body", "title", "dek", "quote", "faq", "header", "hidden", "side", "player"))
_LEVELS = 6


class Named(NamedTuple):
    """A label and the id of its rule."""

    label: Label
    rule: str


def name_cut_block(page: Page, block: PageBlock, phrase: Named | None) -> Named:
    """Name a block that was cut.

    Args:
        page: The page.
        block: The block.
        phrase: What the phrase rules say of its text, if they say anything.
    """
    if block.place & Place.FIGCAPTION:
        return Named(Label.CAPTION, "html.tag.figcaption")
    if phrase is not None:
        return phrase
    named = _by_names(page, block)
    if named is not None:
        return named
    for bit, label, name in _LANDMARKS:
        if block.place & bit:
            return Named(label, f"html.place.{name}")
    if block.link_chars > 0.8 * len(block.text):
        return Named(Label.RELATED, "html.shape.links")
    return Named(Label.OTHER, "html.model.cut")


def _by_names(page: Page, block: PageBlock) -> Named | None:
    """The nearest element whose names speak clearly."""
    nearest = [block.names, *(e.names for e in page.ancestors(block)[:_LEVELS] if e.tag not in ("html", "body"))]
    weak: Named | None = None
    for names in nearest:
        bits = verdict(names) if names else 0
        for category in categories():
            if bits >> category.number & 1 and category.label is not Label.BODY:
                named = Named(category.label, f"html.names.{category.id}")
                if category.id not in _WEAK:
                    return named
                weak = weak or named
    return weak
