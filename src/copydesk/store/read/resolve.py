"""Which page a person means: by the id of an article or a quarantined record, an address or a path, or a part of one.

    name --ids | address, path | end of one | part of one--> captures --article, or source and uri--> one page

The first of the four that matches anything decides. Every command that takes a page takes it this way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from copydesk.errors import UsageError
from copydesk.escapes import shown
from copydesk.store.warehouse.connection import Connection

__all__ = ["PageRef", "Wanted", "find_page"]

Wanted = Literal["any", "article", "quarantined", "waiting"]
"""What a command can use: any stored page, an article, a record that was ever quarantined, or one that still waits."""

_ID = re.compile(r"^[0-9a-f]{4,8}(-[0-9a-f]{0,12}){0,4}$")
_MAX_FOUND = 200
_MAX_NAMED = 6
_SHORT_ID = 8
_MAX_TITLE = 60

_MATCHES = (
    "starts_with(p.capture_id::varchar, $1) or starts_with(p.article_id::varchar, $1)",
    "p.uri = $1 or p.url = $1 or p.address = $1",
    "ends_with(p.uri, '/' || $1) or ends_with(coalesce(p.address, p.url, ''), $1)",
    "contains(p.uri, $1) or contains(coalesce(p.address, p.url, ''), $1)",
)

_PAGES = """
with pages as (
    select c.capture_id, c.source, c.uri, c.url, c.captured_at, a.address,
        coalesce(c.article_id, own.article_id) as article_id,
        r.capture_id is not null as is_current, r.title
    from audit.captures as c
    left join (
        select source, uri, max(article_id) as article_id from audit.captures
        where article_id is not null group by source, uri
    ) as own on own.source = c.source and own.uri = c.uri
    left join main.articles as a on a.article_id = coalesce(c.article_id, own.article_id)
    left join main.revisions as r on r.revision_id = a.current_revision_id and r.capture_id = c.capture_id
    union all by name
    select capture_id, source, uri, last_seen_at as captured_at, false as is_current from audit.quarantine
    where capture_id not in (select capture_id from audit.captures)
)
select p.capture_id::varchar, p.source, p.uri, p.article_id::varchar, p.is_current, p.title, q.reason,
    q.capture_id is not null and q.resolved_at is null as waits
from pages as p left join audit.quarantine as q using (capture_id)
where {match}
order by p.is_current desc, p.captured_at desc, p.capture_id
limit $2
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRef:
    """One stored page.

    Attributes:
        capture_id: The capture that is meant: the one that was named, the article's current one, or the latest.
        source: Its source.
        uri: Its address or path.
        article_id: The article that it became, or that an earlier version of the page became; None without one.
        is_current: Whether the article's current text was made from this capture.
        title: Headline of the current text; None for other captures.
        reason: Why the capture was quarantined; None when it never was.
        waits: Whether it still waits in quarantine.
    """

    capture_id: str
    source: str
    uri: str
    article_id: str | None
    is_current: bool
    title: str | None
    reason: str | None
    waits: bool

    @property
    def page(self) -> tuple[str, ...]:
        """What all captures of one page have in common."""
        return (self.article_id,) if self.article_id else (self.source, self.uri)


def find_page(connection: Connection, name: str, *, wanted: Wanted = "any") -> PageRef:
    """Return the page that is meant.

    Args:
        connection: The warehouse.
        name: Four or more characters of the id of an article or a capture, an address, a path, or a part of them.
        wanted: What the caller can use; others do not make a name ambiguous.

    Raises:
        UsageError: No such page, or several; the message lists the candidates.
    """
    found = _found(connection, name)
    usable = [ref for ref in found if _fits(ref, wanted)]
    pages = {ref.page for ref in usable}
    if len(pages) > 1:
        raise UsageError(_ambiguous(name, usable))
    if not usable:
        raise UsageError(_missing(name, found, wanted))
    named = [ref for ref in usable if _is_id(name) and ref.capture_id.startswith(name.lower())]
    return named[0] if len(named) == 1 else usable[0]


def _found(connection: Connection, name: str) -> list[PageRef]:
    """Return the captures that the name fits by the first way that fits any."""
    names = PageRef.__slots__
    for match in _MATCHES[0 if _is_id(name) else 1 :]:
        value = name.lower() if match is _MATCHES[0] else name
        rows = connection.rows(_PAGES.format(match=match), [value, _MAX_FOUND]) if value.strip() else []
        if rows:
            return [PageRef(**dict(zip(names, row, strict=True))) for row in rows]
    return []


def _is_id(name: str) -> bool:
    return bool(_ID.match(name.lower()))


def _fits(ref: PageRef, wanted: Wanted) -> bool:
    if wanted == "article":
        return ref.article_id is not None
    if wanted == "quarantined":
        return ref.reason is not None
    return ref.waits if wanted == "waiting" else True


def _ambiguous(name: str, found: Sequence[PageRef]) -> str:
    """Return the message that lists one line per page, with ids long enough to tell them apart."""
    first = {ref.page: ref for ref in reversed(found)}
    refs = sorted(first.values(), key=lambda ref: (ref.source, ref.uri))
    ids = [ref.article_id or ref.capture_id for ref in refs]
    length = next((n for n in range(_SHORT_ID, 36) if len({i[:n] for i in ids}) == len(ids)), 36)
    some = [f"  {i[:length]}  {_described(ref)}" for i, ref in zip(ids[:_MAX_NAMED], refs, strict=False)]
    more = f"\n  and {len(refs) - _MAX_NAMED} more" if len(refs) > _MAX_NAMED else ""
    return f"{name!r} can mean {len(refs)} pages. Give more of one of them:\n" + "\n".join(some) + more


def _described(ref: PageRef) -> str:
    what = f"in quarantine ({ref.reason})" if ref.waits else f'"{shown(ref.title[:_MAX_TITLE])}"' if ref.title else ""
    return " ".join(part for part in (ref.source, shown(ref.uri), what) if part)


def _missing(name: str, found: Iterable[PageRef], wanted: Wanted) -> str:
    ref = next(iter(found), None)
    if ref is None:
        if wanted in ("quarantined", "waiting"):
            return f"no quarantined record is called {name!r}. `copydesk quarantine list` shows them."
        what = "article" if wanted == "article" else "stored page"
        return (
            f"no {what} is called {name!r}. `copydesk search` finds articles by their words, "
            "`copydesk quarantine list` lists what was refused."
        )
    if wanted == "article":
        return (
            f"{shown(ref.uri)} is no article, but in quarantine ({ref.reason}): "
            f"`copydesk quarantine show {ref.capture_id[:_SHORT_ID]}` says why, `copydesk explain` shows each line."
            if ref.reason
            else f"{shown(ref.uri)} is no article: it waits in a held batch. `copydesk quality` says why."
        )
    if ref.article_id:
        return f"{shown(ref.uri)} is no quarantined record, but an article: `copydesk show {ref.article_id[:8]}`."
    return f"{shown(ref.uri)} does not wait in quarantine. `copydesk quarantine list --all` lists all records."
