"""Find the files of a source: sorted, regular files only, links not followed.

Entries under a root that are not taken are `Skipped` with a reason; entries that patterns exclude are ignored.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from copydesk.errors import UsageError
from copydesk.sources.files.found import FoundFile, Skipped
from copydesk.sources.files.safe_names import printable
from copydesk.wording import counted

__all__ = ["detail_of", "find_files", "matcher", "reason_of"]

_KINDS = {
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a character device",
    stat.S_IFBLK: "a block device",
    stat.S_IFDIR: "a folder",
}
_HIDDEN = frozenset({"Thumbs.db", "desktop.ini", "__MACOSX"})

Wanted = Callable[[str], bool]


def find_files(
    roots: Sequence[Path],
    *,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    desk: Path | None = None,
    own: Sequence[Path] = (),
    archive: Path | None = None,
) -> Iterator[FoundFile | Skipped]:
    """Walk files and folders in a fixed order; each entry is found, skipped with a reason, or excluded.

    A file's uri is its path relative to its root (for a root that is a file: its name). Where two roots would give
    the same uri, the later one (roots are taken in sorted order) is told apart by its root's name, then its whole path.

    Args:
        roots: Files and folders. A root may be a link or hidden. A missing one is skipped.
        include: Glob patterns; none means everything. One without "/" is matched against the name alone,
            others against the path relative to the root; `**` spans folders.
        exclude: Glob patterns of files and folders to leave out.
        desk: Files inside it get a `desk_path` relative to it; a skipped entry has that path as its uri, so that
            entries of two roots are told apart.
        own: Folders that Copydesk writes: never walked, counted in one skipped entry.
        archive: The one of them in which a root may lie nevertheless.

    Raises:
        UsageError: A pattern is invalid.
    """
    wanted, unwanted = matcher(include, nothing=True), matcher(exclude, nothing=False)
    desk_prefix = os.path.join(os.path.realpath(desk), "") if desk is not None else None  # noqa: PTH118
    absolute = sorted({os.path.abspath(root) for root in roots})  # noqa: PTH100
    closed = [os.path.realpath(folder) for folder in own]
    readable = os.path.realpath(archive) if archive is not None else None
    uris: set[str] = set()
    paths: set[str] = set()
    for root in absolute:
        for found in _walk_root(root, wanted, unwanted, desk_prefix, _OwnFolders(closed, readable)):
            if len(absolute) > 1 and isinstance(found, Skipped):
                if found.uri in paths:
                    continue
                paths.add(found.uri)
            elif len(absolute) > 1 and isinstance(found, FoundFile):
                if found.path in paths:  # named twice, or inside another root
                    continue
                paths.add(found.path)
                found = _with_unique_uri(found, root, uris)  # noqa: PLW2901
                uris.add(found.uri)
            yield found


def _with_unique_uri(found: FoundFile, root: str, uris: set[str]) -> FoundFile:
    """Return the file under a uri that no other root has used."""
    uri = found.uri
    if uri in uris:
        uri = f"{printable(root.rpartition('/')[2])}/{found.uri}"
    if uri in uris:
        uri = printable(found.path)
    if uri == found.uri:
        return found
    return FoundFile(
        uri=uri, path=found.path, desk_path=found.desk_path, size_bytes=found.size_bytes, modified_ns=found.modified_ns
    )


@dataclass(frozen=True, slots=True)
class _OwnFolders:
    """Folders that Copydesk writes, and the archive among them, whose files may be named as a source."""

    folders: Sequence[str]
    archive: str | None

    def holds(self, path: str) -> bool:
        """Tell whether a path lies in one of them; a path in the archive does not count."""
        if self.archive is not None and f"{path}/".startswith(f"{self.archive}/"):
            return False
        return any(f"{path}/".startswith(f"{folder}/") for folder in self.folders)

    def skipped(self, path: str, uri: str) -> Skipped:
        """Return the one entry that stands for a folder of ours."""
        number = sum(len(files) for _, _, files in os.walk(path)) if os.path.isdir(path) else 1  # noqa: PTH112
        files = counted(number, "file")
        detail = f"{files} that Copydesk wrote itself; a source may name a path in the archive"
        return Skipped(uri=uri, reason="own_files", detail=detail, count=max(number, 1))


def _uri(path: str, relative: str, desk: str | None) -> str:
    """Return the uri of a skipped entry: its path in the desk, or all of it outside; without a desk, in its root."""
    if desk is None:
        return printable(relative)
    return printable(path[len(desk) :] if path.startswith(desk) else path)


def _walk_root(
    root: str, wanted: Wanted, unwanted: Wanted, desk: str | None, own: _OwnFolders
) -> Iterator[FoundFile | Skipped]:
    real = os.path.realpath(root)
    try:
        status = os.stat(real)  # noqa: PTH116
    except OSError as error:
        yield Skipped(uri=printable(root), reason=reason_of(error), detail=detail_of(error))
        return
    if own.holds(real):
        yield own.skipped(real, _uri(real, root, desk))
    elif stat.S_ISDIR(status.st_mode):
        yield from _walk_folder(real, wanted, unwanted, desk, own)
    elif stat.S_ISREG(status.st_mode):
        yield _found(real, os.path.basename(root), status, desk)  # noqa: PTH119
    else:
        yield _not_a_file(_uri(real, os.path.basename(root), desk), status.st_mode)  # noqa: PTH119


def _walk_folder(
    root: str, wanted: Wanted, unwanted: Wanted, desk: str | None, own: _OwnFolders
) -> Iterator[FoundFile | Skipped]:
    """Walk depth first, by name, with an explicit stack, so that depth is not limited by recursion."""
    prefix = os.path.join(root, "")  # noqa: PTH118
    stack: list[Iterator[os.DirEntry[str]]] = []
    entries: Iterator[os.DirEntry[str]] = iter(())
    descend: str | None = root
    while True:
        if descend is not None:
            stack.append(entries)
            try:
                entries = _sorted_entries(descend)
            except OSError as error:
                entries = iter(())
                uri = _uri(descend, descend[len(prefix) :] or ".", desk) or "."
                yield Skipped(uri=uri, reason=reason_of(error), detail=detail_of(error))
            descend = None
        entry = next(entries, None)
        if entry is None:
            entries = stack.pop()
            if not stack:
                return
            continue
        relative = entry.path[len(prefix) :]
        if unwanted(relative):
            continue
        hidden = entry.name[0] == "." or entry.name in _HIDDEN
        if not hidden and entry.is_dir(follow_symlinks=False):
            if own.holds(entry.path):
                yield own.skipped(entry.path, _uri(entry.path, relative, desk))
            else:
                descend = entry.path
        elif hidden or entry.is_symlink() or wanted(relative):
            yield _ended(entry, relative, prefix, desk, hidden=hidden)


def _ended(
    entry: os.DirEntry[str], relative: str, prefix: str, desk: str | None, *, hidden: bool
) -> FoundFile | Skipped:
    """Return the result for an entry that is not walked into."""
    if hidden:
        return Skipped(uri=_uri(entry.path, relative, desk), reason="hidden", detail="hidden by its name")
    try:
        if entry.is_symlink():
            return _link(entry.path, _uri(entry.path, relative, desk), prefix)
        status = entry.stat(follow_symlinks=False)
    except OSError as error:
        return Skipped(uri=_uri(entry.path, relative, desk), reason=reason_of(error), detail=detail_of(error))
    if stat.S_ISREG(status.st_mode):
        return _found(entry.path, relative, status, desk)
    return _not_a_file(_uri(entry.path, relative, desk), status.st_mode)


def _sorted_entries(folder: str) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as listing:
        return iter(sorted(listing, key=lambda entry: entry.name))


def _found(path: str, relative: str, status: os.stat_result, desk: str | None) -> FoundFile:
    desk_path = path[len(desk) :] if desk is not None and path.startswith(desk) else path
    return FoundFile(
        uri=printable(relative),
        path=path,
        desk_path=printable(desk_path),
        size_bytes=status.st_size,
        modified_ns=status.st_mtime_ns,
    )


def _not_a_file(uri: str, mode: int) -> Skipped:
    kind = _KINDS.get(stat.S_IFMT(mode), "not a regular file")
    return Skipped(uri=uri, reason="not_a_file", detail=f"it is {kind}")


def _link(path: str, uri: str, prefix: str) -> Skipped:
    """Return why a link is skipped. None is followed: targets inside the root are found directly."""
    try:
        real = os.path.realpath(path, strict=True)
    except OSError as error:
        reason = "link_circle" if error.errno == errno.ELOOP else "link_broken"
        return Skipped(uri=uri, reason=reason, detail=detail_of(error))
    if os.path.join(real, "") == prefix or path.startswith(os.path.join(real, "")):  # noqa: PTH118
        return Skipped(uri=uri, reason="link_circle", detail="it leads to a folder that it lies in")
    if real.startswith(prefix):
        target = printable(real[len(prefix) :])
        return Skipped(uri=uri, reason="link_inside", detail=f"another name of {target}, which is found by itself")
    return Skipped(uri=uri, reason="link_outside", detail="it leads out of the source's folder")


def reason_of(error: OSError) -> str:
    """Return the reason for an error of the operating system."""
    if error.errno in {errno.ENOENT, errno.ENOTDIR}:
        return "not_found"
    return "link_circle" if error.errno == errno.ELOOP else "unreadable"


def detail_of(error: OSError) -> str:
    """Return the operating system's message, without the path."""
    return error.strerror or type(error).__name__


