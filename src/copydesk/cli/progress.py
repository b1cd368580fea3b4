"""The line that shows how far a run is: on a terminal only, and its numbers never fall.

    ⠹ extract  1,234 documents ━━━━━━━━━━━╸━━━━━  63 % 0:00:12

While documents are still being found their number grows and the bar has no end; `starting workers` lasts until one of
them has made its imports. From then on the bar is a share of the whole run: each stage has a part of it, whatever it
counts by itself.
"""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Self

from copydesk.wording import counted

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import TaskID

__all__ = ["ProgressLine"]

_SHARES = {"acquire": (0, 0), "learn": (0, 15), "extract": (15, 85), "check": (85, 95), "publish": (95, 100)}
"""Stage -> where it begins and ends, in percent; about as the seconds of a run of some thousand pages are spent."""


class ProgressLine:
    """One line per run; a context manager.

    Args:
        screen: Where to draw; nothing is drawn unless it is a terminal.
        show: False draws nothing.
    """

    def __init__(self, screen: Console, *, show: bool = True) -> None:
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        columns = (
            SpinnerColumn(),
            TextColumn("{task.description:8}"),
            TextColumn("{task.fields[note]}"),
            BarColumn(),
            TextColumn("{task.fields[share]}"),
            TimeElapsedColumn(),
        )
        self._bar = Progress(*columns, console=screen, disable=not (show and screen.is_terminal), transient=True)
        self._task: TaskID | None = None
        self._documents, self._percent, self._place = 0, 0.0, 0

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def pause(self) -> None:
        """Take the line away, for a question; the next step draws it again."""
        self._bar.stop()

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """Take note of a step; the pipeline calls it, as `runs.folder.Progress`."""
        stage = "learn" if stage == "extract" and total is None else stage  # its beginning: `learn` follows
        place = list(_SHARES).index(stage)
        self._bar.start()
        if self._task is None or place < self._place:
            self._start()
        self._place = place
        assert self._task is not None  # noqa: S101 started above
        if stage == "acquire":
            self._documents = max(self._documents, done)
            self._bar.update(self._task, description="acquire", note=counted(self._documents, "document"))
            return
        if stage in {"learn", "extract"}:
            self._documents = max(self._documents, total or 0)
        begin, end = _SHARES[stage]
        self._percent = max(self._percent, begin + (end - begin) * min(done / total, 1) if total else begin)
        self._bar.update(
            self._task,
            description=stage,
            total=100,
            completed=self._percent,
            note="starting workers"
            if stage in {"learn", "extract"} and not total
            else counted(self._documents, "document"),
            share=f"{self._percent:3.0f} %",
        )

    def _start(self) -> None:
        """Begin a line: of the run, or of the next one after an interrupted run was finished."""
        if self._task is not None:
            self._bar.remove_task(self._task)
        self._documents, self._percent = 0, 0.0
        self._task = self._bar.add_task("acquire", total=None, note=counted(0, "document"), share="")
