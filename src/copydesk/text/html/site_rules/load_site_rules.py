"""Load the user's rules for single sites: patterns of body, title, author and date, and what to strip.

    rules/sites/NAME.toml       [[site]] domain, body, strip, title, author, date, valid_until; CSS or XPath
    rules/sites/example.org.txt FiveFilters' site_config ("key: value" lines, XPath), also ".example.org.txt"

A rule applies to subdomains too; the longest domain wins. `body` patterns are tried in order until one matches; a rule
without a match is a finding, and the page is extracted without it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from copydesk.errors import SettingsError
from copydesk.rules_file import read_rules

__all__ = ["SiteRule", "SiteRules", "load_site_rules"]

_KEYS = frozenset(("domain", "body", "strip", "title", "author", "date", "valid_until", "because"))


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRule:
    """Patterns of one site; CSS unless they start with "/", "(" or ".//".

    Attributes:
        name: Its file and number, `file.toml#2` or `example.org.txt`.
        domain: The site, without a leading dot.
        body, strip, title, author, date: Patterns, tried in order (`strip`: all of them).
        valid_until: The rule is not applied to pages captured after this day.
    """

    name: str
    domain: str
    body: tuple[str, ...] = ()
    strip: tuple[str, ...] = ()
    title: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    date: tuple[str, ...] = ()
    valid_until: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRules:
    """All rules by domain. Picklable."""

    by_domain: dict[str, tuple[SiteRule, ...]] = field(default_factory=dict)

    def find(self, url: str | None, seen: dt.datetime | None) -> SiteRule | None:
        """Return the rule of the page's site that was valid when the page was captured, or None."""
        labels = _host(url).split(".")
        for start in range(len(labels)):
            for rule in self.by_domain.get(".".join(labels[start:]), ()):
                if rule.valid_until is None or seen is None or seen.date() <= rule.valid_until:
                    return rule
        return None


def load_site_rules(folder: Path) -> SiteRules:
    """Load every `*.toml` and `*.txt` of a folder; a missing folder has no rules.

    Raises:
        SettingsError: A file cannot be read or is invalid.
    """
    found: dict[str, list[SiteRule]] = {}
    for path in sorted(folder.glob("*.toml")) + sorted(folder.glob("*.txt")):
        for rule in _read(path):
            found.setdefault(rule.domain, []).append(rule)
    # Rules with an end date come first, the earliest first.
    return SiteRules(
        by_domain={d: tuple(sorted(rules, key=lambda r: r.valid_until or dt.date.max)) for d, rules in found.items()}
    )


def _host(url: str | None) -> str:
    try:
        host = urlsplit(url or "").hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")


def _read(path: Path) -> Iterator[SiteRule]:
    try:
        if path.suffix == ".txt":
            yield _site_config(path, path.read_text(encoding="utf-8"))
            return
        for number, entry in enumerate(read_rules(path).get("site", ()), 1):
            yield _toml(f"{path.name}#{number}", entry)
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path} holds no site rules: {error}. Correct it or move it out of the folder.") from error


def _toml(name: str, entry: dict[str, Any]) -> SiteRule:
    unknown = sorted(set(entry) - _KEYS)
    if unknown:
        raise ValueError(f"site {name} has unknown keys: {', '.join(unknown)}")
    if not isinstance(entry.get("domain"), str):
        raise ValueError(f"site {name} has no domain")
    until = entry.get("valid_until")
    if isinstance(until, dt.datetime):
        until = until.date()
    if until is not None and not isinstance(until, dt.date):
        raise ValueError(f"site {name}: valid_until is not a date")
    return SiteRule(
        name=name,
        domain=entry["domain"].lower().removeprefix("www.").strip("."),
        body=_patterns(entry, "body"),
        strip=_patterns(entry, "strip"),
        title=_patterns(entry, "title"),
        author=_patterns(entry, "author"),
        date=_patterns(entry, "date"),
        valid_until=until,
    )


def _patterns(entry: dict[str, Any], key: str) -> tuple[str, ...]:
    value = entry.get(key, [])
    value = [value] if isinstance(value, str) else value
    if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
        raise ValueError(f"{key} of {entry.get('domain')} is neither a pattern nor a list of patterns")
    return tuple(value)


def _site_config(path: Path, text: str) -> SiteRule:
    """Parse FiveFilters' format: one `key: value` per line, `#` starts a comment line, keys may repeat."""
    values: dict[str, list[str]] = {}
    for line in text.splitlines():
        key, colon, value = line.partition(":")
        if colon and not line.lstrip().startswith("#") and value.strip():
            values.setdefault(key.strip().lower(), []).append(value.strip())
    marks = [v.strip("\"'") for v in values.get("strip_id_or_class", ())]
    strip = [
        *values.get("strip", ()),
        *(f"//*[contains(@class, '{m}') or contains(@id, '{m}')]" for m in marks if "'" not in m),
    ]
    return SiteRule(
        name=path.name,
        domain=path.stem.lower().removeprefix("www.").strip("."),
        body=tuple(values.get("body", ())),
        strip=tuple(strip),
        title=tuple(values.get("title", ())),
        author=tuple(values.get("author", ())),
        date=tuple(values.get("date", ())),
    )
