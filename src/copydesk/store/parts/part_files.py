"""Files of a part: written whole, listed, counted, verified; their tables are read by `parquet`.

Nothing here imports Polars before a table is written: a run without news never needs it.
"""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

from copydesk.errors import StoreError
from copydesk.filesystem import flush, replacing, write_error, write_json

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "BATCH_PART",
    "LINE_COUNTS",
    "damage_of",
    "damage_of_file",
    "line_counts_of",
    "part_paths",
    "read_tally",
    "write_frame",
    "write_part",
]

BATCH_PART = "part-batch"
"""Check part with batch-level findings; the others are named after acquire parts."""

LINE_COUNTS = "line_counts"
"""Folder of a run's line counts per site, one Parquet file per acquire part: what the load adds to the boilerplate."""

_SEAL = ("files", "checksum")
"""What `tally.json` holds beside the tally: file name -> length and CRC-32, and the CRC-32 of all of that."""


def write_part(
    folder: Path,
    tables: Mapping[str, pl.DataFrame],
    tally: Mapping[str, Any],
    *,
    durable: bool = True,
    anew: bool = False,
) -> Path:
    """Write a part under a temporary name and rename it to `folder`; nobody ever sees half of it.

    A part that is there stays: a worker may outlive the process that asked it, and must not take the part away from
    the one that goes on with the run.

    Args:
        folder: Where the part belongs, e.g. `runs/<run>/extract/part-00000`.
        tables: Table name -> frame with the columns of `SCHEMAS`; none where there is nothing but counts.
        tally: What the stage counted, kept as `tally.json`.
        durable: Flush to disk before the rename; parts that can be made again from others need not.
        anew: Replace the part that is there.

    Raises:
        StoreError: The disk refused.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with replacing(folder) as temporary:
            temporary.mkdir()
            for name, table in tables.items():
                table.write_parquet(temporary / f"{name}.parquet", compression="zstd", compression_level=1)
            files = {f"{name}.parquet": _size_and_checksum(temporary / f"{name}.parquet") for name in tables}
            sealed = {**tally, "files": files}
            sealed["checksum"] = _checksum_of(sealed)
            (temporary / "tally.json").write_text(json.dumps(sealed, sort_keys=True), encoding="utf-8")
            if durable:
                flush(temporary)
            if anew and folder.exists():
                shutil.rmtree(folder)
    except _write_errors(tables) as error:
        if isinstance(error, OSError) and error.errno in {errno.ENOTEMPTY, errno.EEXIST}:
            return folder
        raise write_error(folder, error) from error
    return folder


def _write_errors(touched: object, *more: type[Exception]) -> tuple[type[Exception], ...]:
    """Return the errors of files: OSError, and where tables were touched Polars' own ("ComputeError")."""
    if isinstance(touched, dict) and not touched:  # a frame compares by columns
        return OSError, *more
    from polars.exceptions import PolarsError

    return OSError, PolarsError, *more


def part_paths(stage_folder: Path) -> list[Path]:
    """Return the complete parts of a stage, in order; temporary leftovers are not parts."""
    return sorted(p for p in stage_folder.glob("part-*") if p.is_dir()) if stage_folder.is_dir() else []


def line_counts_of(part: Path) -> Path:
    """Return where the line counts of an acquire part lie, whether they are there or not."""
    return part.parent.parent / LINE_COUNTS / f"{part.name}.parquet"


def read_tally(part: Path) -> dict[str, Any]:
    """Return what the stage counted when it wrote the part.

    Raises:
        StoreError: The file is damaged.
    """
    tally = _sealed_tally(part)
    return {name: value for name, value in tally.items() if name not in _SEAL}


def _sealed_tally(part: Path) -> dict[str, Any]:
    path = part / "tally.json"
    try:
        tally = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StoreError(
            f"cannot read {path}: {error}. Run again: what can be made again is made again, the rest is named."
        ) from error
    if not isinstance(tally, dict) or tally.get("checksum", checksum := _checksum_of(tally)) != checksum:
        raise StoreError(f"{path} is damaged. Run again: what can be made again is made again, the rest is named.")
    return tally


def damage_of(part: Path) -> str | None:
    """Return what is wrong with the files of a part, or None.

    A part of an earlier version has no checksums: its files are read instead.
    """
    try:
        files = _sealed_tally(part).get("files")
    except StoreError:
        return "tally.json cannot be read"
    if files is None:
        return next(filter(None, map(damage_of_file, sorted(part.glob("*.parquet")))), None)
    for name, written in sorted(files.items()):
        try:
            if _size_and_checksum(part / name) != written:
                return f"{name} differs from what was written"
        except OSError as error:
            return f"{name}: {error.strerror or error}"
    return None


def write_frame(path: Path, table: pl.DataFrame) -> None:
    """Write a Parquet file that belongs to no part, whole or not at all, and its length and checksum beside it.

    Raises:
        StoreError: The disk refused.
    """
    try:
        with replacing(path) as temporary:
            table.write_parquet(temporary)
            write_json(_seal_of(path), _size_and_checksum(temporary))
    except _write_errors(table) as error:
        raise write_error(path, error) from error


def damage_of_file(path: Path) -> str | None:
    """Return what is wrong with a Parquet file, or None; one without a checksum beside it is read."""
    try:
        if _seal_of(path).exists():
            sound = json.loads(_seal_of(path).read_text(encoding="utf-8")) == _size_and_checksum(path)
            return None if sound else f"{path.name} differs from what was written"
        import polars as pl

        pl.read_parquet(path)
    except _write_errors(path, ValueError) as error:
        return f"{path.name}: {next(iter(str(error).splitlines()), type(error).__name__)}"
    return None


def _seal_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.checksum")


def _size_and_checksum(path: Path) -> list[int]:
    """Return a file's length and CRC-32."""
    size = checksum = 0
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            size, checksum = size + len(chunk), crc32(chunk, checksum)
    return [size, checksum]


def _checksum_of(tally: Mapping[str, Any]) -> int:
    """Return the CRC-32 of a tally without its own checksum."""
    rest = {name: value for name, value in tally.items() if name != "checksum"}
    return crc32(json.dumps(rest, sort_keys=True).encode())
