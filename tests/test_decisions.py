"""Decisions about one page and what explain says of it: let in, put back, taken back; kinds as rules of a source."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import copydesk
from copydesk.desk import Desk
from copydesk.resources import SEEDS
from tests.conftest import Command

SENTENCE = "The harbour office said on Monday that the ferry between the two islands will sail again from next week on."
CLIP = (
    "<html lang=en><head><title>Ferry in pictures</title><meta property='og:type' content='video.other'></head><body>"
    "<article><h1>Ferry in pictures</h1>{}</article></body></html>"
)
VIDEO = CLIP.format(f"<p>{SENTENCE}</p>")
GEO = CLIP.replace("video.other", "article").format("<p>This content is not available in your region.</p>")
STUB = "Ferry\n\nIt sails.\n"
SEED = "seeds/000_bca97a53f92043e2.txt"
SETTINGS = '[[source]]\nname = "pages"\nkind = "files"\npaths = ["pages"]\npublisher = "paper.example"\n'


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk with a folder of pages."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COPYDESK_USER", "ada")
    (tmp_path / "pages").mkdir()
    return _desk(tmp_path)


def _desk(folder: Path, more: str = "") -> Desk:
    (folder / "copydesk.toml").write_text(SETTINGS + more, encoding="utf-8")
    return copydesk.open_desk(folder)


def _write(desk: Desk, **pages: str) -> None:
    for name, text in pages.items():
        suffix = "html" if text.startswith("<") else "txt"
        (desk.root / "pages" / f"{name}.{suffix}").write_text(text, encoding="utf-8")


def _loaded(desk: Desk) -> list[str]:
    return [uri for (uri,) in desk.sql("select uri from latest_articles order by uri").rows()]


def _waiting(desk: Desk) -> dict[str, list[str] | None]:
    return {record.uri: record.rules for record in desk.quarantine()}


def test_a_page_that_was_let_in_stays_in(desk: Desk) -> None:
    """A refused kind is loaded, with a finding; reprocess, replay and new bytes of the page keep it; others wait."""
    _write(desk, clip=VIDEO, other=VIDEO.replace("Monday", "Tuesday"))
    desk.run()
    assert (_loaded(desk), _waiting(desk)) == ([], {"pages/clip.html": ["media"], "pages/other.html": ["media"]})
    assert desk.accept("clip.html", because="the text is the story") == ["media"]
    assert _loaded(desk) == ["pages/clip.html"]
    assert [(f.rule, f.severity.value) for f in desk.article("clip.html").findings if f.rule == "media"] == [
        ("media", "warn")
    ]
    desk.reprocess()
    desk.replay()
    assert _loaded(desk) == ["pages/clip.html"]
    _write(desk, clip=VIDEO.replace("next week", "next month"))
    desk.run()
    assert "next month" in desk.article("clip.html").text
    assert _waiting(desk) == {"pages/other.html": ["media"]}
    decided = desk.sql("select decided_by, decision, source, subject, detail, because from audit.decisions").rows()
    assert decided == [("ada", "accept", "pages", "pages/clip.html", "media", "the text is the story")]


def test_another_rule_refuses_a_page_that_was_let_in(desk: Desk) -> None:
    """Let in as a video page, its next version is a geo block: that is refused, and the text stays as it was."""
    _write(desk, clip=VIDEO)
    desk.run()
    desk.accept("clip.html")
    _write(desk, clip=GEO)
    desk.run()
    assert _waiting(desk) == {"pages/clip.html": ["unavailable"]}
    assert desk.article("clip.html").paragraphs == (SENTENCE,)


def test_a_page_is_let_in_through_every_rule_it_breaks(desk: Desk) -> None:
    """What hides behind the kind, here a text that is too short, is let in with it; undone, both refuse it."""
    _write(desk, geo=GEO, stub=STUB)
    desk.run()
    kept = desk.accept("geo.html")
    assert "unavailable" in kept
    assert "too_short" in kept
    record = desk.quarantined("geo.html")
    assert (record.resolution, _loaded(desk)) == ("loaded", ["pages/geo.html"])
    assert desk.accept("geo.html", undo=True) == kept
    desk.reprocess()
    assert (_loaded(desk), _waiting(desk)["pages/geo.html"]) == ([], ["unavailable"])
    with pytest.raises(copydesk.UsageError, match="was not let in by a decision"):
        desk.accept("geo.html", undo=True)


def test_what_has_no_article_cannot_be_let_in(desk: Desk) -> None:
    """No text, a failure, a file that is away: each is said, and no decision is recorded."""
    empty = CLIP.format("<img src='/ferry.jpg'>")
    (desk.root / "pages" / "dump.txt").write_bytes(bytes(range(256)) * 40)
    _write(desk, empty=empty)
    desk.run()
    for record in desk.quarantine():
        with pytest.raises(copydesk.UsageError, match="cannot be let in"):
            desk.accept(record.capture_id[:8])
    with pytest.raises(copydesk.UsageError, match="no quarantined record is called"):
        desk.accept("nothing")
    assert len(desk.quarantine()) == 2
    assert desk.sql(
        "select (select count(*) from audit.decisions), (select count(*) from audit.accepted_pages)"
    ).rows() == [(0, 0)]


@pytest.mark.parametrize(
    ("more", "loaded", "found"),
    [
        ('rules = { media = "warn" }\n', ["pages/clip.html"], [("media", "warn")]),
        ('rules = { media = "off" }\n', ["pages/clip.html"], []),
        ("[quality.rules]\nmedia = 'info'\n", ["pages/clip.html"], [("media", "info")]),
        (
            'rules = { geo_block = "warn", too_short = "off", body_short = "off" }\n',
            ["pages/geo.html"],
            [("geo_block", "warn")],
        ),
        ('rules = { listing = "warn" }\n', [], []),
    ],
)
def test_a_kind_is_a_rule_with_a_severity(
    desk: Desk, more: str, loaded: list[str], found: list[tuple[str, str]]
) -> None:
    """A source, or the desk, lets a kind or one refusal in as warn, info or off; explain and extract say the same."""
    desk = _desk(desk.root, more)
    _write(desk, clip=VIDEO, geo=GEO)
    desk.run()
    assert _loaded(desk) == loaded
    kinds = "from audit.findings where rule in ('media', 'geo_block') and severity <> 'error'"
    assert desk.sql(f"select rule, severity::varchar {kinds}").rows() == found
    assert [desk.explain(f"pages/{name}.html").rejected for name in ("clip", "geo")] == [
        f"pages/{name}.html" not in loaded for name in ("clip", "geo")
    ]


def test_a_desks_rule_file_changes_a_kind(desk: Desk) -> None:
    """`rules/quality.toml` of the desk changes a page kind as any other rule; `desk.extract` follows it."""
    (desk.root / "rules").mkdir()
    (desk.root / "rules" / "quality.toml").write_text('[[rule]]\nid = "media"\nseverity = "warn"\n', encoding="utf-8")
    assert desk.extract(VIDEO).reason is None
    assert desk.extract(GEO).reason == "unavailable"
    assert copydesk.extract(VIDEO).reason == "media"
    _write(desk, clip=VIDEO)
    desk.run()
    assert _loaded(desk) == ["pages/clip.html"]


def test_kinds_and_refusals_are_listed_as_rules(tmp_path: Path, command: Command) -> None:
    """`quality rules` has every page kind and refusal with its reason; a wrong severity is named."""
    assert command("init", "desk").code == 0
    rules = {rule["id"]: rule for rule in command("quality", "rules", "--json", cwd=tmp_path / "desk").json["rules"]}
    kinds = {kind.value for kind in copydesk.extract("").kind.__class__} - {"article"}
    assert kinds | {"geo_block", "cookie_wall", "bot_check"} <= rules.keys()
    assert all(rules[name]["severity"] == "error" and rules[name]["because"] for name in kinds)
    settings = tmp_path / "desk" / "copydesk.toml"
    settings.write_text(settings.read_text() + '\n[quality.rules]\nlisting = "hold"\n', encoding="utf-8")
    ended = command("quality", "rules", cwd=tmp_path / "desk")
    assert (ended.code, "listing = 'hold' is not possible" in ended.err) == (2, True)


def test_explain_decides_as_a_run_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pins and restored lines count for a file, a path and an article id; a copy elsewhere stands alone."""
    shutil.copytree(SEEDS, tmp_path / "seeds")
    (tmp_path / "copydesk.toml").write_text(
        '[[source]]\nname = "seeds"\nkind = "files"\npaths = ["seeds"]\n', encoding="utf-8"
    )
    monkeypatch.chdir(tmp_path)
    desk = copydesk.open_desk(tmp_path)
    desk.run()
    before = desk.article(SEED)
    pinned = before.paragraphs[3]
    desk.pin("seeds", pinned, "cut")
    desk.restore(SEED, 28)
    stored = desk.article(SEED)
    assert stored.paragraphs == (*(p for p in before.paragraphs if p != pinned), "Source: Fars News")
    article_id = str(stored.stored.article_id if stored.stored else "")
    for name in (SEED, "000_bca97a53f92043e2.txt", article_id, article_id[:8]):
        found = desk.explain(name)
        assert found.paragraphs == stored.paragraphs, name
        rules = {block.text: block.rule for block in found.blocks}
        assert (rules["Source: Fars News"], rules[pinned]) == ("pin.restored", "pin.cut"), name
    shutil.copyfile(SEED, tmp_path / "copy.txt")
    assert desk.explain("copy.txt").paragraphs == before.paragraphs


