"""Which legacy charset unlabelled bytes are written in: cchardet's guess, unless another charset explains them better.

    sample --decode as each charset--> cost in bits under the letter frequencies of its languages --> lowest

cchardet takes Korean and Greek for Big5, GB18030 that begins with a bullet for UTF-8, and short German texts for
cp852. So each charset is scored by a coarse model of each of its languages: which characters are frequent, capitals,
other letters, punctuation. Chinese in its own charset costs about 5.5 bits a byte, in a wrong one 7 and more.
"""

from __future__ import annotations

import codecs
import math
import re
import unicodedata
from collections import Counter
from functools import cache

__all__ = ["detect_charset", "known_charset"]

_SUPERSETS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
"""Declared charset -> superset that it is decoded as, as browsers do (WHATWG Encoding, section 4.2)."""

_NO_CHARSETS = frozenset({"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape"})
"""Python codecs for host names and source code, not for pages. The first three raise on "replace"."""

_SAMPLE_BYTES = 2_048
_GUESS_BYTES = 65_536
_MARGIN_BITS = 0.15
"""By so much per byte that is not ASCII another charset must be better than the guess."""

_RARE_BITS, _HOLE_BITS, _SYMBOL_BITS, _PUNCTUATION_BITS = 12.0, 24.0, 6.5, 4.0
"""Cost of a letter foreign to the language, of a byte that is no character, of a symbol, of frequent punctuation."""

_CAPITAL_BITS, _MIXED_CASE_BITS, _MIXED_SCRIPT_BITS = 1.5, 5.0, 8.0
"""Cost of a word's first capital, of a capital behind a small letter (KOI8-R read as windows-1251 swaps the case of all
letters), and of a Greek, Cyrillic, Hebrew, Arabic or Thai letter beside a Latin one."""

_PRIOR_BITS = {"cp866": 12.0, "iso8859_5": 4.0, "iso8859_6": 4.0, "iso8859_8": 4.0, "iso8859_2": 2.0}
"""Cost of charsets that few pages are written in."""

_NOT_ASCII = re.compile(rb"[\x80-\xff]")
_MIXED = re.compile("[A-Za-z][\u0370-\u06ff\u0e00-\u0e7f]|[\u0370-\u06ff\u0e00-\u0e7f][A-Za-z]")
_PUNCTUATION = frozenset("\u00a0‘’“”„‹›«»–—…•·、。，")
_NEUTRAL = frozenset(
    "\u00a0\u2009\u202f\u3000‘’‚“”„‹›«»–—…•·°§¶†‡©®™€£¥¡¿¢¤¦¨¬±´µ¸×÷²³¹¼½¾ªº"
    "、。，：；！？「」『』（）《》〈〉【】〔〕・～－％＋／＝｜￥０１２３４５６７８９○●◎□■△▲▽▼◇◆☆★→←↑↓※＊＆＃＠"
)
"""Punctuation and symbols of all languages."""

_HANS = (
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然"
    "家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把"
    "机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果"
    "加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔"
    "更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展"
    "马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共"
    "确传师观清今切院让识候带导争运际首页登录注册网站搜索评论阅读来源编辑责任新闻图片视频专题更多"
)
_HANT = (
    "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡用道行所然"
    "家種事成方多經麼去法學如都同現當沒動面起看定天分還進好小部其些主樣理心她本前開但因只從想實日軍者意無力它與長把"
    "機十民第公此已工使情明性知全三又關點正業外將兩高間由問很最重並物手應戰向頭文體政美相見被利什二等產或新己制身果"
    "加西斯月話合回特代內信表化老給世位次度門任常先海通教兒原東聲提立及比員解水名真論處走義各入幾口認條平系氣題活爾"
    "更別打女變四神總何電數安少報才結反受目太量再感建務做接必場件計管期市直德資命山金指克許統區保至隊形社便空決治展"
    "馬科司五基眼書非則聽白卻界達光放強即像難且權思王象完設式色路記南品住告類求據程北邊死張該交規萬取拉格望覺術領共"
    "確傳師觀清今切院讓識候帶導爭運際首頁登錄註冊網站搜尋評論閱讀來源編輯責任新聞圖片影視專題更多台灣"
)
_KANA = "".join(map(chr, (*range(0x3041, 0x3097), *range(0x30A1, 0x30FB), 0x30FC)))
_HANGUL = (
    "이다는의에을가한고하지로은기사를도서인자시나대어수있리그정아일들해부과제전라보원장것으여주만상스국성게공산안비구트"
    "차경연용계선관조면당신동없중유위치마소세무물때년개미방오회했며진말실결모요발분민생금할통까양등체저월학음내입반된되"
    "청화후천거터었였합니교본간단우네외식문바울론밝명최파려권역프투재날검김박현준형영"
)
_THAI = "านรกอเงมยลวดทสตบปคหแจพชขไใโศธซผถณ่้ัีิ็์ุูืะำึ"
_ARABIC = "الينمرتوبعدسفهكقحجةشصطخىأإضذءثزغئظؤآ،؛؟ـًٌٍَُِّْ"

