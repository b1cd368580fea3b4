"""More inputs that mean no good, by another hand than `corpus`: what lying programs write and people never do.

    ODDITIES() -> {"jsonl/numbers.jsonl": b"...", ...}   path -> content, the class in front

All are small or of one letter repeated; which end each comes to is asked of the whole pipeline (`test_run.py`).
"""

# ruff: noqa: E501  inputs are written as they come
from __future__ import annotations

import bz2
import encodings
import gzip
import io
import json
import lzma
import pkgutil
import struct
import tarfile
import warnings
import zipfile
from collections.abc import Iterator, Mapping

import brotli
import zstandard
from tests.hostile.carriers import Page, as_warc, as_zip
from tests.hostile.markup import story

__all__ = ["ODDITIES"]

Entries = Iterator[tuple[str, bytes]]

_TEXTS = {
    "de": "Der Hafen öffnet wieder\n\n"
    + "Der Hafenmeister sagte am Montag, die Brücke über den Fluss sei repariert und größere Schäden gebe es nicht.\n\n"
    * 5,
    "ru": "Порт снова открыт\n\n"
    + "Начальник порта заявил в понедельник, что паромы снова ходят по расписанию.\n\n" * 5,
    "ja": "港が再開した\n\n" + "港長は月曜日、桟橋の修理が終わり、フェリーは再び北側から出港すると述べた。\n\n" * 5,
}
_PROSE = "The council voted on Tuesday to rebuild the pier and the mayor said it would open next spring. "


def ODDITIES() -> Mapping[str, bytes]:  # noqa: N802  a table, made when it is asked for
    """Return path -> content."""
    return {
        f"{group.__name__[1:]}/{name}": content
        for group in (_encodings, _packed, _zips, _tars, _warcs, _jsonl, _mail, _markup, _linked_data, _texts)
        for name, content in group()
    }


def _page(title: str = "Harbour reopens", head: str = "", body: str = "") -> bytes:
    text = "".join(f"<p>{_PROSE}Pier {n} stays closed.</p>" for n in range(6))
    start = f"<!doctype html><html><head><title>{title}</title>{head}</head>"
    return f"{start}<body><article><h1>{title}</h1>{body}{text}</article></body></html>".encode(
        "utf-8", "surrogatepass"
    )


def _encodings() -> Entries:
    """Every codec that Python has, pages that declare codecs that are none, and several in one file."""
    for module in pkgutil.iter_modules(encodings.__path__):
        for language, text in _TEXTS.items():
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    yield f"{language}.{module.name}.txt", text.encode(module.name)
            except (LookupError, ValueError, TypeError, AttributeError):
                continue
    for name in ("idna", "punycode", "undefined", "unicode_escape", "utf-7", "rot13", "zlib", "x" * 300):
        yield f"declares-{name[:20]}.html", f"<meta charset={name}>".encode() + _page() + b"\xe9\xff\\x1b\\ud800"
    yield "mixed.txt", _TEXTS["ru"].encode("koi8-r") + _TEXTS["ja"].encode("euc-jp") + _TEXTS["de"].encode("utf-16-le")
    yield "two-marks.txt", b"\xef\xbb\xbf\xef\xbb\xbf" + _TEXTS["de"].encode()
    yield "mark-of-another.txt", b"\xff\xfe\0\0" + _TEXTS["de"].encode()
    yield "all-ff.txt", b"\xff" * 5000


def _packed() -> Entries:
    """Formats that are not opened, each said by name; zeros in all of them."""
    zeros = b"\0" * 5_000_000
    yield "a.xz", lzma.compress(zeros, preset=0)
    yield "a.bz2", bz2.compress(zeros)
    yield "a.txt.zst", zstandard.compress(zeros)
    yield "a.br", brotli.compress(zeros, quality=2)
    yield "a.7z", b"7z\xbc\xaf\x27\x1c" + b"\0" * 99
    yield "a.rar", b"Rar!\x1a\x07\x01\0" + b"\0" * 99
    yield "twice.gz", gzip.compress(gzip.compress(b"\0" * 50_000_000, 9), 9)


