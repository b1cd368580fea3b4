"""A desk's own `rules/quality.toml` and `checks/*.sql`: what docs/seams-quality.md shows works, mistakes are named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.conftest import ROOT, Command
from tests.quality.parts import story
from tests.servers import Site, page

from copydesk.errors import SettingsError
from copydesk.quality.expectations import validate_checks
from copydesk.quality.rules import desk_registry
from copydesk.resources import rules_version
from copydesk.settings import DeskFolder, find_desk_folder

EXAMPLES = dict(
    re.findall(r"^```\w+ (\S+)\n(.*?)^```$", (ROOT / "docs" / "seams-quality.md").read_text(), re.MULTILINE | re.DOTALL)
)
CHECK = "-- severity: warn\n-- because: a test\nselect source, 1 as value, 'x' as detail from batch_loaded"
RULE = '[[rule]]\nid = "own"\ntable = "articles"\nmeasure = "body_words"\nbreaks = "over"\nthreshold = 9\n'


def make_desk(root: Path, files: dict[str, str], settings: str = "") -> DeskFolder:
    """Make a desk of two folders of stories: whole ones, and briefs of two paragraphs."""
    (root / "copydesk.toml").write_text(
        f'{settings}\n[run]\nworkers = 1\n[[source]]\nname = "whole"\npaths = ["whole"]\n'
        '[[source]]\nname = "briefs"\npaths = ["briefs"]\n',
        encoding="utf-8",
    )
    for name, paragraphs in (("whole", 5), ("briefs", 2)):
        (root / name).mkdir()
        for n in range(12):
            one = story(n + (50 if name == "briefs" else 0), paragraphs=paragraphs)
            text = "\n\n".join([one["title"], *one["paragraphs"]])
            (root / name / f"{n:02}.txt").write_text(text, encoding="utf-8")
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return find_desk_folder(root)


def test_the_documented_rules_and_check_work(tmp_path: Path, command: Command) -> None:
    """The new rule warns, the changed threshold quarantines, the check holds its source; all are listed as changed."""
    assert set(EXAMPLES) == {"rules/quality.toml", "checks/mostly_briefs.sql"}
    make_desk(tmp_path, EXAMPLES)
    (tmp_path / "whole" / "stub.txt").write_text(
        "Bridge to be repaired before the winter\n\nThe old bridge of Arden is to be repaired, the mayor of the town "
        "said on Monday evening.\n",
        encoding="utf-8",
    )
    named = story(90) | {"title": "Local news"}
    (tmp_path / "whole" / "named.txt").write_text("\n\n".join([named["title"], *named["paragraphs"]]), encoding="utf-8")
    ran = command("run", "--json", cwd=tmp_path)
    assert ran.code == 3, ran.err
    seen = command("quality", "--json", cwd=tmp_path).json
    assert [(h["source"], h["rules"]) for h in seen["held"]] == [("briefs", ["mostly_briefs"])]
    broken = {(r["rule"], r["severity"], r["source"], r["captures"]) for r in seen["rules"]}
    assert ("headline_short", "warn", "whole", 1) in broken
    assert ("mostly_briefs", "hold", "briefs", 1) in broken
    assert {r["reason"]: r["captures"] for r in seen["reasons"]} == {"too_short": 1}
    listed = command("quality", "rules", "--json", cwd=tmp_path).json
    assert {c["rule"] for c in listed["changed"]} == {"too_short", "headline_short", "mostly_briefs"}


def test_settings_and_sources_change_the_desks_own_rules(tmp_path: Path) -> None:
    """`[quality.rules]` is applied after the desk's files: to the threshold of a check and the severity of a rule."""
    settings = "[quality.rules]\nmostly_briefs = 0.9\nheadline_short = 'off'\n"
    registry = desk_registry(make_desk(tmp_path, EXAMPLES, settings))
    assert registry.rules["mostly_briefs"].threshold == 0.9
    assert registry.rules["headline_short"].severity == "off"
    assert registry.rules["too_short"].threshold == 120


def test_the_version_of_the_rules_covers_the_desks_files(tmp_path: Path) -> None:
    """Another threshold or another query is another version."""
    desk = make_desk(tmp_path, EXAMPLES)
    versions = {rules_version(desk.own_rules), rules_version()}
    for path, text in EXAMPLES.items():
        (tmp_path / path).write_text(text.replace("15", "16").replace("< 3", "< 4"), encoding="utf-8")
        versions.add(rules_version(desk.own_rules))
    assert len(versions) == 4


