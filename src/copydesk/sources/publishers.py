"""The publisher of a page: as declared, else the URL's registered domain, else the source's name."""

from __future__ import annotations

from functools import lru_cache

from copydesk.settings import Source

__all__ = ["domain_of", "publisher_of"]


def publisher_of(source: Source, url: str | None) -> str:
    """Return the publisher's key, which is also the key of the boilerplate counts."""
    return source.publisher or (domain_of(url) if url else None) or source.name


def domain_of(url: str) -> str | None:
    """Return the registered domain of a URL (`https://www.bbc.co.uk/x` gives `bbc.co.uk`), or None."""
    host = url.split("//", 1)[-1].split("/", 1)[0]
    return _domain_of_host(host)


@lru_cache(maxsize=4096)
def _domain_of_host(host: str) -> str | None:
    from courlan import extract_domain

    domain: str | None = extract_domain(f"https://{host}/")
    return domain or host.rsplit("@", 1)[-1].split(":", 1)[0].lower() or None
