"""Verify a run that was interrupted before it continues: its marks, its parts, its line counts.

    damaged                             then
    run.json, a part of acquire         RunDamagedError: there is no other copy of the captures
    <stage>.done                        removed: the stage runs again and keeps existing parts
    *.parquet, line_counts/             removed with all parts of extract and check, which depend on them
    a part of extract, or of check      removed with all parts of check, and made again

A power cut leaves empty files where data was not flushed; a failing disk flips bits.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from copydesk.errors import RunDamagedError
from copydesk.runs.folder import Run, stage_names
from copydesk.store.parts.part_files import LINE_COUNTS, damage_of, damage_of_file, part_paths

__all__ = ["damaged_parts", "verify_run"]


def verify_run(run: Run) -> None:
    """Remove damaged files that can be made again.

    Raises:
        RunDamagedError: A damaged file cannot be made again; the message names it and what to do.
    """
    for part, damage in damaged_parts(run.folder / "acquire"):
        raise RunDamagedError(
            f"run {run.run_id} cannot continue: {part.name} of acquire is damaged ({damage}). "
            f"`copydesk runs drop {run.run_id}` gives the run up; the next run takes its inputs again."
        )
    _remove_marks(run)
    lines = [*run.folder.glob("*.parquet"), *(run.folder / LINE_COUNTS).glob("*.parquet")]
    damaged_lines = [path for path in lines if damage_of_file(path)]
    extracts = [part for part, _ in damaged_parts(run.folder / "extract")]
    if damaged_lines:
        extracts = part_paths(run.folder / "extract")
        for path in (*run.folder.glob("*.parquet"), *damaged_lines):
            path.unlink(missing_ok=True)
    if damaged_lines or extracts:
        _redo(run.folder, "extract", extracts)
    if extracts or any(damaged_parts(run.folder / "check")):
        _redo(run.folder, "check", part_paths(run.folder / "check"))


def damaged_parts(stage_folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield (part, defect) for the damaged parts of a stage."""
    for part in part_paths(stage_folder):
        damage = damage_of(part)
        if damage is not None:
            yield part, damage


def _remove_marks(run: Run) -> None:
    """Remove the first mark of a stage that cannot be read, and those of the stages after it."""
    for stage in stage_names():
        try:
            if run.is_done(stage):
                run.note(stage)
        except (OSError, ValueError):
            _redo(run.folder, stage, [])
            return


def _redo(folder: Path, stage: str, parts: list[Path]) -> None:
    """Remove parts of a stage, and the marks of the stages that have to run again."""
    for later in stage_names()[stage_names().index(stage) :]:
        (folder / f"{later}.done").unlink(missing_ok=True)
    for part in parts:
        shutil.rmtree(part)
