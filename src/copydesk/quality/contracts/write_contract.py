"""Write the warehouse as a data contract: Open Data Contract Standard 3.1, one contract per schema.

    migrations and views --data dictionary--> schema: comments, types, keys, relationships   --.
    rules in force, promises.toml           --> quality: text, and SQL that must be 0         --> YAML
    warn_after_h, error_after_h of sources  --> freshness: an SLA property, SQL per source   --'

A server of the standard names one schema of a database, so a contract covers one of `main`, `audit` and `ops`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from copydesk._version import __version__
from copydesk.quality.rules import OFF, Registry, Rule
from copydesk.rules_file import read_rules
from copydesk.settings import Source
from copydesk.store.read.data_dictionary import Column, Relation
from copydesk.store.warehouse.constraints import FOREIGN_KEYS, KEYS

__all__ = ["API_VERSION", "as_odcs"]

API_VERSION = "v3.1.0"

_PROMISES = Path(__file__).with_name("promises.toml")
_LOGICAL = {
    **dict.fromkeys(("varchar", "uuid"), "string"),
    **dict.fromkeys(("integer", "bigint", "ubigint"), "integer"),
    "double": "number",
    "boolean": "boolean",
    "timestamptz": "timestamp",
    "date": "date",
}
_JUDGED = {
    "articles": "main.revisions",
    "authors": "main.revision_authors",
    "evidence": "audit.evidence",
    "batch": "main.articles",
    "history": "ops.source_stats",
    "extract": "audit.quarantine",
}
"""Table that a rule judges in a batch -> the relation whose rows it is about; others bear the same name in `main`."""
_PURPOSE = {
    "main": "What was printed: articles of news, their revisions, and what those are made of.",
    "audit": "Why it is so: captures, cut blocks, candidates for each field, findings, quarantine, decisions.",
    "ops": "What ran: runs, loads, fetches, and the state of sources.",
}


def as_odcs(
    relations: Sequence[Relation],
    *,
    schema: str = "main",
    registry: Registry,
    sources: Sequence[Source] = (),
    database: str = "warehouse/copydesk.duckdb",
    version: str = __version__,
) -> str:
    """Return the contract of one schema as YAML.

    Args:
        relations: The data dictionary, or some relations of it.
        schema: `main`, `audit` or `ops`.
        registry: The rules in force; those that are off are left out.
        sources: Declared sources, for their freshness.
        database: Path of the DuckDB file, for the contract's server.
        version: Version of the contract.
    """
    import yaml

    here = [r for r in relations if r.schema == schema and r.kind != "macro"]
    names = frozenset(r.full_name for r in here)
    contract: dict[str, Any] = {
        "apiVersion": API_VERSION,
        "kind": "DataContract",
        "id": f"copydesk-{schema}",
        "name": f"Copydesk: {schema}",
        "version": version,
        "status": "active",
        "domain": "news",
        "description": {
            "purpose": _PURPOSE[schema],
            "limitations": "Times are UTC. Keys are derived from address and content, so they survive a new load.",
        },
        "servers": [{"server": "warehouse", "type": "duckdb", "database": database, "schema": schema}],
        "schema": [_object(r, names, registry, sources) for r in here],
    }
    if freshness := _freshness(here, sources):
        contract["slaProperties"] = [freshness]
    return str(yaml.safe_dump(contract, sort_keys=False, allow_unicode=True, width=120))


def _object(
    relation: Relation, names: Collection[str], registry: Registry, sources: Sequence[Source]
) -> dict[str, Any]:
    """Return a relation as an object of the standard; `names` are the relations of the contract."""
    found = {
        "name": relation.name,
        "physicalName": relation.name,
        "physicalType": relation.kind,
        "logicalType": "object",
        "description": relation.comment,
        "properties": [_property(relation, column, names) for column in relation.columns],
    }
    quality = [
        *_points_elsewhere(relation, names),
        *(_promise(p) for p in read_rules(_PROMISES)["promise"] if p["table"] == relation.full_name),
        *_fresh_sources(relation, sources),
        *(_rule(r) for r in registry if _about(r) == relation.full_name and r.severity != OFF),
    ]
    return found | ({"quality": quality} if quality else {})


def _property(relation: Relation, column: Column, names: Collection[str]) -> dict[str, Any]:
    keys = _primary_key(relation)
    found: dict[str, Any] = {"name": column.name, **_type(column), "description": column.comment}
    if column.name in keys:
        found |= {"primaryKey": True, "primaryKeyPosition": keys.index(column.name) + 1}
    if column.required:
        found["required"] = True
    if keys == (column.name,):
        found["unique"] = True
    own = [
        {"type": "foreignKey", "to": f"{k.target.partition('.')[2]}.{k.target_column}"}
        for k in FOREIGN_KEYS
        if (k.table, k.column) == (relation.full_name, column.name) and k.target in names
    ]
    if own:
        found["relationships"] = own
    if column.values:
        valid = {"validValues": list(column.values)}
        found["quality"] = [{"type": "library", "metric": "invalidValues", "arguments": valid, "mustBe": 0}]
    return found


def _primary_key(relation: Relation) -> tuple[str, ...]:
    """Return the columns of the key; none where one of them may be null, which the standard excludes."""
    keys = KEYS.get(relation.full_name, ()) if relation.kind == "table" else ()
    return keys if all(c.required for c in relation.columns if c.name in keys) else ()


def _type(column: Column) -> dict[str, Any]:
    """Return logical and physical type of a column; an enum is a string."""
    name, is_list = column.type.removesuffix("[]"), column.type.endswith("[]")
    logical = _LOGICAL.get(name, "string")
    if is_list:
        return {"logicalType": "array", "physicalType": column.type, "items": {"logicalType": logical}}
    return {"logicalType": logical, "physicalType": "enum" if column.values else column.type}


def _points_elsewhere(relation: Relation, names: Collection[str]) -> Iterator[dict[str, Any]]:
    """Yield foreign keys to what the contract does not hold, where a relationship of the standard cannot point."""
    for k in FOREIGN_KEYS:
        if k.table != relation.full_name or k.target in names:
            continue
        name = f"{k.column}_points_at_{k.target.partition('.')[2]}"
        yield {
            "id": name,
            "name": name,
            "description": f"{k.column} is a key of {k.target}, or null.",
            "type": "sql",
            "dimension": "consistency",
            "severity": "error",
            "query": f"select count(*) from {k.table} as a anti join {k.target} as b "  # noqa: S608 our own names
            f"on a.{k.column} = b.{k.target_column} where a.{k.column} is not null",
            "mustBe": 0,
        }


def _promise(promise: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": promise["id"],
        "name": promise["id"],
        "description": promise["because"],
        "type": "sql",
        "dimension": promise["dimension"],
        "severity": "error",
        "query": " ".join(promise["query"].split()),
        "mustBe": 0,
    }


def _about(rule: Rule) -> str:
    """Return the relation that a rule is about."""
    return _JUDGED.get(rule.table, f"main.{rule.table}")


def _rule(rule: Rule) -> dict[str, Any]:
    """Return a rule of the gate in words: it judged each row before it was loaded, by measures that are not stored."""
    found: dict[str, Any] = {"id": rule.id, "name": rule.id, "description": rule.because, "type": "text"}
    if rule.unit:
        found["unit"] = rule.unit
    found["severity"] = rule.severity
    if rule.measure:
        sign = "<" if rule.breaks == "under" else ">"
        broken = f"{rule.measure} {sign} {rule.threshold:g}"
        found["customProperties"] = [{"property": "brokenWhen", "value": broken}]
    return found


def _limit_h(source: Source) -> float | None:
    """Return the hours after which a source is too silent; the stricter of its two limits is a warning only."""
    return source.error_after_h or source.warn_after_h


def _fresh_sources(relation: Relation, sources: Sequence[Source]) -> Iterator[dict[str, Any]]:
    """Yield one rule per source with a limit: the hours since it brought its newest article."""
    if relation.full_name != "main.articles":
        return
    for source in sources:
        hours = _limit_h(source)
        if hours is None:
            continue
        yield {
            "id": f"fresh_{source.name}",
            "name": f"fresh_{source.name}",
            "description": f"Source {source.name} brings a new article at least every {hours:g} hours.",
            "type": "sql",
            "dimension": "timeliness",
            "severity": "error" if source.error_after_h else "warning",
            "unit": "hours",
            "query": "select coalesce(date_diff('hour', max(first_seen_at), now()), 0) from main.articles "  # noqa: S608
            f"where source = '{source.name}'",
            "mustBeLessOrEqualTo": hours,
        }


def _freshness(relations: Sequence[Relation], sources: Sequence[Source]) -> dict[str, Any] | None:
    """Return the freshness of all articles together: the shortest limit of a source."""
    limits = [hours for source in sources if (hours := _limit_h(source)) is not None]
    if not limits or all(r.full_name != "main.articles" for r in relations):
        return None
    return {
        "property": "freshness",
        "value": round(min(limits) * 60),
        "unit": "minutes",
        "element": "articles.first_seen_at",
        "driver": "operational",
        "description": "The shortest limit of a source (warn_after_h, error_after_h).",
    }