def _zips() -> Entries:
    names = (
        "/etc/a.txt",
        "../../b.txt",
        "c\\..\\d.txt",
        "C:\\e.txt",
        "f\ng.txt",
        "\x1b[31mh.txt",
        "\u202ei.txt",
        "j#k!/l.txt",
        " .txt",
    )
    yield "names.zip", as_zip({name: story(100 + k) for k, name in enumerate(names)})
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("twice.txt", story(110))
        archive.writestr("twice.txt", story(111))
    yield "twice.zip", buffer.getvalue()
    sound = as_zip({"abc.txt": story(112), "def.txt": story(113)})
    central, end = sound.find(b"PK\x01\x02"), sound.rfind(b"PK\x05\x06")
    yield "name-bytes.zip", sound.replace(b"abc.txt", b"\xff\xfe\x80.txt")
    yield "name-of-nul.zip", sound.replace(b"abc.txt", b"\0" * 7)
    yield "empty.zip", as_zip({})
    yield "bzip2.zip", as_zip({"a.txt": story(114)}, compression=zipfile.ZIP_BZIP2)
    lies: dict[str, tuple[int, bytes]] = {
        "encrypted": (central + 8, b"\x01\x08"),
        "directory-sizes": (central + 20, b"\xfe\xff\xff\x7f" * 2),
        "header-sizes": (18, b"\xff\xff\xff\x7f" * 2),
        "header-zip64": (18, b"\xff" * 8),
        "count": (end + 8, b"\xff" * 4),
        "directory-place": (end + 16, b"\xf0\xff\xff\xff"),
        "member-place": (central + 42, struct.pack("<I", 5)),
        "check-sum": (14, b"\0\0\0\0"),
    }
    for name, (at, said) in lies.items():
        yield f"lie-{name}.zip", sound[:at] + said + sound[at + len(said) :]
    yield "behind-a-script.zip", b"#!/bin/sh\n" * 50 + sound


def _tars() -> Entries:
    def tar(*members: tuple[str, bytes, str]) -> bytes:
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as archive:
            for name, kind, target in members:
                member = tarfile.TarInfo(name)
                member.type, member.linkname = kind, target
                content = story(len(name)) if kind == tarfile.REGTYPE else b""
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
        return buffer.getvalue()

    regular = tarfile.REGTYPE
    yield (
        "names.tar",
        tar(
            ("../../a.txt", regular, ""), ("/b.txt", regular, ""), ("c\nd.txt", regular, ""), ("e" * 3000, regular, "")
        ),
    )
    links = ((tarfile.SYMTYPE, "/etc/passwd"), (tarfile.LNKTYPE, "../x"), (tarfile.FIFOTYPE, ""), (tarfile.CHRTYPE, ""))
    yield "links.tar", tar(*((f"l{k}", kind, target) for k, (kind, target) in enumerate(links)))
    sound = tar(("a.txt", regular, ""))
    yield "below-zero.tar", sound[:124] + b"-0000000001\0" + sound[136:]
    yield "beyond-all.tar", sound[:124] + b"\x80\0\0\0\x7f" + b"\xff" * 7 + sound[136:]


