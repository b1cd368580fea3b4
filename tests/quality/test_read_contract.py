"""`[quality] contract`: what a data contract asks is asked of each run before it is loaded."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.conftest import ROOT, Command
from tests.quality.test_desk_rules import make_desk

from copydesk.errors import SettingsError
from copydesk.quality.rules import desk_registry
from copydesk.settings import find_desk_folder

SETTINGS = '[quality]\ncontract = "desk.odcs.yaml"\n'
HEAD = "apiVersion: v3.1.0\nkind: DataContract\nid: desk\nversion: 1.0.0\nstatus: active\nschema:\n"
HOLDS = f"""{HEAD}
- name: revisions
  properties:
  - {{name: revision_id, primaryKey: true, required: true}}
  - name: title
    required: true
    unique: true
    description: Editors search by the title.
    logicalTypeOptions: {{minLength: 3, maxLength: 400, pattern: '^[^$]+$'}}
  - name: language
    quality:
    - {{metric: invalidValues, arguments: {{validValues: [en, de]}}, mustBe: 0}}
    - {{metric: nullValues, mustBeLessThan: 5, unit: percent}}
  - name: captured_at
    logicalTypeOptions: {{minimum: '2020-01-01T00:00:00Z'}}
  - {{name: valid_from, required: true}}
  quality:
  - {{metric: rowCount, mustBeBetween: [10, 14]}}
  - type: sql
    id: counts_agree
    description: A text and its count are written together.
    query: select count(*) from main.${{object}} as r where paragraph_count <>
      (select count(*) from main.paragraphs as p where p.revision_id = r.revision_id)
    mustBe: 0
  - {{type: text, description: Read by people.}}
- name: paragraphs
  properties:
  - {{name: revision_id, primaryKey: true}}
  - {{name: position, primaryKey: true, logicalTypeOptions: {{minimum: 0, exclusiveMinimum: true}}}}
- name: publishers
  properties: [{{name: name, required: true}}]
"""
BROKEN = f"""{HEAD}
- name: articles
  properties:
  - name: paragraph_count
    description: Our reader shows whole stories.
    quality:
    - {{metric: invalidValues, arguments: {{validValues: [5]}}, mustBeLessOrEqualTo: 3, severity: error}}
  - {{name: address, required: true, logicalTypeOptions: {{format: uri}}}}
  - {{name: language, unique: true}}
  quality:
  - {{type: sql, name: More than all, query: select count(*) from articles, mustBeGreaterThan: 1000, severity: minor}}
  - {{metric: rowCount, mustBeGreaterThan: 12}}
"""


def _findings(command: Command, desk: Path) -> dict[str, set[tuple[str, str]]]:
    """Return rule -> severity and source of what the contract's rules found."""
    found: dict[str, set[tuple[str, str]]] = {}
    for row in command("quality", "--json", cwd=desk).json["rules"]:
        if row["rule"].startswith("contract_"):
            found.setdefault(row["rule"], set()).add((row["severity"], row["source"]))
    return found


def test_a_contract_that_holds_finds_nothing(tmp_path: Path, command: Command) -> None:
    """All of it is asked but what a run has not, which is named; a second capture of a text is no duplicate."""
    desk = make_desk(tmp_path, {"desk.odcs.yaml": HOLDS}, SETTINGS)
    (tmp_path / "whole" / "again.txt").write_bytes((tmp_path / "whole" / "00.txt").read_bytes() + b"\n")
    registry = desk_registry(desk)
    assert {rule.id.removeprefix("contract_") for rule in registry if rule.path} == {
        *("revisions_revision_id_required", "revisions_revision_id_primary_key", "revisions_title_required"),
        *("revisions_title_min_length", "revisions_title_max_length", "revisions_title_pattern"),
        *("revisions_language_invalid_values", "revisions_language_null_values", "revisions_captured_at_minimum"),
        *("revisions_row_count", "revisions_counts_agree", "revisions_title_unique", "paragraphs_position_minimum"),
        *("paragraphs_revision_id_required", "paragraphs_position_required"),
        "paragraphs_revision_id_position_primary_key",
    }
    assert registry.rules["contract_revisions_title_unique"].because == "Editors search by the title. (desk.odcs.yaml)"
    assert [line.partition(":")[0] for line in registry.not_asked] == ["revisions.valid_from", "publishers"]
    (tmp_path / "whole" / "again.txt").unlink()
    ran = command("run", cwd=tmp_path)
    assert ran.code == 0, ran.err
    assert "desk.odcs.yaml: 2 of its entries are not asked" in ran.err
    assert _findings(command, tmp_path) == {}
    assert "not asked: revisions.valid_from" in command("quality", "rules", cwd=tmp_path).out


def test_a_broken_contract_warns_and_holds(tmp_path: Path, command: Command) -> None:
    """Each broken check is a finding of its severity, a hold of the one source that breaks it; settings change it."""
    make_desk(
        tmp_path, {"desk.odcs.yaml": BROKEN}, f"{SETTINGS}[quality.rules]\ncontract_articles_language_unique = 11\n"
    )
    assert command("run", "--json", cwd=tmp_path).code == 3
    both = {"whole", "briefs"}
    assert _findings(command, tmp_path) == {
        "contract_articles_paragraph_count_invalid_values": {("hold", "briefs")},
        "contract_articles_address_required": {("warn", source) for source in both},
        "contract_articles_language_unique": {("warn", source) for source in both},
        "contract_articles_more_than_all": {("info", source) for source in both},
        "contract_articles_row_count": {("warn", source) for source in both},
    }
    held = command("quality", "--json", cwd=tmp_path).json["held"]
    assert [(one["source"], one["rules"]) for one in held] == [
        ("briefs", ["contract_articles_paragraph_count_invalid_values"])
    ]
    assert "12 of 12 rows, must be 3 or less, such as " in held[0]["detail"]


