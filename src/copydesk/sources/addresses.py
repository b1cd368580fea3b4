"""URLs: canonical form, canonical links, and a source's include and exclude patterns.

    https://www.x.example:443/a/?utm_source=rss&b=2&a=1#top     as a feed names it
    https://www.x.example/a/?a=1&b=2                            its uri: the key in the warehouse

The uri is an identity and is never requested; requests use the URL as it was named. Where it is not certain that two
URLs name one page, they stay two: only the parameters of `rules/tracking.toml` are dropped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from urllib.parse import quote, quote_plus, unquote_plus, urljoin, urlsplit, urlunsplit

from copydesk.errors import SettingsError
from copydesk.rules_file import package_rules
from copydesk.sources.publishers import domain_of
from copydesk.text.front_pages import is_front_page

__all__ = ["article_address", "canonical", "former_canonical", "sane_canonical", "wanted"]

_AMP_SEGMENT = re.compile(r"/amp/?$|\.amp(?=(\.html?)?$)|^/amp(?=/.)", re.IGNORECASE)
_AMP_PARAMETERS = frozenset({"amp", "outputtype"})
_AMP_CACHE = re.compile(r"^https?://(?:www\.google\.[a-z.]{2,7}/amp|[a-z0-9-]{1,200}\.cdn\.ampproject\.org/[cv])/(s/)?")
_ROUTE = re.compile(r"[!/][^#]*[^#/!]")
"""A fragment that names a page of a site whose script shows it: #!/story/12."""
_PROGRAM = re.compile(r"\.(?:php\d?|aspx?|jsp|cfm|cgi|pl|do|dll|exe)$", re.IGNORECASE)
"""A path that is no page without its query: /read.php."""
_MAX_CHARS = 4096


def canonical(url: str) -> str:
    """Return the canonical form of a URL: no tracking parameters, anchor or AMP form; https for http.

    A URL that cannot be parsed is returned as it is; the guard refuses it later.
    """
    return _canonical(url, former=False)


def former_canonical(url: str) -> str:
    """Return the canonical form of versions up to 0.9, which dropped every parameter with a name like `ref` or `id`.

    Pages that were removed on request are stored under it.
    """
    return _canonical(url, former=True)


def _canonical(url: str, *, former: bool) -> str:
    cached = _AMP_CACHE.match(url)
    if cached:
        url = ("https://" if cached[1] else "http://") + url[cached.end() :]
    from courlan import normalize_url  # with urllib3 a tenth of a second, which a run on files does not need

    try:
        whole = url[:_MAX_CHARS].strip()
        parts = urlsplit(whole)
        query, fragment = parts.query, parts.fragment
        parts = urlsplit(str(normalize_url(whole if former else urlunsplit((*parts[:3], "", "")))))
        port = parts.port
        query = _query(parts.query if former else query)
        fragment = _quoted(fragment) if not former and _ROUTE.fullmatch(fragment) else ""
    except (ValueError, TypeError):
        return url[:_MAX_CHARS]
    scheme = "https" if parts.scheme == "http" and port in (None, 80) else parts.scheme
    netloc = parts.netloc.removesuffix(":80") if port == 80 else parts.netloc
    path = _AMP_SEGMENT.sub("", parts.path) or "/"
    return urlunsplit((scheme, netloc, path, query, fragment))


def sane_canonical(page: str, link: str | None) -> str | None:
    """Return the canonical form of `<link rel=canonical>`; None when it cannot be right.

    It must be on the page's own registered domain (a republished story keeps its own publisher), and not a front page,
    which some templates name on every page, or the program that shows all pages, without the query that tells which.
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
    there, here = canonical(target), canonical(page)
    if there == here:
        return there
    named, own = urlsplit(there), urlsplit(here)
    if not named.query and not named.fragment:
        one_of_many = bool(own.query or own.fragment)
        if is_front_page(named.path) and (one_of_many or not is_front_page(own.path)):
            return None
        if one_of_many and named.path == own.path and _PROGRAM.search(named.path):
            return None
    return there


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


def _query(query: str) -> str:
    """Return a query without tracking, sorted by name; values of one name keep their order."""
    if not query:
        return ""
    pieces = [piece for piece in query.split("&") if piece]
    kept = []
    for piece in pieces:
        name, equals, value = (unquote_plus(part) for part in piece.partition("="))
        if _is_tracking(name, value, bare=not equals):
            continue
        if not equals:
            kept.append((name, _quoted(piece)))
        elif value or len(pieces) == 1:  # a name without its value says nothing beside others
            kept.append((name, f"{quote_plus(name)}={quote_plus(value)}"))
    return "&".join(text for _, text in sorted(kept, key=lambda pair: pair[0]))


def _quoted(text: str) -> str:
    return quote(unquote_plus(text), safe="/:;,@!$'()*~")


def _is_tracking(name: str, value: str, *, bare: bool) -> bool:
    rules = _tracking()
    name, value = name.lower(), value.lower()
    if bare:
        return name in rules.bare
    if name in _AMP_PARAMETERS and value in ("", "1", "true", "amp"):
        return True
    return name in rules.names or name.startswith(rules.prefixes) or (name, value) in rules.pairs


@dataclass(frozen=True, slots=True)
class _Tracking:
    names: frozenset[str]
    prefixes: tuple[str, ...]
    bare: frozenset[str]
    pairs: frozenset[tuple[str, str]]


@cache
def _tracking() -> _Tracking:
    rules = package_rules("tracking.toml")["tracking"]
    return _Tracking(
        names=frozenset(name for rule in rules if "values" not in rule for name in rule.get("names", ())),
        prefixes=tuple(prefix for rule in rules for prefix in rule.get("prefixes", ())),
        bare=frozenset(name for rule in rules for name in rule.get("bare", ())),
        pairs=frozenset(
            (name, value) for rule in rules for name in rule.get("names", ()) for value in rule.get("values", ())
        ),
    )
