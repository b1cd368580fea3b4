"""Tables of the reference, made from the code: commands, options, settings, rules, refusals, labels, tables."""

from __future__ import annotations

import inspect
import re
import tomllib
from collections.abc import Callable
from pathlib import Path


def commands() -> str:
    from typer.main import get_command

    from copydesk.cli import app

    rows = ["", "| command | what it does |", "|---|---|"]
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        if command.hidden:
            continue
        inner = [name for name, inner in getattr(command, "commands", {}).items() if not inner.hidden]
        shown = " ".join([name, "\\|".join(inner)]) if inner else name
        first = (command.help or "").strip().split("\n\n")[0].replace("\n", " ").replace("|", "\\|")
        rows.append(f"| `copydesk {shown}` | {first} |")
    return "\n".join(rows) + "\n\n"


def settings() -> str:
    from copydesk import settings as desk_settings

    sections = {
        "[[source]]": desk_settings.Source,
        "[warehouse]": desk_settings.WarehouseSettings,
        "[run]": desk_settings.RunSettings,
        "[web]": desk_settings.WebSettings,
        "[quality]": desk_settings.QualitySettings,
        "[schedule]": desk_settings.ScheduleSettings,
        "[notify]": desk_settings.NotifySettings,
        "[[watch]]": desk_settings.Watch,
    }
    rows = ["", "| section | key | default | meaning |", "|---|---|---|---|"]
    for section, model in sections.items():
        for key, meaning in _attributes(inspect.getdoc(model) or ""):
            field = model.model_fields.get(key)
            default = (
                "" if field is None or field.is_required() else _default(field.get_default(call_default_factory=True))
            )
            rows.append(f"| `{section}` | `{key}` | {default} | {meaning} |")
    return "\n".join(rows) + "\n\n"


def _default(value: object) -> str:
    return "" if value in (None, (), {}) else f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _attributes(text: str) -> list[tuple[str, str]]:
    """Return (name, meaning) of a docstring's attributes; "a, b: meaning" gives both."""
    _, _, listed = text.partition("Attributes:\n")
    joined = re.sub(r"\n {5,}", " ", listed)
    found = re.findall(r"^ {4}([\w, ]+): (.+)$", joined, re.MULTILINE)
    return [(name.strip(), meaning.replace("|", "\\|")) for names, meaning in found for name in names.split(",")]


def options() -> str:
    """Return a section per command: what it does, its arguments and options."""
    from typer.main import get_command

    from copydesk.cli import app

    return "\n" + "\n".join(_command_page(name, c) for name, c in get_command(app).commands.items() if not c.hidden)  # type: ignore[attr-defined]


def _command_page(name: str, command: object) -> str:
    inner = getattr(command, "commands", {})
    lines = [f"## copydesk {name}" if " " not in name else f"### copydesk {name}", ""]
    lines += [_prose(command.help or ""), ""]  # type: ignore[attr-defined]
    rows = [row for parameter in command.params if (row := _parameter(parameter))]  # type: ignore[attr-defined]
    if rows and not inner:
        lines += ["| argument or option | default | meaning |", "|---|---|---|", *rows, ""]
    lines += [_command_page(f"{name} {each}", c) for each, c in inner.items() if not c.hidden]
    return "\n".join(lines)


def _prose(text: str) -> str:
    return inspect.cleandoc(text).replace("\b", "").replace("<", "&lt;")


def _parameter(parameter: object) -> str:
    names = ", ".join(f"`{name}`" for name in getattr(parameter, "opts", []))
    if getattr(parameter, "hidden", False) or "--help" in names:
        return ""
    if getattr(parameter, "param_type_name", "") == "argument":
        names = f"`{(parameter.name or '').upper()}`"  # type: ignore[attr-defined]
    default = parameter.default  # type: ignore[attr-defined]
    shown = "" if default in (None, False, (), [], "") or callable(default) else f"`{default}`"
    meaning = (getattr(parameter, "help", None) or "").replace("|", "\\|").replace("<", "&lt;")
    return f"| {names} | {shown} | {meaning} |"


def quality_rules() -> str:
    """Return the quality rules, a row each, with what breaks them."""
    from copydesk.quality.rule_files import package_rules

    refused = {rule["id"] for rule in _toml("refusals.toml")["refusal"]}
    rows = [
        "",
        "| rule | table | breaks when | severity | dimension | because | for example |",
        "|---|---|---|---|---|---|---|",
    ]
    for rule in package_rules().values():
        if rule.id not in refused:  # they have a table of their own
            when = f"`{rule.measure}` {rule.breaks} {rule.threshold:g} {rule.unit}".strip() if rule.measure else ""
            cells = (rule.table, when, rule.severity, rule.dimension, _cell(rule.because), _cell(rule.example))
            rows.append(f"| `{rule.id}` | {' | '.join(cells)} |")
    return "\n".join(rows) + "\n\n"


def refusals() -> str:
    """Return the pages that are refused for their text, with an example each."""
    rows = ["", "| refusal | kind | because | example |", "|---|---|---|---|"]
    for rule in _toml("refusals.toml")["refusal"]:
        example = next(iter(rule.get("examples", [])), "")
        rows.append(f"| `{rule['id']}` | `{rule['kind']}` | {_cell(rule['because'])} | {_cell(example)} |")
    return "\n".join(rows) + "\n\n"


def phrases() -> str:
    """Return the phrase rules of English, with an example and a counter-example, and the number of other languages."""
    from copydesk.resources import RULES

    rows = ["", "| rule | cuts, for example | keeps | because |", "|---|---|---|---|"]
    for rule in _toml("phrases/en.toml")["rule"]:
        example, counter = (next(iter(rule.get(key, [])), "") for key in ("examples", "counter_examples"))
        identity = f"{rule['label']}.en.{rule['name']}"
        rows.append(f"| `{identity}` | {_cell(example)} | {_cell(counter)} | {_cell(rule['because'])} |")
    languages = sorted(path.stem for path in (Path(RULES) / "phrases").glob("*.toml"))
    rows += ["", f"Further files: {', '.join(f'`{name}`' for name in languages if name != 'en')}."]
    return "\n".join(rows) + "\n\n"


def _toml(name: str) -> dict[str, list[dict[str, object]]]:
    from copydesk.resources import RULES

    return tomllib.loads((Path(RULES) / name).read_text(encoding="utf-8"))


def _cell(text: object) -> str:
    return str(text).replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


TABLES: dict[str, Callable[[], str]] = {
    "commands": commands,
    "options": options,
    "settings": settings,
    "quality rules": quality_rules,
    "refusals": refusals,
    "phrases": phrases,
}
"""Name in a page's comment -> table."""
