"""What a person taught: pages of the desk with the text they should give, and how well today's cleaning gives it.

    gold/<name>.json        what is known of the page: address, media type, charset, language, title
    gold/<name>.page        its bytes
    gold/<name>.txt         the text a person wants of it, a paragraph a line, without the title
    gold/baseline.json      the scores that were accepted last

Scores compare words with their counts, so order and line breaks do not matter: precision is the share of the text given
that is wanted, recall the share of the text wanted that is given.
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
from copydesk.records import Document, Extraction

__all__ = ["GoldPage", "GoldScore", "Score", "accept", "add_page", "fell", "gold_pages", "mean", "score", "score_pages"]

_WORD = re.compile(r"\w+")
_BASELINE = "baseline.json"
_NOISE = 0.002
"""A mean that fell by less than this did not fall: one word in five hundred."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldPage:
    """One taught page.

    Attributes:
        name: Name of its files, from the article's key.
        document: The page, ready to extract.
        text: The text that is wanted.
        title: The title that is wanted, None when nobody said.
    """

    name: str
    document: Document
    text: str
    title: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How well a text matches the wanted one; all shares 0 to 1."""

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldScore:
    """How one page came out.

    Attributes:
        missing, extra: First lines that are wanted and not given, and given and not wanted.
    """

    name: str
    address: str
    score: Score
    title_right: bool | None
    missing: tuple[str, ...]
    extra: tuple[str, ...]


def score(wanted: str, given: str) -> Score:
    """Compare two texts by their words; two empty texts agree."""
    want, have = Counter(_WORD.findall(wanted.lower())), Counter(_WORD.findall(given.lower()))
    common = sum((want & have).values())
    precision = common / sum(have.values()) if have else float(not want)
    recall = common / sum(want.values()) if want else float(not have)
    total = precision + recall
    return Score(precision=precision, recall=recall, f1=2 * precision * recall / total if total else 0.0)


def add_page(folder: Path, name: str, document: Document, *, text: str, title: str | None) -> Path:
    """Store a page with the text it should give; the same page again is replaced. Returns the text's path."""
    folder.mkdir(parents=True, exist_ok=True)
    facts = {
        "url": document.url,
        "media_type": document.media_type,
        "charset": document.charset,
        "language": document.language,
        "site": document.site,
        "title": title,
    }
    (folder / f"{name}.page").write_bytes(document.content)
    (folder / f"{name}.json").write_text(json.dumps(facts, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    path = folder / f"{name}.txt"
    path.write_text(text.rstrip("\n") + "\n", encoding="utf-8")
    return path


def gold_pages(folder: Path) -> list[GoldPage]:
    """Read all taught pages, by name.

    Raises:
        UsageError: There is none, or one lacks a file.
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
        raise UsageError(f"{folder} holds no page yet. `copydesk gold add ARTICLE` adds one.")
    return found


def score_pages(pages: Sequence[GoldPage], answers: Sequence[Extraction]) -> list[GoldScore]:
    """Compare what extract gave with what is wanted, page by page."""
    return [_scored(page, answer) for page, answer in zip(pages, answers, strict=True)]


def _scored(page: GoldPage, answer: Extraction) -> GoldScore:
    given = [p.text for p in answer.paragraphs]
    wanted = [line for line in page.text.splitlines() if line.strip()]
    had, want = Counter(map(_plain, given)), Counter(map(_plain, wanted))
    return GoldScore(
        name=page.name,
        address=page.document.url or page.name,
        score=score(page.text, "\n".join(given)),
        title_right=None if page.title is None else _plain(answer.title or "") == _plain(page.title),
        missing=tuple(line for line in wanted if not had[_plain(line)])[:5],
        extra=tuple(line for line in given if not want[_plain(line)])[:5],
    )


def _plain(line: str) -> str:
    return " ".join(_WORD.findall(line.lower()))


def mean(scores: Sequence[GoldScore]) -> Score:
    """Return the mean of the pages' scores."""
    values = [asdict(s.score) for s in scores]
    return Score(**{name: sum(v[name] for v in values) / len(values) for name in ("precision", "recall", "f1")})


def fell(folder: Path, scores: Sequence[GoldScore]) -> list[str]:
    """Return in words what is worse than the accepted scores, over the pages that both know; empty when nothing is."""
    path = folder / _BASELINE
    if not path.exists():
        return []
    before: dict[str, dict[str, float]] = json.loads(path.read_text(encoding="utf-8"))
    both = [s for s in scores if s.name in before]
    if not both:
        return []
    now = asdict(mean(both))
    worse = []
    for name in ("precision", "recall"):
        was = sum(before[s.name][name] for s in both) / len(both)
        if now[name] < was - _NOISE:
            worse.append(f"{name} fell from {was:.3f} to {now[name]:.3f}")
    return worse


def accept(folder: Path, scores: Sequence[GoldScore]) -> None:
    """Make these scores the ones that later checks are compared with."""
    values = {s.name: asdict(s.score) for s in scores}
    (folder / _BASELINE).write_text(json.dumps(values, indent=2, sort_keys=True) + "\n", encoding="utf-8")
