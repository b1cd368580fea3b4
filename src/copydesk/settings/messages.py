"""Mistakes in `copydesk.toml` in words: the key as it is written, what its value must be, and a line to write."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel

__all__ = ["explain_errors"]

_EXAMPLES = {
    "paths": '["inbox"]',
    "urls": '["https://example.org/story"]',
    "include": '["*.html"]',
    "exclude": '["*.pdf"]',
    "allow_hosts": '["127.0.0.1:8080"]',
    "command": '["/usr/local/bin/tell", "--urgent"]',
    "mail_to": '["desk@example.org"]',
    "language": '"en"',
    "name": '"press-tv"',
    "dask_scheduler": '"tcp://10.0.0.5:8786"',
}
"""A value to write, for keys whose own examples are better than those of their type."""

_NAMES = {
    "name": "is made of small letters, digits, - and _, and begins with a letter or a digit",
    "language": "is a code of two or three small letters",
    "dask_scheduler": "is an address with protocol and port",
}
_LIMITS = {
    "greater_than": ("above", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("below", "lt"),
    "less_than_equal": ("at most", "le"),
}


def explain_errors(errors: Sequence[Mapping[str, Any]], data: Mapping[str, Any], model: type[BaseModel]) -> list[str]:
    """Return one message per wrong key of pydantic's errors.

    Args:
        errors: `ValidationError.errors()`.
        data: The file as read.
        model: The settings' model, for the names that do exist.
    """
    found: dict[str, str] = {}
    for error in errors:
        loc = [part for part in error["loc"] if isinstance(part, int) or re.fullmatch(r"[A-Za-z_]\w*|[a-z0-9-]+", part)]
        keys = [part for part in loc if part not in {"str", "int", "float"}]
        found.setdefault(_place(keys, data), _message(error, keys, model))
    return [": ".join(filter(None, pair)) for pair in found.items()]


def _place(keys: Sequence[str | int], data: Mapping[str, Any]) -> str:
    """Return the key as it is written: `source press-tv.paths`, `run.workers`, or the variable that sets it."""
    variable = "COPYDESK_" + "__".join(str(key) for key in keys).upper()
    if variable in os.environ:
        return f"environment variable {variable}"
    if keys[:1] == ["source"] and len(keys) > 1 and isinstance(keys[1], int):
        sources = data.get("source", [])
        entry = sources[keys[1]] if isinstance(sources, list) and keys[1] < len(sources) else {}
        name = entry.get("name", keys[1] + 1) if isinstance(entry, dict) else keys[1] + 1
        keys = [f"source {name}", *keys[2:]]
    return ".".join(str(key) for key in keys if not isinstance(key, int))


def _message(error: Mapping[str, Any], keys: Sequence[str | int], model: type[BaseModel]) -> str:
    """Return what the value must be, with a line to write where there is one."""
    kind, given = error["type"], error.get("input")
    key = next((str(k) for k in reversed(keys) if isinstance(k, str)), "")
    context = error.get("ctx", {})
    if kind == "extra_forbidden":
        return "there is no such setting" + _suggestion(keys, model)
    if kind == "value_error":
        return re.sub(r"^Value error, ", "", error["msg"])
    if kind == "missing":
        return f"{key!r} is missing. Add a line: {_line(key, '...')}"
    if kind in _LIMITS:
        word, name = _LIMITS[kind]
        return f"must be {word} {context[name]:g}, not {given!r}"
    if kind == "literal_error":
        return f"must be one of {context['expected']}, not {given!r}"
    if kind == "string_pattern_mismatch":
        return f"{given!r} is not possible: it {_NAMES.get(key, 'has another form')}, such as {_line(key, '...')}"
    if kind in {"tuple_type", "list_type"} and keys[-1:] == ["source"]:
        return "write each source as a table of its own: [[source]]"
    if kind in {"tuple_type", "list_type"}:
        line = f"{key} = [{_toml(given)}]" if isinstance(given, str) and given else _line(key, "[...]")
        return f"must be a list of texts: {line}"
    if kind in {"dict_type", "model_type", "model_attributes_type"}:
        return f"must be a table: {key} = {{ ... }}" if len(keys) > 1 else f"must be a table: [{key}]"
    if kind == "string_type" and isinstance(keys[-1], int):
        return f"each entry must be text in quotation marks: {key} = [{_toml(str(given))}]"
    return _by_type(kind, key, given)


def _by_type(kind: str, key: str, given: object) -> str:
    if kind.startswith("string"):
        return f"must be text in quotation marks: {key} = {_toml(str(given))}"
    if kind.startswith("int"):
        return f"must be a whole number without quotation marks, such as {key} = 4, not {given!r}"
    if kind.startswith(("float", "decimal")):
        return f"must be a number without quotation marks, such as {key} = 1.5, not {given!r}"
    if kind.startswith("bool"):
        return f"must be true or false, not {given!r}"
    if kind.startswith("date"):
        return f"must be a date such as {key} = {date(2026, 5, 1)}, not {given!r}"
    return f"cannot be {given!r}"


def _suggestion(keys: Sequence[str | int], model: type[BaseModel]) -> str:
    """Return the nearest name that does exist beside an unknown one, or where that name belongs."""
    *path, wrong = [str(key) for key in keys if not isinstance(key, int)]
    section: Any = model
    for key in path:
        section = _model_of(section, key)
        if section is None:
            return ""
    near = get_close_matches(wrong, section.model_fields, n=1, cutoff=0.6)
    if near:
        return f"; did you mean {near[0]}?"
    homes = [name for name in model.model_fields if (inner := _model_of(model, name)) and wrong in inner.model_fields]
    places = ["[[source]]" if name == "source" else f"[{name}]" for name in homes]
    return f"; it belongs under {' or '.join(places)}" if places else ""


def _model_of(section: Any, key: str) -> Any:
    """Return the model of a section, or of the entries of a list of sections; None where there is none."""
    field = section.model_fields.get(key)
    kinds = [field.annotation, *getattr(field.annotation, "__args__", ())] if field else []
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)


def _line(key: str, value: str) -> str:
    return f"{key} = {_EXAMPLES.get(key, value)}"


def _toml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
