"""Charsets of unlabelled bytes."""

from __future__ import annotations

import pytest

from copydesk.records import Document
from copydesk.text.decode import decode, is_binary
from copydesk.text.documents import ExtractOptions, extract_documents

TEXTS = {
    "zh": (
        "北京市政府周二宣布，新的地铁线路将于明年春天开通。市长在新闻发布会上说，这条线路全长三十公里，共设二十个车站。居民们表示"
        "欢迎，但也担心票价上涨。"
        ""
    ),
    "zht": (
        "台北市政府週二宣布，新的捷運路線將於明年春天開通。市長在記者會上說，這條路線全長三十公里，共設二十個車站。居民們表示歡迎"
        "，但也擔心票價上漲。"
        ""
    ),
    "ja": (
        "東京都は火曜日、新しい地下鉄路線を来年春に開業すると発表した。知事は記者会見で、全長三十キロ、二十駅になると述べた。住民"
        "は歓迎する一方、運賃の値上げを心配している。"
        ""
    ),
    "ko": (
        "서울시는 화요일 새로운 지하철 노선이 내년 봄에 개통될 것이라고 발표했다. 시장은 기자회견에서 이 노선의 길"
        "이가 삼십 킬로미터이며 역은 스무 개라고 말했다."
        ""
    ),
    "ru": (
        "Московские власти во вторник объявили, что новая линия метро"
        " откроется весной следующего года. Мэр сказал на пресс-конфе"
        "ренции, что длина линии составит тридцать километров."
    ),
    "uk": (
        "Київська влада у вівторок оголосила, що нова лінія метро від"
        "криється навесні наступного року. Мер сказав, що довжина лін"
        "ії становитиме тридцять кілометрів."
    ),
    "el": (
        "Ο δήμος της Αθήνας ανακοίνωσε την Τρίτη ότι η νέα γραμμή του"
        " μετρό θα ανοίξει την επόμενη άνοιξη. Ο δήμαρχος είπε ότι η "
        "γραμμή έχει μήκος τριάντα χιλιόμετρα."
    ),
    "he": (
        "עיריית תל אביב הודיעה ביום שלישי כי קו הרכבת החדש ייפתח באבי"
        "ב הבא. ראש העיר אמר במסיבת עיתונאים כי אורך הקו שלושים קילומ"
        "טרים ועשרים תחנות."
    ),
    "ar": (
        "أعلنت بلدية القاهرة يوم الثلاثاء أن خط المترو الجديد سيفتتح "
        "في الربيع المقبل. وقال المحافظ في مؤتمر صحفي إن طول الخط ثلا"
        "ثون كيلومترا وعشرون محطة."
    ),
    "th": (
        "กรุงเทพมหานครประกาศเมื่อวันอังคารว่ารถไฟฟ้าสายใหม่จะเปิดให้บ"
        "ริการในฤดูใบไม้ผลิปีหน้า ผู้ว่าราชการกล่าวในการแถลงข่าวว่าเส"
        "้นทางยาวสามสิบกิโลเมตร"
    ),
    "de": (
        "Die Stadt München kündigte am Dienstag an, dass die neue U-B"
        "ahn-Linie im nächsten Frühjahr eröffnet wird. Der Bürgermeis"
        "ter sagte, die Strecke sei dreißig Kilometer lang."
    ),
    "fr": (
        "La mairie de Paris a annoncé mardi que la nouvelle ligne de "
        "métro ouvrira au printemps prochain. Le maire a déclaré qu'e"
        "lle compterait vingt stations, après des années de retard."
    ),
    "pl": (
        "Władze Warszawy ogłosiły we wtorek, że nowa linia metra zost"
        "anie otwarta wiosną przyszłego roku. Prezydent miasta powied"
        "ział, że będzie miała trzydzieści kilometrów długości."
    ),
    "cs": (
        "Pražský magistrát v úterý oznámil, že nová linka metra bude "
        "otevřena příští jaro. Primátor řekl, že trať bude dlouhá tři"
        "cet kilometrů a bude mít dvacet stanic."
    ),
    "tr": (
        "İstanbul Belediyesi salı günü yeni metro hattının gelecek ba"
        "har açılacağını duyurdu. Başkan, hattın otuz kilometre uzunl"
        "uğunda olduğunu ve yirmi istasyonu bulunduğunu söyledi."
    ),
    "lt": (
        "Vilniaus savivaldybė antradienį paskelbė, kad nauja troleibu"
        "sų linija bus atidaryta kitą pavasarį. Meras sakė, kad linij"
        "os ilgis sieks trisdešimt kilometrų."
    ),
}
CHARSETS = {
    "zh": ("gb18030", "gb2312"),
    "zht": ("big5", "gb18030"),
    "ja": ("shift_jis", "euc_jp", "iso2022_jp", "cp932"),
    "ko": ("euc_kr", "cp949"),
    "ru": ("cp1251", "koi8_r", "iso8859_5", "cp866"),
    "uk": ("cp1251", "koi8_u"),
    "el": ("cp1253", "iso8859_7"),
    "he": ("cp1255", "iso8859_8"),
    "ar": ("cp1256", "iso8859_6"),
    "th": ("cp874", "tis_620"),
    "de": ("cp1252", "latin_1"),
    "fr": ("cp1252", "iso8859_15"),
    "pl": ("cp1250", "iso8859_2"),
    "cs": ("cp1250", "iso8859_2"),
    "tr": ("cp1254",),
    "lt": ("cp1257",),
}
CASES = [(language, charset) for language, charsets in CHARSETS.items() for charset in charsets]


