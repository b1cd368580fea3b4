"""What desks take in: a folder of files and the pages of a site, made as they grow.

Texts have words of their own, so that no line is furniture by recurrence: what a page becomes must not depend on how
many runs it took, or two desks could not be compared row by row.
"""

from __future__ import annotations

import os
import random
from dataclasses import dataclass, field
from pathlib import Path

from tests.servers import Site, page

_WORDS = (
    *("harbour", "council", "winter", "bridge", "market", "teacher", "river", "railway", "minister", "engine"),
    *("garden", "letter", "village", "doctor", "season", "budget", "captain", "forest", "museum", "island"),
    *("factory", "journal", "pepper", "window", "mountain", "evening", "signal", "ladder", "mirror", "orchard"),
)
_LONG_AGO = 1_700_000_000  # mtime of the first file: 2023, so that no file is too fresh to be believed


@dataclass
class Inputs:
    """What desks take in: a folder of files, and pages on a site; it only grows, or changes where it is told to."""

    folder: Path
    site: Site | None = None
    seed: int = 1
    files: int = 0
    paths: list[str] = field(default_factory=list)

    def grow(self, texts: int = 3, pages: int = 1, web: int = 1) -> None:
        """Add so many text files, HTML files and web pages."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for _ in range(texts):
            if self.files % 8 == 7:  # too short: a row of quarantine
                self._write(self.folder / f"{self.files:05}.txt", f"Nothing {self.files}\n\nOf note.\n", self.files)
                self.files += 1
                continue
            self._file("txt", "{title}\n\n{body}\n", "\n\n")
        for _ in range(pages):
            head = "<!doctype html><html lang=en><head><title>{title}</title></head><body><h1>{title}</h1>"
            self._file("html", head + "<article><p>{body}</p></article></body></html>", "</p><p>")
        if self.site is not None:
            for _ in range(web):
                title, body = story(self.seed, f"web-{len(self.paths)}")
                text = f"{title}\n\n" + "\n\n".join(body) + "\n"
                self.paths.append(f"/story/{len(self.paths)}")
                self.site.routes[self.paths[-1]] = page(text, kind="text/plain; charset=utf-8")
            urls = "".join(f"<url><loc>{self.site.url(path)}</loc></url>" for path in self.paths)
            self.site.routes["/map.xml"] = page(f"<urlset>{urls}</urlset>", kind="text/xml")

    def change(self, number: int) -> None:
        """Print a file's story anew, with another text."""
        (path,) = self.folder.glob(f"{number:05}.*")
        text = path.read_text(encoding="utf-8").replace("It was written", "It was rewritten, and later")
        self._write(path, text, number + 100_000)

    def _file(self, kind: str, form: str, between: str) -> None:
        title, body = story(self.seed, f"file-{self.files}")
        text = form.format(title=title, body=between.join(body))
        self._write(self.folder / f"{self.files:05}.{kind}", text, self.files)
        self.files += 1

    def _write(self, path: Path, text: str, second: int) -> None:
        """Write under a name that no source takes, then rename: a run that looks meanwhile sees the file or none."""
        temporary = path.with_suffix(".writing")
        temporary.write_text(text, encoding="utf-8")
        os.utime(temporary, (_LONG_AGO + second, _LONG_AGO + second))
        temporary.rename(path)


def story(seed: int, name: str) -> tuple[str, list[str]]:
    """Return a title and paragraphs that no other name has."""
    luck = random.Random(f"{seed} {name}")
    number = luck.randrange(10**9)
    title = f"The {' '.join(luck.sample(_WORDS, 4))} of number {number}"
    starts = [f"It was written of number {number} that the", *["And the"] * 5]
    return title, [
        f"{s} {' '.join(luck.choices(_WORDS, k=24))} was seen {luck.randrange(10**9)} times." for s in starts
    ]
