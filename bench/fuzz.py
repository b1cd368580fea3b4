"""Search for bytes that break a law, led by which lines of the code they reach (atheris, libFuzzer).

    python -m bench.fuzz --minutes 20                  # all targets, the time shared out evenly
    python -m bench.fuzz --minutes 5 --target html     # one of them; --target may be given again
    python -m bench.fuzz --again FILE --target html    # one input, with its traceback

The laws are those of `tests/hostile/laws.py`; what the search starts from is the tests' own generator and `seeds/`.
Each target runs in a process of its own, with the package instrumented, under 2 GB. An input that breaks a law is kept
in the findings' folder (one per kind of defect, the shortest) and the search goes on. Needs the group `fuzz`.
"""

# ruff: noqa: E501, ISC004  inputs are written as they come
from __future__ import annotations

import argparse
import hashlib
import importlib
import os
import pkgutil
import re
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
SLOW_S = 2.0
"""Seconds one input of at most `_MOST_BYTES` may take, instrumented; the slowest good one takes a tenth."""
_MOST_BYTES = 32_768
_STATUS = re.compile(r"#(\d+)\s.*?cov: (\d+) ft: (\d+)")

_FEEDS = (
    b'<?xml version="1.0"?><rss version="2.0"><channel><title>News</title><language>en</language><item><title>A bridge'
    b"</title><link>https://example.org/1</link><pubDate>Fri, 01 Mar 2024 10:00:00 GMT</pubDate></item></channel></rss>",
    b'<feed xmlns="http://www.w3.org/2005/Atom"><title>News</title><entry><title>A</title><link href="/1"/>'
    b"<id>https://example.org/1</id><updated>2024-03-01T10:00:00Z</updated></entry></feed>",
    b'{"version": "https://jsonfeed.org/version/1.1", "title": "N", "items": [{"url": "/1", "title": "A", '
    b'"date_published": "2024-03-01T10:00:00+01:00"}]}',
    b'<html><head><base href="/x/"><link rel="alternate" type="application/rss+xml" href="feed" title="News"></head>',
)
_SITEMAPS = (
    b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/'
    b'sitemap-news/0.9"><url><loc>https://example.org/1</loc><lastmod>2024-03-01</lastmod><news:news><news:title>A'
    b"</news:title><news:publication_date>2024-03-01T10:00Z</news:publication_date></news:news></url></urlset>",
    b"<sitemapindex><sitemap><loc>https://example.org/s.xml</loc></sitemap></sitemapindex>",
    b"https://example.org/1\nhttps://example.org/2\n",
)
_OTHERS: dict[str, tuple[bytes, ...]] = {
    "feeds": _FEEDS,
    "sitemaps": _SITEMAPS,
    "robots": (
        b"User-agent: *\nDisallow: /a/*b$\nAllow: /a\nCrawl-delay: 2\nRequest-rate: 1/10s\nSitemap: https://e.org/s.xml\n",
        b'[{"location": "/a*b$", "tdm-reservation": 1}]',
        b"<meta name=robots content='noai, noindex'><meta name=tdm-reservation content=1>",
    ),
    "opml": (
        b'<opml version="2.0"><body><outline text="News"><outline type="rss" text="A" title="A" language="en-gb" '
        b'xmlUrl="https://example.org/feed"/></outline></body></opml>',
    ),
    "bodies": (b"\x04" + b"5\r\nHello\r\n0\r\n\r\n", b"\x01x\x9c\xcbH\xcd\xc9\xc9\x07\x00\x06,\x02\x15"),
}
_WORDS = (
    "<p>", "</p>", "<div>", "<br>", "<a href=", "<table><tr><td>", "<script type=application/ld+json>", "</script>", "<title>",
    "<meta charset=", "<time datetime=", "&#xD800;", "<noscript>", "<template>", "<svg>", "<math>", "<select>", "<pre>",
    "By ", "Leave a Reply", "Share this", "Read more", "12 comments", "Home / World", "3 May 2024", "Source: Reuters",
    "(Reuters) - ", "\r\n\r\n", "\n\n", "WARC/1.1\r\n", "Content-Length: ", "WARC-Type: response\r\n", "PK", "ustar",
    "Content-Type: multipart/mixed; boundary=", "Content-Transfer-Encoding: base64", "charset=", '{"text": "', '"html": "',
    "<!DOCTYPE", "<!ENTITY", "<![CDATA[", "<?xml version=", "xmlns=", "<rss", "<item>", "<link>", "<pubDate>", "<outline ",
    "xmlUrl=", "<urlset>", "<loc>", "<lastmod>", "User-agent: *", "Disallow: ", "Crawl-delay: ", "Sitemap: ",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """One line of the table; `coverage` counts edges of the package's byte code."""

    target: str
    executions: int
    seconds: float
    coverage: int
    findings: int
    note: str = ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--target", action="append", help="decode, lines, text, html, carriers, feeds, ...")
    parser.add_argument("--findings", type=Path, default=Path(tempfile.gettempdir()) / "findings-of-copydesk")
    parser.add_argument("--again", type=Path, help="run one input again")
    parser.add_argument("--search", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.search:
        _search(args.target[0], args.minutes * 60, args.findings)
    from tests.hostile.laws import LAWS

    targets = args.target or list(LAWS)
    if unknown := set(targets) - set(LAWS):
        parser.error(f"no target {', '.join(sorted(unknown))}; there are {', '.join(LAWS)}")
    if args.again:
        LAWS[targets[0]](args.again.read_bytes())
        return 0
    done = []
    print(f"{'target':<10} {'executions':>11} {'seconds':>8} {'edges':>7} {'findings':>9}")
    for target in targets:
        one = _searched(target, args.minutes / len(targets), args.findings)
        done.append(one)
        figures = f"{one.executions:>11,} {one.seconds:>8.0f} {one.coverage:>7,} {one.findings:>9}"
        print(f"{one.target:<10} {figures}  {one.note}", flush=True)
    found = sum(one.findings for one in done)
    print(
        f"\n{sum(o.executions for o in done):,} executions, {found} findings"
        + (f" in {args.findings}" if found else "")
    )
    return 1 if found else 0


def _searched(target: str, minutes: float, findings: Path) -> Searched:
    """Search in a process of its own, since libFuzzer ends the process it runs in."""
    command = [sys.executable, "-m", "bench.fuzz", "--search", "--target", target, "--minutes", str(minutes)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]), "OMP_NUM_THREADS": "1"}
    began = time.monotonic()
    done = subprocess.run(
        [*command, "--findings", str(findings)], cwd=ROOT, env=environment, capture_output=True, text=True,
        errors="replace", check=False,
    )  # fmt: skip
    status = _STATUS.findall(done.stderr) or [("0", "0", "0")]
    folder = findings / target
    kept = [p for p in folder.glob("*") if p.suffix != ".txt"] if folder.exists() else []
    note = "" if done.returncode == 0 else (done.stderr.strip().splitlines() or ["it ended without a word"])[-1][:100]
    return Searched(
        target=target,
        executions=max(int(n) for n, _, _ in status),
        seconds=time.monotonic() - began,
        coverage=max(int(n) for _, n, _ in status),
        findings=len(kept),
        note=note,
    )


