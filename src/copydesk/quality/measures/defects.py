"""Defect counts per text: markup, script, mojibake, replacement characters, control characters.

    column of texts --prefilter--> suspicious rows (1 in 20) --five patterns--> counts --scatter--> columns

The five patterns run only on texts with a character sequence that every match contains: one cheap pass over all text
(2 ns per character), and five over the remaining texts.
"""

from __future__ import annotations

import numpy as np
import polars as pl

__all__ = ["DEFECTS", "defect_counts"]

_TAGS = (
    "a|abbr|article|aside|b|blockquote|body|br|button|div|em|embed|figure|font|form|h[1-6]|head|hr|html|i|iframe|img|input|"
    "li|link|meta|noscript|object|ol|option|p|script|section|select|small|source|span|strong|style|sub|sup|svg|table|tbody|"
    "td|th|tr|u|ul|video"
)
# polars matches with automata, in linear time: unbounded repetition is safe, and compiles smaller than {0,200}. Word
# boundaries are those of ASCII: with the others the fast automaton gives up on all other text (60 s for 200 MB).
_MARKUP = (
    rf"(?i)</?(?:{_TAGS})(?:\s[^<>]*)?/?>"
    r"|&(?:nbsp|amp|quot|apos|lt|gt|ldquo|rdquo|lsquo|rsquo|ndash|mdash|hellip|#[0-9]{1,6}|#x[0-9a-f]{1,5});"
    r"|<!--|<!\[CDATA\[|\]\]>"
    r"|\[/?(?:caption|gallery|embed|video|audio|img|url|quote|vc_[a-z_]+|et_pb_[a-z_]+)(?:[ =][^\[\]]*)?\]"
)
_NAME = r"[A-Za-z_$][A-Za-z0-9_$]*"
_SCRIPT = (
    rf"(?-u:\b)function\s*(?:{_NAME})?\s*\([^()]*\)\s*\{{"
    rf"|(?-u:\b)(?:var|let|const)\s+{_NAME}\s*=\s*[A-Za-z0-9_$\[{{('\"]"
    rf"|(?-u:\b)window\.{_NAME}\s*[=(.]"
    r"|(?-u:\b)document\.(?:getElement[A-Za-z]+|write|querySelector|cookie|createElement)(?-u:\b)"
    r"|\)\s*=>\s*\{|\}\s*\)\s*\(\s*\)\s*;|\$\(\s*(?:document|function|['\"][.#])"
    r"|\"@(?:context|type)\"\s*:"
    r"|@media\s[^{}]+\{|[.#][a-zA-Z][a-zA-Z0-9_-]*\s*\{\s*[a-z-]+\s*:[^{}]+\}"
    r"|(?-u:\b)(?:googletag|dataLayer|gtag|fbq|_gaq)\s*[.(\[]"
)
# What Windows-1252 makes of the continuation bytes 80-BF, without the no-break space that may follow a capital letter.
_TRAIL = "\u0080-\u009f\u00a1-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
_MOJIBAKE = (
    rf"[ÃÐÑØÙ][{_TRAIL}]|Ã\u00a0|Â[\u00a0-\u00bf]|â€[{_TRAIL}\s]?|â[\u0080-\u008f‚„…†‡ˆ][{_TRAIL}]|ï»¿|ï¿½|ðŸ[{_TRAIL}]"
)
_CONTROLS = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u0080-\u009f]"
_SUSPICIOUS = (
    r"[<&\[{\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u0080-\u009f\ufffdÃÂâÐÑØÙïð]"
    r"|\]\]>|\);|window\.|document\.|\":|=>|\$\(|gtag|dataLayer|_gaq|fbq|var |let |const "
)

_SLICE_ROWS = 100_000

DEFECTS = ("markup", "script", "mojibake", "replacements", "controls")
"""Names of the counts, all Int32."""


def defect_counts(texts: pl.Series) -> pl.DataFrame:
    """Count each kind of defect in each text; null texts count nothing. Columns: `DEFECTS`, one row per text."""
    frame = pl.DataFrame({"text": texts})
    rows = _suspicious_rows(frame)
    text = pl.col("text")
    counts = frame[rows].select(
        text.str.count_matches(_MARKUP).alias("markup"),
        text.str.count_matches(_SCRIPT).alias("script"),
        text.str.count_matches(_MOJIBAKE).alias("mojibake"),
        text.str.count_matches("\ufffd", literal=True).alias("replacements"),
        text.str.count_matches(_CONTROLS).alias("controls"),
    )
    return pl.DataFrame({name: _scatter(counts[name], rows, texts.len()) for name in DEFECTS})


def _suspicious_rows(frame: pl.DataFrame) -> pl.Series:
    """Return the rows matching the prefilter; in slices, since polars matches a column on one core only."""
    match = pl.col("text").str.contains(_SUSPICIOUS).fill_null(False).alias("sign")
    slices = [part.lazy().select(match) for part in frame.iter_slices(_SLICE_ROWS)] or [frame.lazy().select(match)]
    return pl.concat(pl.collect_all(slices))["sign"].arg_true()


def _scatter(values: pl.Series, rows: pl.Series, height: int) -> np.ndarray:
    column = np.zeros(height, dtype=np.int32)
    column[rows.to_numpy()] = values.to_numpy()
    return column
