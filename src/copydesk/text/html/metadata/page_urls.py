"""Facts in the URL of a page: the date in its path, the country of its domain, names of the site.

A canonical URL is accepted only when it can be the same page.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import SplitResult, urljoin, urlsplit

from copydesk.text.front_pages import is_front_page
from copydesk.text.registered_domain import registered_domain

__all__ = ["canonical_reason", "country_of", "date_in", "domain_of", "page_url", "resolve", "site_words"]

_ARCHIVED = re.compile(
    r"https?://(?:web\.archive\.org|archive\.org)/web/\d+[a-z_]*/(?P<url>https?:/+.+)", re.IGNORECASE
)
_DAY = re.compile(r"(?<!\d)(?P<y>(?:19|20)\d{2})[/\-_.](?P<m>0?[1-9]|1[0-2])[/\-_.](?P<d>0?[1-9]|[12]\d|3[01])(?!\d)")
_DIGITS = re.compile(r"(?<!\d)(?P<y>20[0-3]\d)(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])(?!\d)")
_POST = re.compile(r"https?://(?:\w+\.)?(?:twitter|x)\.com/\w+/status(?:es)?/(?P<id>\d{17,20})(?!\d)", re.IGNORECASE)
_POST_EPOCH = 1_288_834_974_657
"""Milliseconds of Unix time at which the numbers of posts begin; the lower 22 bits are no time (Twitter Snowflake)."""
_MONTH_NAME = re.compile(r"/(?P<y>20\d{2})/(?P<m>[a-z]{3,9})/(?P<d>\d{1,2})(?:/|$)", re.IGNORECASE)
_COUNTRIES = {
    "uk": "GB",
    "su": "RU",
    "eu": "",
    "io": "",
    "co": "",
    "tv": "",
    "me": "",
    "ai": "",
    "fm": "",
    "cc": "",
    "ly": "",
}


def page_url(url: str | None) -> str | None:
    """Return the URL of the page; for a copy in a web archive, that of the original."""
    match = _ARCHIVED.match(url or "")
    return re.sub(r"^(https?):/+", r"\1://", match["url"]) if match else url


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url.strip())
        return parts if parts.hostname or not parts.scheme else None
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def domain_of(url: str | None) -> str:
    """Return the registered domain ("example.co.uk"), "" for a URL without one."""
    parts = _split(url or "")
    host = (parts.hostname or "") if parts else ""
    return registered_domain(host) or host if host else ""


def country_of(url: str | None, locale: str = "") -> str | None:
    """Return the ISO 3166 code of the site, by its top-level domain, else by a locale such as "en-GB"."""
    host = domain_of(url)
    ending = host.rsplit(".", 1)[-1] if "." in host else ""
    if ending in _COUNTRIES:
        ending = _COUNTRIES[ending]
    if len(ending) == 2 and ending.isalpha():
        return ending.upper()
    if ending in ("gov", "mil", "edu"):
        return "US"
    region = re.match(r"[a-z]{2,3}[-_](?:[a-z]{4}[-_])?([a-z]{2})$", locale.strip().lower())
    return region[1].upper() if region else None


def date_in(url: str | None) -> str | None:
    """Return the date in the path of a URL as text, or None ("/2023/04/28/", "2023-04-28-title", "20230428").

    The number of a post on X (Twitter) holds its second, in UTC.
    """
    if post := _POST.match(url or ""):
        seconds = ((int(post["id"]) >> 22) + _POST_EPOCH) // 1000
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y%m%dT%H%M%SZ")
    parts = _split(url or "")
    path = parts.path if parts else ""
    match = _DAY.search(path) or _DIGITS.search(path)
    if match:
        return f"{match['y']}-{int(match['m']):02}-{int(match['d']):02}"
    match = _MONTH_NAME.search(path)
    return f"{match['d']} {match['m']} {match['y']}" if match else None


def site_words(url: str | None) -> list[str]:
    """Return possible names of the site by its URL: host, registered domain, and its first label."""
    parts = _split(url or "")
    host = ((parts.hostname or "") if parts else "").removeprefix("www.")
    domain = domain_of(url)
    return [w for w in dict.fromkeys((host, domain, domain.split(".")[0])) if w]


def resolve(base: str | None, url: str) -> str | None:
    """Return an absolute http(s) URL, or None where the two do not make one."""
    try:
        whole = urljoin(base or "", url.strip())
        parts = urlsplit(whole)
    except ValueError:
        return None
    return whole if parts.scheme in ("http", "https") and parts.hostname and " " not in whole else None


def canonical_reason(canonical: str, url: str | None) -> str:
    """Return why a canonical URL is rejected; "" where it is accepted."""
    there = _split(canonical)
    if there is None or not there.hostname:
        return "no http(s) URL"
    if url is None:
        return ""
    here = _split(url)
    if here is None:
        return ""
    if domain_of(canonical) != domain_of(url):
        return "another site"
    if is_front_page(there.path) and not there.query and not is_front_page(here.path):
        return "the site's home page"
    if "localhost" in there.hostname or there.hostname.startswith(("staging.", "dev.", "test.")):
        return "not a public URL"
    return ""
