"""The Python API: what `import copydesk` gives, and that the command line says the same."""

from __future__ import annotations

import doctest
import json
import os
import shutil
import subprocess
import sys
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

import pytest

import copydesk
from copydesk.resources import SEEDS
from tests.conftest import ROOT, Command, clean_environment

PAGE = "<html><head><meta charset='iso-8859-1'><title>Regen</title></head><body><article><h1>Regen über Köln</h1>{}"
SENTENCE = "Am Dienstag fielen in Köln zwölf Liter Regen auf den Quadratmeter, teilte der Wetterdienst mit. "
DOCUMENTED = (
    *("copydesk", "copydesk.extraction.pages"),
    *(f"copydesk.desk.{name}" for name in ("desk", "loading", "deciding", "reading")),
)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder is a new desk with the five seeds."""
    shutil.copytree(SEEDS, tmp_path / "seeds")
    shutil.copyfile(ROOT / "copydesk.toml", tmp_path / "copydesk.toml")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("name", DOCUMENTED)
def test_the_examples_in_the_documentation_are_true(name: str) -> None:
    """Every example of a public module, run on a desk of the seeds, prints what its docstring says."""
    names = {"open_desk": copydesk.open_desk}
    done = doctest.testmod(import_module(name), extraglobs=names, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert (done.failed, done.attempted > 0) == (0, True)


def test_every_public_name_is_there() -> None:
    """`__all__` is sorted, and each of its names can be imported; another name is an AttributeError."""
    assert copydesk.__all__ == sorted(copydesk.__all__)
    assert [name for name in copydesk.__all__ if getattr(copydesk, name, None) is None] == []
    assert set(copydesk.__all__) <= set(dir(copydesk))
    with pytest.raises(AttributeError, match="no attribute 'extrct'"):
        _ = copydesk.extrct  # type: ignore[attr-defined]


def test_the_import_alone_reads_next_to_nothing() -> None:
    """`import copydesk` imports no library, and of the package nothing but the version."""
    code = "import sys, copydesk; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, check=True, env=clean_environment())
    modules = done.stdout.decode().split()
    assert {name.split(".")[0] for name in modules} - sys.stdlib_module_names - {"__main__"} == {"copydesk"}
    assert {name for name in modules if name.startswith("copydesk.")} <= {"copydesk._version"}


def test_html_as_a_string_is_not_decoded_again() -> None:
    """A string is text already: what its `<meta charset>` says of bytes does not matter."""
    article = copydesk.extract(PAGE.format(f"<p>{SENTENCE * 6}</p>" * 4), url="https://example.org/regen")
    assert (article.title, article.language, article.url) == ("Regen über Köln", "de", "https://example.org/regen")
    assert article.paragraphs[0].startswith("Am Dienstag fielen in Köln zwölf")
    assert article.text == "\n\n".join(article.paragraphs)


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ("", "empty"),
        (b"", "empty"),
        (b"%PDF-1.7 ...", "unsupported_type"),
        (b"\x1f\x8b\x08\x00data", "unsupported_type"),
    ],
)
def test_what_is_no_page_is_an_article_with_a_rejection(page: str | bytes, reason: str) -> None:
    """Nothing, a PDF and an archive are answered with a reason, not with an exception."""
    article = copydesk.extract(page)
    assert (article.rejected, article.reason, article.paragraphs) == (True, reason, ())


@pytest.mark.parametrize("workers", [1, 2])
def test_many_pages_come_back_in_order_and_one_bad_page_is_one_rejection(workers: int, tmp_path: Path) -> None:
    """Text, HTML, files and a missing file in one call: the same articles as one by one, in the same order."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(SEEDS.glob("*.txt"))]
    html = PAGE.format(f"<p>{SENTENCE * 6}</p>" * 4)
    pages = [*texts * 12, html, tmp_path / "missing.html", (html, "https://example.org/regen"), *SEEDS.glob("*.txt")]
    found = list(copydesk.extract_many(pages, workers=workers))
    assert len(found) == len(pages)
    assert [a.reason for a in found if a.rejected] == ["unreadable"]
    assert found[61].reason == "unreadable"
    assert found[62].url == "https://example.org/regen"
    alone = {page: copydesk.extract(page) for page in (*texts, html)}
    assert found[:61] == [alone[page] for page in pages[:61] if isinstance(page, str)]


def test_an_unknown_extractor_is_named() -> None:
    """A wrong option is a `UsageError` that lists the right ones."""
    with pytest.raises(copydesk.UsageError, match=r"'magic'. There are: auto, blocks, trafilatura"):
        copydesk.extract("text", extractor="magic")


@pytest.mark.parametrize("page", [None, 7, Path("page.html")])
def test_what_cannot_be_a_page_is_named(page: object) -> None:
    """A value of another type is a `UsageError`, alone and among others; one text is not taken for many pages."""
    with pytest.raises(copydesk.UsageError, match=f"must be str or bytes, not {type(page).__name__}"):
        copydesk.extract(page)  # type: ignore[arg-type]
    if not isinstance(page, Path):
        with pytest.raises(copydesk.UsageError, match="must be str or bytes"):
            list(copydesk.extract_many(["text", page]))  # type: ignore[list-item]
    for single in ("abc", b"abc"):
        with pytest.raises(copydesk.UsageError, match="iterable of pages"):
            copydesk.extract_many(single)  # type: ignore[arg-type]


