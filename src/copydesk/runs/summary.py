"""Summary of a run: outcomes and cost of each stage."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from copydesk.health import SourceHealth
from copydesk.records import StageCounts
from copydesk.runs.held import HeldBatch

__all__ = ["RunSummary", "StageCost"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageCost:
    """Cost of one stage of a run.

    Attributes:
        seconds: Wall time.
        pages: Inputs that ended in the stage, or passed to the next.
        bytes: Size of the captured pages.
        peak_memory_bytes: Sum of the peak resident memory so far of this process and of its workers.
    """

    seconds: float
    pages: int
    bytes: int
    peak_memory_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class RunSummary:
    """Summary of a run.

    Attributes:
        run_id: Its id in `ops.runs`.
        tallies: Stage -> its counts.
        seconds: Stage -> wall time.
        costs: Stage -> its cost.
        held: Sources whose batch this run held.
        health: Health of its sources after the run; empty for a run that reads no source.
        waiting: Batches of its sources that wait for a decision, whichever run held them.
        error: Why an interrupted run could not be finished; None when it was.
        resumed: Interrupted runs that were finished before this one, or could not be.
    """

    run_id: str
    tallies: dict[str, StageCounts] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    costs: dict[str, StageCost] = field(default_factory=dict)
    held: tuple[str, ...] = ()
    health: tuple[SourceHealth, ...] = ()
    waiting: tuple[HeldBatch, ...] = ()
    error: str | None = None
    resumed: tuple[RunSummary, ...] = ()

    def count(self, stage: str, outcome: str) -> int:
        """Return how many inputs of a stage had an outcome."""
        tally = self.tallies.get(stage)
        return tally.counts.get(outcome, 0) if tally else 0

    @property
    def loaded(self) -> int:
        """Number of captures that are articles in the warehouse now."""
        return self.count("publish", "loaded")

    @property
    def quarantined(self) -> int:
        """Number of captures that did not reach the warehouse."""
        return self.count("check", "quarantined")

    @property
    def numbers(self) -> dict[str, int]:
        """Outcome -> number of inputs, in the order in which a run's summary shows them.

        new: articles not known before; changed: another text of a known article; same: other bytes, a known text;
        unchanged: known bytes. `loaded` is new, changed and same together, `captured` what acquire passed on.
        """
        return {
            "captured": self.count("acquire", "captured"),
            "new": self.count("publish", "new_articles"),
            "changed": self.count("publish", "new_revisions"),
            "same": self.count("publish", "same_text"),
            "unchanged": self.count("acquire", "unchanged"),
            "skipped": self.count("acquire", "skipped"),
            "refused": self.count("acquire", "refused"),
            "failed": self.count("acquire", "failed"),
            "deferred": self.count("acquire", "deferred"),
            "quarantined": self.quarantined,
            "held": self.count("check", "held"),
            "loaded": self.loaded,
        }

    def reasons(self, outcome: str) -> dict[str, int]:
        """Return reason -> inputs that ended so (`skipped`, `refused`, `quarantined`, ...), the most frequent first."""
        total: Counter[str] = Counter()
        for tally in self.tallies.values():
            total.update(tally.reasons_by_outcome.get(outcome, {}))
        return dict(sorted(total.items(), key=lambda item: (-item[1], item[0])))

    @property
    def line(self) -> str:
        """The nonzero numbers, in words; "nothing new" without any."""
        shown = {name: number for name, number in self.numbers.items() if number and name not in {"captured", "loaded"}}
        return ", ".join(f"{number} {name}" for name, number in shown.items()) or "nothing new"

    def __repr__(self) -> str:
        """Show what is not zero."""
        return f"<RunSummary {self.run_id}: {', '.join(f'{n} {what}' for what, n in self.numbers.items() if n)}>"
