"""What other packages add: classes and functions found by name, as entry points (`importlib.metadata`).

    copydesk.sources      kinds of sources     `kind = "name"`        sources.kinds.SourceKind
    copydesk.extractors   ways to extract      `extractor = "name"`   text.extractors.Extractor
    copydesk.notifiers    channels of notifications                   service.notifiers.Notifier

The package's own stand in the same groups, and in a table here, so that a name of ours costs no look at what is
installed. docs/extending.md has an example of each.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from copydesk.errors import UsageError

if TYPE_CHECKING:
    from copydesk.service.notifiers import Message
    from copydesk.sources.crawl.check_sources import SourceCheck
    from copydesk.sources.crawl.results import UrlItem
    from copydesk.sources.kinds import Lists

__all__ = [
    "EXTRACTORS",
    "NOTIFIERS",
    "SOURCES",
    "Lists",
    "Message",
    "SourceCheck",
    "UrlItem",
    "is_own",
    "load",
    "names",
]

_HOME_OF = {
    "Lists": "copydesk.sources.kinds",
    "Message": "copydesk.service.notifiers",
    "SourceCheck": "copydesk.sources.crawl.check_sources",
    "UrlItem": "copydesk.sources.crawl.results",
}
"""Types that a plugin's author needs -> module; imported when one of them is asked for."""

SOURCES = "copydesk.sources"
EXTRACTORS = "copydesk.extractors"
NOTIFIERS = "copydesk.notifiers"

_OWN = {
    SOURCES: {
        "files": "copydesk.sources.kinds:FilesKind",
        "warc": "copydesk.sources.kinds:WarcKind",
        "ccnews": "copydesk.sources.ccnews:CcNewsKind",
        "urls": "copydesk.sources.crawl.enumerate_urls:UrlsKind",
        "feed": "copydesk.sources.crawl.enumerate_urls:FeedKind",
        "sitemap": "copydesk.sources.crawl.enumerate_urls:SitemapKind",
    },
    EXTRACTORS: {
        "auto": "copydesk.text.extractors:auto",
        "blocks": "copydesk.text.extractors:blocks",
        "trafilatura": "copydesk.text.extractors:trafilatura",
    },
    NOTIFIERS: {
        "apprise": "copydesk.service.notifiers:AppriseNotifier",
        "command": "copydesk.service.notifiers:CommandNotifier",
        "mail": "copydesk.service.notifiers:MailNotifier",
    },
}


def is_own(group: str, name: str) -> bool:
    """Return whether a name is one of the package's own."""
    return name in _OWN.get(group, {})


def names(group: str) -> list[str]:
    """Return all names of a group, the package's own first."""
    from importlib.metadata import entry_points

    own = list(_OWN.get(group, {}))
    return own + sorted({e.name for e in entry_points(group=group)} - set(own))


@cache
def load(group: str, name: str) -> Any:
    """Return what stands under a name, imported once per process.

    Raises:
        UsageError: No installed package offers the name, several do, or the one that does cannot be imported.
    """
    own = _OWN.get(group, {}).get(name)
    if own is not None:
        module, _, attribute = own.partition(":")
        return getattr(import_module(module), attribute)
    from importlib.metadata import entry_points

    found = list({e.value: e for e in entry_points(group=group, name=name)}.values())
    if not found:
        raise UsageError(f"no {group} entry point is called {name!r}. There are: {', '.join(names(group))}.")
    if len(found) > 1:
        values = ", ".join(sorted(e.value for e in found))
        raise UsageError(f"{name!r} is offered by several packages under {group}: {values}. Uninstall all but one.")
    try:
        return found[0].load()
    except Exception as error:
        what = f"{type(error).__name__}: {error}"
        raise UsageError(
            f"{found[0].value} ({group} {name!r}) cannot be imported: {what}. Install it again."
        ) from error


def __getattr__(name: str) -> Any:
    """Import a type for authors of plugins when it is first asked for (PEP 562)."""
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(home), name)