def _memory_disk() -> str | None:
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108  the carriers' law writes each input


def _search(target: str, seconds: float, findings: Path) -> None:
    """Run libFuzzer over one law; never returns."""
    import atheris

    with atheris.instrument_imports(include=["copydesk"]):
        from tests.hostile.laws import LAWS

        import copydesk

        for module in pkgutil.walk_packages(copydesk.__path__, "copydesk."):
            if module.name.split(".")[1] in {"sources", "text", "web"}:
                importlib.import_module(module.name)  # what is imported later would not be instrumented

    folder = findings / target
    folder.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp())
    starts = scratch / "corpus"
    starts.mkdir()
    for content in _starts(target):
        if len(content) <= _MOST_BYTES:
            (starts / hashlib.sha256(content).hexdigest()[:16]).write_bytes(content)
    words = "\n".join(f'"{_quoted(word)}"' for word in _WORDS)
    (scratch / "words").write_text(words + "\n", encoding="ascii")
    options = [f"-max_total_time={seconds:.0f}", f"-max_len={_MOST_BYTES}", "-timeout=120", "-rss_limit_mb=2000"]
    options += [f"-dict={scratch / 'words'}", "-len_control=20", f"-artifact_prefix={folder}/", str(starts)]
    atheris.Setup([sys.argv[0], *options], _kept(LAWS[target], folder))
    atheris.Fuzz()