def _warcs() -> Entries:
    pages = [Page(f"http://example.org/{n}", _page(f"Harbour {n}").replace(b"pier", b"pier %d" % n)) for n in range(3)]
    records = [as_warc([page], packed=False) for page in pages]

    def lengths(said: bytes) -> bytes:
        head, _, rest = records[1].partition(b"Content-Length: ")
        return records[0] + head + b"Content-Length: " + said + rest[rest.index(b"\r\n") :] + records[2]

    for name, said in {"below-zero": b"-5", "beyond-all": b"9" * 18, "words": b"many"}.items():
        yield f"length-{name}.warc", lengths(said)
    yield "marks.warc", b"WARC/1.0\r\n" * 10_000
    yield "cut.warc.gz", b"".join(gzip.compress(r) for r in records)[:-100]
    yield "shared-member.warc.gz", b"\x1f\x8b\x08\0" + b"\xa5" * 900 + gzip.compress(b"".join(records))
    for k, url in enumerate(
        ("javascript:alert(1)", "http://[bad", "http://e.org:99999/", "http://e.org/\x1b[31m", "file:///etc/passwd")
    ):
        yield f"address-{k}.warc", records[0].replace(b"http://example.org/0", url.encode())
    chunked = as_warc([Page("http://example.org/c", _page("Chunked"), chunked=True)], packed=False)
    yield "chunk-lies.warc", chunked.replace(b"\r\n\r\n2bc\r\n", b"\r\n\r\nFFFFFFFFFFFF\r\n")
    yield (
        "layers.warc",
        records[0].replace(b"Content-Type: text/html", b"Content-Encoding: gzip, br, zstd\r\nContent-Type: text/html"),
    )


def _jsonl() -> Entries:
    good = json.dumps({"text": story(200).decode()})
    odd: list[object] = [
        {"text": 1},
        {"text": None},
        {"text": ["a"]},
        {},
        [],
        1,
        "x",
        None,
        True,
        {"text": "\0\1\2" * 500},
    ]
    hints = {
        "title": [5, {"a": 1}, "\ud800"],
        "url": [7, "http://[bad", "javascript:alert(1)"],
        "id": [float("nan"), True, "a\nb\x1b", {}],
    }
    hints["date"] = [1e308, float("inf"), -1e18, 10**4000, 10**400, [1], "x" * 5000]
    some = [
        {"text": story(201 + k).decode() + name, name: value}
        for name, values in hints.items()
        for k, value in enumerate(values)
    ]
    yield "types.jsonl", "\n".join([*map(json.dumps, odd), good]).encode()
    yield "hints.jsonl", "\n".join(map(json.dumps, some)).encode()
    yield "numbers.jsonl", f'{{"id": {"9" * 5000}, "text": "x"}}\n{{"text": 1e9999}}\n{good}'.encode()
    yield "twice.jsonl", f'{{"text": "a", "text": {json.dumps(story(230).decode())}, "id": 1, "id": 2}}\n'.encode() * 3
    yield (
        "half-pairs.jsonl",
        b'{"text": "\\ud83d ' + story(231).replace(b"\n", b"\\n") + b' \\udc00", "title": "\\udfff"}\n',
    )
    yield (
        "deep.jsonl",
        b'{"text": "x", "b": ' + b"[" * 900 + b"]" * 900 + b"}\n" + b'{"a":' * 50_000 + b"\n" + good.encode(),
    )
    yield "endings.jsonl", good.encode() + b"\r" + good.encode() + "\u2028".encode() + b"\0" * 50 + b"\n"
    yield "mark.jsonl", b"\xef\xbb\xbf" + good.encode()


def _mail() -> Entries:
    start = "From: a@example.org\r\nMIME-Version: 1.0\r\n"
    text = story(240).decode()
    yield (
        "charset.eml",
        f"{start}Subject: =?utf-8?B?/////w==?= =?idna?Q?x?=\r\nContent-Type: text/plain; charset=undefined\r\n\r\n{text}".encode(),
    )
    pieces = "charset*0=ut; charset*1=f-8; charset*=x'y'%ff%fe"
    yield "pieces.mhtml", f"MIME-Version: 1.0\r\nContent-Type: text/html; {pieces}\r\n\r\n".encode() + _page()
    yield (
        "start.mhtml",
        b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b; start*0=a; start*=x'y'z\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n"
        + _page(),
    )
    yield (
        "base64.eml",
        f"{start}Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!{'QUJD' * 99}=\r\n".encode(),
    )
    yield (
        "uuencode.eml",
        f"{start}Content-Type: text/plain\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 x\r\n{'~~' * 99}".encode(),
    )
    yield "within.eml", f"{start}Content-Type: message/rfc822\r\n\r\n".encode() * 1500
    yield (
        "parts.eml",
        f"{start}Content-Type: multipart/mixed; boundary=b\r\n\r\n".encode() + b"--b\r\n\r\nx\r\n" * 20_000,
    )


