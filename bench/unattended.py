"""What a desk says that was left alone: one source that is well, one dead, one malformed, one silent, one held.

    python bench/unattended.py [FOLDER]      prints run, status and the report's head; the desk stays in FOLDER

A server on loopback plays the sites: `dead` answers 404, `malformed` gives HTML in the feed's place. `silent` has
brought nothing for three days, `held` brought thirty pages under one title.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import threading
from datetime import datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import duckdb

ROOT = Path(__file__).parent.parent
SEEDS = sorted((ROOT / "seeds").glob("*.txt"))


class Site(BaseHTTPRequestHandler):
    """A feed at /well, HTML at /malformed, pages below /page, and 404 for everything else."""

    def do_GET(self) -> None:
        """Answer one request."""
        pages = {f"/page/{n}": seed.read_bytes() for n, seed in enumerate(SEEDS)}
        base = f"http://127.0.0.1:{self.server.server_port}"  # type: ignore[attr-defined]
        items = "".join(f"<item><title>Story {n}</title><link>{base}/page/{n}</link></item>" for n in range(len(SEEDS)))
        feed = f"<rss version='2.0'><channel><title>Well</title>{items}</channel></rss>".encode()
        routes = {
            "/well": ("text/xml", feed),
            "/malformed": ("text/html", b"<html><body><h1>Our feed has moved</h1></body></html>"),
            **{path: ("text/plain; charset=utf-8", body) for path, body in pages.items()},
        }
        kind, body = routes.get(self.path, ("text/plain", b""))
        self.send_response(200 if self.path in routes else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


def make_desk(root: Path, port: int) -> None:
    """Write the settings and the files of the two sources that take files."""
    for name in ("silent", "held"):
        (root / name).mkdir(parents=True, exist_ok=True)
    (root / "silent" / "story.txt").write_bytes(SEEDS[0].read_bytes())
    _stories(root / "held", range(3), same=False)
    feeds = "".join(
        f'[[source]]\nname = "{name}"\nkind = "feed"\nurl = "http://127.0.0.1:{port}/{name}"\n'
        for name in ("well", "dead", "malformed")
    )
    (root / "copydesk.toml").write_text(
        f'[web]\ndelay_s = 0\nallow_hosts = ["127.0.0.1:{port}"]\n{feeds}'
        '[[source]]\nname = "silent"\npaths = ["silent"]\nerror_after_h = 48\n'
        '[[source]]\nname = "held"\npaths = ["held"]\n',
        encoding="utf-8",
    )


def _stories(folder: Path, numbers: range, *, same: bool) -> None:
    text = SEEDS[1].read_text(encoding="utf-8")
    title, _, rest = text.partition("\n")
    for n in numbers:
        head = title if same else f"{title} {'abcdefghij'[n % 10] * 4}"
        (folder / f"{n}.txt").write_text(f"{head}\n{rest}\nStory number {n} ends here.\n", encoding="utf-8")


def age(root: Path, source: str, days: int) -> None:
    """Move the runs back in time, so that a source has been silent for so long."""
    with duckdb.connect(str(root / "warehouse" / "copydesk.duckdb")) as connection:
        connection.execute(
            "update ops.runs set started_at = started_at - to_days(?), finished_at = finished_at - to_days(?) "
            "where list_contains(sources, ?)",
            [days, days, source],
        )


def copydesk(root: Path, *arguments: str) -> str:
    """Run a command of the desk; return what it prints and its exit code."""
    done = subprocess.run(
        [sys.executable, "-m", "copydesk", *arguments, "--desk", str(root)],
        capture_output=True,
        text=True,
        check=False,
    )
    return f"$ copydesk {' '.join(arguments)}\n{done.stdout}{done.stderr}exit code {done.returncode}\n"


def main(root: Path) -> None:
    """Make the desk, run it twice, print what it says."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Site))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    make_desk(root, server.server_port)
    copydesk(root, "run", "silent", "--quiet")
    age(root, "silent", 3)
    copydesk(root, "run", "held", "--quiet")
    _stories(root / "held", range(10, 40), same=True)
    started = datetime.now()  # noqa: DTZ005 (printed for a person)
    print(copydesk(root, "run"))
    print(copydesk(root, "run", "dead", "malformed"))
    print(copydesk(root, "status"))
    print(copydesk(root, "report"))
    head = (root / "warehouse" / "report.html").read_text(encoding="utf-8").partition("<header>")[2]
    words = re.sub(r"<[^>]+>", " ", head.partition("</header>")[0].replace("</tr>", "\n").replace("</p>", "\n"))
    print(*(" ".join(line.split()) for line in words.splitlines() if line.strip()), sep="\n")
    print(f"\nthe desk is in {root}; made in {(datetime.now() - started) / timedelta(seconds=1):.0f} s")  # noqa: DTZ005
    server.shutdown()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp(prefix="unattended-")))
