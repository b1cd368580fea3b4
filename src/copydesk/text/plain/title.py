"""Which line is the title: among the lines before the story, and the story's first line where nothing stands before it."""

from __future__ import annotations

from copydesk.records import Evidence, Label
from copydesk.text.dates import looks_like_date
from copydesk.text.plain.page import Page, normal
from copydesk.text.plain.shapes import crumbs, host, is_counter, looks_like_names

__all__ = ["find_title"]

_LOOK_BACK = 40
"""A title stands close above its story; menus of whole pages lie further up."""


def find_title(page: Page, hint: str | None) -> tuple[int, tuple[Evidence, ...]]:
    """Return the index of the title's line, -1 where there is none, and the candidates."""
    candidates = _candidates(page, hint)
    if not candidates:
        return -1, ()
    top = max(score for score, _, _ in candidates)
    chosen = min(k for score, k, _ in candidates if score >= top - 0.75)
    if top < 1.0:
        chosen = -1
    shown = sorted(candidates, reverse=True)[:5]
    return chosen, tuple(
        Evidence(
            field="title",
            value=page.texts[k],
            source="text",
            chosen=k == chosen,
            reason=why or "stands above the story",
        )
        for _, k, why in shown
    )


def _candidates(page: Page, hint: str | None) -> list[tuple[float, int, str]]:
    story = page.first <= page.last
    past = min(page.first + 1, len(page.texts)) if story else min(len(page.texts), 12)
    said = normal(hint) if hint else ""
    paths = {normal(path[-1]) for k in range(past) if (path := crumbs(page.texts[k]))}
    seen: dict[str, int] = {}
    for text in page.texts[: page.first + 60]:
        key = normal(text[:400])
        seen[key] = seen.get(key, 0) + 1
    out = []
    for k in range(max(0, past - _LOOK_BACK), past):
        score, why = _score(page, k, seen, paths, said, story)
        if score > 0:
            out.append((score, k, "; ".join(why)))
    return out


def _score(
    page: Page, k: int, seen: dict[str, int], paths: set[str], said: str, story: bool
) -> tuple[float, list[str]]:
    text, words = page.texts[k], page.words[k]
    key = normal(text[:400])
    if said and key == said:
        return 9.0, ["the feed's title"]
    if (
        not 2 <= words <= 32
        or len(text) > 250
        or host(text)
        or is_counter(text)
        or (words <= 12 and looks_like_date(text))
    ):
        return 0.0, []
    best = page.best(k)
    if best and best.where >= 3 and best.label not in (Label.RELATED, Label.BYLINE, Label.SOURCE_CREDIT):
        return 0.0, []
    if best and best.where == 4:
        return 0.0, []
    why: list[str] = []
    score = 1.0 if 3 <= words <= 22 else 0.3
    if key in paths:
        score += 3.0
        why.append("ends the breadcrumb")
    elif crumbs(text) and k < page.first:
        score -= 0.8
    if seen.get(key, 0) > 1:
        score += 1.5
        why.append("stands on the page more than once")
    if page.cohesion[k] > 0:
        score += 1.5 * page.cohesion[k]
        why.append(f"{page.cohesion[k]:.0%} of its words return in the story")
    if page.tail[k] in (5, 6, 9):  # a full stop, an ellipsis, a comma
        score -= 1.5 if text[-1] not in "?!？！" else 0.0
    if best and best.label in (Label.CAPTION, Label.DATE, Label.BYLINE):
        score -= 1.0
    if looks_like_names(text) and seen.get(key, 0) < 2:
        score -= 1.0
    if story and k == page.first:
        score -= 1.2 if page.keep[k] else 0.0
        if page.words[k] > 20 or page.long[k]:
            return 0.0, []
    if story and page.first - k > 12:
        score -= 0.5
    return score, why
