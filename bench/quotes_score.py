"""Score quotes and speakers on articles with gold: a dev half and a half set aside, rule by rule, with CPU.

    python bench/quotes_score.py FOLDER --markdown bench/results/quotes.md

FOLDER holds `<language>.jsonl.gz`, one article a line: id, language, text, quotes (spans, speaker spans). Articles are
split in half by the hash of their id; rules are made on the dev half, the other half is only scored.

A unit is a quoted segment of four words or more inside a gold attribution, between the marks of `SEGMENT`. `P` counts
each found stretch that is no unit as wrong. `P seen` leaves out stretches that cannot be units: between marks that
`SEGMENT` does not know (''...'', single marks), or without a closing mark in their paragraph.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from copydesk.text.quotes.jsonl import quotes_of_text

SEGMENT = re.compile(r"“[^“”]*”|„[^„“”]*[“”]|«[^«»]*»|»[^«»]*«|「[^「」]*」|(?<!\w)\"[^\"]*\"(?!\w)")
MIN_WORDS, MIN_OVERLAP, WORDS_A_PAGE = 4, 0.5, 750

Span = tuple[int, int]


@dataclass
class Score:
    """Counts of one half of one language."""

    articles: int = 0
    gold: int = 0
    found: int = 0
    unseen: int = 0
    right: int = 0
    named: int = 0
    named_right: int = 0
    seconds: float = 0.0
    words: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    rules_right: Counter[str] = field(default_factory=Counter)

    def row(self) -> list[str]:
        """Return P, P seen, R, speaker, named and milliseconds a page."""
        return [
            f"{self.right / max(1, self.found):.3f}",
            f"{self.right / max(1, self.found - self.unseen):.3f}",
            f"{self.right / max(1, self.gold):.3f}",
            f"{self.named_right / max(1, self.gold):.3f}",
            f"{self.named_right / max(1, self.named):.3f}",
            f"{1000 * self.seconds * WORDS_A_PAGE / max(1, self.words):.2f}",
        ]


def half_of(name: str) -> str:
    """Return whether an article is for making rules (dev) or set aside."""
    return ("dev", "set aside")[int(sha256(name.encode()).hexdigest(), 16) % 2]


def segments(text: str, a: int, b: int) -> list[Span]:
    """Return the quoted segments inside text[a:b], without their marks."""
    low, high = max(0, a - 1), min(len(text), b + 1)
    found = SEGMENT.finditer(text[low:high])
    return [(low + m.start() + 1, low + m.end() - 1) for m in found if len(m.group().split()) >= MIN_WORDS]


def overlap(x: Sequence[int], y: Sequence[int]) -> float:
    """Return intersection over union of two spans."""
    common = min(x[1], y[1]) - max(x[0], y[0])
    return common / (max(x[1], y[1]) - min(x[0], y[0])) if common > 0 else 0.0


def add(score: Score, row: Mapping[str, Any]) -> None:
    """Score one article."""
    text, units = row["text"], gold_units(row)
    began = time.process_time()
    quotes = quotes_of_text(text, row["language"])
    score.seconds += time.process_time() - began
    score.words += len(text.split())
    score.articles += 1
    score.gold += len(units)
    whole = set(segments(text, 0, len(text)))
    used: set[Span] = set()
    for q in quotes:
        span = (q["start"], q["end"])
        if len(text[span[0] : span[1]].split()) < MIN_WORDS:
            continue
        score.found += 1
        best = max(units, key=lambda unit: overlap(unit, span), default=None)
        if best is None or best in used or overlap(best, span) < MIN_OVERLAP:
            score.unseen += not any(overlap(one, span) >= MIN_OVERLAP for one in whole)
            continue
        used.add(best)
        score.right += 1
        if q["speaker"]:
            score.named += 1
            right = is_right(text, q, units[best])
            score.named_right += right
            score.rules[q["rule"]] += 1
            score.rules_right[q["rule"]] += right


def gold_units(row: Mapping[str, Any]) -> dict[Span, list[Span]]:
    """Return unit -> spans of its speaker."""
    units: dict[Span, list[Span]] = {}
    for quote in row["quotes"]:
        for a, b in quote["spans"]:
            for segment in segments(row["text"], a, b):
                units.setdefault(segment, [tuple(s) for s in quote["speaker"]])
    return units


def is_right(text: str, quote: Mapping[str, Any], sources: Sequence[Span]) -> bool:
    """Return whether the speaker's span touches a gold source, or its name ends with a word of one."""
    span = (quote["speaker_start"], quote["speaker_end"])
    last = quote["speaker"].lower().split()[-1:]
    return any(overlap(span, s) > 0 for s in sources) or any(
        last and last[0] in text[a:b].lower().split() for a, b in sources
    )


def read(path: Path) -> Iterator[Mapping[str, Any]]:
    """Yield the articles of a file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def main() -> None:
    """Print the tables, and write them where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--markdown", type=Path, help="write the tables here, too")
    args = parser.parse_args()
    lines = ["| articles | half | n | units | P | P seen | R | speaker | named | ms a page |", "|" + "---|" * 10]
    rules: list[str] = []
    for path in sorted(args.folder.glob("*.jsonl.gz")):
        language = path.name.split(".")[0]
        scores = {"dev": Score(), "set aside": Score()}
        for row in read(path):
            add(scores[half_of(row["id"])], row)
        for half, score in scores.items():
            cells = [language, half, str(score.articles), str(score.gold), *score.row()]
            lines.append(f"| {' | '.join(cells)} |")
        aside = scores["set aside"]
        for rule, count in aside.rules.most_common():
            rules.append(f"| {language} | `{rule}` | {count} | {aside.rules_right[rule] / count:.2f} |")
    lines += ["", "Set aside, by rule:", "", "| articles | rule | units | right |", "|---|---|---|---|", *rules]
    print("\n".join(lines))
    if args.markdown:
        args.markdown.write_text("\n".join(["# Quotes and their speakers", "", *lines, ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
