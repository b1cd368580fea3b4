"""Gold pages: pages of the desk with their expected text, and the scores of today's extraction against it.

    gold/<name>.json        URL, media type, charset, language, title
    gold/<name>.page        the page's bytes
    gold/<name>.txt         the expected text, one paragraph per line, without the title
    gold/baseline.json      the scores accepted last

Scores compare bags of words, so order and line breaks do not matter: precision is the share of extracted words that are
expected, recall the share of expected words that were extracted.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from copydesk.errors import UsageError
from copydesk.filesystem import write_whole
from copydesk.records import Document, Extraction

__all__ = [
    "GoldPage",
    "GoldScore",
    "Score",
    "add_page",
    "gold_pages",
    "mean_score",
    "regressions",
    "score",
    "score_pages",
    "write_baseline",
]

_WORD = re.compile(r"\w+")
_BASELINE = "baseline.json"
_TOLERANCE = 0.002
"""A mean that drops by less than this is not a regression: one word in five hundred."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldPage:
    """One gold page.

    Attributes:
        name: Stem of its file names, from the article's key.
        document: The page, ready to extract.
        text: The expected text.
        title: The expected title; None when unknown.
    """

    name: str
    document: Document
    text: str
    title: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Agreement of an extracted text with the expected one; all values 0 to 1."""

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldScore:
    """The result of one gold page.

    Attributes:
        title_right: Whether the title is the expected one; None when that is unknown.
        missing, extra: Up to five expected lines that were not extracted, and extracted lines that are not expected.
    """

    name: str
    address: str
    score: Score
    title_right: bool | None
    missing: tuple[str, ...]
    extra: tuple[str, ...]


def score(expected: str, actual: str) -> Score:
    """Compare two texts as bags of words; two empty texts agree fully."""
    want, have = Counter(_WORD.findall(expected.lower())), Counter(_WORD.findall(actual.lower()))
    common = sum((want & have).values())
    precision = common / sum(have.values()) if have else float(not want)
    recall = common / sum(want.values()) if want else float(not have)
    total = precision + recall
    return Score(precision=precision, recall=recall, f1=2 * precision * recall / total if total else 0.0)


def add_page(folder: Path, name: str, document: Document, *, text: str, title: str | None) -> Path:
    """Store a page with its expected text, replacing an earlier one of that name. Returns the path of the text."""
    folder.mkdir(parents=True, exist_ok=True)
    facts = {
        "url": document.url,
        "media_type": document.media_type,
        "charset": document.charset,
        "language": document.language,
        "site": document.site,
        "title": title,
    }
    path = folder / f"{name}.txt"
    write_whole(path, text.rstrip("\n") + "\n")
    write_whole(folder / f"{name}.json", json.dumps(facts, ensure_ascii=False, indent=2) + "\n")
    write_whole(folder / f"{name}.page", document.content)  # last: `gold_pages` finds a page by this file
    return path


def gold_pages(folder: Path) -> list[GoldPage]:
    """Read all gold pages, sorted by name.

    Raises:
        UsageError: There is none, or one has a missing or unreadable file.
    """
    found = []
    for path in sorted(folder.glob("*.page")):
        try:
            facts: dict[str, Any] = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
            text = path.with_suffix(".txt").read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            raise UsageError(f"{path}: its .json or .txt cannot be read ({error}). Add the page again.") from error
        document = Document(
            document_id=path.stem,
            content=path.read_bytes(),
            media_type=facts["media_type"],
            charset=facts.get("charset"),
            url=facts.get("url"),
            language=facts.get("language"),
            site=facts.get("site") or "",
        )
        found.append(GoldPage(name=path.stem, document=document, text=text, title=facts.get("title")))
    if not found:
        raise UsageError(f"{folder} has no gold page yet. Add one: `copydesk gold add ARTICLE`.")
    return found


def score_pages(pages: Sequence[GoldPage], answers: Sequence[Extraction]) -> list[GoldScore]:
    """Score each page's extraction against its expected text."""
    return [_score_page(page, answer) for page, answer in zip(pages, answers, strict=True)]


def _score_page(page: GoldPage, answer: Extraction) -> GoldScore:
    actual = [p.text for p in answer.paragraphs]
    expected = [line for line in page.text.splitlines() if line.strip()]
    have, want = Counter(map(_normalize, actual)), Counter(map(_normalize, expected))
    return GoldScore(
        name=page.name,
        address=page.document.url or page.name,
        score=score(page.text, "\n".join(actual)),
        title_right=None if page.title is None else _normalize(answer.title or "") == _normalize(page.title),
        missing=tuple(line for line in expected if not have[_normalize(line)])[:5],
        extra=tuple(line for line in actual if not want[_normalize(line)])[:5],
    )


def _normalize(line: str) -> str:
    return " ".join(_WORD.findall(line.lower()))


def mean_score(scores: Sequence[GoldScore]) -> Score:
    """Return the mean of the pages' scores, page by page with equal weight."""
    values = [asdict(s.score) for s in scores]
    return Score(**{name: sum(v[name] for v in values) / len(values) for name in ("precision", "recall", "f1")})


def regressions(folder: Path, scores: Sequence[GoldScore]) -> list[str]:
    """Return one message per metric that dropped below the baseline, over the pages in both; empty when none did."""
    path = folder / _BASELINE
    if not path.exists():
        return []
    before: dict[str, dict[str, float]] = json.loads(path.read_text(encoding="utf-8"))
    both = [s for s in scores if s.name in before]
    if not both:
        return []
    now = asdict(mean_score(both))
    worse = []
    for name in ("precision", "recall"):
        was = sum(before[s.name][name] for s in both) / len(both)
        if now[name] < was - _TOLERANCE:
            worse.append(f"{name} fell from {was:.3f} to {now[name]:.3f}")
    return worse


def write_baseline(folder: Path, scores: Sequence[GoldScore]) -> None:
    """Store these scores as the baseline of later checks."""
    values = {s.name: asdict(s.score) for s in scores}
    write_whole(folder / _BASELINE, json.dumps(values, indent=2, sort_keys=True) + "\n")
