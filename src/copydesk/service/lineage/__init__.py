"""Lineage of runs as OpenLineage events: what was read, what was written, and what was found out about it."""

from copydesk.service.lineage.trace import Trace, tracing

__all__ = ["Trace", "tracing"]
