"""A sketch of a page's template: which class strings its elements have, whatever its text.

    the 16 smallest CRC-32 of the elements' names, as hex: a bottom-k sketch (Cohen and Kaplan 2007)

Two pages share about the part of their sketches that they share of their names.
"""

from __future__ import annotations

from zlib import crc32

from copydesk.text.html.dom.html_page import Page

__all__ = ["template_sketch"]

_SIZE = 16


def template_sketch(page: Page) -> str:
    """Return the sketch, eight characters for each of up to 16 names; "" for a page without any."""
    smallest = sorted({crc32(name.encode("utf-8", "replace")) for name in page.names if name})[:_SIZE]
    return "".join([f"{value:08x}" for value in smallest])