@pytest.mark.parametrize(("language", "charset"), CASES)
@pytest.mark.parametrize("size", [40, 80, 1_000, 100_000])
@pytest.mark.parametrize("frame", ["{}", "Title 2024\n\n{}\n\nHome | Contact us\nhttps://example.org/news\n"])
def test_legacy_text_without_a_label_is_read(language: str, charset: str, size: int, frame: str) -> None:
    """Texts of 40 characters and more in any legacy charset, bare or among ASCII, come back character for character."""
    text = frame.format((TEXTS[language] * (size // len(TEXTS[language]) + 1))[:size])
    content = text.encode(charset, "ignore")
    assert not is_binary(content)
    assert decode(content, None).text == content.decode(charset)


@pytest.mark.parametrize(
    ("text", "charset"),
    [
        ("•首页 •上海 •城事 •吃喝玩乐\n北京市政府周二宣布，新的地铁线路将于明年春天开通。", "gb18030"),
        ("\u00a0推薦熱銷排行，最新發燒消息都在這裡。", "gb18030"),
        ("市长说𠮷野家🙂是一家新的餐馆，将于明年春天开业。", "gb18030"),
        ("서울시는 화요일 새로운 노선이 개통될 것이라고 발표했다.", "euc_kr"),
        ("ΑΡΧΙΚΗ ΕΚΔΟΣΗ ΤΡΕΧΟΥΣΑ ΠΡΟΗΓΟΥΜΕΝΗ ΕΠΟΜΕΝΗ ΑΝΑΖΗΤΗΣΗ", "cp1253"),
        ("« Survêtement » — Évènements\u00a0: les ventes ont progressé", "cp1252"),
        ("• Titel • Menü • Suche", "cp1252"),
    ],
)
def test_what_misled_the_detection_is_read(text: str, charset: str) -> None:
    """Bullets before Chinese, four-byte characters, Korean and Greek taken for Big5, quotation marks, capitals only."""
    assert decode(text.encode(charset), None).text == text


def test_a_chinese_page_without_a_label_becomes_an_article() -> None:
    """GB18030 without a label gives the same paragraphs as the same text in UTF-8."""
    story = "•首页 •新闻\n\n地铁新线明年开通\n\n" + "\n\n".join([TEXTS["zh"]] * 4) + "\n"
    found = [
        extract_documents(
            [Document(document_id="a", content=story.encode(charset), media_type="text/plain")],
            options=ExtractOptions(),
        )[0]
        for charset in ("utf-8", "gb18030")
    ]
    assert found[0].paragraphs == found[1].paragraphs != ()
    assert found[1].charset == "gb18030"
