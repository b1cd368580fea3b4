"""Owners, dimensions, tags and limits of rules: who is told, and how many broken pages are too many."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from tests.conftest import Command
from tests.quality.test_desk_rules import make_desk
from tests.service.test_notifications import desk as notifying_desk

from copydesk.errors import SettingsError
from copydesk.quality.limits import parse_limit
from copydesk.quality.rule_files import DIMENSIONS, package_rules
from copydesk.quality.rules import desk_registry
from copydesk.service.notifications import notify
from copydesk.store.curate.incidents import Seen


def test_every_rule_of_the_package_has_a_dimension_and_an_example() -> None:
    """The documentation can group each rule and show what breaks it."""
    rules = package_rules().values()
    assert {rule.id for rule in rules if rule.dimension not in DIMENSIONS} == set()
    assert {rule.id for rule in rules if not rule.example.strip()} == set()
    assert {rule.dimension for rule in rules} == set(DIMENSIONS)


def test_a_limit_is_a_number_or_a_share() -> None:
    """More than the number or share is too much; a share of a handful is not asked; anything else is no limit."""
    assert parse_limit("> 3").is_exceeded(4, 1000)
    assert not parse_limit("> 3").is_exceeded(3, 3)
    assert parse_limit(">25%").is_exceeded(6, 20)
    assert not parse_limit("> 25 %").is_exceeded(5, 20)
    assert not parse_limit("> 25 %").is_exceeded(9, 9)
    for wrong in ("5", "< 5", "> 5 percent", "> 101 %", ""):
        with pytest.raises(ValueError, match="is no limit"):
            parse_limit(wrong)


def test_too_many_broken_pages_warn_or_hold(tmp_path: Path, command: Command) -> None:
    """A rule that only notes each page warns of a batch beyond `warn_if` and holds one beyond `error_if`, by source."""
    settings = (
        "[quality.rules]\nbody_short = { severity = 'info', threshold = 9999, warn_if = '> 50 %', owner = 'anna', "
        "tags = ['dates'] }\n"
    )
    desk = make_desk(tmp_path, {}, settings)
    path = tmp_path / "copydesk.toml"
    text = path.read_text().replace(
        'name = "briefs"\n', 'name = "briefs"\nrules = { body_short = { error_if = "> 3" } }\n'
    )
    path.write_text(text)
    ran = command("run", "--json", cwd=tmp_path)
    assert ran.code == 3, ran.err
    seen = command("quality", "--json", cwd=tmp_path).json
    assert [(h["source"], h["rules"]) for h in seen["held"]] == [("briefs", ["body_short"])]
    of_batch = [r for r in seen["rules"] if r["rule"] == "body_short" and r["severity"] in ("warn", "hold")]
    assert {(r["source"], r["severity"], r["owner"], r["dimension"]) for r in of_batch} == {
        ("whole", "warn", "anna", "completeness"),
        ("briefs", "hold", "anna", "completeness"),
    }
    assert all("of 12 captures" in r["example"] and "limit >" in r["example"] for r in of_batch)
    assert {f["rule"] for f in command("quality", "findings", "--owner", "anna", "--json", cwd=tmp_path).json} == {
        "body_short"
    }
    assert command("quality", "findings", "--tag", "other", "--json", cwd=tmp_path).json == []
    rule = desk_registry(desk).rules["body_short"]
    assert (rule.owner, rule.tags, rule.warn_if) == ("anna", ("dates",), "> 50 %")


def test_mistakes_in_owners_and_limits_are_named(tmp_path: Path) -> None:
    """A limit that is none, one on a batch rule and an unknown dimension name the place and what to write."""
    head = "-- severity: warn\n-- because: a test\n"
    body = "select source, 1 as value, 'x' as detail from batch_loaded"
    cases = {
        '[quality.rules]\nno_date = { warn_if = "5 %" }\n': ({}, "no_date.*is no limit"),
        '[quality.rules]\nvolume_fell = { error_if = "> 3" }\n': ({}, "volume_fell.*is for rules about pages"),
        "": ({"checks/own.sql": f"{head}-- dimension: beauty\n{body}"}, "own.sql.*beauty.*accuracy"),
        " ": ({"checks/own.sql": f"{head}-- warn_if: > 3\n{body}"}, "own.sql.*warn_if"),
    }
    for number, (settings, (files, message)) in enumerate(cases.items()):
        (tmp_path / str(number)).mkdir()
        with pytest.raises(SettingsError, match=message):
            desk_registry(make_desk(tmp_path / str(number), files, settings))


def test_a_check_of_the_desk_has_the_same_header_as_ours(tmp_path: Path) -> None:
    """Owner, dimension, tags and example of a check's header are those of its rule."""
    text = (
        "-- severity: warn\n-- owner: anna\n-- dimension: validity\n-- tags: briefs, partner\n-- because: a test\n"
        "-- example: Two lines.\nselect source, 1 as value, 'x' as detail from batch_loaded"
    )
    rule = desk_registry(make_desk(tmp_path, {"checks/own.sql": text})).rules["own"]
    assert (rule.owner, rule.dimension, rule.tags, rule.example) == (
        "anna",
        "validity",
        ("briefs", "partner"),
        "Two lines.",
    )
    assert desk_registry(make_desk_again(tmp_path)).chosen(tag="partner") == ["own"]


def make_desk_again(root: Path):  # type: ignore[no-untyped-def]
    """Return the desk that is there."""
    from copydesk.settings import find_desk_folder

    return find_desk_folder(root)


def test_notices_are_routed_by_owner_dimension_and_tag(tmp_path: Path, httpserver: HTTPServer) -> None:
    """A trouble goes to the channel of its owner or tag alone, others to the desk's; so does what says it is over."""
    for name in ("all", "anna", "dates"):
        httpserver.expect_request(f"/{name}").respond_with_data("ok")
    routes = {name: {"webhook": httpserver.url_for(f"/{name}")} for name in ("anna", "dates")}
    where = notifying_desk(tmp_path, webhook=httpserver.url_for("/all"), routes=routes)

    def seen(trouble: str, owner: str, *tags: str) -> dict[str, Seen]:
        return {trouble: Seen(source="wire", trouble=trouble, severity="warn", detail="x", owner=owner, tags=tags)}

    notify(where, "wire", {"dates_lost": "x"}, seen=seen("dates_lost", "anna", "dates"))
    notify(where, "wire", {"titles_lost": "x"}, seen=seen("titles_lost", "bob"))
    notify(where, "wire", {"dates_lost": None})
    sent = [(r.path, json.loads(r.data)) for r, _ in httpserver.log]
    assert [(path, m["state"], m["owner"]) for path, m in sent] == [
        ("/anna", "dates_lost", "anna"),
        ("/dates", "dates_lost", "anna"),
        ("/all", "titles_lost", "bob"),
        ("/anna", "ok", "anna"),
        ("/dates", "ok", "anna"),
    ]
