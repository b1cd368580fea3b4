"""The registered domain of a host by the Public Suffix List: `news.bbc.co.uk` -> `bbc.co.uk`.

The list is the file of the package `tld`. Its own reader takes each process 70 ms and builds a tree of objects; lines
in a set take 5 ms, and a host a few look-ups. Answers are those of `tld.get_fld`, but for a dozen names that the list
has as a suffix by a wildcard (`ex.futurecms.at`) and nobody visits.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

__all__ = ["registered_domain"]

_LIST = "res/effective_tld_names.dat.txt"


def registered_domain(host: str) -> str | None:
    """Return the registered domain of a host, port and user allowed; a suffix itself; None without a known suffix."""
    try:
        name = urlsplit(f"https://{host}/").hostname
    except ValueError:  # half an IPv6 address, characters that turn into others when normalised
        return None
    if not name:
        return None
    parts = name.lower().rstrip(".").split(".")
    size = _suffix_size(parts)
    if not size:
        return None
    return name if size == len(parts) else ".".join(parts[-size - 1 :]).lstrip(".")


def _suffix_size(parts: list[str]) -> int:
    """Return of how many parts the longest public suffix of a host is, 0 if there is none."""
    suffixes = _suffixes()
    for first in range(len(parts)):
        parent = ".".join(parts[first + 1 :])
        whole = f"{parts[first]}.{parent}" if parent else parts[first]
        if f"!{whole}" in suffixes:
            return len(parts) - first - 1
        if whole in suffixes or f"*.{parent}" in suffixes:
            return len(parts) - first
    return 0


@lru_cache(maxsize=1)
def _suffixes() -> frozenset[str]:
    """Return the rules of the list: names, `*.name` for every name below one, `!name` for its exceptions."""
    spec = find_spec("tld")
    assert spec is not None  # noqa: S101  a declared dependency
    assert spec.origin is not None  # noqa: S101
    text = (Path(spec.origin).parent / _LIST).read_text(encoding="utf-8")
    lines = text.split("\n")
    coded = [line.split()[1] for line in lines if "// xn--" in line]  # "// xn--p1ai ("rf", Russian-Cyrillic) : RU"
    return frozenset([*(line.strip() for line in lines if line and line[0] != "/"), *coded])