def test_the_contract_copydesk_writes_can_be_read(tmp_path: Path, command: Command) -> None:
    """The contract of the own warehouse holds in a run; what only the warehouse has is named."""
    make_desk(tmp_path, {})
    written = command("schema", "--format", "odcs", cwd=tmp_path).out
    (tmp_path / "desk.odcs.yaml").write_text(written, encoding="utf-8")
    settings = tmp_path / "copydesk.toml"
    settings.write_text(SETTINGS + settings.read_text(encoding="utf-8"), encoding="utf-8")
    ran = command("run", cwd=tmp_path)
    assert ran.code == 0, ran.err
    registry = desk_registry(find_desk_folder(tmp_path))
    promised = "contract_revisions_revisions_count_their_paragraphs"
    assert {"contract_revisions_text_sha256_required", promised} <= set(registry.rules)
    assert any(line.startswith("articles.first_seen_at") for line in registry.not_asked)
    assert _findings(command, tmp_path) == {}


TITLE = f"{HEAD}- name: revisions\n  properties:\n  - name: title\n    "
QUALITY = f"{HEAD}- name: revisions\n  quality:\n  - "
WRONG = {
    "no YAML": ("kind: [\napiVersion: v3", ", line 2: it is not YAML"),
    "another file": ("name: x\n", "it is no contract of the Open Data Contract Standard 3"),
    "a list": ("- x\n", "the file: ['x'] is no mapping"),
    "a time that is none": (f"{HEAD}- name: 2020-13-45\n", "it is not YAML"),
    "no name": (f"{HEAD}- properties: []\n", "schema[0]: the name is missing"),
    "a word for a switch": (f"{TITLE}required: 'yes'\n", "revisions.title.required: 'yes' is neither true nor false"),
    "a length in words": (f"{TITLE}logicalTypeOptions: {{minLength: ten}}\n", "minLength: 'ten' is no number"),
    "an operator": (f"{QUALITY}{{metric: rowCount, mustBeMoreThan: 3}}\n", "quality[0]: there is no operator mustBeMo"),
    "a severity": (f"{QUALITY}{{metric: rowCount, mustBe: 3, severity: bad}}\n", "severity: 'bad' is not one of hold"),
    "a pair": (f"{QUALITY}{{metric: rowCount, mustBeBetween: 3}}\n", "mustBeBetween: 3 is no pair of numbers"),
    "no query": (f"{QUALITY}{{type: sql, mustBe: 3}}\n", "revisions.quality[0]: the query is missing"),
    "broken SQL": (f"{QUALITY}{{type: sql, query: selct 1, mustBe: 3}}\n", "revisions.quality[0]: "),
    "SQL that writes": (f"{QUALITY}{{type: sql, query: drop table x, mustBe: 3}}\n", "DROP is not allowed"),
    "SQL that reads files": (
        f"{QUALITY}{{type: sql, query: from read_text('/etc/hosts'), mustBe: 3}}\n",
        "not allowed",
    ),
}


@pytest.mark.parametrize("mistake", WRONG)
def test_a_mistake_in_a_contract_is_named(tmp_path: Path, mistake: str) -> None:
    """Each mistake is one SettingsError in one line that begins with the file and names line or field."""
    text, expected = WRONG[mistake]
    desk = make_desk(tmp_path, {"desk.odcs.yaml": text}, SETTINGS)
    with pytest.raises(SettingsError) as caught:
        desk_registry(desk)
    assert str(caught.value).startswith(str(tmp_path / "desk.odcs.yaml"))
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_documented_contract_gives_the_documented_rules(tmp_path: Path) -> None:
    """The example of docs/seams-quality.md can be read, all of it, and its rules have the names given there."""
    text = (ROOT / "docs" / "seams-quality.md").read_text(encoding="utf-8")
    example = text.partition("```yaml\n")[2].partition("```")[0]
    registry = desk_registry(make_desk(tmp_path, {"desk.odcs.yaml": example}, SETTINGS))
    named = {rule.id: rule.severity for rule in registry if rule.path}
    assert len(named) == 4
    assert all(f"`{name}`" in text for name in named)
    assert named["contract_revisions_language_invalid_values"] == "hold"
    assert registry.not_asked == ()


def test_a_contract_that_is_missing_ends_a_run(tmp_path: Path, command: Command) -> None:
    """Exit code 2 and one line that says which file and where it is named; nothing is begun."""
    make_desk(tmp_path, {}, SETTINGS)
    ran = command("run", cwd=tmp_path)
    assert ran.code == 2
    assert ran.err.startswith(f"copydesk: cannot read the contract {tmp_path / 'desk.odcs.yaml'}: No such file")
    assert "[quality] contract" in ran.err
    assert not list((tmp_path / "warehouse" / "runs").glob("2*"))
