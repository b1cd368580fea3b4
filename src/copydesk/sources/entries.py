"""Entries of `copydesk.toml`: the `[[source]]` table that `sources add` and `sources import` write."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

__all__ = ["Entry", "source_name"]

_NAME_CHARS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One source to be declared.

    Attributes:
        comment: What it is, for the person who reads the file; one line.
    """

    name: str
    kind: Literal["feed", "sitemap", "urls"]
    url: str
    publisher: str | None = None
    language: str | None = None
    comment: str = ""

    @property
    def toml(self) -> str:
        """The entry as text, with an empty line before it."""
        lines = ["", "[[source]]" + (f"  # {_one_line(self.comment)}" if self.comment else "")]
        lines.append(f"name = {_quoted(self.name)}")
        lines.append(f"kind = {_quoted(self.kind)}")
        lines.append(f"urls = [{_quoted(self.url)}]" if self.kind == "urls" else f"url = {_quoted(self.url)}")
        if self.publisher:
            lines.append(f"publisher = {_quoted(self.publisher)}")
        if self.language:
            lines.append(f"language = {_quoted(self.language)}")
        return "\n".join(lines) + "\n"


def source_name(text: str, taken: Collection[str]) -> str:
    """Make a source's name of a title or a host; the first free one of `paper`, `paper-2`, `paper-3`, ..."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_NAME_CHARS].strip("-") or "source"
    number = 2
    free = name
    while free in taken:
        free = f"{name}-{number}"
        number += 1
    return free


def _quoted(value: str) -> str:
    """Quote a value as a basic TOML string."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if ord(c) >= 32 and ord(c) != 127 else f"\\u{ord(c):04x}" for c in escaped) + '"'


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:100]
