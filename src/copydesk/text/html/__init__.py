"""Extract articles from HTML pages.

dom         parse a page into elements, visible blocks and pictures
metadata    title, authors, dates, section, publisher, URLs
features    the feature matrix of the block model
site_rules  the user's rules for single sites
blocks      select, label and explain the blocks of the article
page_kind   article or another kind of page; truncation
article     all of it: `extract_html`
"""

from __future__ import annotations

from copydesk.text.html.article import extract_html

__all__ = ["extract_html"]