def matcher(patterns: Sequence[str], *, nothing: bool) -> Wanted:
    """Return a test of relative paths; `nothing` is its result without patterns."""
    if not patterns:
        return lambda _: nothing
    try:
        test = re.compile("|".join(f"(?:{_expression(pattern)})" for pattern in patterns), re.DOTALL)
    except re.error as error:
        raise UsageError(f"the file pattern {error.pattern!r} is invalid. Use only * ? ** and [a-z].") from error
    return lambda relative: test.fullmatch(relative) is not None


def _expression(pattern: str) -> str:
    """Translate one glob pattern; `*` and `?` stay within a name, `**` spans folders, `[...]` is a set."""
    pattern = pattern.removeprefix("./").rstrip("/")
    parts = re.findall(r"\*\*/|\*\*|\*|\?|\[!?\]?[^\]]*\]|.", pattern, re.DOTALL)
    fixed = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    body = "".join(fixed.get(part) or (_set(part) if len(part) > 1 else re.escape(part)) for part in parts)
    anywhere = "" if "/" in pattern else "(?:.*/)?"
    return f"{anywhere}{body}(?:/.*)?"


def _set(part: str) -> str:
    inner = part[1:-1].replace("\\", "\\\\").replace("[", "\\[")
    return f"[^{inner[1:]}]" if inner.startswith("!") else f"[{inner}]"
