"""What a person decides about a page or a held batch, and its effect: recorded first, then processed again.

    restore / unrestore   cut lines of the page belong to its article, or no longer do
    accept / unaccept     the page is let in although it broke these rules, or no longer is
    settle                a held batch is loaded, or goes to quarantine

Every later run holds to a decision about a page, also for its new versions.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from copydesk.errors import StoreError, UsageError
from copydesk.extraction.explain import explain, explain_capture
from copydesk.filesystem import lock
from copydesk.pipeline import finish_interrupted
from copydesk.quality.admission import INTEGRITY_MEASURES
from copydesk.quality.decisions import decide, record_decisions
from copydesk.quality.quarantine import read_quarantine
from copydesk.quality.rules import desk_registry
from copydesk.records import Capture, Label
from copydesk.reprocess import reprocess_captures
from copydesk.runs.folder import Resuming, Run
from copydesk.runs.summary import RunSummary
from copydesk.settings import DeskFolder
from copydesk.store.curate.curation import (
    CutLine,
    accept_page,
    cut_lines,
    restore_lines,
    unaccept_page,
    unrestore_lines,
)
from copydesk.store.read.lookups import captures_to_reprocess
from copydesk.store.read.resolve import PageRef, Wanted, find_page
from copydesk.store.warehouse.connection import open_warehouse
from copydesk.text.boilerplate import line_key
from copydesk.text.pins import RULE

__all__ = ["accept", "lines_cut_from", "restore", "settle", "unaccept", "unrestore"]

_MAX_ROUNDS = 3
"""Rounds of letting a page in: what was refused for its kind was not checked by the quality rules yet."""


def restore(
    desk: DeskFolder, name: str, lines: Sequence[int], *, because: str, by: str | None, resuming: Resuming | None
) -> list[str]:
    """Put cut lines back; return their texts. See `Desk.restore`."""
    page, cut = lines_cut_from(desk, name)
    texts = {number: text for number, _, text in cut}
    if not lines:
        raise UsageError(f"name the lines to put back. `copydesk restore {name}` lists what was cut.")
    missing = [n for n in lines if n not in texts]
    if missing:
        raise UsageError(f"line {missing[0]} was not cut from {page.uri}. `copydesk restore {name}` lists what was.")
    chosen = [texts[n] for n in lines]
    keyed = [(line_key(text), text) for text in chosen]
    restore_lines(desk.warehouse, page.source, page.uri, keyed, because=because, by=by)
    _again(desk, page, resuming)
    return chosen


def lines_cut_from(desk: DeskFolder, name: str) -> tuple[PageRef, list[CutLine]]:
    """Return a page and its cut lines; where they were not stored, the page is read again."""
    page, kept, cut = cut_lines(desk.warehouse, name, lock_timeout_s=desk.settings.warehouse.lock_timeout_s)
    if kept != "full":
        away = [b for b in explain(desk, page.capture_id).blocks if not b.kept and b.label is not Label.BLANK]
        cut = [(b.number, b.label.value, b.text) for b in away]
    return page, cut


def unrestore(
    desk: DeskFolder, name: str, lines: Sequence[int], *, because: str, by: str | None, resuming: Resuming | None
) -> list[str]:
    """Take back that lines were restored, all of the page's without numbers; return their texts. See `Desk.restore`."""
    page, _, _ = cut_lines(desk.warehouse, name, lock_timeout_s=desk.settings.warehouse.lock_timeout_s)
    keys = None
    if lines:
        blocks = {b.number: b for b in explain(desk, page.capture_id).blocks}
        missing = [n for n in lines if n not in blocks or blocks[n].rule != RULE]
        if missing:
            raise UsageError(
                f"line {missing[0]} of {page.uri} was not restored. `copydesk explain {name}` shows which are."
            )
        keys = [line_key(blocks[n].text) for n in lines]
    texts = unrestore_lines(desk.warehouse, page.source, page.uri, keys, because=because, by=by)
    if not texts:
        raise UsageError(f"no line of {page.uri} was restored.")
    _again(desk, page, resuming)
    return texts


