"""Parts that a load has to write: those of a run's folder that the ledger does not know; and what a load brought."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from copydesk.health import SourceHealth
from copydesk.store.parts.part_files import part_paths
from copydesk.store.warehouse.connection import Connection

__all__ = ["DuePart", "LoadReport", "count_due_parts", "due_parts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadReport:
    """What a load brought.

    Attributes:
        done_before: The ledger had all parts already; nothing was written.
        loaded: Accepted captures whose articles are in the warehouse now.
        new_articles: Those of them that are the first of their article.
        new_revisions: Those that gave an article that was known a text that was not.
        unchanged: Those whose text was known.
        quarantined: Captures (and inputs without bytes) put into quarantine or counted up there.
        held: Captures that wait with their batch.
        parts: Parts the ledger gained.
        health: How the run found its sources.
        rows: Table -> rows written, where any were.
        columns: Table -> its columns as (name, type), of the tables in `rows`.
    """

    done_before: bool = False
    loaded: int = 0
    new_articles: int = 0
    new_revisions: int = 0
    unchanged: int = 0
    quarantined: int = 0
    held: int = 0
    parts: int = 0
    health: tuple[SourceHealth, ...] = ()
    rows: Mapping[str, int] = field(default_factory=dict)
    columns: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        """Outcome -> captures, those above zero; new articles, new revisions and same texts add up to `loaded`."""
        counts = {
            "loaded": self.loaded,
            "new_articles": self.new_articles,
            "new_revisions": self.new_revisions,
            "same_text": self.unchanged,
            "quarantined": self.quarantined,
            "held": self.held,
        }
        return {name: number for name, number in counts.items() if number}

    def __add__(self, other: LoadReport) -> LoadReport:
        return LoadReport(
            loaded=self.loaded + other.loaded,
            new_articles=self.new_articles + other.new_articles,
            new_revisions=self.new_revisions + other.new_revisions,
            unchanged=self.unchanged + other.unchanged,
            quarantined=self.quarantined + other.quarantined,
            held=self.held + other.held,
            parts=self.parts + other.parts,
            rows=dict(Counter(self.rows) + Counter(other.rows)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DuePart:
    """A part, and what tells two writings of it apart."""

    stage: str
    path: Path
    fingerprint: str


def due_parts(connection: Connection, run_id: str, folder: Path) -> list[DuePart]:
    """Return the parts that are not in the ledger, or there with another fingerprint."""
    known = {
        (stage, part): fingerprint
        for stage, part, fingerprint in connection.rows(
            "select stage, part, fingerprint from ops.loads where run_id = ?", [run_id]
        )
    }
    parts = [
        DuePart(stage=stage, path=path, fingerprint=_fingerprint(path))
        for stage in ("acquire", "check")
        for path in part_paths(folder / stage)
    ]
    return [p for p in parts if known.get((p.stage, p.path.name)) != p.fingerprint]


def count_due_parts(connection: Connection, run_id: str, folder: Path) -> int:
    """Return how many parts of a run's folder are not in the ledger."""
    return len(due_parts(connection, run_id, folder))


def _fingerprint(part: Path) -> str:
    """Hash a part's file names, sizes and tally: a part is written once, whole, so this tells two writings apart."""
    digest = sha256()
    for path in sorted(part.iterdir()):
        digest.update(f"{path.name}\0{path.stat().st_size}\0".encode())
    digest.update((part / "tally.json").read_bytes())
    return digest.hexdigest()[:32]
