"""docs/extending.md: every example works, against a Copydesk that is installed from its wheel."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.conftest import ROOT, clean_environment
from tests.servers import Site, page

EXAMPLES = dict(re.findall(r"^```\w+ (\S+)\n(.*?)^```$", (ROOT / "docs" / "extending.md").read_text(), re.M | re.S))
OPTIONS = ("--no-deps", "--no-build-isolation", "--quiet", "--disable-pip-version-check")
PACKAGE = ("pyproject.toml", "copydesk_example.py")
BODY = "The council of Arden met on Monday and decided to repair the old bridge before the winter comes. " * 3
STORY = (
    "<html lang=en><head><title>{0}</title></head><body><article><h1>{0}</h1>"
    f"<p>{BODY}</p><p>{BODY}</p><p>{BODY}</p></article></body></html>"
)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with this Copydesk and the example's package as `pip install` leaves them, built as wheels."""
    built, example = tmp_path_factory.mktemp("wheels"), tmp_path_factory.mktemp("example")
    for name in PACKAGE:
        (example / name).write_text(EXAMPLES[name], encoding="utf-8")
    for project in (ROOT, example):
        subprocess.run(
            [sys.executable, "-m", "pip", "wheel", str(project), "-w", str(built), *OPTIONS],
            check=True,
        )
    target = tmp_path_factory.mktemp("site")
    for wheel in built.glob("*.whl"):
        with ZipFile(wheel) as archive:
            archive.extractall(target)
    return target


def _desk(folder: Path, settings: str = "") -> Path:
    folder.mkdir()
    (folder / "copydesk.toml").write_text(EXAMPLES["copydesk.toml"] + settings, encoding="utf-8")
    for path, text in EXAMPLES.items():
        if path not in (*PACKAGE, "copydesk.toml"):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
    (folder / "agency").mkdir()
    text = f"Bridge of Arden to be repaired\n{BODY}\n\n{BODY}\n--\nEditors: call the desk\n"
    (folder / "agency" / "1.txt").write_text(text, encoding="utf-8")
    return folder


