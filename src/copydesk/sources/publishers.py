"""The publisher of a page: as declared, else by its address, else as the page says, else by where it lay.

`publisher_of` needs no look into the page: it is the key of the boilerplate counts. `article_publisher` is what an
article is filed under, once its page was read.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import PurePosixPath

from copydesk.records import AD_HOC, Extraction, SourceFacts
from copydesk.text.registered_domain import registered_domain

__all__ = ["article_publisher", "domain_of", "publisher_of"]

_MAX_NAME_CHARS = 80
_WWW = re.compile(r"^www[0-9]*\.")
_DOMAIN = re.compile(r"[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}")


def publisher_of(source: SourceFacts, url: str | None) -> str:
    """Return the key of the boilerplate counts: the declared publisher, the address's domain, or the source's name."""
    return source.publisher or (domain_of(url) if url else None) or source.name


def article_publisher(source: SourceFacts, url: str | None, uri: str, found: Extraction) -> str:
    """Return the publisher of an article.

    Args:
        source: A declared publisher holds for all its pages.
        url: The page's address, where the capture knows one.
        uri: Path of a page from a file.
        found: The canonical address and the site's name as the page gives them speak for pages from files.

    Returns:
        A registered domain where there is an address; else the site's name, the source's name, or for files that no
        source declares the name of their folder.
    """
    known = source.publisher or domain_of(url or found.canonical_url or "")
    if known:
        return known
    name = " ".join((found.publisher or "").split())
    if name and len(name) <= _MAX_NAME_CHARS:
        return (_DOMAIN.fullmatch(name) and domain_of(name.lower())) or name
    if source.name != AD_HOC:
        return source.name
    return PurePosixPath(uri.split("!/", maxsplit=1)[0].split("#", maxsplit=1)[0]).parent.name or source.name


def domain_of(url: str) -> str | None:
    """Return the registered domain of a URL (`https://www.bbc.co.uk/x` gives `bbc.co.uk`), or None."""
    host = url.split("//", 1)[-1].split("/", 1)[0]
    return _domain_of_host(host) if host else None


@lru_cache(maxsize=4096)
def _domain_of_host(host: str) -> str | None:
    return _WWW.sub("", registered_domain(host) or "") or host.rsplit("@", 1)[-1].split(":", 1)[0].lower() or None
