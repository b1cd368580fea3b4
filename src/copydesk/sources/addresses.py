"""URLs: canonical form, canonical links, and a source's include and exclude patterns.

    https://www.x.example:443/a/?utm_source=rss&b=2&a=1#top     as a feed names it
    https://www.x.example/a/?a=1&b=2                            its uri: the key in the warehouse

The uri is an identity and is never requested; requests use the URL as it was named.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from copydesk.errors import SettingsError
from copydesk.sources.publishers import domain_of

__all__ = ["article_address", "canonical", "sane_canonical", "wanted"]

_AMP_SEGMENT = re.compile(r"/amp/?$|\.amp(?=(\.html?)?$)|^/amp(?=/.)", re.IGNORECASE)
_AMP_PARAMETERS = frozenset({"amp", "outputtype"})
_AMP_CACHE = re.compile(r"^https?://(?:www\.google\.[a-z.]{2,7}/amp|[a-z0-9-]{1,200}\.cdn\.ampproject\.org/[cv])/(s/)?")
_FRONT_PAGES = frozenset({"", "/", "/index.html", "/index.php", "/home"})
_MAX_CHARS = 4096


def canonical(url: str) -> str:
    """Return the canonical form of a URL: no tracking parameters, fragment or AMP form; https for http.

    A URL that cannot be parsed is returned as it is; the guard refuses it later.
    """
    cached = _AMP_CACHE.match(url)
    if cached:
        url = ("https://" if cached[1] else "http://") + url[cached.end() :]
    from courlan import normalize_url  # with urllib3 a tenth of a second, which a run on files does not need

    try:
        parts = urlsplit(str(normalize_url(url[:_MAX_CHARS].strip())))
        port = parts.port
    except (ValueError, TypeError):
        return url[:_MAX_CHARS]
    scheme = "https" if parts.scheme == "http" and port in (None, 80) else parts.scheme
    netloc = parts.netloc.removesuffix(":80") if port == 80 else parts.netloc
    path = _AMP_SEGMENT.sub("", parts.path) or "/"
    return urlunsplit((scheme, netloc, path, _query_without_amp(parts.query), ""))


def sane_canonical(page: str, link: str | None) -> str | None:
    """Return the canonical form of `<link rel=canonical>`; None when it cannot be right.

    It must be on the page's own registered domain (a republished story keeps its own publisher), and not the front
    page, which some templates name on every page.
    """
    if not link or not link.strip():
        return None
    try:
        target = urljoin(page, link.strip())
        parts = urlsplit(target)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or domain_of(target) != domain_of(page):
        return None
    is_front = parts.path.lower() in _FRONT_PAGES and not parts.query
    return None if is_front and urlsplit(page).path.lower() not in _FRONT_PAGES else canonical(target)


def article_address(page: str, link: str | None) -> str:
    """Return the address of an article: its canonical link where that is plausible, else the page's URL."""
    return sane_canonical(page, link) or canonical(page)


def wanted(url: str, include: Sequence[str], exclude: Sequence[str]) -> bool:
    """Return whether a source's patterns (regular expressions, searched in the URL) include it.

    Raises:
        SettingsError: A pattern is not a regular expression.
    """
    if include and not any(_pattern(p).search(url) for p in include):
        return False
    return not any(_pattern(p).search(url) for p in exclude)


@lru_cache(maxsize=1024)
def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise SettingsError(
            f"{text!r} in include or exclude is not a regular expression: {error}. Correct it."
        ) from error


def _query_without_amp(query: str) -> str:
    if not query or "amp" not in query.lower():
        return query
    pairs = parse_qsl(query, keep_blank_values=True)
    kept = [(k, v) for k, v in pairs if not (k.lower() in _AMP_PARAMETERS and v.lower() in ("", "1", "true", "amp"))]
    return query if len(kept) == len(pairs) else urlencode(kept)
