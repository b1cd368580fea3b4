"""One function per page: `(Reading, Ask) -> Page`."""

from copydesk.browse.pages import View
from copydesk.browse.views.article import article, changes, fetched
from copydesk.browse.views.people import people, person
from copydesk.browse.views.quality import findings, quality
from copydesk.browse.views.quarantine import lines, quarantine, record
from copydesk.browse.views.runs import run, runs
from copydesk.browse.views.schema import relation, schema
from copydesk.browse.views.search import search
from copydesk.browse.views.sources import source, sources
from copydesk.browse.views.sql import sql
from copydesk.browse.views.stories import stories, story
from copydesk.browse.views.trends import trends

__all__ = ["VIEWS"]

VIEWS: dict[str, View] = {
    "/": search,
    "/search": search,
    "/article/{id}": article,
    "/article/{id}/changes": changes,
    "/article/{id}/fetched": fetched,
    "/stories": stories,
    "/story/{id}": story,
    "/people": people,
    "/person": person,
    "/trends": trends,
    "/sources": sources,
    "/source": source,
    "/quarantine": quarantine,
    "/quarantine/{id}": record,
    "/quarantine/{id}/lines": lines,
    "/quality": quality,
    "/findings": findings,
    "/runs": runs,
    "/run/{id}": run,
    "/sql": sql,
    "/schema": schema,
    "/schema/{name}": relation,
}
"""Path -> view. Names that people choose (sources, rules, persons) are parameters, ids stand in the path."""