def _kept(law: Callable[[bytes], None], folder: Path) -> Callable[[bytes], None]:
    """Return the law as libFuzzer calls it: what breaks it is written down and the search goes on."""
    known: dict[str, int] = {}

    def call(data: bytes) -> None:
        began = time.process_time()
        try:
            law(data)
        except Exception as error:  # noqa: BLE001  whatever comes out is the finding
            sign = _sign(error)
            if len(data) < known.get(sign, _MOST_BYTES + 1):
                known[sign] = len(data)
                _write(folder, sign, data, traceback.format_exc())
        took = time.process_time() - began
        if took > SLOW_S and known.get("slow", 0) < took * 1000:
            known["slow"] = int(took * 1000)
            _write(folder, "slow", data, f"{took:.1f} s for {len(data)} bytes")

    return call


def _write(folder: Path, sign: str, data: bytes, why: str) -> None:
    (folder / sign).write_bytes(data)
    (folder / f"{sign}.txt").write_text(why, encoding="utf-8", errors="replace")


def _sign(error: BaseException) -> str:
    """Name a defect by its kind and place, so that one bug is one finding."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if "/copydesk/" in f.filename] or frames
    place = f"{Path(own[-1].filename).stem}-{own[-1].lineno}"
    law = re.sub(r"\W+", "-", str(error).partition(":")[0])[:40] if isinstance(error, AssertionError) else ""
    return f"{type(error).__name__}-{law or place}"


def _quoted(word: str) -> str:
    return "".join(c if c.isalnum() or c in " /<>=.,:;-_()*#&!?[]{}'" else f"\\x{ord(c):02x}" for c in word)


def _starts(target: str) -> Iterator[bytes]:
    """Yield what the search starts from: the tests' generator, the seeds, and a sound example of each dialect."""
    from tests.hostile.corpus import write_corpus
    from tests.hostile.laws import NAMES
    from tests.hostile.test_mutations import SOUND

    yield from _OTHERS.get(target, ())
    with tempfile.TemporaryDirectory() as scratch:
        cases = write_corpus(Path(scratch) / "corpus")
        files = [
            p for p in (Path(scratch) / "corpus" / c.name for c in cases) if p.is_file() and p.stat().st_size < 2**16
        ]
        texts = [p.read_bytes() for p in (*sorted((ROOT / "seeds").glob("*.txt")), *files) if p.suffix in {".txt", ""}]
        pages = [p.read_bytes() for p in files if p.suffix == ".html"]
        both = {"decode": texts + pages, "lines": texts, "text": texts, "html": pages + texts}
        yield from (b"\0" + content for content in both.get(target, ()))
        if target == "carriers":
            yield from (bytes([_name(NAMES, p.name)]) + p.read_bytes() for p in files)
            yield from (bytes([_name(NAMES, name)]) + content for name, content in SOUND.items())
            yield from (bytes([128 + _name(NAMES, name)]) + content for name, content in SOUND.items())


def _name(names: tuple[str, ...], name: str) -> int:
    """Return the number of the name whose extension this one has."""
    endings = [n.partition(".")[2] for n in names]
    fits = [k for k, ending in enumerate(endings) if ending and name.endswith("." + ending)]
    return min(fits, key=lambda k: -len(endings[k])) if fits else endings.index("")


if __name__ == "__main__":
    sys.exit(main())
