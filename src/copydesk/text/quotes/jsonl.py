"""`copydesk quotes --batch`: texts in, quotes with speakers out, one JSON object a line, in the order they came."""

from __future__ import annotations

import json
from typing import Any, TextIO

from copydesk.records import Paragraph, ParagraphKind
from copydesk.text.quotes.find_quotes import find_quotes

__all__ = ["answer_lines", "quotes_of_text"]

_PAIRS = ("''", "``")


def answer_lines(source: TextIO, sink: TextIO, *, indirect: bool = False, apostrophes: bool = False) -> None:
    """Answer every line of `source` on `sink`; a line that is no question is answered with an `error`.

    Args:
        source: Questions, a JSON object a line.
        sink: Takes the answers.
        indirect: With reported speech.
        apostrophes: With quotes between two apostrophes, which is what press archives make of quotation marks.
    """
    for number, line in enumerate(source, 1):
        if line.strip():
            sink.write(json.dumps(_answer(line, number, indirect, apostrophes), ensure_ascii=False) + "\n")


def _answer(line: str, number: int, indirect: bool, apostrophes: bool) -> dict[str, Any]:
    try:
        asked = json.loads(line)
    except ValueError:
        return {"id": None, "error": f"line {number} is no JSON object"}
    if not isinstance(asked, dict):
        return {"id": None, "error": f"line {number} is no JSON object"}
    if not isinstance(asked.get("text"), str):
        return {"id": asked.get("id"), "error": f"line {number} has no text"}
    language = asked.get("language")
    text = asked["text"]
    found = quotes_of_text(text, language if isinstance(language, str) else "und", indirect=indirect)
    if not apostrophes:
        found = [quote for quote in found if not _between_apostrophes(text, quote["start"])]
    return {"id": asked.get("id"), "quotes": found}


def _between_apostrophes(text: str, start: int) -> bool:
    return text[max(0, start - 2) : start] in _PAIRS or text[start : start + 2] in _PAIRS


def quotes_of_text(text: str, language: str, *, indirect: bool = False) -> list[dict[str, Any]]:
    """Return the quotes of a text whose paragraphs are its lines; offsets count characters of the text."""
    lines = text.split("\n")
    starts, at = [], 0
    for line in lines:
        starts.append(at)
        at += len(line) + 1
    paragraphs = [Paragraph(kind=ParagraphKind.PARAGRAPH, text=line, block=0) for line in lines]
    answers = []
    for q in find_quotes(paragraphs, language, indirect=indirect):
        base = starts[q.paragraph - 1]
        there = starts[q.speaker_paragraph - 1] if q.speaker_paragraph else None
        answers.append(
            {
                "start": base + q.start,
                "end": base + q.end,
                "kind": q.kind.value,
                "cue": q.cue or None,
                "speaker": q.speaker_name or q.speaker,
                "speaker_start": None if there is None or q.speaker_start is None else there + q.speaker_start,
                "speaker_end": None if there is None or q.speaker_end is None else there + q.speaker_end,
                "rule": q.rule,
                "confidence": q.confidence,
            }
        )
    return answers