def test_explain_takes_a_quarantined_record(desk: Desk) -> None:
    """By the record's short id, each line of a refused page is explained, with the reason of its refusal."""
    _write(desk, clip=VIDEO, stub=STUB)
    desk.run()
    for record in desk.quarantine():
        found = desk.explain(record.capture_id[:8])
        assert found.blocks
        assert all(block.evidence for block in found.blocks if block.text.strip())
    assert desk.explain("clip.html").reason == "media"
    (desk.root / "pages" / "clip.html").unlink()
    with pytest.raises(copydesk.UsageError, match="its bytes cannot be read"):
        desk.explain("clip.html")


def test_a_restored_line_is_taken_back(desk: Desk) -> None:
    """`undo` takes back one line by its number, or all of them; a line that was not restored is named."""
    _write(
        desk,
        story="\n\n".join(
            [
                "Ferry sails again",
                *(SENTENCE.replace("two", str(n)) for n in range(6)),
                "Share on Facebook",
                "Sign up for our newsletter",
            ]
        ),
    )
    desk.run()
    cut = {text: number for number, _, text in desk.cut_lines("story.txt")}
    share, more = cut["Share on Facebook"], cut["Sign up for our newsletter"]
    assert sorted(desk.restore("story.txt", share, more)) == ["Share on Facebook", "Sign up for our newsletter"]
    assert desk.article("story.txt").paragraphs[-2:] == ("Share on Facebook", "Sign up for our newsletter")
    assert desk.restore("story.txt", more, undo=True) == ["Sign up for our newsletter"]
    assert desk.article("story.txt").paragraphs[-1] == "Share on Facebook"
    with pytest.raises(copydesk.UsageError, match=f"line {more} of pages/story.txt was not restored"):
        desk.restore("story.txt", more, undo=True)
    assert desk.restore("story.txt", undo=True) == ["Share on Facebook"]
    assert "Share on Facebook" not in desk.article("story.txt").paragraphs
    with pytest.raises(copydesk.UsageError, match=r"no line of pages/story\.txt was restored"):
        desk.restore("story.txt", undo=True)


def test_commands_take_the_same_names(desk: Desk, command: Command) -> None:
    """explain, show, restore, quarantine show and accept take short ids and paths; the wrong sort of page is said."""
    _write(desk, clip=VIDEO)
    desk.run()
    short = desk.quarantine()[0].capture_id[:8]
    explained = command("explain", short, cwd=desk.root)
    assert (explained.code, "No article: media" in explained.out, SENTENCE[:40] in explained.out) == (0, True, True)
    shown = command("show", short, cwd=desk.root)
    assert (shown.code, f"`copydesk quarantine show {short}`" in shown.err) == (2, True)
    assert command("quarantine", "show", short, "--json", cwd=desk.root).json[0]["rules"] == ["media"]
    let_in = command(
        "quarantine", "accept", short, "--because", "a story", "--json", cwd=desk.root, COPYDESK_USER="bob"
    )
    assert let_in.json == {"record": short, "accepted": True, "rules": ["media"]}
    assert command("show", short, "--json", cwd=desk.root).json["uri"] == "pages/clip.html"
    assert command("restore", short, cwd=desk.root).code == 0
    assert desk.sql("select decided_by, because from audit.decisions").rows() == [("bob", "a story")]