_LANGUAGES: tuple[tuple[tuple[str, ...], str], ...] = (
    (("cp1252",), "éèàêçùôîûâëïœüæ"),
    (("cp1252",), "üäöß"),
    (("cp1252",), "óíáéñúü"),
    (("cp1252",), "ãçáéíóêõúâàô"),
    (("cp1252",), "àèùòìé"),
    (("cp1252",), "åäöæøéðþáíóúý"),
    (("cp1250", "iso8859_2"), "ąęłóśżćńź"),
    (("cp1250", "iso8859_2"), "íáěéřčžýšůúťňďóľôäĺŕ"),
    (("cp1250", "iso8859_2"), "éáöóőíüúű"),
    (("cp1250", "iso8859_2"), "ăîâșțşţ"),
    (("cp1250", "iso8859_2"), "čšžćđ"),
    (("cp1254",), "ıüşçğöİâîû"),
    (("cp1257",), "ėšųąžįūčęāīēļņķģõäöü"),
    (("cp1258",), "ăâđêôơưáàéèíìóòúùýãõ\u0300\u0301\u0303\u0309\u0323"),
    (("cp1251", "koi8_r", "iso8859_5", "cp866"), "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё№"),
    (("cp1251", "koi8_u"), "оанитвелрсікмудпязьбгчхїйжцшюєщфґ№"),
    (("cp1251", "iso8859_5"), "аиоенрсјтукдвмплзгбчшжцњљћђфхџ"),
    (("cp1253", "iso8859_7"), "αοιετνσηςρπκμλυωόίάήγδχέύθφβώξζψϊϋ"),
    (("cp1255", "iso8859_8"), "יולאהמרבתשנםדכעןפקטחגסזצץףך"),
    (("cp1256", "iso8859_6"), _ARABIC),
    (("cp1256",), "اینردهومتسبشکدلگعزفقخچجپحآصطضغثئذظژ\u200c،؟"),
    (("cp874",), _THAI),
    (("gb18030",), _HANS),
    (("gb18030", "big5"), _HANT),
    (("cp949",), _HANGUL),
    (("cp932", "euc_jp"), _KANA + "日一国人年大十二本中長出三時行見月分後前生間上東今金入学高子外下来気小社会事者"),
)
"""(charsets, frequent letters of a language, the most frequent first); of equal costs the first charset wins."""


def known_charset(charset: str | None) -> str | None:
    """Return Python's name of a charset that text is written in, as browsers read it; None for any other label."""
    if not charset:
        return None
    try:
        name = codecs.lookup(charset.strip().strip("\"'")).name
        "".encode(name)
    except (LookupError, ValueError, TypeError):
        return None
    return None if name in _NO_CHARSETS else _SUPERSETS.get(name, name)


def detect_charset(content: bytes) -> str:
    """Return Python's name of the charset of bytes that are neither Unicode nor declared; cp1252 where nothing fits."""
    guess = _guess(content)
    first = _NOT_ASCII.search(content)
    if first is None:
        return guess
    sample = content[first.start() : first.start() + _SAMPLE_BYTES]
    margin = _MARGIN_BITS * len(_NOT_ASCII.findall(sample))
    cost, _, charset = min((_cost(sample, name), k, name) for k, name in enumerate(_charsets()))
    return charset if cost < _cost(sample, guess) - margin else guess


def _guess(content: bytes) -> str:
    import cchardet

    found = known_charset(cchardet.detect(content[:_GUESS_BYTES])["encoding"])
    return found if found and not found.startswith(("utf", "ascii")) else "cp1252"


def _cost(sample: bytes, charset: str) -> float:
    """Return the bits that the sample costs, decoded as the charset, under the language that fits best."""
    text = sample.decode(charset, "replace")
    counts = Counter(text.lower())
    letters = min(sum(n * (bits.get(c) or _usual_bits(c)) for c, n in counts.items()) for bits in _models(charset))
    return letters + _case_bits(text) + _MIXED_SCRIPT_BITS * len(_MIXED.findall(text)) + _PRIOR_BITS.get(charset, 0.0)


def _case_bits(text: str) -> float:
    before, cost = " ", 0.0
    for character in text:
        if character > "\x7f" and character.isupper() and not before.isupper():
            cost += _MIXED_CASE_BITS if before.islower() else _CAPITAL_BITS
        before = character
    return cost


@cache
def _usual_bits(character: str) -> float:
    """Return what a character costs that is no frequent letter of the language."""
    if character < "\x80":
        return 5.0 if character.isalpha() else 12.0 if character in "@[\\]^_`{|}~" else 4.0
    if character in _NEUTRAL:
        return _PUNCTUATION_BITS if character in _PUNCTUATION else _SYMBOL_BITS
    if "\u4e00" <= character <= "\u9fff" or "\uac00" <= character <= "\ud7a3":
        return 14.0
    return _RARE_BITS if character.isalpha() or unicodedata.combining(character) else _HOLE_BITS


@cache
def _charsets() -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for names, _ in _LANGUAGES for name in names))


@cache
def _models(charset: str) -> tuple[dict[str, float], ...]:
    """Return letter -> bits for every language of the charset, by Zipf's law."""
    found = [letters for names, letters in _LANGUAGES if charset in names] or [letters for _, letters in _LANGUAGES]
    return tuple(_bits(letters) for letters in found)


def _bits(letters: str) -> dict[str, float]:
    shift = 3 if len(letters) < 100 else 12
    total = sum(1 / (rank + shift) for rank in range(len(letters)))
    return {c: -math.log2(0.95 / (rank + shift) / total) for rank, c in enumerate(letters)}
