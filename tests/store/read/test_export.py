"""Exports: whole folders, the same bytes for the same articles, safe to open."""

from __future__ import annotations

import csv
import gzip
import json
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from xml.etree import ElementTree as ET

import polars as pl
import pytest
from tests.store.conftest import DAY_ONE, Desk, Page

from copydesk.errors import UsageError
from copydesk.store.read.export import FORMATS, export_articles

A = Page(uri="a", title='=HYPERLINK("http://x")', paragraphs=("One.", "Two."), tags=("x",))
B = Page(uri="b", title="Bridge closes", publisher="other.example", language="de")
C = replace(A, paragraphs=("One.", "Three."), at=DAY_ONE + timedelta(days=1))


def _bytes(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_articles_give_the_same_bytes(make_desk, tmp_path: Path, form: str) -> None:
    """Two warehouses with the same articles, loaded in another order, export the same files."""
    one, other = make_desk("one"), make_desk("other")
    one.load(A, B)
    other.load(B)
    other.load(A)
    for desk, name in ((one, "x"), (other, "y")):
        export_articles(desk.warehouse, tmp_path / name, format=form)
    assert _bytes(tmp_path / "x") == _bytes(tmp_path / "y")


@pytest.mark.parametrize("form", FORMATS)
def test_the_manifest_names_every_file(desk: Desk, tmp_path: Path, form: str) -> None:
    """Each file is in the manifest with its size and hash, the descriptions name the same, and there are no others."""
    desk.load(A, B)
    report = export_articles(desk.warehouse, tmp_path / "out", format=form, license="CC-BY-4.0")
    files = _bytes(tmp_path / "out")
    manifest = json.loads(files.pop("manifest.json"))
    card = files.pop("README.md").decode()
    package, described = (json.loads(files.pop(name)) for name in ("datapackage.json", "croissant.json"))

    assert {f["path"]: (f["bytes"], f["sha256"]) for f in manifest["files"]} == {
        path: (len(content), sha256(content).hexdigest()) for path, content in files.items()
    }
    assert (report.articles, manifest["license"], manifest["languages"]) == (2, "CC-BY-4.0", {"de": 1, "en": 1})
    assert "CC-BY-4.0" in card
    assert {r["path"]: r["hash"] for r in package["resources"]} == {
        path: f"sha256:{sha256(content).hexdigest()}" for path, content in files.items()
    }
    assert {f["contentUrl"]: f["sha256"] for f in described["distribution"]} == {
        path: sha256(content).hexdigest() for path, content in files.items()
    }


def test_jsonl_has_dolmas_fields(desk: Desk, tmp_path: Path) -> None:
    """Each line is a document with id, text, source, added, created and metadata."""
    desk.load(A)
    export_articles(desk.warehouse, tmp_path / "out", format="jsonl")
    with gzip.open(tmp_path / "out" / "documents" / "part-00000.jsonl.gz", "rt", encoding="utf-8") as file:
        (document,) = map(json.loads, file)

    assert set(document) == {"id", "text", "source", "added", "created", "metadata"}
    assert document["id"] == A.article_id
    assert document["text"] == "One.\n\nTwo."
    assert document["added"] == "2026-05-01T08:00:00Z"
    assert document["metadata"]["tags"] == ["x"]


def test_no_cell_is_a_formula(desk: Desk, tmp_path: Path) -> None:
    """A title that a spreadsheet would run begins with an apostrophe."""
    desk.load(A)
    export_articles(desk.warehouse, tmp_path / "out", format="csv")
    with (tmp_path / "out" / "articles.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["title"] == "'" + A.title


def test_parquet_has_all_columns_in_its_files(desk: Desk, tmp_path: Path) -> None:
    """No column is in the path, so readers that look into one file and those that take the folder see the same."""
    desk.load(A, B)
    export_articles(desk.warehouse, tmp_path / "out")
    folder = tmp_path / "out" / "articles"
    frame = pl.read_parquet(folder / "*.parquet")
    assert [p.name for p in folder.iterdir()] == ["data_0.parquet"]
    assert sorted(zip(frame["publisher"], frame["uri"], strict=True)) == [
        ("other.example", "b"),
        ("paper.example", "a"),
    ]


def test_texts_and_tei_are_a_file_per_article(desk: Desk, tmp_path: Path) -> None:
    """Plain text has the title first and its metadata beside it; TEI is well-formed whatever a title holds."""
    desk.load(replace(A, title="Fish & <chips>\x01"))
    export_articles(desk.warehouse, tmp_path / "text", format="text")
    export_articles(desk.warehouse, tmp_path / "tei", format="tei")
    (text,) = (tmp_path / "text" / "texts").iterdir()
    (document,) = (tmp_path / "tei" / "tei").iterdir()
    root = ET.fromstring(document.read_bytes())  # noqa: S314 our own file
    names = {"t": "http://www.tei-c.org/ns/1.0"}

    assert text.read_text(encoding="utf-8").endswith("\n\nOne.\n\nTwo.\n")
    assert text.name in (tmp_path / "text" / "metadata.csv").read_text(encoding="utf-8")
    assert [p.text for p in root.iterfind(".//t:body/t:p", names)] == ["One.", "Two."]
    assert root.findtext(".//t:titleStmt/t:title", namespaces=names) == "Fish & <chips>"


def test_an_export_can_be_of_a_moment(desk: Desk, tmp_path: Path) -> None:
    """As of a moment before the change, the old text; articles not seen by then are not in it."""
    desk.load(A)
    desk.load(C, replace(B, at=C.at))
    export_articles(desk.warehouse, tmp_path / "out", format="csv", as_of=DAY_ONE + timedelta(hours=1))
    with (tmp_path / "out" / "articles.csv").open(encoding="utf-8", newline="") as file:
        assert [r["text"] for r in csv.DictReader(file)] == ["One.\n\nTwo."]


def test_a_condition_narrows_and_a_wrong_one_is_said(desk: Desk, tmp_path: Path) -> None:
    """`where` is over latest_articles; what is not a condition is a clear error and leaves no folder."""
    desk.load(A, B)
    assert export_articles(desk.warehouse, tmp_path / "de", where="language = 'de'").articles == 1
    for wrong in ("nonsense = 1", "true; select 1", "true) --"):
        with pytest.raises(UsageError, match="--where"):
            export_articles(desk.warehouse, tmp_path / "out", where=wrong)
    assert not (tmp_path / "out").exists()
    assert export_articles(desk.warehouse, tmp_path / "none", where="false").articles == 0


def test_a_folder_with_other_things_is_left_alone(desk: Desk, tmp_path: Path) -> None:
    """An export replaces a former export and nothing else."""
    desk.load(A)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(UsageError, match="not an export"):
        export_articles(desk.warehouse, tmp_path / "mine")
    for _ in range(2):
        export_articles(desk.warehouse, tmp_path / "out")
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years of work"
