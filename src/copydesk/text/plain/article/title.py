"""Find the title: a line above the story, or the story's first line if nothing is above it."""

from __future__ import annotations

from copydesk.records import Evidence, Label
from copydesk.text.dates.written import looks_like_date
from copydesk.text.fast_records import evidence
from copydesk.text.plain.article.shapes import crumbs, host, is_counter, looks_like_names
from copydesk.text.plain.page import TextPage, normal

__all__ = ["find_title"]

_MAX_LINES_ABOVE = 40
"""Maximum number of lines between title and story; menus are further up."""

_MAX_HEAD_LINES = 12
"""Lines searched if nothing is kept."""

_LIKE_TITLES = (Label.RELATED, Label.BYLINE)
_UNLIKE_TITLES = (Label.CAPTION, Label.DATE, Label.BYLINE)
_STOPS = ".,;:…。،"
_TIE = 0.75
_MIN_SCORE = 1.0


def find_title(page: TextPage, hint: str | None) -> tuple[int, tuple[Evidence, ...]]:
    """Return the index of the title's line, or -1, and the candidates."""
    candidates = _candidates(page, hint)
    if not candidates:
        return -1, ()
    top = max(score for score, _, _ in candidates)
    chosen = min(k for score, k, _ in candidates if score >= top - _TIE) if top >= _MIN_SCORE else -1
    shown = sorted(candidates, key=lambda one: (-one[0], one[1]))[:5]
    return chosen, tuple(
        evidence("title", page.texts[k], "text", k == chosen, "; ".join(why) or "stands above the story")
        for _, k, why in shown
    )


def _candidates(page: TextPage, hint: str | None) -> list[tuple[float, int, list[str]]]:
    story = page.first <= page.last
    past = min(page.first + 1, len(page.texts)) if story else min(len(page.texts), _MAX_HEAD_LINES)
    said = normal(hint) if hint else ""
    paths = {normal(path[-1]) for k in range(max(0, past - _MAX_LINES_ABOVE), past) if (path := crumbs(page.texts[k]))}
    out = []
    for k in range(max(0, past - _MAX_LINES_ABOVE), past):
        if said and normal(page.texts[k]) == said:
            out.append((9.0, k, ["the feed's title"]))
        elif _is_candidate(page, k):
            why: list[str] = []
            score = _score(page, k, paths, why) + _position_score(page, k, story)
            if score > 0:
                out.append((score, k, why))
    return out


def _is_candidate(page: TextPage, k: int) -> bool:
    """Return whether the line can be a title: not too short or long, no address, number, date or phrase."""
    text, words = page.texts[k], page.words[k]
    if not 2 <= words <= 32 or len(text) > 250:
        return False
    best = page.best(k)
    if best and (best.where >= 4 or (best.where == 3 and best.label not in _LIKE_TITLES)):
        return False
    dated = words <= 12 and page.digits[k] and looks_like_date(text)
    return not (dated or host(text) or is_counter(text))


def _score(page: TextPage, k: int, paths: set[str], why: list[str]) -> float:
    """Return the points for the line's text; reasons are added to `why`."""
    text, words = page.texts[k], page.words[k]
    score = 1.0 if 3 <= words <= 22 else 0.3
    if paths and normal(text) in paths:
        score += 3.0
        why.append("ends the breadcrumb")
    elif k < page.first and crumbs(text):
        score -= 0.8
    if page.repeats[k]:
        score += 1.5
        why.append("stands on the page more than once")
    if page.cohesion[k] > 0:
        score += 1.5 * page.cohesion[k]
        why.append(f"{page.cohesion[k]:.0%} of its words return in the story")
    if text[-1] in _STOPS:
        score -= 1.5
    best = page.best(k)
    if best and best.label in _UNLIKE_TITLES:
        score -= 1.0
    if not page.repeats[k] and looks_like_names(text):
        score -= 1.0
    return score


def _position_score(page: TextPage, k: int, story: bool) -> float:
    """Return the points for the line's position; the story's first line counts only if it is not a paragraph."""
    if not story:
        return 0.0
    if k == page.first:
        if page.words[k] > 20 or page.long[k]:
            return -9.0
        return -0.8 if k else 0.0
    return -0.5 if page.first - k > _MAX_HEAD_LINES else 0.0
