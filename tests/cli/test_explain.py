"""`copydesk explain`: the decision on each line, for people and as JSON."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

from tests.conftest import ROOT, Command

from copydesk.extraction.reasons import why
from copydesk.records import Block, Label
from copydesk.rules_file import read_rules
from copydesk.text.html.blocks.override_rules import override_rules

_WITH_NOTICE = """Most w Halden zamknięty na półtora roku

Rada miasta zdecydowała we wtorek, że stary most portowy zostanie zamknięty na osiemnaście miesięcy, bo inżynierowie znaleźli pęknięcia w trzech z dziewięciu filarów.

Burmistrz przyznała, że decyzja była bolesna, ale nie można jej było odkładać. Powiedziano nam, że konstrukcja nie jest bezpieczna dla ciężarówek, dodała.

Mostem przejeżdża dziennie około 14 tysięcy pojazdów i jest to jedyna przeprawa między północnymi dzielnicami a dworcem towarowym.

Wszelkie prawa zastrzeżone. Kopiowanie i rozpowszechnianie materiałów bez zgody wydawcy jest zabronione.

Źródło: PAP

Opinie (2)
kasia82
12.03.2026 10:14
Nareszcie ktoś o tym pomyślał, ten most od lat się rozpada.
odpowiedz
"""  # noqa: E501
"""A Polish story, a notice of rights that reads like its last line, comments."""

SEED = str(ROOT / "seeds" / "000_bca97a53f92043e2.txt")


def test_json_names_the_evidence_under_its_new_and_its_former_key(command: Command) -> None:
    """`--json` gives each block's `evidence`, and the same list as `witnesses`, the key of the release before."""
    page = json.loads(command("explain", SEED, "--json").out)
    assert any(block["evidence"] for block in page["blocks"])
    assert all(block["witnesses"] == block["evidence"] for block in page["blocks"])
    line = json.loads(command("explain", SEED, "--why", "36", "--json").out)
    assert line["witnesses"] == line["evidence"] == page["blocks"][35]["evidence"]


def test_the_story_s_lines_are_named_with_their_chances(command: Command) -> None:
    """The page ends with the span's first and last line in words; `--story` adds what they depend on, also as JSON."""
    sentence = r"The story was taken to run from line 5 \(\d+ %.*\) to line 26 \(\d+ %.*\)\."
    assert re.search(sentence, " ".join(command("explain", SEED).out.split()))
    shown = " ".join(command("explain", SEED, "--story").out.split())
    assert re.search(sentence, shown)
    story = json.loads(command("explain", SEED, "--story", "--json").out)
    assert (story["first"], story["last"]) == (5, 26)
    assert story["probability"] == round(story["start"] * story["end"], 4)
    assert {reason["group"] for reason in story["reasons"]} == {"line", "words", "phrases", "run", "near", "place"}


def test_lines_kept_that_are_not_the_span_are_said(command: Command, tmp_path: Path) -> None:
    """Where a rule cuts the span's last line, a notice of rights here, the sentence says which lines are kept."""
    page = tmp_path / "page.txt"
    page.write_text(_WITH_NOTICE, encoding="utf-8")
    found = json.loads(command("explain", str(page), "--json").out)
    kept = [block["number"] for block in found["blocks"] if block["kept"]]
    assert kept[-1] < found["story"]["last"]
    told = " ".join(command("explain", str(page), "--story").out.split())
    assert f"; kept are lines {kept[0]} to {kept[-1]}." in told


def test_a_web_page_has_no_span(command: Command, tmp_path: Path) -> None:
    """`--story` on HTML, whose blocks are selected without a span, says so and fails."""
    page = tmp_path / "page.html"
    page.write_text("<html><body><p>" + "The council voted on the bridge on Tuesday. " * 9 + "</p></body></html>")
    told = command("explain", str(page), "--story")
    assert told.code == 2
    assert "looks for no first and last line" in told.err


def test_why_begins_with_a_sentence_and_ten_measures(command: Command) -> None:
    """`--why N` says in one sentence why, shows the ten strongest measures and what the rest weighs; `--all` all."""
    told = command("explain", SEED, "--why", "3").out
    assert told.startswith("Cut because it is the title: of the lines above the story it has most in common with it.\n")
    rest = re.search(r"and (\d+) weaker measures with ([+-][\d.]+) points together", told)
    assert rest
    everything = command("explain", SEED, "--why", "3", "--all").out
    rows = [line for line in everything.splitlines() if line.startswith("│")]
    assert len(rows) == 10 + int(rest[1])
    assert len([line for line in told.splitlines() if line.startswith("│")]) == 10
    weak = sum(float(row.split("│")[3]) for row in rows[10:])
    assert abs(weak - float(rest[2])) < 0.3  # each row is rounded
    as_json = json.loads(command("explain", SEED, "--why", "3", "--json").out)
    assert as_json["because"] == told.splitlines()[0]


def test_why_names_the_probability_and_the_one_that_is_needed(command: Command) -> None:
    """Of a plain text's line: its probability, the one that it needs at its place, and the sum, whose sign decides."""
    for number, kept in (("3", False), ("8", True)):
        told = " ".join(command("explain", SEED, "--why", number).out.split())
        assert re.search(r"first and last line, where 0\.\d\d is needed; its probability is 0\.\d\d\.", told)
        total = re.search(r"All points together: ([+-][\d.]+); a line is kept from 0\.", told)
        assert total
        assert (float(total[1]) > 0) is kept


def test_every_label_and_rule_has_a_sentence() -> None:
    """A label or rule that is new in the code of the text rooms needs its words in `extraction/reasons.toml`."""
    known = read_rules(ROOT / "src" / "copydesk" / "extraction" / "reasons.toml")
    assert set(known["label"]) == {str(label) for label in Label}
    places = [ROOT / "src/copydesk/text/plain/article", ROOT / "src/copydesk/text/html/blocks"]
    literal = re.compile(r'(?:LabelDecision|Decision|decision)\([^()"]*f?"([a-z_.]+)')
    rules = {
        rule for place in places for file in place.glob("*.py") for rule in literal.findall(file.read_text("utf-8"))
    }
    begun = {rule for rule in rules if any(rule.startswith(n) or n.startswith(rule) for n in known["rule"])}
    assert rules - begun - set(override_rules()) == set()
    assert len(rules) > 20


def test_a_rule_of_the_desk_gives_its_own_because(tmp_path: Path) -> None:
    """The sentence of a phrase rule is the rule's because, also of the desk's own."""
    (tmp_path / "en.toml").write_text(
        '[[rule]]\nlabel = "advert"\nname = "members"\nbecause = "The Courier asks for members."\n'
        'phrases = ["the courier is free"]\nexamples = ["The Courier is free"]\ncounter_examples = ["It is free"]\n'
    )
    block = Block(number=1, text="The Courier is free", label=Label.ADVERT, rule="advert.en.members", kept=False)
    assert why(block, [tmp_path]) == "Cut because it is an advertisement: the Courier asks for members."
    assert why(replace(block, rule="unheard.of")) == "Cut because it is an advertisement."
