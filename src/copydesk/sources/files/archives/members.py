"""Members of archives and their locations.

A `MemberStep` locates a member in the stream before it. The steps of a document in an archive in an archive:

    gzip | tar @5120+9000 | zip @77+310          carrier "gzip+tar+zip", offset 5120, length 9000,
                                                 member "inner.zip!/a.html#77+310"
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from copydesk.records import Location
from copydesk.sources.files.found import JsonFields, Limits, ReadError, Skipped

__all__ = ["Context", "Member", "MemberStep", "location_of", "prefix_members", "steps_of"]

_ADDRESSED = frozenset({"zip", "tar", "jsonl", "csv", "parquet", "warc"})


@dataclass(frozen=True, slots=True)
class MemberStep:
    """One step from a stream to a member of it.

    Attributes:
        kind: `gzip`, `zip`, `tar`, `jsonl`, `csv`, `parquet`, `warc`, `mhtml`, `eml`.
        offset: Byte offset in the stream; 0 for gzip and mail; for `parquet`, the row, from 0.
        length: Bytes from there; 0 where the format itself marks the end.
        field: For `jsonl`, the field that holds the document; for `parquet`, the column; for `csv`, its column and the
            separator, "4.comma".
    """

    kind: str
    offset: int = 0
    length: int = 0
    field: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One document of an archive, in memory.

    Attributes:
        name: Suffix of its uri to the archive's: "!/a/b.html", "#line-7", "" for a file that is the document.
        steps: Steps to it, outermost first.
        content: Its bytes, decompressed.
        The rest: as in `Capture`.
    """

    name: str = ""
    steps: tuple[MemberStep, ...] = ()
    content: bytes
    media_type: str
    charset: str | None = None
    url: str | None = None
    captured_at: datetime | None = None
    http_status: int | None = None
    etag: str | None = None
    last_modified: str | None = None
    truncation: str | None = None
    title_hint: str | None = None
    published_hint: str | None = None
    author_hint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Input of every archive reader.

    Attributes:
        limits: See `Limits`.
        fields: Field names of JSON lines, and columns of CSV and Parquet files.
        depth: Archives around the stream.
        wrapped: Whether the stream was just decompressed from gzip; gzip in gzip counts as an archive.
    """

    limits: Limits = field(default_factory=Limits)
    fields: JsonFields = field(default_factory=JsonFields)
    depth: int = 0
    wrapped: bool = False


def prefix_members(step: MemberStep, name: str, contents: Iterator[Member | Skipped]) -> Iterator[Member | Skipped]:
    """Prefix results of a nested reader with the step to it; an error in the member ends that member only."""
    try:
        for one in contents:
            if isinstance(one, Skipped):
                yield replace(one, uri=name + one.uri)
            else:
                yield replace(one, name=name + one.name, steps=(step, *one.steps))
    except ReadError as error:
        if error.reason == "bomb":  # the rest of the archive is not read
            raise
        yield Skipped(uri=name, reason=error.reason, detail=error.detail)


def location_of(desk_path: str, member: Member) -> Location:
    """Return a member's location, for the capture."""
    if not member.steps:
        return Location(path=desk_path)
    first = next((step for step in member.steps if step.kind in _ADDRESSED), member.steps[0])
    later = [step for step in member.steps[member.steps.index(first) + 1 :] if step.kind in _ADDRESSED]
    path_inside = member.name.removeprefix("!/") if first.kind in {"zip", "tar"} else first.field
    return Location(
        path=desk_path,
        carrier="+".join(step.kind for step in member.steps),
        member="#".join([path_inside, *(_address(step) for step in later)]),
        offset=first.offset,
        length=first.length,
    )


def steps_of(location: Location) -> tuple[MemberStep, ...]:
    """Return the steps of a location; the inverse of `location_of`.

    Raises:
        ReadError: The location is invalid.
    """
    if location.carrier == "file":
        return ()
    kinds = location.carrier.split("+")
    addressed = [kind in _ADDRESSED for kind in kinds]
    later = max(sum(addressed) - 1, 0)
    addresses = location.member.split("#")[-later:] if later else []
    try:
        steps = []
        for kind, has_address in zip(kinds, addressed, strict=True):
            if not has_address:
                steps.append(MemberStep(kind))
            elif sum(step.kind in _ADDRESSED for step in steps) == 0:
                field_name = location.member if kind in {"jsonl", "csv", "parquet"} else ""
                steps.append(MemberStep(kind, location.offset, location.length, field_name))
            else:
                steps.append(_from_address(kind, addresses.pop(0)))
    except (ValueError, IndexError) as error:
        raise ReadError("no_such_place", f"{location.carrier} {location.member}") from error
    return tuple(steps)


def _address(step: MemberStep) -> str:
    return f"{step.offset}+{step.length}" + (f":{step.field}" if step.field else "")


def _from_address(kind: str, address: str) -> MemberStep:
    numbers, _, field_name = address.partition(":")
    offset, _, length = numbers.partition("+")
    return MemberStep(kind, int(offset), int(length), field_name)
