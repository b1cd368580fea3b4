"""Entries of `copydesk.toml`: the `[[source]]` table that `sources add` and `sources import` write."""

from __future__ import annotations

import re
import shutil
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from copydesk.errors import SettingsError, StoreError
from copydesk.filesystem import replacing
from copydesk.settings import load_settings

__all__ = ["Entry", "append_entries", "source_name"]

_NAME_CHARS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One source to declare.

    Attributes:
        url: The address of a feed, a sitemap, or the only one of a list.
        paths: Files and folders of kind `files` and `warc`, relative to the desk's folder where they lie inside it.
        schedule: As in the settings; None: run by hand.
        comment: One line for the reader of the file.
    """

    name: str
    kind: Literal["feed", "sitemap", "urls", "files", "warc"]
    url: str = ""
    paths: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    publisher: str | None = None
    language: str | None = None
    schedule: str | None = None
    comment: str = ""

    @property
    def toml(self) -> str:
        """The entry as text, with an empty line before it."""
        lines = ["", "[[source]]" + (f"  # {_one_line(self.comment)}" if self.comment else "")]
        lines.append(f"name = {_quoted(self.name)}")
        lines.append(f"kind = {_quoted(self.kind)}")
        lines += [f"paths = {_listed(self.paths)}"] if self.paths else []
        if self.url:
            lines.append(f"urls = {_listed([self.url])}" if self.kind == "urls" else f"url = {_quoted(self.url)}")
        lines += [f"collections = {_listed(self.collections)}"] if self.collections else []
        for key, value in (("publisher", self.publisher), ("language", self.language), ("schedule", self.schedule)):
            if value:
                lines.append(f"{key} = {_quoted(value)}")
        return "\n".join(lines) + "\n"


def source_name(text: str, taken: Collection[str]) -> str:
    """Derive a source's name from a title or a host; the first free one of `paper`, `paper-2`, `paper-3`, ..."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_NAME_CHARS].strip("-") or "source"
    number = 2
    free = name
    while free in taken:
        free = f"{name}-{number}"
        number += 1
    return free


def _listed(values: Iterable[str]) -> str:
    return f"[{', '.join(map(_quoted, values))}]"


def _quoted(value: str) -> str:
    """Quote a value as a basic TOML string."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if ord(c) >= 32 and ord(c) != 127 else f"\\u{ord(c):04x}" for c in escaped) + '"'


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:100]


def append_entries(path: Path, entries: Sequence[Entry]) -> None:
    """Append entries to `copydesk.toml`; the file is replaced atomically, after the result was validated.

    Raises:
        SettingsError: The file would be invalid with the entries; it is unchanged.
        StoreError: The file cannot be written.
    """
    temporary = path
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        with replacing(path) as temporary:
            whole = text.rstrip("\n") + "\n" * bool(text) + "".join(e.toml for e in entries)
            temporary.write_text(whole, encoding="utf-8")
            load_settings(temporary)
            if path.exists():
                shutil.copymode(path, temporary)
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror}. Make it writable and try again.") from error
    except SettingsError as error:
        reason = str(error).replace(str(temporary), str(path))
        raise SettingsError(f"{reason} Nothing was written; add the entry by hand.") from error