def test_a_source_that_nobody_knows_is_refused(here: Path, command: Command) -> None:
    """A misspelt source is a `UsageError` that lists the declared ones; one that is only in the warehouse is known."""
    desk = copydesk.open_desk(here)
    (here / "alone.txt").write_text("Too short to be news.\n", encoding="utf-8")
    desk.run("alone.txt")
    assert len(desk.quarantine(source="paths")) == desk.reprocess("paths", dry_run=True).captures == 1
    for ask in (
        lambda: desk.reprocess("nope", dry_run=True),
        lambda: desk.quarantine(source="nope"),
        lambda: desk.replay(source="nope"),
    ):
        with pytest.raises(copydesk.UsageError, match=r"'nope'.*Declared sources: seeds"):
            ask()
    told = command("quarantine", "list", "--rule", "too_shrot", cwd=here).out
    assert "No quarantined record matches." in told
    for words in (("reprocess",), ("quarantine", "list"), ("quarantine", "replay"), ("quality", "preview")):
        ended = command(*words, "--source", "nope", cwd=here)
        assert (ended.code, "'nope'" in ended.err) == (2, True), words


@pytest.mark.parametrize("trigger", ["replay", "reprocess", "preview"])
def test_a_run_cannot_pass_for_one_of_stored_captures(here: Path, trigger: str) -> None:
    """Runs with these triggers are no batch to hold and leave no health, so no run of sources may have one."""
    with pytest.raises(copydesk.UsageError, match=trigger):
        copydesk.open_desk(here).run(trigger=trigger)


def test_a_script_without_a_main_guard_can_run_a_desk(here: Path) -> None:
    """A run from a script's top level does not start the script again in each worker."""
    script = here / "script.py"
    script.write_text("import copydesk\nprint('once')\nprint(copydesk.open_desk().run().loaded)\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script)], cwd=here, capture_output=True, check=False, env=clean_environment(), timeout=120
    )
    assert (done.stdout.decode().split(), done.returncode) == (["once", "5"], 0), done.stderr.decode()


def test_commands_say_what_the_methods_say(here: Path, command: Command) -> None:
    """`sql`, `search`, `quarantine`, `sources`, `extract`, `show` and `export` print the API's answers."""
    (here / "seeds" / "stub.txt").write_text("Too short to be news.\n", encoding="utf-8")
    assert command("run", cwd=here).code == 0
    desk = copydesk.open_desk(here)
    sql = "select publisher, count(*) as articles from latest_articles group by all order by publisher"
    assert command("sql", sql, "--json", cwd=here).json == desk.sql(sql).dicts()
    hits = command("search", "Syria", "--json", cwd=here).json["hits"]
    assert [h["article_id"] for h in hits] == [h.article_id for h in desk.search("Syria").hits]
    waiting = command("quarantine", "list", "--json", cwd=here).json
    assert [(r["capture_id"], r["reason"]) for r in waiting] == [(r.capture_id, r.reason) for r in desk.quarantine()]
    assert len(waiting) == 1
    assert [s["name"] for s in command("sources", "list", "--json", cwd=here).json] == [s.name for s in desk.sources]
    seed = "seeds/001_f99d47caf96a5657.txt"
    extracted = copydesk.extract_file(here / seed)
    assert command("extract", seed, cwd=here).out == f"{extracted.title}\n\n{extracted.text}\n"
    stored = desk.article(seed)
    assert command("show", seed, "--json", cwd=here).json == json.loads(json.dumps(asdict(stored.stored), default=str))
    assert (stored.title, stored.paragraphs, stored.authors) == (
        extracted.title,
        extracted.paragraphs,
        extracted.authors,
    )
    assert [b.text for b in stored.cut] == [b.text for b in extracted.cut]
    report = command("export", "out", "--json", cwd=here).json
    assert report["bytes"] == desk.export(here / "other").bytes
    preview = command("quarantine", "replay", "--preview", "--json", cwd=here).json
    assert preview["captures"] == desk.replay(dry_run=True).captures == 1
    assert command("quarantine", "replay", "--json", cwd=here).json["replayed"] == desk.replay().replayed == 1


def test_frames_have_the_columns_of_the_answer(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`.pl()`, `.arrow()` and `.rows()` hold the same; without pyarrow the extra is named; writing is refused."""
    desk = copydesk.open_desk(here)
    desk.run()
    query = desk.sql("select uri, body_words from latest_articles order by uri")
    assert query.pl().columns == ["uri", "body_words"]
    assert query.pl().rows() == query.rows()
    assert query.arrow().to_pylist() == query.dicts()
    assert list(query) == query.rows()
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    for needing, extra in ((query.arrow, "arrow"), (query.df, "pandas")):
        with pytest.raises(copydesk.UsageError, match=rf"pyarrow: `pip install 'copydesk\[{extra}\]'`"):
            needing()
    found = desk.search("Syria", limit=2)
    assert (list(found), len(found)) == (list(found.hits), 2)
    with pytest.raises(copydesk.UsageError):
        desk.sql("drop table main.articles").rows()


def test_the_package_says_that_it_is_typed() -> None:
    """`py.typed` lies beside the package, so that type checkers read its annotations."""
    assert (Path(copydesk.__file__ or os.devnull).parent / "py.typed").is_file()