def _python(installed: Path, code: str, cwd: Path) -> str:
    """Run code in the installed Copydesk, and return what it printed."""
    environment = {**clean_environment(), "PYTHONPATH": str(installed)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=cwd, env=environment, capture_output=True, check=False, timeout=200
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def test_the_wheel_is_what_runs(installed: Path, tmp_path: Path) -> None:
    """The other tests of this file test the wheel, which is typed, and not the checkout."""
    where = Path(_python(installed, "import copydesk; print(copydesk.__file__)", tmp_path).strip())
    assert where.is_relative_to(installed)
    assert (where.parent / "py.typed").is_file()


def test_a_kind_of_source_an_extractor_and_a_view_of_ones_own(installed: Path, tmp_path: Path) -> None:
    """Addresses of a CSV file are fetched and loaded, the agency's text by its own extractor, and a view is made."""
    with Site({f"/{n}": page(STORY.format(f"Story number {n} of the week")) for n in range(3)}) as site:
        web = f'\n[web]\ndelay_s = 0\nallow_hosts = ["127.0.0.1:{site.port}"]\n'
        desk = _desk(tmp_path / "desk", web)
        rows = [f"{site.url(f'/{n}')},Headline {n}" for n in range(3)]
        (desk / "picked.csv").write_text("\n".join(["url,headline", *rows]), encoding="utf-8")
        code = """
import json, copydesk
desk = copydesk.open_desk()
checked = [(c.source, c.good, c.items) for c in desk.check_sources()]
first, again = desk.run(), desk.run()
sql = "select source, extractor, title from latest_articles join revisions using (revision_id, title) order by all"
print(json.dumps([checked, first.numbers, again.numbers, desk.sql(sql).rows(),
    desk.sql("select count(*) from long_reads").rows(),
    copydesk.extract_file("agency/1.txt", extractor="wire").title]))
"""
        checked, first, again, articles, long_reads, title = json.loads(_python(installed, code, desk))
    assert checked == [["picked", True, 3], ["agency", True, 1]]
    assert (first["loaded"], first["quarantined"], again["loaded"], again["captured"]) == (4, 0, 0, 0)
    assert articles[0] == ["agency", "wire", "Bridge of Arden to be repaired"]
    assert title == articles[0][2]
    assert [(source, extractor) for source, extractor, _ in articles[1:]] == [("picked", "blocks")] * 3
    assert long_reads == [[0]]


def test_a_channel_is_used_where_its_table_is(installed: Path, tmp_path: Path) -> None:
    """The example's channel writes what begins and what is over; without `[notify.options.file]` nothing is sent."""
    desk = _desk(tmp_path / "desk")
    code = """
import copydesk
from copydesk.plugins import Lists, Message, SourceCheck, UrlItem
from copydesk.service.notifications import notify
desk = copydesk.open_desk()
sent = notify(desk, "wire", {"failed": "no route"}) + notify(desk, "wire", {"failed": None})
print(len(sent), {type(message) for message in sent} == {Message})
"""
    assert _python(installed, code, desk).splitlines()[-1] == "2 True"
    lines = (desk / "notices.txt").read_text(encoding="utf-8").splitlines()
    assert lines == ["copydesk: wire failed: no route", "copydesk: wire recovered from failed: no route"]
    settings = (desk / "copydesk.toml").read_text(encoding="utf-8").partition("[notify.options.file]")[0]
    (desk / "copydesk.toml").write_text(settings, encoding="utf-8")
    assert _python(installed, code, desk).splitlines()[-1] == "2 True"
    assert (desk / "notices.txt").read_text(encoding="utf-8").splitlines() == lines


def test_an_extractor_without_blocks_is_not_explained_by_an_empty_table(installed: Path, tmp_path: Path) -> None:
    """`explain` says that there is nothing to explain, and refuses to explain a line of it."""
    desk = _desk(tmp_path / "desk")
    environment = {**clean_environment(), "PYTHONPATH": os.fspath(installed)}
    for words, code in (((), 0), (("--why", "1"), 2)):
        done = subprocess.run(
            [sys.executable, "-m", "copydesk", "explain", "agency/1.txt", "--extractor", "wire", *words],
            cwd=desk,
            env=environment,
            capture_output=True,
            check=False,
        )
        told = " ".join((done.stdout + done.stderr).decode().split())
        assert (done.returncode, "extractor wire returns no blocks: nothing to explain" in told) == (code, True), told
        assert "label" not in told


def test_phrases_and_site_rules_of_a_desk(installed: Path, tmp_path: Path) -> None:
    """The desk's phrase is cut under its own rule, in text, and the site's rule decides the body of its pages."""
    desk = _desk(tmp_path / "desk")
    end = "Ledger readers get it first.\n\nShare this article\n\nLeave a Reply\n"
    text = f"Bridge of Arden to be repaired\n\n{BODY}\n\n{BODY}\n\n{end}"
    html = "<h2 class=head>The true headline</h2><div class=text><p>{0}</p><div class=box>Buy</div><p>{0}</p></div>"
    (desk / "story.txt").write_text(text, encoding="utf-8")
    (desk / "story.html").write_text(f"<html><body>{html.format(BODY)}</body></html>", encoding="utf-8")
    code = """
import json, copydesk
desk = copydesk.open_desk()
text = desk.extract_file("story.txt")
page = desk.extract_file("story.html", url="https://example.org/a")
print(json.dumps([[(b.label, b.rule) for b in text.cut if "Ledger" in b.text], page.title, len(page.paragraphs),
    page.extraction.extractor, [b.rule for b in copydesk.extract_file("story.txt").cut if "Ledger" in b.text]]))
"""
    phrase, title, paragraphs, extractor, without = json.loads(_python(installed, code, desk))
    assert phrase == [["newsletter", "newsletter.en.ledger"]]
    assert "newsletter.en.ledger" not in without
    assert (title, paragraphs, extractor) == ("The true headline", 2, "site_rule:example.toml#1")


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ('kind = "cvs"', "no copydesk.sources entry point is called 'cvs'"),
        ('kind = "csv"\noptions = { url = "link" }', "options.file"),
        ('kind = "files"\npaths = ["agency"]\nextractor = "wires"', "There are: auto, blocks, trafilatura, wire"),
        ('kind = "files"\npaths = ["agency"]\noptions = { a = 1 }', "takes no 'options'"),
    ],
)
def test_a_wrong_name_or_option_is_told_before_a_run(installed: Path, tmp_path: Path, entry: str, message: str) -> None:
    """A name that no package offers and options that do not fit: exit code 2, the file, the source, what is wrong."""
    (tmp_path / "copydesk.toml").write_text(f'[[source]]\nname = "odd"\n{entry}\n', encoding="utf-8")
    environment = {**clean_environment(), "PYTHONPATH": os.fspath(installed)}
    done = subprocess.run(
        [sys.executable, "-m", "copydesk", "run"], cwd=tmp_path, env=environment, capture_output=True, check=False
    )
    told = done.stderr.decode()
    assert (done.returncode, "copydesk.toml: source odd" in told, message in told) == (2, True, True), told


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("[notify.options.file]\nfolder = 'x'", "notify.options: file.folder: Extra inputs are not permitted"),
        ("[notify.options.pager]", "no copydesk.notifiers entry point is called 'pager'"),
        ("[notify.options.mail]", "channel 'mail' takes no options"),
    ],
)
def test_a_channel_that_does_not_exist_or_fit_is_told(
    installed: Path, tmp_path: Path, table: str, message: str
) -> None:
    """A table of a channel that no package adds, or with a key it does not have: exit code 2 and what is wrong."""
    (tmp_path / "copydesk.toml").write_text(f"{table}\n", encoding="utf-8")
    environment = {**clean_environment(), "PYTHONPATH": os.fspath(installed)}
    done = subprocess.run(
        [sys.executable, "-m", "copydesk", "run"], cwd=tmp_path, env=environment, capture_output=True, check=False
    )
    told = " ".join(done.stderr.decode().split())
    assert (done.returncode, message in told) == (2, True), told
