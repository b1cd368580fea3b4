"""The static folder: whole from the disk, without a server; no address leads out of it."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from tests.browse.newsroom import copydesk
from tests.browse.test_in_a_browser import browser

__all__ = ["browser"]


@pytest.fixture(scope="module")
def folder(newsroom: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The five papers as a folder."""
    made = tmp_path_factory.mktemp("export") / "pages"
    copydesk(newsroom, "browse", "--export", str(made), codes=(0,))
    return made


@pytest.fixture(scope="module")
def hostile_folder(hostile: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The attacks as a folder."""
    made = tmp_path_factory.mktemp("hostile-export") / "pages"
    copydesk(hostile, "browse", "--export", str(made), codes=(0,))
    return made


def addresses(page: Path) -> list[str]:
    """Return what a page links to or loads, but for the publishers' own addresses."""
    found = re.findall(r'(?:href|src|action)="([^"]*)"', page.read_text(encoding="utf-8"))
    return [unescape(a) for a in found if not a.startswith(("https://", "http://", "#"))]


@pytest.mark.parametrize("which", ["folder", "hostile_folder"])
def test_every_address_leads_to_a_file_of_the_folder(which: str, request: pytest.FixtureRequest) -> None:
    """All addresses are relative, and each file is there, inside of the folder; nothing needs a server."""
    root: Path = request.getfixturevalue(which)
    pages = sorted(root.rglob("*.html"))
    assert len(pages) > 20
    for page in pages:
        for address in addresses(page):
            assert not address.startswith(("/", "file:", "javascript:", "data:")), (page, address)
            target = (page.parent / unquote(address.partition("#")[0])).resolve()
            assert target.is_relative_to(root.resolve()), (page, address)
            assert target.is_file(), (page, address)


def test_names_of_files_are_harmless(hostile_folder: Path) -> None:
    """Whatever sources, people and pages are called: letters, digits and hyphens, and short."""
    names = [p.name for p in hostile_folder.rglob("*") if p.name != ".copydesk-browse"]
    assert all(re.fullmatch(r"[A-Za-z0-9-]{1,80}(\.(html|json|csv|css|svg))?", name) for name in names)


def test_the_folder_has_the_articles_that_were_chosen(newsroom: Path, tmp_path: Path) -> None:
    """A search leaves its hits; other articles are named in stories, and are no links."""
    copydesk(newsroom, "browse", "--export", str(tmp_path / "out"), "--search", '"night train"', codes=(0,))
    titles = {json.loads(p.read_text(encoding="utf-8"))["title"] for p in (tmp_path / "out/article").glob("*.json")}
    assert titles == {
        "Night train to the south returns after nine years", "Sleeping cars are back: the night train returns",
    }  # fmt: skip


def test_an_export_replaces_its_own_folder_alone(newsroom: Path, tmp_path: Path) -> None:
    """A second export replaces the first; a folder with anything else in it is left as it is."""
    out = tmp_path / "out"
    copydesk(newsroom, "browse", "--export", str(out), "--limit", "2", codes=(0,))
    (out / "old.html").write_text("", encoding="utf-8")
    copydesk(newsroom, "browse", "--export", str(out), "--limit", "1", codes=(0,))
    assert not (out / "old.html").exists()
    other = tmp_path / "other"
    other.mkdir()
    (other / "mine.txt").write_text("mine", encoding="utf-8")
    copydesk(newsroom, "browse", "--export", str(other), codes=(2,))
    assert [p.name for p in other.iterdir()] == ["mine.txt"]


@pytest.mark.browser
@pytest.mark.slow
def test_the_folder_is_shown_from_the_disk(browser: Any, folder: Path) -> None:
    """From file://, with scripts off: the style sheet applies, links lead on, nothing is asked of the network."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    strays: list[str] = []
    page.on("request", lambda r: strays.append(r.url) if not r.url.startswith("file:") else None)
    page.goto((folder / "index.html").as_uri())
    page.locator(".hits h2 a").first.click()
    page.wait_for_url("**/article/**")
    assert page.locator("h1").first.is_visible()
    page.get_by_role("link", name="lines that were cut").click()
    assert page.locator(".line.cut").count() > 3
    width = page.locator("main").bounding_box()["width"]
    assert width < page.viewport_size["width"] + 1
    context.close()
    scripted = browser.new_context()
    page = scripted.new_page()
    page.goto((folder / "sources.html").as_uri())
    assert page.evaluate("getComputedStyle(document.querySelector('.masthead ul')).display") == "flex"
    scripted.close()
    assert not strays
