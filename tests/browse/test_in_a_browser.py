"""Every page in a headless Chromium: wide and phone, dark and light, with and without scripts, and a hostile desk."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.browse.conftest import Served, serving
from tests.browse.newsroom import HOSTILE_TITLE, copydesk
from tests.browse.test_pages import every_page

pytestmark = [pytest.mark.browser, pytest.mark.slow]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
_OPTIONS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A headless Chromium."""
    if CHROMIUM is None:
        pytest.skip("needs a headless Chromium: none is on the PATH")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        found = play.chromium.launch(executable_path=CHROMIUM, args=_OPTIONS)
        yield found
        found.close()


_LOOKS = {
    "wide": {"viewport": {"width": 1280, "height": 860}},
    "phone": {"viewport": {"width": 360, "height": 740}},
    "dark": {"viewport": {"width": 1280, "height": 860}, "color_scheme": "dark"},
}

_CONTRAST = """() => {
  const lum = c => { const f = v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
    return .2126 * f(c[0]) + .7152 * f(c[1]) + .0722 * f(c[2]); };
  const rgb = s => { const m = s.match(/[\\d.]+/g).map(Number); return m.length > 3 && m[3] === 0 ? null : m; };
  const behind = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c) return c; }
    return [255, 255, 255]; };
  const bad = [];
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    const box = e.getBoundingClientRect();
    if (!own || !box.width || !box.height || e.closest('.sr, .skip, option, datalist')) continue;
    const style = getComputedStyle(e), svg = e instanceof SVGElement;
    const fore = rgb(svg ? style.fill : style.color);
    if (!fore || style.visibility === 'hidden') continue;
    const a = lum(fore), b = lum(behind(e)), ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) bad.push([e.tagName, e.className.baseVal ?? e.className, e.textContent.trim().slice(0, 40), ratio.toFixed(2)]);
  }
  return bad; }"""

_NAMELESS = """() => [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, iframe, svg[role]')]
  .filter(e => !(e.textContent.trim() || e.getAttribute('aria-label') || e.title || e.labels?.length)).map(e => e.outerHTML.slice(0, 90))"""


@pytest.mark.parametrize("look", list(_LOOKS))
def test_every_page_can_be_read(browser: Any, site: Served, look: str) -> None:
    """On each page: text has a contrast of 4.5 to 1 or more, nothing is wider than the screen, all controls have names.

    WCAG 2.2, 1.4.3 (AA), 1.4.10 and 4.1.2, computed from what Chromium laid out; no request fails or leaves the server.
    """
    context = browser.new_context(**_LOOKS[look])
    page = context.new_page()
    strays: list[str] = []
    page.on("request", lambda r: strays.append(r.url) if not r.url.startswith(site.base) else None)
    page.on("console", lambda m: strays.append(m.text) if m.type == "error" else None)
    problems: dict[str, Any] = {}
    for path in every_page(site):
        page.goto(site.base + path)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found = [*page.evaluate(_CONTRAST), *page.evaluate(_NAMELESS), *([f"{wide} px too wide"] if wide > 0 else [])]
        if found:
            problems[path] = found[:5]
    context.close()
    assert not problems
    assert not strays


