"""What an export says of itself, read by the libraries of the formats; they live in an environment of their own."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from tests.servers import Site, page

from copydesk import open_desk

PYTHON = Path(os.environ.get("COPYDESK_METADATA_PYTHON", "missing"))
pytestmark = pytest.mark.skipif(
    not PYTHON.exists(), reason="the metadata libraries are not installed: `make metadata`, COPYDESK_METADATA_PYTHON"
)


BODY = "The council of Arden met on Monday and decided on {}. The work begins before the winter, the mayor said. "


def _story(title: str) -> str:
    text = "".join(f"<p>{BODY.format(title.lower()) * 2}</p>" for _ in range(3))
    head = f"<html lang=en><head><title>{title}</title></head>"
    return f"{head}<body><article><h1>{title}</h1>{text}</article></body></html>"


def _ask(code: str, folder: Path) -> str:
    done = subprocess.run([PYTHON, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.strip().splitlines()[-1]


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Exports in every format of a desk that fetched two pages and read one file."""
    folder = tmp_path_factory.mktemp("exports")
    desk = folder / "desk"
    (desk / "files").mkdir(parents=True)
    (desk / "files" / "c.html").write_text(_story("Night tram returns in March"), encoding="utf-8")
    pages = {"/a.html": "Bridge of Arden reopens", "/b.html": "Harvest ends early, growers say"}
    with Site({path: page(_story(title)) for path, title in pages.items()}) as site:
        (desk / "copydesk.toml").write_text(
            f'[[source]]\nname = "web"\nkind = "urls"\nurls = ["{site.url("/a.html")}", "{site.url("/b.html")}"]\n'
            f'[[source]]\nname = "files"\npaths = ["files"]\n'
            f'[web]\nallow_hosts = ["{site.allow[0]}"]\nrobots = false\ndelay_s = 0\n',
            encoding="utf-8",
        )
        open_desk(desk).run()
    for form in ("parquet", "jsonl", "csv", "text", "tei"):
        open_desk(desk).export(folder / form, format=form, wacz=form == "parquet")
    return folder


@pytest.mark.parametrize("form", ["parquet", "jsonl", "csv", "text", "tei"])
def test_frictionless_finds_no_error(exports: Path, form: str) -> None:
    """`datapackage.json` is valid, and so are the rows of tables against its schema."""
    code = (
        "import json; from frictionless import Package, validate\n"
        "errors = Package.metadata_validate(json.load(open('datapackage.json')))\n"
        "found = [e.message for e in errors]\n"
        "tables = [r for r in Package('datapackage.json').resources if r.format in ('csv', 'parquet')]\n"
        "found += [t for r in tables for t in r.validate().flatten(['message'])]\n"
        "print(json.dumps([len(tables), found]))"
    )
    tables, found = json.loads(_ask(code, exports / form))
    assert (tables, found) == (1 if form in ("csv", "text", "parquet") else 0, [])


@pytest.mark.parametrize("form", ["parquet", "csv", "text"])
def test_croissant_yields_the_rows(exports: Path, form: str) -> None:
    """The library reads the description without an error and yields each article's title from the files it names."""
    code = (
        "import mlcroissant as mlc, json\n"
        "dataset = mlc.Dataset(jsonld='croissant.json')\n"
        "assert not dataset.metadata.ctx.issues.errors, dataset.metadata.ctx.issues.errors\n"
        "titles = [r['articles/title'] for r in dataset.records('articles')]\n"
        "print(json.dumps(sorted(t.decode() if isinstance(t, bytes) else t for t in titles)))"
    )
    assert json.loads(_ask(code, exports / form)) == [
        "Bridge of Arden reopens", "Harvest ends early, growers say", "Night tram returns in March",
    ]  # fmt: skip


def test_every_tool_of_the_card_reads_the_parquet(exports: Path) -> None:
    """pandas, polars and DuckDB read the folder with the line that the card gives."""
    card = (exports / "parquet" / "README.md").read_text(encoding="utf-8")
    pandas, polars = (line.partition("#")[0] for line in card.splitlines() if line.startswith("import p"))
    code = f"{pandas.replace('; ', '; n = len(')})\n{polars.replace('; ', '; m = len(')})\nprint(n, m)"
    assert _ask(code, exports / "parquet") == "3 3"
    assert _ask("import duckdb; print(duckdb.sql(\"from 'articles/*.parquet'\").shape[0])", exports / "parquet") == "3"


def test_wacz_is_valid_and_has_the_fetched_pages(exports: Path) -> None:
    """The reference tool accepts the file; it holds the two fetched pages and not the one that came from a file."""
    done = subprocess.run(
        [PYTHON.parent / "wacz", "validate", "-f", "articles.wacz"],
        cwd=exports / "parquet", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    code = (
        "import zipfile, json; z = zipfile.ZipFile('articles.wacz')\n"
        "lines = z.read('pages/pages.jsonl').decode().splitlines()[1:]\n"
        "index = [l.split(' ', 2) for l in z.read('indexes/index.cdxj').decode().splitlines()]\n"
        "from warcio.archiveiterator import ArchiveIterator; import io\n"
        "data = z.read('archive/data.warc.gz')\n"
        "bodies = [next(ArchiveIterator(io.BytesIO(data[int(f['offset']):]))).content_stream().read().decode()\n"
        "          for f in (json.loads(i[2]) for i in index)]\n"
        "print(json.dumps([sorted(json.loads(l)['title'] for l in lines), [b.count('</html>') for b in bodies]]))"
    )
    assert json.loads(_ask(code, exports / "parquet")) == [
        ["Bridge of Arden reopens", "Harvest ends early, growers say"], [1, 1],
    ]  # fmt: skip
