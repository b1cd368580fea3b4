"""What catalogues read: `datapackage.json` (Frictionless Data Package 1.0), `croissant.json` (MLCommons 1.0).

Both are made from the manifest and say the same: the files, their hashes, the columns with their meaning.
https://specs.frictionlessdata.io/data-package/  https://docs.mlcommons.org/croissant/docs/croissant-spec.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from copydesk.store.read.export.dataset_card import MEANINGS
from copydesk.wording import counted

__all__ = ["croissant", "data_package"]

_MEDIA = {
    ".parquet": "application/vnd.apache.parquet",
    ".gz": "application/gzip",
    ".csv": "text/csv",
    ".txt": "text/plain",
    ".xml": "application/tei+xml",
}
_TABLES = {"parquet": ".parquet", "csv": ".csv", "text": ".csv", "jsonl": ".jsonl.gz"}
"""Format -> how the names of its files with rows end."""
_CROISSANT_MEDIA = {"parquet": "application/x-parquet", "csv": "text/csv", "text": "text/csv"}
_TYPES = {"integer": "integer", "bigint": "integer", "double": "number", "boolean": "boolean"}
_SCHEMA_ORG = {"integer": "sc:Integer", "number": "sc:Float", "boolean": "sc:Boolean", "datetime": "sc:DateTime"}


def data_package(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return the Frictionless descriptor of an export."""
    return {
        "profile": "data-package",
        "name": "news-articles",
        "title": "News articles",
        "description": _description(manifest),
        "licenses": [{"name": _slug(manifest["license"]), "title": manifest["license"]}],
        "resources": _resources(manifest),
    }


def _resources(manifest: Mapping[str, Any]) -> list[dict[str, Any]]:
    form = manifest["format"]
    rows = [f for f in manifest["files"] if _has_rows(f["path"], form)]
    others = [f for f in manifest["files"] if f not in rows]
    found = [_resource(file, number, form, manifest) for number, file in enumerate(rows)]
    found += [_plain_resource(file, number) for number, file in enumerate(others)]
    return found


def _has_rows(path: str, form: str) -> bool:
    """Return whether a file holds the rows of an export; formats of one file per article have none."""
    return form in _TABLES and path.endswith(_TABLES[form])


def _resource(file: Mapping[str, Any], number: int, form: str, manifest: Mapping[str, Any]) -> dict[str, Any]:
    resource = {**_plain_resource(file, number), "name": f"articles-{number}"}
    if form == "jsonl":
        return resource
    csv = form != "parquet"
    fields = [_field(column, csv=csv) for column in manifest["columns"] if form != "text" or column["name"] != "text"]
    if form == "text":
        fields.insert(0, {"name": "file", "type": "string", "description": "Name of the text below texts/"})
    if csv:
        resource["profile"] = "tabular-data-resource"
    else:
        del resource["bytes"]  # frictionless (5.21) counts none while it reads Parquet and finds the file invalid
    return {**resource, "schema": {"fields": fields, "primaryKey": ["article_id"]}}


def _plain_resource(file: Mapping[str, Any], number: int) -> dict[str, Any]:
    suffix = file["path"].rpartition(".")[2]
    return {
        "name": f"file-{number}",
        "path": file["path"],
        "format": suffix,
        "mediatype": _MEDIA.get(f".{suffix}", "application/octet-stream"),
        "encoding": "utf-8",
        "bytes": file["bytes"],
        "hash": f"sha256:{file['sha256']}",
    }


def _field(column: Mapping[str, str], *, csv: bool) -> dict[str, Any]:
    kind = _kind(column["type"])
    listed = column["type"].endswith("[]")
    # frictionless (5.21) gets numpy arrays out of Parquet, which it takes for no "array"
    field = {"name": column["name"], "type": kind if not listed else "string" if csv else "any"}
    if kind == "datetime" and csv:
        field["format"] = "any"
    return {**field, "description": MEANINGS[column["name"]]}


def _kind(declared: str) -> str:
    return "datetime" if declared.startswith("timestamp") else _TYPES.get(declared, "string")


def croissant(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return the Croissant description of an export; the record set is left out for formats of one file per article."""
    files = [_file_object(file, number, manifest["format"]) for number, file in enumerate(manifest["files"])]
    description: dict[str, Any] = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "name": "news-articles",
        "description": _description(manifest),
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "license": manifest["license"],
        "version": "1.0.0",
        "datePublished": (manifest["seen_through"] or "1970-01-01T00:00:00Z")[:10],
        "url": "https://copydesk.invalid/export",
        "citeAs": "An export of Copydesk; the texts belong to their publishers.",
        "inLanguage": [code for code in manifest["languages"] if code != "und"],
        "distribution": files,
    }
    rows = [f for f in files if _has_rows(f["contentUrl"], manifest["format"])]
    if manifest["format"] in _CROISSANT_MEDIA:
        description["recordSet"] = [_record_set(file, number, manifest) for number, file in enumerate(rows)]
    return description


def _file_object(file: Mapping[str, Any], number: int, form: str) -> dict[str, Any]:
    suffix = "." + file["path"].rpartition(".")[2]
    table = form in _CROISSANT_MEDIA and _has_rows(file["path"], form)
    return {
        "@type": "cr:FileObject",
        "@id": f"file-{number}",
        "name": file["path"],
        "contentUrl": file["path"],
        "contentSize": f"{file['bytes']} B",
        "encodingFormat": _CROISSANT_MEDIA[form] if table else _MEDIA.get(suffix, "application/octet-stream"),
        "sha256": file["sha256"],
    }


def _record_set(file: Mapping[str, Any], number: int, manifest: Mapping[str, Any]) -> dict[str, Any]:
    name = f"articles-{number}" if number else "articles"
    columns = [c for c in manifest["columns"] if manifest["format"] != "text" or c["name"] != "text"]
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "key": {"@id": f"{name}/article_id"},
        "field": [_record_field(name, file["@id"], column, manifest["format"]) for column in columns],
    }


def _record_field(name: str, file: str, column: Mapping[str, str], form: str) -> dict[str, Any]:
    field: dict[str, Any] = {
        "@type": "cr:Field",
        "@id": f"{name}/{column['name']}",
        "name": column["name"],
        "description": MEANINGS[column["name"]],
        "dataType": _SCHEMA_ORG.get(_kind(column["type"]), "sc:Text"),
        "source": {"fileObject": {"@id": file}, "extract": {"column": column["name"]}},
    }
    if column["type"].endswith("[]") and form == "parquet":
        field["repeated"] = True
    return field


def _description(manifest: Mapping[str, Any]) -> str:
    return (
        f"{counted(manifest['articles'], 'news article')}, {counted(manifest['words'], 'word')}, "
        f"seen through {manifest['seen_through']}; boilerplate removed, every record checked. Made by Copydesk."
    )


def _slug(text: str) -> str:
    kept = "".join(c if c.isalnum() or c in "-._" else "-" for c in text)[:40].strip("-")
    return kept or "unknown"


_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
"""The context that Croissant 1.0 gives (section "JSON-LD context" of its specification)."""
