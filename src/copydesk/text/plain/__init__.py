"""Plain text: lines in, labelled lines and an article out.

extract.extract_texts   the entry point: documents -> extractions
input, unwrap           decode, split, join hard-wrapped lines
features/               values per line, binned
model/                  tree ensembles, network and the story's span: kept or cut
article/                labels, title, dateline, blocks and their evidence
long_pages              pages measured in pieces
"""

from __future__ import annotations

from copydesk.text.plain.extract import extract_texts

__all__ = ["extract_texts"]