def accept(desk: DeskFolder, name: str, *, because: str, by: str | None, resuming: Resuming | None) -> list[str]:
    """Let a quarantined page in; return the rules that do not refuse it any more. See `Desk.accept`."""
    page = _find(desk, name, "waiting")
    captures = _captures(desk, page)
    if not captures:
        raise UsageError(f"{page.uri} cannot be let in: it was stopped before any bytes were read ({page.reason}).")
    accepted: set[str] = set()
    for _ in range(_MAX_ROUNDS):
        rules = _refusing(desk, page) - accepted
        _check_admissible(desk, page, captures[0], rules)
        accept_page(desk.warehouse, page.source, page.uri, rules, because=because, by=by)
        accepted |= rules
        if reprocess_captures(desk, captures, trigger="replay", resuming=resuming).loaded:
            return sorted(accepted)
    unaccept_page(desk.warehouse, page.source, page.uri, because="it is refused all the same", by=by)
    raise UsageError(f"{page.uri} is refused all the same. `copydesk quarantine show {page.capture_id[:8]}` says why.")


def _refusing(desk: DeskFolder, page: PageRef) -> frozenset[str]:
    """Return the rules for which a page is in quarantine."""
    with open_warehouse(desk).open_for_reading() as connection:
        record = read_quarantine(connection, record=page.capture_id)[0]
    return frozenset(record.rules or [record.reason])


def _check_admissible(desk: DeskFolder, page: PageRef, capture: Capture, rules: frozenset[str]) -> None:
    """Refuse to let in a page that has no article, or whose rules are about something else than the page.

    Raises:
        UsageError: With the rule.
    """
    known = desk_registry(desk).rules
    strange = sorted(rules - known.keys())
    if strange or not rules:
        what = strange[0] if strange else "it was refused again"
        raise UsageError(f"{page.uri} cannot be let in: {what}, so there is no article to load.")
    firm = sorted(rule for rule in rules if known[rule].measure in INTEGRITY_MEASURES)
    if firm:
        raise UsageError(f"{page.uri} cannot be let in: {firm[0]} is an error of the program, not of the page.")
    why = explain_capture(desk, capture, rules).rejection
    if why is not None:
        raise UsageError(f"{page.uri} cannot be let in: {why.reason} ({why.detail}), so there is no article to load.")


def unaccept(desk: DeskFolder, name: str, *, because: str, by: str | None, resuming: Resuming | None) -> list[str]:
    """Take back that a page was let in; return the rules that refuse it again. See `Desk.accept`."""
    page = _find(desk, name, "any")
    rules = unaccept_page(desk.warehouse, page.source, page.uri, because=because, by=by)
    if not rules:
        raise UsageError(
            f'{page.uri} was not let in by a decision. `copydesk sql "from audit.accepted_pages"` lists those.'
        )
    _again(desk, page, resuming)
    return rules


def settle(
    desk: DeskFolder,
    run_id: str,
    sources: Sequence[str],
    decision: str,
    *,
    because: str,
    by: str | None,
    resuming: Resuming | None,
) -> tuple[tuple[str, ...], RunSummary]:
    """Release or drop held batches of a run, and finish the run; return the sources and its summary.

    Args:
        desk: The desk.
        run_id: The run that holds them.
        sources: Held sources; none: all of the run.
        decision: `released` or `dropped`.
        because: Why, for the record of decisions.
        by: Who decides; None for the account that runs this.
        resuming: Called with each other interrupted run before the work on it goes on.

    Raises:
        UsageError: No such run holds a batch, or not one of that source.
        StoreError: The run could not be finished; the decision stands, and the next run carries it out.
    """
    folder = desk.runs / run_id
    if "/" in run_id or not (folder / "run.json").exists():
        raise UsageError(f"no held batch of a run {run_id!r}. `copydesk quality` lists the held batches.")
    with lock(folder / "lock", timeout_s=10):
        chosen = decide(folder, sources, decision, because)
        decided = json.loads((folder / "decided").read_text(encoding="utf-8"))
    with open_warehouse(desk).open_for_writing() as connection, connection.transaction():
        record_decisions(connection, run_id, decided, by=by)

    def announce(run: Run) -> None:
        if resuming and run.run_id != run_id:
            resuming(run)

    finished = [s for s in finish_interrupted(desk, resuming=announce) if s.run_id == run_id]
    if finished and finished[0].error:
        raise StoreError(finished[0].error)
    return chosen, finished[0] if finished else RunSummary(run_id=run_id)


def _find(desk: DeskFolder, name: str, wanted: Wanted) -> PageRef:
    with open_warehouse(desk).open_for_reading() as connection:
        return find_page(connection, name, wanted=wanted)


def _again(desk: DeskFolder, page: PageRef, resuming: Resuming | None) -> None:
    reprocess_captures(desk, _captures(desk, page), trigger="reprocess", resuming=resuming)


def _captures(desk: DeskFolder, page: PageRef) -> list[Capture]:
    return captures_to_reprocess(desk.warehouse, capture_ids=[page.capture_id], outcomes=("loaded", "quarantined"))
