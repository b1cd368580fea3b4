"""The lines of `copydesk --help`: command -> the first line of its own help, without importing the command.

A test compares them with the commands.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["COMMAND_LINES"]

COMMAND_LINES: Mapping[str, str] = {
    "init": "Create a desk: settings to edit and five sample pages.",
    "run": "Run the pipeline: acquire, extract, check and load articles.",
    "backfill": "Fetch what a source published since a day and the desk lacks.",
    "extract": "Extract the article of one page and print it.",
    "explain": "Explain each line of a page: kept or cut, and by which rule.",
    "show": "Show an article, its texts and the evidence for its fields.",
    "search": "Search articles by words, ranked by relevance.",
    "browse": "Show the desk in a browser: articles, stories, sources, SQL.",
    "quotes": "List quotes with their speakers, the latest first.",
    "people": "List people: how often quoted and named, by whom and as what.",
    "trends": "Count articles a day of a word, person or topic.",
    "profile": "Show a source's articles by week, and what drifted.",
    "sql": "Run read-only SQL on the warehouse.",
    "schema": "Describe tables, views and columns; needs no warehouse.",
    "status": "Show schedule, last run and state of each source.",
    "report": "Write the quality report as one HTML file that works offline.",
    "restore": "Restore cut lines of an article; later runs keep them.",
    "reprocess": "Extract stored pages again under today's rules.",
    "serve": "Run all sources on their schedules until Ctrl-C.",
    "trigger": "Run a source now by the scheduler.",
    "pause": "Pause the schedule of sources; they can still be run by hand.",
    "resume": "Resume the schedule of paused sources.",
    "logs": "Print the log of a run.",
    "export": "Export articles with a manifest and a dataset card.",
    "feed": "Print what a search finds as a feed: one item per story.",
    "mcp": "Offer search, articles and SQL to other programs (MCP).",
    "forget": "Delete an article or publisher and block it from returning.",
    "load": "Finish interrupted runs and load what is waiting.",
    "doctor": "Verify the warehouse and name repairs; changes nothing.",
    "watch": "List or try watches, or give one's stories as a feed.",
    "quality": "Show quality results; release or drop held batches.",
    "incidents": "Show, acknowledge and mute what is wrong; mark holidays.",
    "quarantine": "List, show, replay, accept or drop quarantined records.",
    "gold": "Check extraction against pages with their expected text.",
    "boilerplate": "List, pin or forget lines that recur on a site's pages.",
    "sources": "List, add, check, import and export sources.",
    "runs": "List, show or drop interrupted, held or damaged runs.",
    "stage": "Take a run through its stages by hand, on several machines.",
    "warehouse": "Move the warehouse between a DuckDB file and a lake.",
}
