"""Replay our archive with other people's tools: pywb shows the page, warcio and cdxj-indexer find nothing to object to.

    python -m venv /tmp/tools && /tmp/tools/bin/pip install pywb cdxj-indexer warcio
    python -m bench.replay /tmp/tools/bin

Prints one line per tool with its version. Exits with 1 where a tool shows anything but the page.
"""

from __future__ import annotations

import argparse
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

from copydesk.store.archive.warc_archive import Archive
from copydesk.store.archive.warc_records import Exchange

_WHEN = datetime(2026, 11, 21, 12, 30, 1, 500, tzinfo=UTC)
_URL = "http://news.example/a/1"
PAGE = b"<html><head><title>Ferry</title></head><body><p>The ferry sails again.</p></body></html>"


def write_archive(root: Path, *, capture_id: str = "3f1c") -> Path:
    """Write an archive of one page as a run would; return its file."""
    with Archive(root, root / "archive", "run-1") as archive:
        location = archive.append(
            Exchange(
                url=_URL,
                status_line="200 OK",
                content=PAGE,
                fetched_at=_WHEN,
                request_headers=[("Host", "news.example")],
                response_headers=[("Content-Type", "text/html; charset=utf-8"), ("Content-Encoding", "gzip")],
                notes={"capture_id": capture_id, "source": "wire", "uri": _URL},
            )
        )
    return root / location.path


def replayed(tools: Path, warc: Path, folder: Path) -> bytes:
    """Return what pywb answers for the page's address: the original bytes, without its banner (`id_`)."""
    subprocess.run([tools / "wb-manager", "init", "desk"], cwd=folder, check=True, capture_output=True)
    subprocess.run([tools / "wb-manager", "add", "desk", warc], cwd=folder, check=True, capture_output=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [tools / "wayback", "--port", str(port), "--bind", "127.0.0.1"],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        return _get(f"http://127.0.0.1:{port}/desk/{_WHEN:%Y%m%d%H%M%S}id_/{_URL}")
    finally:
        server.terminate()
        server.wait(30)


def _get(url: str) -> bytes:
    """Ask until the server is up; at most a minute."""
    for _ in range(120):
        try:
            with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310  our own address
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            return f"HTTP {error.code}".encode()
        except OSError:
            time.sleep(0.5)
    return b"no answer"


def main() -> int:
    """Try each tool; print what it says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tools", type=Path, help="the bin folder of an environment with pywb, cdxj-indexer and warcio")
    tools = parser.parse_args().tools.absolute()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        warc = write_archive(folder)
        page = replayed(tools, warc, folder)
        check = subprocess.run([tools / "warcio", "check", warc], capture_output=True, text=True, check=False)
        index = subprocess.run([tools / "cdxj-indexer", warc], capture_output=True, text=True, check=False)
    good = page == PAGE
    print(f"pywb {_version(tools, 'pywb')}: {'the page' if good else page[:200]!r}")
    print(f"warcio {_version(tools, 'warcio')} check: exit {check.returncode} {check.stdout.strip()}")
    pages = [line for line in index.stdout.splitlines() if _URL in line]
    print(f"cdxj-indexer {_version(tools, 'cdxj-indexer')}: exit {index.returncode}, {len(pages)} page indexed")
    return 0 if good and not check.returncode and not index.returncode and len(pages) == 1 else 1


def _version(tools: Path, package: str) -> str:
    code = f"from importlib.metadata import version; print(version({package!r}))"
    return subprocess.run([tools / "python", "-c", code], capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
