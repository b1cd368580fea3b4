"""A corpus of inputs that mean no good, each with the ends it may come to.

    write_corpus(folder) --> [Case("bomb.gz", {"bomb"}), Case("utf-16.txt", {"captured"}), ...]

Every test that takes files can take these: `Case.ends` is "captured" or a reason of `Skipped`, and a later stage may
quarantine what was captured. Nothing in it takes more than milliseconds to make, or unpacks what it made.
"""

from __future__ import annotations

import contextlib
import gzip
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.hostile import bombs
from tests.hostile.carriers import Page, as_eml, as_mhtml, as_tar, as_warc, as_zip
from tests.hostile.markup import PAGES, STORY, TITLES, story

__all__ = ["Case", "changing", "write_corpus"]

_CAPTURED = frozenset({"captured"})


@dataclass(frozen=True, slots=True)
class Case:
    """One hostile input.

    Attributes:
        name: Its path in the corpus's folder, as `os.fsdecode` gives it.
        ends: What it, or every document in it, may end as; each of `must` is among the ends it comes to.
        must: Ends that have to be seen.
    """

    name: str
    ends: frozenset[str]
    must: frozenset[str] = frozenset()


def write_corpus(folder: Path) -> list[Case]:
    """Write the corpus into a new folder and return its cases."""
    folder.mkdir(parents=True, exist_ok=True)
    cases = [case for group in (_contents(), _names()) for case in _written(folder, group)]
    return [*cases, *_specials(folder)]


