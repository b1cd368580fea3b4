"""Text that was encoded twice is mended, in pages, plain texts and fields; text in order stays as it is."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.records import Document
from copydesk.text.decode import decode
from copydesk.text.documents import ExtractOptions, extract_documents
from copydesk.text.mojibake import has_signs, mend

SENTENCES = [
    "“Nobody asked us”, the ferryman said – and his café stayed shut till noon.",
    "Le maire a été réélu à Évreux, où l’été fut très chaud.",
    "Die Brücke über die Donau wird für fünf Jahre gesperrt, hieß es in München.",
    "El niño cruzó la frontera en otoño, según el periódico de Logroño.",
    "Mieszkańcy Łodzi żądają, żeby miasto naprawiło tę drogę w październiku.",
    "Žluťoučký kůň přeběhl přes most, řekl starosta v neděli.",
    "İstanbul'da şehir hatları vapuru iskeleye çarptı, üç kişi yaralandı.",
    "Мэр предложил крышу ратуши пчеловодам ещё зимой, сказал он.",
    "Ο δήμαρχος είπε ότι η γέφυρα θα ανοίξει τον Ιούνιο.",
    "قال رئيس البلدية إن الجسر سيفتح في شهر يونيو المقبل.",
    "市长在星期日说，大桥将于六月重新开放。",
    "市長は日曜日に、橋は六月に再開すると述べた。",
    "시장은 일요일에 다리가 유월에 다시 열린다고 말했다.",
    "Thị trưởng nói cây cầu sẽ mở lại vào tháng sáu.",
]


def twice(text: str, charset: str) -> str:
    """What becomes of a text whose UTF-8 is read in another charset: undefined bytes become control characters."""
    out = []
    for byte in text.encode():
        try:
            out.append(bytes([byte]).decode(charset))
        except UnicodeDecodeError:
            out.append(chr(byte))
    return "".join(out)


@pytest.mark.parametrize("charset", ["cp1252", "latin-1", "cp1251", "cp1250"])
@pytest.mark.parametrize("sentence", SENTENCES)
def test_text_encoded_twice_is_mended(sentence: str, charset: str) -> None:
    """Whatever the language and the charset in between; the finding counts words."""
    broken = twice(sentence, charset)
    if not has_signs(broken) and charset != "cp1252":
        pytest.skip("this charset leaves no sign in this sentence")
    decoded = decode((broken + "\n").encode(), "utf-8")
    assert decoded.text == sentence + "\n"
    assert [f.rule for f in decoded.findings] == ["encoded_twice"]


@pytest.mark.parametrize("sentence", SENTENCES)
def test_text_in_order_is_left_alone(sentence: str) -> None:
    """No language has the signs, and nothing is changed in it."""
    assert mend(sentence).text == sentence
    assert decode(sentence.encode(), "utf-8").findings == ()


@pytest.mark.parametrize("text", ["ESPAÑA Y PERÚ", "À « la » Ã", "Das â ist ein â.", "½ Â", "Î or ±"])
def test_single_odd_letters_stay(text: str) -> None:
    """A letter that only looks odd is no proof."""
    assert mend(f"A line that says {text} and goes on.").text == f"A line that says {text} and goes on."


@given(st.text())
def test_nothing_raises_and_a_second_pass_changes_nothing_in_ascii(text: str) -> None:
    """Whatever the text; ASCII never changes."""
    mended = mend(text)
    assert isinstance(mended.text, str)
    if text.isascii():
        assert mended.text == text


def test_a_closing_quote_that_lost_a_byte_is_mended() -> None:
    """The byte 9D shows nowhere, and many programs drop it."""
    assert mend("â€œWe will stay,â€ she said. It was the boatâ€™s last trip.").text == (
        "“We will stay,” she said. It was the boat’s last trip."
    )


STORY = (
    "The cafÃ© on the quay stays open, said its owner, AndrÃ© MuÃ±oz, who has kept it for thirty years with his wife. "
)


def test_pages_are_mended_before_they_are_read() -> None:
    """Title, body and blocks are mended alike, and one finding says so."""
    html = f"<html><head><title>CafÃ© stays</title></head><body><h1>CafÃ© stays</h1>{'<p>' + STORY * 2 + '</p>'}</body>"
    found = extract_documents(
        [Document(document_id="d", content=html.encode(), media_type="text/html")], options=ExtractOptions()
    )[0]
    assert found.title == "Café stays"
    assert "André Muñoz" in found.paragraphs[0].text
    assert "Ã" not in "".join(b.text for b in found.blocks)
    assert [f.rule for f in found.findings] == ["encoded_twice"]
    assert "cafÃ© -> café" in found.findings[0].detail


def test_fields_out_of_entities_are_mended() -> None:
    """Entities and escapes hide it from the decoder; the fields are mended, the blocks stay as the page has them."""
    story = STORY.replace("Ã", "&Atilde;").replace("©", "&copy;").replace("±", "&plusmn;")
    html = f"<html><head><title>x</title></head><body><h1>Caf&Atilde;&copy; stays</h1><p>{story * 2}</p></body></html>"
    found = extract_documents(
        [Document(document_id="d", content=html.encode(), media_type="text/html")], options=ExtractOptions()
    )[0]
    assert "André Muñoz" in found.paragraphs[0].text
    assert [f.rule for f in found.findings if f.rule == "encoded_twice"] == ["encoded_twice"]


def test_plain_texts_are_mended() -> None:
    """The body of a text file; its blocks are the mended text, whole."""
    text = "CafÃ© stays open\n\n" + "\n".join([STORY * 2] * 4) + "\n"
    found = extract_documents(
        [Document(document_id="d", content=text.encode(), media_type="text/plain")], options=ExtractOptions()
    )[0]
    assert "café on the quay" in found.paragraphs[0].text
    assert "".join(b.text + b.ending for b in found.blocks) == mend(text).text


def test_ftfy_is_imported_only_for_a_text_with_signs() -> None:
    """Its import takes a fifth of a second, which nearly no run needs."""
    code = (
        "import sys; from copydesk.text.decode import decode;"
        "decode('Éric a dit “non” à Paris.'.encode(), None); assert 'ftfy' not in sys.modules;"
        "decode('cafÃ© â€œ'.encode(), None); assert 'ftfy' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_only_the_broken_stretch_of_a_marked_up_text_changes() -> None:
    """Stretches between tags are mended one by one: letters in order and plain text around stay as they are."""
    before = 'x > y\n<p title="naïve">Ærø</p> plain <b>cafÃ© fermÃ© dÃ©jÃ\xa0</b>\nend é'
    after = 'x > y\n<p title="naïve">Ærø</p> plain <b>café fermé déjà</b>\nend é'
    assert mend(before).text == after
