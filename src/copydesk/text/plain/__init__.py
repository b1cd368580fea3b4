"""Plain text: lines in, labelled lines and an article out.

extract.extract_texts   the way in: documents -> extractions
features, context       what is measured of a line and around it
words, model           learned tables: words, forests of small trees, scorecards
span                    the story's stretch
verdict                 kept or cut, for a batch
title, labels, shapes   what each line is called
article, dateline       the article's fields, with evidence
evidence, meanings     why, and what each measure means
crowds                  very long pages, in pieces
"""

from __future__ import annotations

from copydesk.text.plain.extract import extract_texts

__all__ = ["extract_texts"]
