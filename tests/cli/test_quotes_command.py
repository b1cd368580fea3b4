"""`copydesk quotes`: JSON lines without a desk, and a desk's quotes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tests.conftest import run_command

from copydesk import open_desk
from copydesk.resources import ROOT, SEEDS


def _quotes(*words: str, cwd: Path, given: str = "") -> str:
    done = run_command("quotes", *words, cwd=cwd, stdin=given.encode())
    assert done.code == 0, done.err
    return done.out


def test_batch_answers_each_line_in_order(tmp_path: Path) -> None:
    """Offsets are characters of the given text, over lines; what is no question is answered with an error."""
    text = "Rain fell all day.\n\n“The bridge will open in May,” said Anna Berg."
    asked = [json.dumps({"id": "a", "language": "en", "text": text}), "no json", json.dumps({"id": "b"}), "[1]"]

    answers = [json.loads(line) for line in _quotes("--batch", cwd=tmp_path, given="\n".join(asked)).splitlines()]

    (quote,) = answers[0]["quotes"]
    assert text[quote["start"] : quote["end"]] == "The bridge will open in May,"
    assert text[quote["speaker_start"] : quote["speaker_end"]] == quote["speaker"] == "Anna Berg"
    assert (quote["kind"], quote["cue"], quote["rule"]) == ("direct", "said", "after.inverted")
    assert [a.get("error") for a in answers] == [
        None,
        "line 2 is no JSON object",
        "line 3 has no text",
        "line 4 is no JSON object",
    ]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk with the five seeds loaded."""
    folder = tmp_path_factory.mktemp("desk")
    shutil.copytree(SEEDS, folder / "seeds")
    shutil.copy(ROOT / "copydesk.toml", folder / "copydesk.toml")
    open_desk(folder).run()
    return folder


def test_a_desk_lists_the_quotes_of_a_person(desk: Path) -> None:
    """The command and the method give the same quotes, and the table shows them."""
    found = json.loads(_quotes("Velayati", "--json", cwd=desk))

    assert [q["text"] for q in found] == [q.text for q in open_desk(desk).quotes("Velayati")]
    assert "backbone of resistance" in [q["text"] for q in found]
    assert {q["publisher"] for q in found} == {found[0]["publisher"]}
    assert "backbone of resistance" in _quotes("velayati", cwd=desk)


def test_a_stored_article_has_the_quotes_that_were_extracted(desk: Path) -> None:
    """`article.quotes` of the warehouse is what extraction found."""
    import copydesk

    page = desk / "seeds" / "003_4313e0894e18010f.txt"
    assert open_desk(desk).article(page.name).quotes == copydesk.extract_file(page).quotes != ()


def test_reprocess_fills_quotes_of_a_warehouse_from_before_there_were_any(desk: Path, tmp_path: Path) -> None:
    """Revisions that were loaded without quotes have them after `copydesk reprocess`, once."""
    import duckdb

    old = tmp_path / "desk"
    shutil.copytree(desk, old)
    wanted = [(q.article_id, q.text, q.speaker_name) for q in open_desk(old).quotes(limit=1000)]
    with duckdb.connect(str(old / "warehouse" / "copydesk.duckdb")) as connection:
        connection.execute("delete from main.quotes")

    where = open_desk(old)
    assert where.quotes() == []
    assert {c.what for c in where.reprocess().changes} == {"quotes"}
    assert [(q.article_id, q.text, q.speaker_name) for q in where.quotes(limit=1000)] == wanted != []
    assert where.reprocess().changes == ()


def test_pairs_of_apostrophes_are_asked_for(tmp_path: Path) -> None:
    """Press archives write ''...'' for quotation marks: read in articles, given by --batch when asked for."""
    text = "''We will build the bridge again,'' said Ida Holm. “It will stand for a hundred years,” said Jon Berg."
    asked = json.dumps({"id": 1, "language": "en", "text": text})
    plain = json.loads(_quotes("--batch", cwd=tmp_path, given=asked))
    every = json.loads(_quotes("--batch", "--apostrophes", cwd=tmp_path, given=asked))
    assert [q["speaker"] for q in plain["quotes"]] == ["Jon Berg"]
    assert [q["speaker"] for q in every["quotes"]] == ["Ida Holm", "Jon Berg"]
