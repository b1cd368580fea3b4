r"""Records of file acquisition: files found, their known states, and the result of each input.

    find_files --> FoundFile --capture_file--> Capture   (records.py) new or changed bytes
              \-> Skipped                  |-> Unchanged  known bytes
                                           \-> Skipped    refused, with the reason

Every input ends in exactly one of the three.
"""

from __future__ import annotations

from dataclasses import dataclass

from copydesk.records import MAX_DOCUMENT_BYTES

__all__ = ["FileState", "FoundFile", "JsonFields", "Limits", "ReadError", "Skipped", "Unchanged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    """A regular file that was found under a root.

    Attributes:
        uri: Path relative to the root, "/" as separator, safe to print (`safe_names.printable`).
        path: What `open` takes; may hold surrogates where the name is not UTF-8.
        desk_path: The value of `Location.path`: relative to the desk when inside it, else absolute; printable.
        size_bytes, modified_ns: As `stat` gave them when the file was found.
    """

    uri: str
    path: str
    desk_path: str
    size_bytes: int
    modified_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileState:
    """State of a uri in an earlier run.

    Attributes:
        sha256: Hex digest of the document's bytes.
        size_bytes: Length of the document (decoded).
        modified_ns: mtime of the file it lay in; 0 never matches, so the hash decides.
    """

    sha256: str
    size_bytes: int
    modified_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """An input with the bytes of an earlier run; the fields are its file state now."""

    uri: str
    sha256: str
    size_bytes: int
    modified_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """An input, or part of an archive, that is not captured, and why.

    Attributes:
        uri: The file, or the member of the archive.
        reason: Named after the defect: `binary`, `empty`, `too_large`, `truncated`, ...
        detail: In words, with the measured value.
        count: Number of inputs this stands for (the images of a WARC are one row).
    """

    uri: str
    reason: str
    detail: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Size limits for files and archives.

    Attributes:
        document_bytes: Decoded bytes of one document.
        mail_bytes: Bytes of one .eml or .mhtml with all its pictures; it is parsed in memory.
        unpacked_bytes: Bytes of a Parquet file in an archive or an object store, which is read from a file on disk.
        ratio: Decompressed bytes per compressed byte. Text packs 3 to 60 to one; deflate's ceiling is 1032.
        ratio_floor: Decompressed bytes below which the ratio is not checked.
        members: Entries of one archive.
        depth: Nesting of archives: an archive in an archive is 2.
    """

    document_bytes: int = MAX_DOCUMENT_BYTES
    mail_bytes: int = 64_000_000
    unpacked_bytes: int = 4_000_000_000
    ratio: int = 300
    ratio_floor: int = 4_000_000
    members: int = 5_000_000
    depth: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonFields:
    """Field names of JSON lines, and columns of CSV and Parquet files; the first that is present and not empty is used.

    Attributes:
        html: Fields that hold a page.
        text: Fields that hold plain text (HTML in them is detected).
        url, title, date, author, id: Hints; `id` makes the uri, else the number of the line or row does.
    """

    html: tuple[str, ...] = ("html", "raw_html", "content")
    text: tuple[str, ...] = ("text", "body")
    url: tuple[str, ...] = ("url", "link", "canonical_url")
    title: tuple[str, ...] = ("title", "headline")
    date: tuple[str, ...] = ("date", "published", "published_at", "date_published", "date_publish")
    author: tuple[str, ...] = ("author", "authors", "byline", "creator")
    id: tuple[str, ...] = ("id", "_id", "uuid")


class ReadError(Exception):
    """Bytes that cannot be read as expected; becomes a `Skipped` or a `Rejection`, never a traceback.

    Attributes:
        reason: As in `Skipped`.
        detail: As in `Skipped`.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        """Set reason and detail."""
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail

    def __reduce__(self) -> tuple[type[ReadError], tuple[str, str]]:
        """Pickle with both arguments."""
        return (type(self), (self.reason, self.detail))