@contextlib.contextmanager
def changing(path: Path, *, size: int = 8_000_000) -> Iterator[None]:
    """Keep a file changing: it grows, shrinks and is rewritten, by turns, until the block ends."""
    stop = threading.Event()
    line = b"A line that was not there before.\n"
    path.write_bytes(line * (size // len(line)))

    def change() -> None:
        turn = 0
        while not stop.is_set():
            turn += 1
            with path.open("r+b") as file:
                file.seek(0, os.SEEK_END if turn % 2 else os.SEEK_SET)
                file.write(line * (turn % 7 + 1))
                if turn % 5 == 0:
                    file.truncate(size - turn % 1000)

    writer = threading.Thread(target=change)
    writer.start()
    try:
        yield
    finally:
        stop.set()
        writer.join()


Entry = tuple[str | bytes, bytes, frozenset[str], frozenset[str]]
Group = Iterator[Entry]


def _written(folder: Path, group: Group) -> Iterator[Case]:
    for name, content, ends, must in group:
        path = Path(os.fsdecode(os.fsencode(folder) + b"/" + os.fsencode(name)))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        yield Case(os.fsdecode(name), ends, must or (ends if len(ends) == 1 else frozenset()))


def _one(
    name: str | bytes, content: bytes, *ends: str, must: str = ""
) -> tuple[str | bytes, bytes, frozenset[str], frozenset[str]]:
    return name, content, frozenset(ends), frozenset({must}) if must else frozenset()


def _contents() -> Group:
    yield from _encodings()
    yield from _liars()
    yield from _bombs()
    yield from _broken()
    for name, content in PAGES().items():
        yield _one(f"markup/{name}", content, "captured")
    for name, content in TITLES().items():
        yield _one(f"titles/{name}", content, "captured")


def _encodings() -> Group:
    texts: Mapping[str, tuple[str, ...]] = {
        "en": ("ascii", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7", "cp037"),
        "ru": ("utf-8", "koi8-r", "cp1251", "iso8859-5", "cp866", "utf-16-be"),
        "fa": ("utf-8", "cp1256", "utf-16-le"),
        "zh": ("utf-8", "gb18030", "big5", "hz", "utf-16-le"),
        "ja": ("utf-8", "shift_jis", "euc-jp", "iso2022_jp", "utf-16"),
    }
    for language, encodings in texts.items():
        for encoding in encodings:
            ends = ("captured", "binary") if encoding in {"cp037"} else ("captured",)
            yield _one(f"encodings/{language}-{encoding}.txt", STORY[language].encode(encoding, "ignore"), *ends)
    text = STORY["en"].encode()
    yield _one("encodings/two-in-one.txt", STORY["ru"].encode("cp1251") + STORY["ru"].encode(), "captured")
    yield _one("encodings/surrogates.txt", text + b"\xed\xa0\xbd half a pair \xed\xb8\x80\n", "captured")
    yield _one("encodings/overlong.txt", text + b"\xc0\xaf\xe0\x80\xaf\xf8\x88\x80\x80\x80\n", "captured")
    yield _one("encodings/nul.txt", text.replace(b". ", b".\0 "), "captured")
    yield _one("encodings/controls.txt", text.replace(b". ", b".\x07\x1b[31m "), "captured")
    yield _one("encodings/nul-padded.txt", text + b"\0" * 5000, "captured")
    yield _one("encodings/bom-alone.txt", b"\xef\xbb\xbf", "empty")
    yield _one("encodings/utf-16-odd.txt", STORY["en"].encode("utf-16") + b"\x41", "captured")
    yield _one("encodings/lie.html", b"<html><meta charset=utf-8><p>" + STORY["ru"].encode("cp1251"), "captured")
    yield _one("encodings/lines.txt", text.replace(b"\n", b"\r") + b"\x0b\x0c\xc2\x85\xe2\x80\xa8", "captured")


def _liars() -> Group:
    yield _one("liars/empty.txt", b"", "empty")
    yield _one("liars/blank.html", b" \r\n\t" * 1000, "empty")
    yield _one("liars/nul.txt", b"\0" * 100_000, "binary")
    yield _one("liars/random.txt", bytes(range(256)) * 400, "binary")
    yield _one("liars/elf.html", b"\x7fELF\x02\x01\x01" + b"\0" * 900, "unsupported_type")
    yield _one("liars/pdf.txt", b"%PDF-1.7\n1 0 obj\n", "unsupported_type")
    yield _one("liars/picture.html", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "unsupported_type")
    yield _one("liars/page.txt", b"<!doctype html><p>" + STORY["en"].encode(), "captured")
    yield _one("liars/words.zip", STORY["en"].encode(), "damaged")
    yield _one("liars/words.gz", STORY["en"].encode(), "damaged")
    yield _one("liars/words.jpg", STORY["en"].encode(), "damaged")
    yield _one("liars/words.tar", STORY["en"].encode() * 3, "damaged")
    yield _one("liars/words.jsonl", STORY["en"].encode(), "broken_line", "not_json_lines", "empty")
    yield _one("liars/words.mhtml", STORY["en"].encode(), "captured", "no_text_part")
    yield _one("liars/data.csv", b"a,b\n1,2\n", "no_text_field")
    yield _one("liars/feed.html", b'<?xml version="1.0"?><rss version="2.0"><channel/></rss>', "unsupported_type")
    yield _one("liars/laughs.xml", _laughs(), "unsupported_type")
    yield _one("liars/laughs.xhtml", _laughs().replace(b"lolz", b"html"), "captured", "unsupported_type")


def _laughs() -> bytes:
    entities = b"".join(b'<!ENTITY l%d "%b">' % (n, b"&l%d;" % (n - 1) * 10 if n else b"lol") for n in range(10))
    return b'<?xml version="1.0"?><!DOCTYPE lolz [' + entities + b"]><lolz>&l9;</lolz>"


def _bombs() -> Group:
    yield _one("bombs/page.html.gz", bombs.gzip_bomb(first=b"<html>"), "bomb")
    yield _one("bombs/words.gz", bombs.gzip_bomb(fill=b"words and more "), "bomb", "too_large")
    yield _one("bombs/line.jsonl.gz", bombs.long_line_bomb(), "captured", "bomb", must="bomb")
    yield _one("bombs/four.zip", bombs.zip_bomb(), "captured", "bomb", must="bomb")
    yield _one("bombs/overlap.zip", bombs.overlapping_zip(), "captured", "bomb", "damaged")
    yield _one("bombs/nested.zip", bombs.nested_zip(), "nested_too_deep")
    yield _one("bombs/eight.tar.gz", bombs.tar_bomb(), "captured", "bomb", "too_large", must="bomb")
    yield _one("bombs/pax.tar.gz", bombs.pax_bomb(), "damaged")
    yield _one("bombs/many.tar.gz", bombs.many_members_tar(20_000), "empty", "truncated", "bomb")
    yield _one("bombs/in-a.zip", bombs.stored_zip_of("x.gz", bombs.gzip_bomb(first=b"<html>")), "bomb")
    thrice = gzip.compress(gzip.compress(gzip.compress(gzip.compress(STORY["en"].encode()))))
    yield _one("bombs/wrapped.txt.gz.gz.gz.gz", thrice, "nested_too_deep")
    warc = as_warc([Page("http://example.org/", b" " * 30_000_000, encoding="gzip")], packed=True)
    yield _one("bombs/body.warc.gz", warc, "too_large")


def _broken() -> Group:
    members = {f"{n}.txt": story(n) for n in range(20)}
    pages = [Page(f"http://example.org/{n}", story(n), media_type="text/plain") for n in range(20)]
    lines = b"".join(b'{"text": "%b", "id": %d}\n' % (story(n).replace(b"\n", b"\\n"), n) for n in range(20))
    sound: Mapping[str, bytes] = {
        "a.zip": as_zip(members),
        "s.zip": as_zip(members, streamed=True),
        "a.tar": as_tar(members),
        "a.tar.gz": as_tar(members, "gz"),
        "a.warc": as_warc(pages, packed=False),
        "a.warc.gz": as_warc(pages, packed=True),
        "a.jsonl.gz": gzip.compress(lines),
    }
    whole = ("captured", "truncated", "damaged", "broken_line", "other_records", "empty", "bomb")
    for name, content in sound.items():
        yield _one(f"broken/sound-{name}", content, "captured")
        yield _one(f"broken/cut-{name}", content[: len(content) * 2 // 3], *whole, must="truncated")
        middle = len(content) // 2
        yield _one(f"broken/hole-{name}", content[:middle] + b"\xff" * 60 + content[middle + 60 :], *whole, "binary")
        yield _one(f"broken/head-{name}", content[:20], *whole, "no_text_field", "binary")
    yield _one("broken/cut.jsonl", lines[:-30], "captured", "broken_line", must="broken_line")
    yield _one("broken/cut.html.gz", gzip.compress(story(1) * 50)[:-20], "truncated")
    yield _one("broken/cut.mhtml", as_mhtml(b"<html><p>" + story(2) * 9, "http://example.org/")[:-600], "captured")
    yield _one("broken/parts.eml", _deep_mail(), "captured", "damaged", "no_text_part")
    yield _one("broken/no-text.eml", as_eml(None, None), "no_text_part")
    yield _one("broken/line.jsonl", b'{"text": "' + b"x" * 10_000_000 + b'"}\n', "captured")
    yield _one(
        "broken/deep.jsonl", b'{"text": ' + b"[" * 200_000 + b"\n" + lines, "captured", "broken_line", must="captured"
    )


def _deep_mail() -> bytes:
    head = b"MIME-Version: 1.0\r\n"
    for level in range(2000):
        head += b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level)
    return head + b"Content-Type: text/plain\r\n\r\nDeep down.\r\n"


def _names() -> Group:
    odd: tuple[bytes, ...] = (
        b"with space.txt",
        b"with\nnewline.txt",
        b"-rf.txt",
        b"--help.txt",
        b"caf\xe9-latin1.txt",
        b"\xff\xfe\xfd.txt",
        b"esc\x1b[31mred.txt",
        b"quote'\"`.txt",
        b"$(touch x);&|.txt",
        b"100%25.txt",
        b"hash#1.txt",
        b"ends in bang!",
        b"bang!/in.txt",
        "\u202etxt.exe".encode(),
        "ﷺ العربية ‌.txt".encode(),
        "😀.txt".encode(),
        b"a" * 251 + b".txt",
        b"..txt.txt",
        b"CON.txt",
        b"deep/" * 100 + b"down.txt",
    )
    for name in odd:
        ends = ("hidden",) if name.startswith(b".") else ("captured",)
        yield _one(b"names/" + name, STORY["en"].encode() + name, *ends)


def _specials(folder: Path) -> list[Case]:
    special = folder / "special"
    special.mkdir()
    (special / "a.txt").write_bytes(story(7))
    (folder.parent / "outside.txt").write_bytes(b"Not of this corpus.\n")
    makers: dict[str, tuple[Callable[[Path], object], set[str]]] = {
        "fifo.txt": (os.mkfifo, {"not_a_file"}),
        "socket.txt": (_socket, {"not_a_file"}),
        "link-in.txt": (lambda path: path.symlink_to("a.txt"), {"link_inside"}),
        "link-out.txt": (lambda path: path.symlink_to("../../outside.txt"), {"link_outside"}),
        "link-gone.txt": (lambda path: path.symlink_to("nothing.txt"), {"link_broken"}),
        "link-self": (lambda path: path.symlink_to("link-self"), {"link_circle"}),
        "link-up": (lambda path: path.symlink_to(".."), {"link_circle"}),
        "link-device": (lambda path: path.symlink_to("/dev/zero"), {"link_outside"}),
        "locked.txt": (_locked, {"unreadable", "captured"}),  # root may read it all the same
        "locked": (_locked_folder, {"unreadable", "captured"}),
        ".hidden.txt": (lambda path: path.write_bytes(story(8)), {"hidden"}),
        ".git": (lambda path: path.mkdir(), {"hidden"}),
    }
    for name, (make, _) in makers.items():
        make(special / name)
    cases = [Case(f"special/{name}", frozenset(ends)) for name, (_, ends) in makers.items()]
    return [*cases, Case("special/a.txt", _CAPTURED, _CAPTURED)]


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        here = os.open(path.parent, os.O_RDONLY)
        try:
            listener.bind(f"/proc/self/fd/{here}/{path.name}")  # the path itself may be too long for a socket
        finally:
            os.close(here)


def _locked(path: Path) -> None:
    path.write_bytes(story(9))
    path.chmod(0)


def _locked_folder(path: Path) -> None:
    path.mkdir()
    (path / "in.txt").write_bytes(story(10))
    path.chmod(0)
