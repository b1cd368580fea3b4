"""Language detection."""

from __future__ import annotations

import pytest

from copydesk.text.language import detect


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The council voted on Tuesday to close the bridge.", "en"),
        ("Der Stadtrat stimmte am Dienstag für die Schließung der Brücke.", "de"),
        ("Le conseil a voté mardi la fermeture du pont.", "fr"),
        ("El consejo votó el martes el cierre del puente viejo.", "es"),
        ("Городской совет во вторник проголосовал за закрытие моста.", "ru"),
        ("صوت المجلس يوم الثلاثاء على إغلاق الجسر القديم.", "ar"),
        ("市议会星期二投票决定关闭大桥。", "zh"),
        ("市議会は火曜日に橋の閉鎖を決めた。", "ja"),
        ("시의회는 화요일 다리를 폐쇄하기로 했다.", "ko"),
        ("परिषद ने मंगलवार को पुल बंद करने के लिए मतदान किया।", "hi"),
    ],
)
def test_a_sentence_is_enough(text: str, language: str) -> None:
    """One sentence tells its language."""
    assert detect(text) == language


@pytest.mark.parametrize("text", ["", "   ", "12 345 678", "2024-05-03 10:15", "— * —", "ok"])
def test_nothing_to_judge_by_is_unknown(text: str) -> None:
    """No letters, no language: the model's "en" for nothing is not believed."""
    assert detect(text) == "und"
