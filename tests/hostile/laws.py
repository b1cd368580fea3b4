"""Laws that hold for any bytes, one function per thing that reads what strangers wrote.

    law(data) -> None, or BrokenLawError with what was broken

`bench/fuzz.py` searches for bytes that break one; `test_findings.py` keeps what it found. A law calls the code as the
pipeline does, asserts what is promised of the answer, and nothing of how it is made.
"""

from __future__ import annotations

import gzip
import itertools
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path

from copydesk.errors import CopydeskError
from copydesk.records import KEPT_LABELS, Capture, Document, Extraction, Label, Outcome
from copydesk.sources.crawl.feeds import linked_feeds, read_feed
from copydesk.sources.crawl.opml import read_opml
from copydesk.sources.crawl.sitemaps import read_sitemap
from copydesk.sources.files.archives.warc import undo_http_encoding
from copydesk.sources.files.byte_reader import Reader, ReadError
from copydesk.sources.files.captures import capture_file, find_files
from copydesk.sources.files.found import FoundFile, Limits, Skipped
from copydesk.text.decode import decode, is_binary
from copydesk.text.html import extract_html
from copydesk.text.html.dom.block_walk import INVISIBLE_TAGS as _UNSEEN
from copydesk.text.html.dom.read_page import read_page
from copydesk.text.plain import extract_texts
from copydesk.text.tokens.lines import split
from copydesk.web.policy.opt_outs import in_page, reserved, tdm_rules
from copydesk.web.policy.robots import robots_from
from copydesk.web.responses import Response

__all__ = ["CHARSETS", "LAWS", "NAMES", "BrokenLawError", "Law"]

Law = Callable[[bytes], None]

CHARSETS = (
    None, "utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7", "ascii", "latin-1", "cp1252", "cp1251",
    "koi8-r", "big5", "gb18030", "shift_jis", "euc-jp", "iso2022_jp", "hz", "cp037", "idna", "punycode",
    "unicode_escape",
    "raw_unicode_escape", "undefined", "rot13", "hex", "zlib", "mbcs", "x" * 200, "\0", "utf-8-sig", "iso2022_kr",
    "cp949",
)  # fmt: skip
"""What may be declared; the first byte of an input chooses."""

NAMES = (
    "a.zip", "a.tar", "a.tar.gz", "a.warc", "a.warc.gz", "a.jsonl", "a.jsonl.gz", "a.mhtml", "a.eml", "a.txt", "a.html",
    "a.gz", "a", "a.xml",
)  # fmt: skip
"""What a file of the carriers' law is called; an input's first byte chooses, and from 128 on packs it with gzip."""

_WHEN = datetime(2026, 1, 1, tzinfo=UTC)
_URL = "https://example.org/a/b"
_INVISIBLE = " \t\u00a0\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad\u3000"
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_SMALL = Limits(document_bytes=2_000_000, mail_bytes=4_000_000)


class BrokenLawError(AssertionError):
    """What is promised of any input does not hold for this one."""


def _hold(condition: object, law: str, *shown: object) -> None:
    if not condition:
        raise BrokenLawError(": ".join([law, *(repr(s)[:300] for s in shown)]))


