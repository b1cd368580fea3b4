"""The dataset card of an export: contents, origin, columns and limits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from copydesk.wording import counted

__all__ = ["MEANINGS", "dataset_card"]

MEANINGS = {
    "article_id": "Key of the article, the same in every export",
    "revision_id": "Key of this text of the article",
    "publisher": "As configured, else the page's domain, else the site's name, its source or folder",
    "publisher_name": "As the page gives it",
    "source": "Source that saw the article first",
    "uri": "Address or relative path under which it was seen first",
    "address": "Canonical web address",
    "title": "Headline",
    "text": "Kept paragraphs, joined by a blank line",
    "authors": "Names in byline order",
    "published_at": "Date the page gives (UTC)",
    "published_precision": "How much of the date the page gives: day, minute or second",
    "modified_at": "Date of the last change as the page gives it (UTC)",
    "language": "ISO 639-1, und when unknown",
    "sections": "Section names, outermost first",
    "tags": "Tags as written",
    "place": "Place the dateline gives",
    "agency": "News agency named in dateline or credit",
    "credit": "Source credit",
    "image_url": "Address of the lead picture",
    "captions": "Picture captions",
    "body_words": "Words of the text",
    "captured_at": "When this text was last seen as new (UTC)",
    "code_version": "Version of Copydesk that extracted it",
    "rules_version": "Version of the rules it was extracted under",
}

_READ = {
    "parquet": """\
import pandas as pd; pd.read_parquet("articles")                 # pandas
import polars as pl; pl.read_parquet("articles/*.parquet")       # polars
duckdb -c "from 'articles/*.parquet'"                            # DuckDB
arrow::read_parquet("articles/data_0.parquet")                   # R""",
    "jsonl": """\
import pandas as pd; pd.read_json("documents/part-00000.jsonl.gz", lines=True)        # pandas
import polars as pl; pl.read_ndjson("documents/part-00000.jsonl.gz")                  # polars
duckdb -c "from read_json('documents/*.jsonl.gz')"                                    # DuckDB
jsonlite::stream_in(gzfile("documents/part-00000.jsonl.gz"))                          # R""",
    "csv": """\
import pandas as pd; pd.read_csv("articles.csv")       # pandas
import polars as pl; pl.read_csv("articles.csv")       # polars
duckdb -c "from 'articles.csv'"                        # DuckDB
readr::read_csv("articles.csv")                        # R""",
    "text": """\
texts/ID.txt holds title and text of an article, metadata.csv its other columns; AntConc reads the folder.
quanteda: readtext::readtext("texts/*.txt")            # R""",
    "tei": """\
tei/ID.xml is TEI P5: title, authors, date, address in the header, a <p> per paragraph (TXM, TEITOK, BlackLab).""",
}

_FORMATS = (
    "JSONL has `id` (article_id), `text`, `source`, `added` (captured_at), `created` (published_at) and the rest as "
    "`metadata`. CSV cells that a spreadsheet would take for a formula begin with an apostrophe."
)


def dataset_card(manifest: Mapping[str, Any]) -> str:
    """Return the card as Markdown with the front matter that dataset hubs read."""
    languages = [code for code in manifest["languages"] if code != "und"]
    lines = ["---", f"license_name: {json.dumps(manifest['license'], ensure_ascii=False)}", "license: other"]
    lines += ["language:", *(f"  - {code}" for code in languages)] if languages else []
    lines += ["---", "", "# News articles", ""]
    size = f"{counted(manifest['articles'], 'article')}, {counted(manifest['words'], 'word')}"
    lines.append(
        f"{size}, seen through {manifest['seen_through']}. "
        "Exported by Copydesk; page furniture is cut, texts are as their publishers print them."
    )
    if manifest["as_of"]:
        lines.append(f"\nThe corpus as it had been seen by {manifest['as_of']}.")
    if manifest["where"]:
        lines.append(f"\nOnly articles with `{manifest['where']}`.")
    lines += ["", f"Licence: {manifest['license']}.", "", "## Publishers", "", "| publisher | articles |", "|---|---:|"]
    lines += [f"| {_cell(name)} | {count:,} |" for name, count in manifest["publishers"].items()]
    lines += ["", "## Columns", "", "| column | type | meaning |", "|---|---|---|"]
    lines += [f"| {c['name']} | {c['type']} | {MEANINGS[c['name']]} |" for c in manifest["columns"]]
    rules, code = (", ".join(map(_cell, manifest[name])) for name in ("rules_versions", "code_versions"))
    lines += ["", "## Read it", "", "```", _READ[manifest["format"]], "```"]
    if any(f["path"] == "articles.wacz" for f in manifest["files"]):
        lines += [
            "",
            "`articles.wacz` holds the pages as they were fetched; https://replayweb.page and pywb show them.",
        ]
    lines += [
        "",
        "`datapackage.json` (Frictionless) and `croissant.json` (MLCommons) describe the files for catalogues.",
    ]
    lines += ["", _FORMATS, "", "## Versions", "", f"Rules: {rules}. Code: {code}.", ""]
    return "\n".join(lines)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