WRONG_RULES = {
    "not TOML": ("[[rule]\n", "is not TOML"),
    "a stray table": ("[rules]\nx = 1\n", "'rules' is no rule"),
    "a missing key": (RULE, "rule own: 'severity' is missing. Add the line severity = \"warn\""),
    "an unknown key": (RULE + 'severity = "warn"\nbecause = "x"\nlimit = 3\n', "rule own: there is no key 'limit'"),
    "a wrong type": ('[[rule]]\nid = "no_date"\nthreshold = "3"\n', "rule no_date: threshold = '3' has another type"),
    "a wrong severity": ('[[rule]]\nid = "no_date"\nseverity = "hold"\n', "rule no_date: severity = 'hold' is not one"),
    "a fixed key": ('[[rule]]\nid = "no_date"\nmeasure = "x"\n', "rule no_date: this is a rule of the package"),
    "an unknown measure": (
        RULE.replace("body_words", "body_wrods") + 'severity = "warn"\nbecause = "x"\n',
        "rule own: articles has no measure 'body_wrods', but ",
    ),
    "an unknown table": (
        RULE.replace("articles", "article") + 'severity = "warn"\nbecause = "x"\n',
        "rule own: table = 'article' is not one of articles, ",
    ),
    "declared twice": ('[[rule]]\nid = "no_date"\n[[rule]]\nid = "no_date"\n', "rule no_date is declared twice"),
}


@pytest.mark.parametrize("mistake", WRONG_RULES)
def test_a_mistake_in_the_rules_is_named(tmp_path: Path, mistake: str) -> None:
    """Each mistake is one SettingsError in one line with the file, the rule and what to do."""
    text, expected = WRONG_RULES[mistake]
    desk = make_desk(tmp_path, {"rules/quality.toml": text})
    with pytest.raises(SettingsError) as caught:
        desk_registry(desk)
    assert str(caught.value).startswith(f"{tmp_path / 'rules' / 'quality.toml'}")
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


WRONG_CHECKS = {
    "no severity": (CHECK.replace("-- severity: warn\n", ""), "Add a line: -- severity: warn"),
    "no because": (CHECK.replace("-- because: a test\n", ""), "Add a line: -- because: why"),
    "a row severity": (CHECK.replace("warn", "error"), "severity = 'error' is not one of hold, warn"),
    "a threshold in words": ("-- threshold: half\n" + CHECK, "threshold 'half' is not a number"),
    "broken SQL": (CHECK.replace("select", "selct"), "syntax error"),
    "an unknown column": (CHECK.replace("1 as value", "pages as value"), '"pages" not found'),
    "a missing column": (CHECK.replace("'x' as detail", "2 as more"), "the result has no column 'detail'"),
    "a value in words": (CHECK.replace("1 as value", "uri as value"), "the column 'value' is not a number"),
    "two statements": (f"{CHECK}; {CHECK}", "one statement at a time"),
    "a statement that writes": (CHECK.replace("select", "create table t as select"), "CREATE is not allowed"),
    "a function that reads files": (CHECK.replace("batch_loaded", "read_csv('/etc/passwd')"), "not allowed"),
    "a file by its name": (CHECK.replace("batch_loaded", "'/etc/passwd.csv'"), "SQL may read"),
    "nothing": ("-- severity: warn\n-- because: a test\n", "there is no statement"),
}


@pytest.mark.parametrize("mistake", WRONG_CHECKS)
def test_a_mistake_in_a_check_is_named(tmp_path: Path, mistake: str) -> None:
    """Each mistake is found on empty tables, as one SettingsError that begins with the file."""
    text, expected = WRONG_CHECKS[mistake]
    desk = make_desk(tmp_path, {"checks/own_check.sql": text})
    with pytest.raises(SettingsError) as caught:
        validate_checks(desk_registry(desk))
    assert str(caught.value).startswith(f"{tmp_path / 'checks' / 'own_check.sql'}: ")
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["texts_identical.sql", "Own Check.sql"])
def test_a_check_has_a_name_of_its_own(tmp_path: Path, name: str) -> None:
    """A check cannot bear the name of another rule, nor one that cannot be written as a rule id."""
    desk = make_desk(tmp_path, {f"checks/{name}": CHECK})
    with pytest.raises(SettingsError, match=re.escape(name)):
        desk_registry(desk)


def test_a_broken_check_ends_a_run_before_anything_is_fetched(tmp_path: Path, command: Command) -> None:
    """Exit code 2, one line that names the file, no request to the site, no run left behind."""
    with Site({"/a": page("<html><body><p>A story.</p></body></html>")}) as site:
        (tmp_path / "copydesk.toml").write_text(
            f'[web]\nallow_hosts = ["127.0.0.1:{site.port}"]\n'
            f'[[source]]\nname = "wire"\nkind = "urls"\nurls = ["{site.url("/a")}"]\n',
            encoding="utf-8",
        )
        (tmp_path / "checks").mkdir()
        (tmp_path / "checks" / "own_check.sql").write_text(CHECK.replace("detail", "detial"), encoding="utf-8")
        ran = command("run", cwd=tmp_path)
        asked = list(site.log)
    assert ran.code == 2
    assert ran.err.startswith(f"copydesk: {tmp_path / 'checks' / 'own_check.sql'}: ")
    assert ran.err.count("\n") == 1
    assert asked == []
    assert not list((tmp_path / "warehouse" / "runs").glob("2*"))
