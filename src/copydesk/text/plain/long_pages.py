"""Very long pages, measured in pieces: measuring takes 3 kB per line and 50 bytes per character, the result 0.6 kB.

    page of 200,000 lines --split_page--> 40 x (lines, features, odds) --join_pieces--> one page, fewer columns

Context of a line ends at its piece's edge; the story's span is selected over the whole page. Pages of up to
`MAX_PIECE_LINES` lines, as all in the benchmark, are one piece and unaffected.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from copydesk.text.phrases.rules import Hits
from copydesk.text.plain.features.measure_lines import Features
from copydesk.text.tokens.scan import LINE_CAP, Codes, Flags, Floats, Scan

__all__ = ["MAX_PIECE_LINES", "LineMeasures", "drop_unused", "is_long_page", "join_pieces", "split_page"]

MAX_PIECE_LINES = 5_000
MAX_PIECE_CHARS = 500_000

LATER_COLUMNS = ("repeats", "cohesion", "prose")
"""Columns that labelling uses."""
_LATER_FIELDS = frozenset(("page", "page_start", "count", "words", "digits", "head", "tail"))
_DROPPED_FIELDS = frozenset(field.name for field in fields(Scan)) - _LATER_FIELDS
"""Fields of a scan that only measuring uses."""

Lines = Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineMeasures:
    """Measures of the lines of a batch, or of a piece of one page, before the story's span is selected.

    Attributes:
        story: (lines, 3) the network's log-odds of keep, and its points for the story's first and last line.
        The rest: as in `LineDecisions`.
    """

    lines: Scan
    hits: Hits
    features: Features
    bins: Codes
    known: Flags
    boilerplate_points: Floats
    odds: Floats
    story: Floats


def is_long_page(page: Sequence[str]) -> bool:
    """Return whether a page is measured in pieces; such a page is a batch of its own."""
    return len(page) > MAX_PIECE_LINES or sum([min(len(text), LINE_CAP) for text in page]) > MAX_PIECE_CHARS


def split_page(page: Lines) -> Iterator[Lines]:
    """Yield pieces of at most `MAX_PIECE_LINES` lines and `MAX_PIECE_CHARS` measured characters."""
    start = size = 0
    for k, (text, _) in enumerate(page):
        chars = min(len(text), LINE_CAP)
        if k > start and (k - start >= MAX_PIECE_LINES or size + chars > MAX_PIECE_CHARS):
            yield page[start:k]
            start, size = k, 0
        size += chars
    yield page[start:]


def drop_unused(part: LineMeasures) -> LineMeasures:
    """Drop what only measuring uses."""
    lines = replace(part.lines, **{name: getattr(part.lines, name)[:0].copy() for name in _DROPPED_FIELDS})
    values = np.stack([part.features.column(name) for name in LATER_COLUMNS], axis=1)
    features = replace(part.features, values=values, names=LATER_COLUMNS)
    return replace(part, lines=lines, features=features)


def join_pieces(parts: Sequence[LineMeasures]) -> LineMeasures:
    """Join the pieces of one page."""
    if len(parts) == 1:
        return parts[0]
    offsets = np.cumsum([0, *(part.lines.lines for part in parts)])
    scans = [part.lines for part in parts]
    whole = {name: np.concatenate([getattr(s, name) for s in scans]) for name in _LATER_FIELDS - {"page_start"}}
    none = {name: getattr(scans[0], name) for name in _DROPPED_FIELDS}
    lines = Scan(page_start=np.array([0, offsets[-1]], np.int64), **whole, **none)
    hits = replace(
        parts[0].hits,
        line=np.concatenate([p.hits.line + offset for p, offset in zip(parts, offsets, strict=False)]),
        phrase=np.concatenate([p.hits.phrase for p in parts]),
    )
    features = Features(
        names=LATER_COLUMNS,
        **{
            n: np.concatenate([getattr(p.features, n) for p in parts])
            for n in ("values", "long", "run", "opens", "keys")
        },
    )
    rest = ("bins", "known", "boilerplate_points", "odds", "story")
    return LineMeasures(
        lines=lines, hits=hits, features=features, **{n: np.concatenate([getattr(p, n) for p in parts]) for n in rest}
    )