def _markup() -> Entries:
    for tag in (
        "span",
        "ul><li",
        "blockquote",
        "font color=red",
        "a href=x",
        "p><b><i",
        "table",
        "template",
        "select><option",
    ):
        yield f"deep-{tag.split()[0].replace('><', '-')}.html", _page(body=f"<{tag}>" * 30_000)
    yield "siblings.html", _page(body="<i>a</i>" * 60_000)
    yield "blocks.html", _page(body="<p>x" * 40_000)
    yield (
        "references.html",
        _page(title="A&#27;[2J&#x9b;31m&#0;&#xd800;&#x110000; title", body="<p>&#x1b;]0;x&#7;&#x202e;" * 200),
    )
    yield "controls.html", _page(title="A\0 \x1b[31m title", body="<p>\x1b[2J\x07\0 \ud800")
    yield (
        "addresses.html",
        _page(
            head="<base href='http://[x'><link rel=canonical href='javascript:alert(1)'>", body="<a href='//[::1'>x</a>"
        ),
    )
    yield (
        "dates.html",
        _page(
            head=f'<meta property="article:published_time" content="{"1" * 50_000}">', body="<time datetime=0000-00-00>"
        ),
    )
    yield (
        "foreign.xhtml",
        b'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + _page(body="&x;"),
    )
    yield "squared.html", b'<!DOCTYPE html [<!ENTITY x "' + b"a" * 50_000 + b'">]>' + _page(body="&x;" * 5000)


def _linked_data() -> Entries:
    def told(script: str) -> bytes:
        return _page(head=f'<script type="application/ld+json">{script}</script>')

    yield (
        "half-pairs.html",
        told(
            r'{"@type": "NewsArticle", "headline": "\ud800 \u001b]0;x\u0007\u0000", "author": {"name": "\udfff\u001b[31mEve"}}'
        ),
    )
    types = '"author": [1, null, [["x"]], {"name": {"x": 1}}], "datePublished": 1e999, "image": {"url": [{}]}, "keywords": [1, [2]]'
    yield (
        "types.html",
        told(f'{{"@type": "NewsArticle", "headline": {{"a": [1]}}, {types}, "publisher": 7, "url": {{"@id": []}}}}'),
    )
    yield "deep.html", told("[" * 100_000)
    yield "graphs.html", told('{"@graph":[' * 20_000)
    yield "digits.html", told(f'{{"@type": "NewsArticle", "datePublished": {"9" * 50_000}, "commentCount": 1e400}}')


def _texts() -> Entries:
    yield "one-line.txt", (_PROSE * 4820).encode()
    yield "one-line-cjk.txt", "市议会星期二投票决定重建码头。".encode() * 10_000
    yield "lines.txt", story(250) + b"x\n" * 120_000
    yield "too-many-lines.txt", story(251) + b"x\n" * 200_001
    yield "long-lines.txt", (b"x" * 119 + b"\n") * 20_000
    for name, end in {"vt": "\x0b", "nel": "\x85", "ls": "\u2028", "cr": "\r"}.items():
        yield f"ended-by-{name}.txt", story(252).decode().replace("\n", end).encode() + name.encode()
    yield "terminal.txt", b"\x1b]0;x\x07\x1b[2JTitle \xc2\x9b31m\n\nBy \x1b[31mEve Smith\n\n" + story(253)
