"""Recognise short pages that a site sends in place of the article: geo block, maintenance, bot check, consent, ...

Such a page has status 200 and looks like a short article. The sentences of `rules/refusals.toml` are written in the
site's own voice and match from the start of a sentence. They decide only where they are at least half of a short body,
so that news about outages and cookies loads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from copydesk.records import PageKind
from copydesk.rules_file import package_rules
from copydesk.text.dates.date_words import fold

__all__ = [
    "MAX_BODY_CHARS",
    "Refusal",
    "RefusalRule",
    "find_refusal",
    "fold_sentence",
    "match_refusal",
    "refusal_rules",
]

MAX_BODY_CHARS = 1_200
"""Characters of the body above which a page is no refusal."""
_MAX_SEARCHED_CHARS = 600
"""Characters at the start of each text that are searched."""
_MAX_TEXTS = 60
_MAX_OTHER_CHARS = 160
"""Characters of other body text that a refusal may have, however short its own sentences are ("Contact us at ...")."""
_MAX_PAGE_CHARS = 400
"""Visible characters of a page on which a sentence outside the body decides."""
_SENTENCE = re.compile(r"(?<=[.!?:。！？।؟])\s*|\n")
_LETTERS = tuple(zip("`ıłøđ’‘´", "'ilod'''", strict=True))
"""ASCII first; letters that decompose into no base letter, and apostrophes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalRule:
    """Sentences of one kind of refusal.

    Attributes:
        id: `geo_block`, `maintenance`, ...
        kind: The page kind it gives.
        because: Why these sentences tell.
        pattern: The sentences as one regular expression over folded text.
        examples, counter_examples: Sentences that must and must not match; a test runs them.
    """

    id: str
    kind: PageKind
    because: str
    pattern: re.Pattern[str]
    examples: tuple[str, ...]
    counter_examples: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A recognised refusal: the page kind, the id of the rule, and the reason in words."""

    kind: PageKind
    rule: str
    reason: str


@lru_cache(maxsize=1)
def refusal_rules() -> tuple[RefusalRule, ...]:
    """Load the rules in the order in which they are tried."""
    rules = package_rules("refusals.toml")
    openers = "|".join(fold_sentence(o) for o in rules["openers"])
    return tuple(
        RefusalRule(
            id=r["id"],
            kind=PageKind(r["kind"]),
            because=r["because"],
            pattern=re.compile(rf"(?:(?:{openers})\s*)?(?:{'|'.join(fold_sentence(s) for s in r['sentences'])})"),
            examples=tuple(r["examples"]),
            counter_examples=tuple(r["counter_examples"]),
        )
        for r in rules["refusal"]
    )


@lru_cache(maxsize=4096)
def match_refusal(text: str) -> RefusalRule | None:
    """Return the first rule one of whose sentences starts the text or one of its sentences, or None."""
    folded = fold_sentence(text[:_MAX_SEARCHED_CHARS])
    starts = [0, *(m.end() for m in _SENTENCE.finditer(folded))]
    return next((r for r in refusal_rules() if any(r.pattern.match(folded, at) for at in starts)), None)


def find_refusal(title: str | None, texts: Iterable[str], body: Sequence[str]) -> Refusal | None:
    """Return the refusal that a page is, or None.

    Args:
        title: The headline, or None.
        texts: Visible texts of the page, in order; only the first 60 are searched.
        body: The paragraphs of its body.
    """
    if sum(map(len, body)) > MAX_BODY_CHARS:
        return None
    own, other = 0, 0
    first: tuple[RefusalRule, str] | None = None
    for text in body:
        rule = match_refusal(text)
        own, other = (own + len(text), other) if rule else (own, other + len(text))
        first = first or ((rule, text) if rule else None)
    # A sentence behind other text may be the notice of an embedded player.
    opens = first is None or first[1] == body[0]
    if other > (max(own, _MAX_OTHER_CHARS) if opens else own):
        return None
    if first is None:
        # Without a sentence in the body, one elsewhere decides only for a page without a body or with hardly any text.
        visible = [*texts][:_MAX_TEXTS]
        whole = not body or sum(map(len, visible)) <= _MAX_PAGE_CHARS
        outside = ([title] if title else []) + (visible if whole else [])
        first = next(((rule, text) for text in outside if (rule := match_refusal(text))), None)
    if first is None:
        return None
    rule, text = first
    reason = f'{rule.id.replace("_", " ")}: "{text[:100]}", {other} characters of other text'
    return Refusal(kind=rule.kind, rule=rule.id, reason=reason)


def fold_sentence(text: str) -> str:
    """Return a text in lower case, without accents, with "'" for every apostrophe, as the rules are written."""
    folded = fold(text)
    for letter, plain in _LETTERS[:1] if folded.isascii() else _LETTERS:
        folded = folded.replace(letter, plain)
    return folded