@pytest.mark.parametrize("scripts", [True, False])
def test_all_of_it_works_from_the_keyboard(browser: Any, site: Served, scripts: bool) -> None:
    """Skip link, search, a hit, its cut lines: with the keyboard alone, with and without scripts."""
    context = browser.new_context(java_script_enabled=scripts)
    page = context.new_page()
    page.goto(site.base + "/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**#main")
    page.keyboard.press("Tab")
    page.keyboard.type("bridge toll")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=bridge+toll**")
    hit = page.locator(".hits h2 a").first
    hit.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/article/**")
    page.get_by_role("link", name="lines that were cut").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**cut=1")
    assert page.get_by_text("Sign up for our morning newsletter").is_visible()
    context.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_hostile_desk_stays_text(browser: Any, hostile_site: Served, scripts: bool) -> None:
    """Titles, names, addresses and queries that are attacks are shown as they are, and do nothing, on every page."""
    context = browser.new_context(java_script_enabled=scripts)
    page = context.new_page()
    trouble: list[str] = []
    page.on("dialog", lambda d: (trouble.append(d.message), d.dismiss()))
    page.on("request", lambda r: trouble.append(r.url) if not r.url.startswith(hostile_site.base) else None)
    hits = hostile_site.get("/search.json", n="100").json["hits"]
    assert HOSTILE_TITLE.split("<")[0] in {h["title"][:0] for h in hits}
    paths = ["/", "/sources", "/quarantine", "/people", "/trends", "/sql", "/quality", "/findings", "/runs", "/stories"]
    paths += [f"/article/{h['article_id']}{end}" for h in hits for end in ("", "?cut=1", "/fetched")]
    paths += [f"/source?name={quote(s['source'])}" for s in hostile_site.get("/sources.json").json["sources"]]
    paths += [f"/quarantine/{q['capture_id']}" for q in hostile_site.get("/quarantine.json").json["records"]]
    attack = quote("\"><script>document.title='owned'</script><img src=x onerror=alert(7)>")
    paths += [f"/search?q={attack}", f"/search?publisher={attack}", f"/people?q={attack}", f"/sql?q={attack}",
              f"/trends?q={attack}", f"/findings?rule={attack}", f"/{attack}"]  # fmt: skip
    saved = quote("<script>alert(4)<!--")
    paths += [f"/sql?saved={saved}", f"/sql?saved={saved}&x=%3Cb%3Ec%3C/b%3E&y=%3Cb%3Ec%3C/b%3E"]
    for path in paths:
        page.goto(hostile_site.base + path)
        page.wait_for_load_state("load")
        assert "owned" not in page.title() or "</script>" in page.title(), path
        assert page.locator("main script, main img, main b[onclick], main section script").count() == 0, path
        assert "60481729" not in page.locator("main").inner_text() or "{{ 7777*7777 }}" in page.content(), path
    context.close()
    assert not trouble


def test_symbolic_links_are_no_queries(hostile_site: Served) -> None:
    """A link in `queries/` to a file elsewhere is not read."""
    page = hostile_site.get("/sql").text
    assert "passwd" not in page
    assert "root:" not in hostile_site.get("/sql?saved=passwd").text


class _Trap(BaseHTTPRequestHandler):
    """A server that writes down who asks for anything."""

    asked: list[str] = []  # noqa: RUF012 one list of all requests

    def do_GET(self) -> None:
        """Write down the path."""
        self.asked.append(self.path)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Print nothing."""


@pytest.mark.parametrize("scripts", [True, False])
def test_a_fetched_page_loads_nothing(browser: Any, tmp_path: Path, scripts: bool) -> None:
    """A stored page full of addresses and scripts is shown in its frame: its text is there, nothing is asked for."""
    trap = ThreadingHTTPServer(("127.0.0.1", 0), _Trap)
    threading.Thread(target=trap.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{trap.server_port}"
    desk = tmp_path / "desk"
    (desk / "inbox").mkdir(parents=True)
    (desk / "copydesk.toml").write_text('[[source]]\nname = "trap"\npaths = ["inbox"]\n', encoding="utf-8")
    body = "".join(
        f"<p>The harbour office counted {n} ships this week and expects more in spring, it said.</p>" for n in range(9)
    )
    (desk / "inbox" / "a.html").write_text(
        f"<html><head><title>Ships</title><link rel=stylesheet href={url}/css><link rel=preconnect href={url}>"
        f"<link rel=prefetch href={url}/pre><link rel=icon href={url}/icon><meta http-equiv=refresh content='0;url={url}/r'>"
        f"<base href={url}/><style>body {{ background: url({url}/bg) }} @import '{url}/imp'; @font-face {{ font-family: f;"
        f" src: url({url}/font) }} p {{ font-family: f }}</style><script src={url}/js></script></head><body>"
        f"<img src={url}/img srcset='{url}/set 2x'><iframe src={url}/frame></iframe><object data={url}/obj></object>"
        f"<video src={url}/v poster={url}/poster></video><svg><image href='{url}/svg'/></svg><input type=image src={url}/i>"
        f"<form action={url}/form><button>Go</button></form><h1>Ships</h1>{body}<p><a href={url}/link>on</a></p>"
        f"<script>top.document.title = 'owned'; fetch('{url}/fetch')</script></body></html>",
        encoding="utf-8",
    )
    copydesk(desk, "run")
    for site in serving(desk):
        article = site.get("/search.json", q="ships").json["hits"][0]["article_id"]
        context = browser.new_context(java_script_enabled=scripts)
        page = context.new_page()
        page.goto(f"{site.base}/article/{article}/fetched")
        page.wait_for_timeout(600)
        frame = page.frames[1]
        assert "counted 3 ships" in frame.content()
        assert page.title().startswith("As fetched")
        inner = site.get(f"/article/{article}/page")
        assert "sandbox" in inner.headers["content-security-policy"]
        context.close()
    trap.shutdown()
    trap.server_close()
    assert not _Trap.asked