def _strings(value: object) -> Iterator[str]:
    """Yield every string in a record, however deep."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value) and not isinstance(value, type):
        for one in fields(value):
            yield from _strings(getattr(value, one.name))
    elif isinstance(value, Mapping):
        yield from itertools.chain.from_iterable(_strings(part) for pair in value.items() for part in pair)
    elif isinstance(value, (tuple, list)):
        yield from itertools.chain.from_iterable(map(_strings, value))


def _is_unicode(value: object) -> None:
    """No lone surrogate anywhere: one makes a whole insert raise."""
    for text in _strings(value):
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise BrokenLawError(f"not valid Unicode: {text[:200]!r}") from error


def _same(first: object, again: object) -> None:
    _hold(first == again, "the same input gives another answer", first, again)


def _cut(data: bytes, some: tuple[str | None, ...] | tuple[str, ...]) -> tuple[str | None, bytes]:
    return (some[data[0] % len(some)], data[1:]) if data else (some[0], b"")


def decoding(data: bytes) -> None:
    """Any bytes under any declared charset become text without controls, byte order mark and surrogates."""
    charset, content = _cut(data, CHARSETS)
    found = decode(content, charset)
    _is_unicode(found)
    controls = [c for c in found.text if (c < " " and c not in "\t\n\x0b\x0c\r") or c == "\x7f"]
    _hold(not controls, "a control character is left", controls)
    _hold(
        not found.text.startswith("\ufeff") or content.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")), "a mark"
    )
    _same(found, decode(content, charset))
    is_binary(content, charset)
    with suppress(UnicodeDecodeError):
        plain = content.decode()
        if charset in (None, "utf-8") and content.isascii() is False and plain.isprintable():
            _hold(
                found.text == plain.removeprefix("\ufeff") or found.charset != "utf-8", "valid UTF-8 was changed", plain
            )


def splitting(data: bytes) -> None:
    """Lines and endings put back are the text; every line with a visible character is a row."""
    text = data.decode("utf-8", "replace")
    lines = split(text)
    _hold("".join(t + e for t, e in zip(lines.texts, lines.endings, strict=True)) == text, "characters were lost", text)
    visible = [k for k, one in enumerate(lines.texts) if one.strip().strip(_INVISIBLE).strip()]
    _hold(set(visible) <= set(lines.rows), "a visible line is no row", text)
    _hold(len(lines.rows) == len(lines.gaps) and all(g >= 0 for g in lines.gaps), "gaps do not fit the rows", text)
    _hold(sum(lines.gaps) + len(lines.rows) <= len(lines.texts), "more gaps than lines", text)


def _accounted(found: Extraction) -> None:
    """Every block is kept or cut, as something, by some rule; what is published is what was kept."""
    _is_unicode(found)
    _hold([b.number for b in found.blocks] == list(range(1, len(found.blocks) + 1)), "blocks are not numbered in order")
    for block in found.blocks:
        _hold(block.kept == (block.label in KEPT_LABELS), "kept and label disagree", block)
        _hold(block.rule and 0.5 <= block.confidence <= 1, "no rule, or no probability", block)
        _hold(all(block.text[s.start : s.end] == s.text for s in block.spans), "a span is not where it says", block)
        blank = block.label is Label.BLANK
        _hold(not (blank and block.text.strip().strip(_INVISIBLE).strip()), "visible text is called blank", block)
    kept = Counter("".join("".join(b.text.split()) for b in found.blocks if b.kept))
    told = Counter("".join("".join(p.text.split()) for p in found.paragraphs))
    _hold(found.rejection is not None or told == kept, "published is not what was kept", kept - told, told - kept)
    _hold(bool(found.paragraphs) or found.rejection is not None, "neither an article nor a reason")
    if found.rejection is not None:
        _hold(found.rejection.reason and found.rejection.stage == "extract", "a rejection without a reason")


def labelling(data: bytes) -> None:
    """Plain text: the blocks put back in order are the decoded file, alone and in company, asked why or not."""
    charset, content = _cut(data, CHARSETS)
    document = Document(
        document_id="a",
        content=content,
        media_type="text/plain",
        charset=charset,
        captured_at=_WHEN,
        title_hint="A hint",
    )
    found = extract_texts([document])[0]
    _accounted(found)
    if found.rejection is None or found.rejection.reason not in {"binary", "too_many_lines"}:
        text = decode(content, charset).text
        back = "".join(b.text + b.ending for b in found.blocks)
        _hold(back == text, "the blocks are not the file", back, text)
    company = Document(
        document_id="b", content=b"Another page.\n\nIt says so.\n" + content[:50], media_type="text/plain"
    )
    _same(found, extract_texts([company, document, company])[1])
    told = extract_texts([document], explain=True)[0]
    _same([(b.text, b.label, b.kept) for b in found.blocks], [(b.text, b.label, b.kept) for b in told.blocks])


def _seen_text(content: bytes, charset: str | None) -> Counter[str]:
    """Count the characters of the tree's visible text nodes by another walk than the code's: up from each node."""
    page = read_page(content, charset)
    found: Counter[str] = Counter()
    if page.tree is None or page.tree.root is None:
        return found
    for node in page.tree.root.traverse(include_text=True):
        if node.tag == "-text":
            above, unseen = node.parent, False
            while above is not None and not unseen:
                unseen = above.tag in _UNSEEN
                above = above.parent
            if not unseen:
                found.update((node.text_content or "").split() and "".join((node.text_content or "").split()))
    return found


def markup(data: bytes) -> None:
    """HTML: no block is lost or invented on the way to the answer, and no visible letter on the way to the blocks."""
    charset, content = _cut(data, CHARSETS)
    document = Document(
        document_id="a", content=content, media_type="text/html", charset=charset, url=_URL, captured_at=_WHEN
    )
    found = extract_html(document)
    _accounted(found)
    page = read_page(content, charset)
    if page.rejection is None:
        _hold(
            [b.text for b in found.blocks] == [b.text for b in page.blocks],
            "blocks of the page and of the answer differ",
        )
        seen = _seen_text(content, charset)
        told = Counter("".join("".join(b.text.split()) for b in found.blocks))
        letters = {c for c in seen | told if c.isalnum()}
        lost = {c: seen[c] - told[c] for c in letters if seen[c] > told[c]}
        invented = {c: told[c] - seen[c] for c in letters if told[c] > seen[c]}
        _hold(not lost, "letters were lost", lost, content)
        _hold(not invented or b"<noscript" in content.lower(), "letters were invented", invented, content)
    _same(found, extract_html(document))


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="laws-of-copydesk-"))


def carriers(data: bytes) -> None:
    """A file of any kind ends with a word, the same each time; what was captured can be read again as it was."""
    name, content = _cut(data, NAMES)
    path = _folder() / str(name)
    path.write_bytes(gzip.compress(content, 1, mtime=0) if data[:1] >= b"\x80" else content)
    (found,) = find_files([path], desk=_folder())
    _hold(isinstance(found, FoundFile), "a file was not found")
    assert isinstance(found, FoundFile)
    ended = list(capture_file(found, source="s", known={}, limits=_SMALL))
    _hold(ended, "a file ended in silence")
    _is_unicode(ended)
    uris = [one.uri for one in ended if isinstance(one, Capture)]
    with Reader(_folder(), max_bytes=_SMALL.document_bytes) as reader:
        for one in ended:
            _hold(one.uri.startswith(found.uri), "a uri that is not the file's", one.uri)
            _hold(not _CONTROLS.search(one.uri), "a uri that cannot be printed", one.uri)
            if isinstance(one, Skipped):
                _hold(one.reason and one.count > 0, "skipped without a reason", one)
            elif isinstance(one, Capture):
                try:
                    _hold(
                        sha256(reader.read(one.location)).hexdigest() == one.sha256, "read again it is other bytes", one
                    )
                except ReadError as error:
                    raise BrokenLawError(f"captured, but cannot be read again: {error}") from error
    _same(
        len(uris),
        len([one for one in capture_file(found, source="s", known={}, limits=_SMALL) if isinstance(one, Capture)]),
    )


def feeds(data: bytes) -> None:
    """A feed is read or said to be none; what it names is valid text."""
    found = read_feed(data, _URL)
    _is_unicode(found)
    _hold(found.is_feed or not found.urls, "urls from what is no feed", found)
    _hold(found.is_feed or found.problem, "no feed, and no word why")
    _same(found, read_feed(data, _URL))
    _is_unicode(linked_feeds(data, _URL))


def sitemaps(data: bytes) -> None:
    """A sitemap is read or said to be none; what it names is valid text and within what was asked for."""
    found = read_sitemap(data, _URL, max_items=50, limit=1_000_000)
    _is_unicode(found)
    _hold(len(found.urls) <= 50, "more than was asked for")
    _hold(found.is_sitemap or found.problem, "no sitemap, and no word why")
    _same(found, read_sitemap(data, _URL, max_items=50, limit=1_000_000))


def robots(data: bytes) -> None:
    """Rules of a site are read, whatever they say, and answer for any address."""
    rules = robots_from(Response(outcome=Outcome.CAPTURED, content=data, status=200))
    tdm = tdm_rules(data)
    for path in ("/", "/a/b?c=d", "/" + "a" * 500, "/%E4%F6/\u00e4;x#y", "/aaa/*/$"):
        rules.allows("https://example.org" + path, "copydesk")
        reserved(tdm, "https://example.org" + path)
    _hold(rules.crawl_delay("copydesk") >= 0, "a delay below zero")
    _is_unicode(rules.sitemaps)
    in_page(data, "copydesk")


def opml(data: bytes) -> None:
    """A subscription list gives entries that can be written, or says in one error what is wrong."""
    with suppress(CopydeskError):
        entries = read_opml(data)
        _is_unicode(entries)
        _hold(len({e.name for e in entries}) == len(entries), "two entries of one name")
        for entry in entries:
            import tomllib

            tomllib.loads(entry.toml)


def bodies(data: bytes) -> None:
    """An archived body is undone or said to be broken, and never larger than agreed."""
    candidates = (
        ("", "gzip"),
        ("", "deflate"),
        ("", "br"),
        ("", "zstd"),
        ("chunked", ""),
        ("chunked", "gzip"),
        ("", "br, gzip"),
    )
    transfer, content = candidates[data[0] % len(candidates)] if data else candidates[0]
    with suppress(ReadError):
        _hold(len(undo_http_encoding(data[1:], transfer, content, 1_000_000)) <= 1_000_000, "more than was agreed")


LAWS: Mapping[str, Law] = {
    "decode": decoding,
    "lines": splitting,
    "text": labelling,
    "html": markup,
    "carriers": carriers,
    "feeds": feeds,
    "sitemaps": sitemaps,
    "robots": robots,
    "opml": opml,
    "bodies": bodies,
}
"""What can be searched, by the name that `bench/fuzz.py --target` takes."""
