"""What is said of a line of plain text adds up to the decision on it, and names what decided."""

from __future__ import annotations

import math
import re

import pytest

from copydesk.extraction.reasons import why
from copydesk.records import Block, Document, Label
from copydesk.text.plain import extract_texts

STORY = """\
Halden closes its harbour bridge for eighteen months

The council of Halden voted on Tuesday to close the old harbour bridge for eighteen months, after engineers had \
found cracks in three of its nine piers.

Mayor Ingrid Solberg said that it was a hard decision, but that it could not wait. “We were told plainly that it is \
not safe for lorries,” she told reporters after the meeting."""
STORY_GOES_ON = """\
About 14,000 cars a day use the bridge, the only crossing between the northern docks and the railway. Traffic will \
be led along the motorway, eleven kilometres more.

Work begins in March and will cost about 210 million crowns, two thirds of which the state pays. A report on what \
damaged the piers is due before the summer."""
WITH_COMMENTS = """\
Городской совет закрывает старый мост на восемнадцать месяцев

Городской совет проголосовал во вторник за закрытие старого портового моста на восемнадцать месяцев, после того как \
инженеры нашли трещины в трёх из девяти опор.

Мэр Ингрид Сульберг заявила, что решение было тяжёлым, но откладывать его было нельзя. «Нам прямо сказали, что \
конструкция небезопасна для грузовиков», — сказала она журналистам после заседания.

По мосту ежедневно проезжает около 14 тысяч машин, это единственная переправа между северными доками и \
железнодорожными путями. Движение пустят в объезд по шоссе, крюк составит одиннадцать километров.

Работы начнутся в марте и обойдутся примерно в 210 миллионов крон, две трети которых заплатит государство. Доклад о \
причинах повреждений ожидается до лета.

Иван Петров, 12.03.2026 10:14
Давно пора было закрыть, мост уже лет десять как разваливается, а они только теперь заметили.

Светлана, 12.03.2026 10:40
Иван, вы правы, но как теперь ездить на работу? Одиннадцать километров объезда каждый день, это же с ума сойти \
можно.

guest_77, 12.03.2026 11:05
Опять распилят деньги, через полтора года скажут, что нужно ещё столько же."""
LISTING = '''\
con = duckdb.connect("news.duckdb")
rows = con.execute("""
    select title, count(*) as n
    from articles
""").fetchall()
for title, n in rows:
    if n > 1:
        print(title)
con.close()'''
WITH_LISTING = f"{STORY}\n\n{LISTING}\n\n{STORY_GOES_ON}\n\nRelated posts\nHow to write an extension\nTen tips"
MAX_ERROR = 0.02
"""Log-odds by which the sum of a hundred rounded points can miss."""


def _blocks(text: str, strictness: float | None = None) -> list[Block]:
    document = Document(document_id="d", content=text.encode(), media_type="text/plain")
    found = extract_texts([document], explain=True, strictness=strictness)[0]
    return [block for block in found.blocks if block.label is not Label.BLANK]


@pytest.fixture(scope="module")
def blocks() -> list[Block]:
    """The lines of a page with comments, and of one with a listing, both at two strictnesses."""
    return [
        b for text in (WITH_COMMENTS, WITH_LISTING) for strictness in (None, 0.8) for b in _blocks(text, strictness)
    ]


def test_the_sign_of_the_points_is_the_decision(blocks: list[Block]) -> None:
    """All points of a kept line add up to more than 0, those of a cut one to less, whatever decided."""
    sums = [(block, sum(one.points for one in block.evidence)) for block in blocks]
    assert not [(b.text, b.rule, s) for b, s in sums if abs(s) > MAX_ERROR and (s > 0) != b.kept]
    assert {b.kept for b in blocks} == {True, False}
    assert any(one.name == "fact" for b in blocks for one in b.evidence)


def test_the_points_of_the_measures_are_the_probability(blocks: list[Block]) -> None:
    """Without the place and the facts they are the log-odds of the probability that the place's words name."""
    for block in blocks:
        place = next(one for one in block.evidence if one.rule in ("sequence.story", "sequence.outside_story"))
        said = re.search(r"where ([\d.]+) is needed; its probability is ([\d.]+)", place.detail)
        assert said
        points = sum(one.points for one in block.evidence if one is not place and one.name != "fact")
        assert 1 / (1 + math.exp(-points)) == pytest.approx(float(said[2]), abs=0.01)
        assert 1 / (1 + math.exp(place.points)) == pytest.approx(float(said[1]), abs=0.006)


def test_a_line_cut_for_its_place_alone_says_so() -> None:
    """A reader's sentence that more speaks for than against is no pointer to other articles: its place cut it."""
    cut = [b for b in _blocks(WITH_COMMENTS) if b.rule == "sequence.outside_story"]
    assert cut
    assert all(not b.kept and b.label is not Label.RELATED for b in cut)
    assert all("outside of the first and last line of the story" in why(b) for b in cut)


def test_a_line_kept_for_its_place_or_its_listing_says_so() -> None:
    """The measures that speak against a kept line are not said to speak for it."""
    kept = [b for b in _blocks(WITH_LISTING) if b.kept]
    by_place, by_listing = ([b for b in kept if b.rule == f"sequence.{name}"] for name in ("story", "listing"))
    assert by_place or by_listing
    assert all("lower probability is enough" in why(b) for b in by_place)
    assert all("a listing of code is kept or cut as one piece" in why(b) for b in by_listing)
    for block in kept:
        measured = sum(one.points for one in block.evidence if not one.rule.startswith("sequence."))
        assert block.rule != "model.story" or measured >= -MAX_ERROR
