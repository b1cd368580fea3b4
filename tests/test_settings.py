"""What copydesk.toml may say, and how a mistake in it is answered."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from copydesk.errors import SettingsError, UsageError
from copydesk.settings import find_desk_folder, load_settings
from tests.conftest import Command

MISTAKES = {
    "not TOML": ("x = ", "not valid TOML"),
    "unknown key": ("[run]\nworker = 1", "run.worker: there is no such setting"),
    "unknown section": ("[runs]\nworkers = 1", "runs: there is no such setting"),
    "bad number": ("[run]\nworkers = -1", "run.workers"),
    "bad name": ('[[source]]\nname = "A b"\npaths = ["x"]', "source A b.name"),
    "feed without url": ('[[source]]\nname = "a"\nkind = "feed"', "source a: a source of kind 'feed' needs 'url'"),
    "same name twice": (
        '[[source]]\nname="a"\npaths=["x"]\n[[source]]\nname="a"\npaths=["y"]',
        "two sources are called 'a'",
    ),
    "unknown zone": ('[[source]]\nname="a"\npaths=["x"]\ntimezone="Mars/Base"', "'Mars/Base' is no time zone"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_with_file_and_key(tmp_path: Path, mistake: str) -> None:
    """Every mistake ends as one SettingsError that names the file and the key, never as another exception."""
    text, expected = MISTAKES[mistake]
    path = tmp_path / "copydesk.toml"
    path.write_text(text)
    with pytest.raises(SettingsError) as caught:
        load_settings(path)
    assert str(path) in str(caught.value)
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    """A copydesk.toml in UTF-16 is a settings error with advice, not a decoding traceback."""
    path = tmp_path / "copydesk.toml"
    path.write_bytes("[run]".encode("utf-16"))
    with pytest.raises(SettingsError, match="UTF-8"):
        load_settings(path)


def test_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """COPYDESK_RUN__WORKERS overrides one value and leaves its neighbours as the file says."""
    path = tmp_path / "copydesk.toml"
    path.write_text("[run]\nworkers = 3\npart_documents = 7")
    monkeypatch.setenv("COPYDESK_RUN__WORKERS", "5")
    run = load_settings(path).run
    assert (run.workers, run.part_documents) == (5, 7)


def test_a_desk_is_found_from_below(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command in a subfolder works on the desk above it."""
    (tmp_path / "copydesk.toml").write_text("")
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert find_desk_folder().root == tmp_path.resolve()


def test_no_desk_is_a_usage_error_that_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a desk the message names `copydesk init`; paths alone need none."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="copydesk init"):
        find_desk_folder()
    assert find_desk_folder(required=False).root == tmp_path.resolve()


def test_a_setting_that_never_had_an_effect_is_taken_with_a_notice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`keep_runs` of an older file does no harm: the other settings hold, and one line says to remove it."""
    path = tmp_path / "copydesk.toml"
    path.write_text("[run]\nkeep_runs = 3\nworkers = 2\n", encoding="utf-8")
    settings = load_settings(path)
    assert settings.run.workers == 2
    assert not hasattr(settings.run, "keep_runs")
    load_settings(path)
    assert capsys.readouterr().err.count("keep_runs has no effect") == 1


WORDS = {
    '[[source]]\nname="a"\npaths="inbox"': 'source a.paths: must be a list of texts: paths = ["inbox"]',
    '[[source]]\nname="a"\npaths=[3]': 'source a.paths: each entry must be text in quotation marks: paths = ["3"]',
    '[[source]]\npaths=["x"]': "source 1.name: 'name' is missing. Add a line: name = \"press-tv\"",
    '[source]\nname="a"': "source: write each source as a table of its own: [[source]]",
    "run = 3": "run: must be a table: [run]",
    "[run]\nworker=1": "run.worker: there is no such setting; did you mean workers?",
    'allow_hosts=["x"]': "allow_hosts: there is no such setting; it belongs under [web]",
    '[run]\nworkers="four"': "run.workers: must be a whole number without quotation marks, such as workers = 4",
    "[run]\nworkers=-1": "run.workers: must be at least 0, not -1",
    '[web]\nrobots="perhaps"': "web.robots: must be true or false, not 'perhaps'",
    '[web]\nopt_outs="no"': "web.opt_outs: must be one of 'record', 'honour' or 'ignore', not 'no'",
    '[[source]]\nname="a"\npaths=["x"]\nsince="soon"': "source a.since: must be a date such as since = 2026-05-01",
    '[[source]]\nname="a"\npaths=["x"]\nheaders="x"': "source a.headers: must be a table: headers = { ... }",
    '[[source]]\nname="a"\npaths=["x"]\nlanguage="English"': 'two or three small letters, such as language = "en"',
    '[quality.rules]\nno_date="maybe"': "quality.rules.no_date.severity: must be one of 'error', 'hold'",
}


@pytest.mark.parametrize("text", WORDS)
def test_a_wrong_value_is_answered_with_what_to_write(tmp_path: Path, text: str) -> None:
    """Each message names the key and what its value must be, in words of TOML and not of the library that checks it."""
    path = tmp_path / "copydesk.toml"
    path.write_text(text)
    with pytest.raises(SettingsError) as caught:
        load_settings(path)
    assert WORDS[text] in str(caught.value)
    assert not re.search("Input should|valid (tuple|dictionary|string)|parse|pydantic|NoneType", str(caught.value))


def test_a_wrong_variable_of_the_environment_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the environment says wrongly is not looked for in the file."""
    (tmp_path / "copydesk.toml").write_text("")
    monkeypatch.setenv("COPYDESK_RUN__WORKERS", "many")
    with pytest.raises(SettingsError, match="environment variable COPYDESK_RUN__WORKERS: must be a whole number"):
        load_settings(tmp_path / "copydesk.toml")


@pytest.mark.parametrize(
    ("section", "former", "name", "value"),
    [
        ("warehouse", "wait_s", "lock_timeout_s", 7),
        ("run", "document_limit_s", "document_timeout_s", 7),
        ("quality", "fail_on", "max_quarantined", 0.7),
        ("schedule", "limit_h", "stage_timeout_h", 7),
    ],
)
def test_former_names_work_for_one_release(
    tmp_path: Path, command: Command, section: str, former: str, name: str, value: float
) -> None:
    """A former key works in the file and in the environment, with a notice; giving both is an error."""
    file = tmp_path / "copydesk.toml"
    file.write_text(f"[{section}]\n{former} = {value}\n", encoding="utf-8")
    assert getattr(getattr(load_settings(file), section), name) == value
    assert f"{former} is now called {name}" in command("runs", "list").err
    file.write_text("", encoding="utf-8")
    ended = command("runs", "list", **{f"COPYDESK_{section}__{former}".upper(): str(value)})
    assert (ended.code, f"{former} is now called {name}" in ended.err) == (0, True)
    file.write_text(f"[{section}]\n{former} = {value}\n{name} = {value}\n", encoding="utf-8")
    assert command("runs", "list").code == 2
