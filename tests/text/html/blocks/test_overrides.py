# ruff: noqa: E501 - texts
"""Facts that decide against the block model: layers, hidden text, notices, buttons, listings, row labels."""

from __future__ import annotations

import re

import numpy as np
import pytest

from copydesk.records import Document, Extraction, Label
from copydesk.rules_file import package_rules
from copydesk.text.html import extract_html
from copydesk.text.html.blocks.override_rules import decision, override_rules
from copydesk.text.html.blocks.overrides import decide_by_facts
from copydesk.text.html.dom.read_page import read_page
from copydesk.text.html.features.measure_blocks import measure_blocks
from copydesk.text.html.metadata.head import Hints
from copydesk.text.refusals import fold_sentence

TITLE = "Beekeepers move their hives to the roof of the town hall"
STORY = (
    "Eleven hives stand on the roof of the town hall in Ostrava since Sunday, and the beekeepers who carried them up the stairs expect a first harvest of honey in the middle of June.",
    "The mayor had offered the roof in winter, after a developer bought the meadow behind the railway station where the hives had stood for thirty years and told the club to leave it before spring.",
    "Visitors may watch the bees through a pane on the upper landing, said the club's chairwoman, who sells the honey at the market and teaches children how to read a comb.",
    "Two of the hives were stolen from the meadow last autumn, and the police have found neither the thieves nor the bees, which would have been hard to tell from any others.",
)
CHINESE = (
    "记者周日从市政厅获悉，十一个蜂箱已经搬上市政厅的屋顶，养蜂人沿着楼梯把它们抬上去，预计六月中旬可以收获第一批蜂蜜。",
    "市长去年冬天提供了这个屋顶，当时一家开发商买下了火车站后面的草地，那里的蜂箱已经放了三十年，协会必须在春天之前离开。",
    "参观者可以在楼上的平台隔着玻璃观看蜜蜂，在市场上卖蜂蜜的协会主席说，她还教孩子们怎样辨认蜂巢。",
)


def page(inside: str = "", *, story: tuple[str, ...] = STORY, before: str = "", after: str = "", lang: str = "en",
         title: str = TITLE, main: str = "") -> bytes:  # fmt: skip
    """A page of an ordinary site; `inside` stands behind the second paragraph."""
    body = [f"<p>{p}</p>" for p in story]
    body.insert(2, inside)
    return (
        f"<!doctype html><html lang={lang}><head><title>{title} | Silesian Herald</title></head><body>"
        f"<header><nav><a href=/>Home</a> <a href=/town>Town</a></nav></header>{before}<main {main}><article>"
        f"<h1>{title}</h1><div class=text>{''.join(body)}</div></article></main>{after}"
        "<footer><p>© Silesian Herald</p></footer></body></html>"
    ).encode()


def extract(html: bytes) -> Extraction:
    """The extraction of a page."""
    return extract_html(Document(document_id="d", content=html, media_type="text/html", url="https://herald.example/a"))


def body_of(html: bytes) -> str:
    """The text of the article."""
    return "\n".join(p.text for p in extract(html).paragraphs)


CONSENT = {
    "en": ("Your choices", "We and our partners keep cookies on your device to measure how these pages are read.",
           "You can accept them all, refuse them all or open the settings at any time.", "Accept"),
    "de": ("Ihre Wahl", "Wir und unsere Partner speichern Cookies auf Ihrem Gerät, um zu messen, wie Seiten gelesen werden.",
           "Sie können allem zustimmen, alles ablehnen oder jederzeit die Einstellungen öffnen.", "Zustimmen"),
    "fr": ("Vos choix", "Nous et nos partenaires déposons des cookies sur votre appareil pour mesurer la lecture du site.",
           "Vous pouvez tout accepter, tout refuser ou paramétrer vos choix à tout moment.", "Tout accepter"),
    "ru": ("Ваш выбор", "Мы и наши партнёры сохраняем файлы cookie на вашем устройстве, чтобы измерять чтение страниц.",
           "Вы можете принять все, отказаться от всех или открыть настройки в любое время.", "Принять"),
    "ja": ("選択", "当サイトと提携先は、ページの読まれ方を測定するためにお使いの端末にクッキーを保存します。",
           "すべてに同意するか、すべてを拒否するか、いつでも設定を開くことができます。", "同意する"),
    "ar": ("خياراتك", "نحفظ نحن وشركاؤنا ملفات تعريف الارتباط على جهازك لقياس كيفية قراءة الصفحات في هذا الموقع.",
           "يمكنك قبول الكل أو رفض الكل أو فتح الإعدادات في أي وقت تشاء من أسفل الصفحة.", "موافق"),
}  # fmt: skip


@pytest.mark.parametrize(
    "opening",
    [
        "<div role=dialog aria-label=x>",
        "<div role=alertdialog>",
        "<section aria-modal=true>",
        "<dialog open>",
        '<div style="position: fixed; bottom: 0">',
        "<div class=box-gdpr>",
        '<div id="cookieDrawer">',
        "<div class=zx81>",  # by its text and its button alone
    ],
)
@pytest.mark.parametrize("language", CONSENT)
def test_a_layer_is_no_part_of_the_story(opening: str, language: str) -> None:
    """By role, modal state, tag, position, name, or by text and buttons; in any language; before or in the story."""
    heading, one, two, button = CONSENT[language]
    tag = re.findall(r"<(\w+)", opening)[0]
    layer = f"{opening}<h2>{heading}</h2><p>{one}</p><p>{two}</p><button>{button}</button></{tag}>"
    for html in (page(before=layer), page(layer)):
        text = body_of(html)
        assert one not in text
        assert two not in text
        assert [p for p in STORY if p not in text] == []


def test_a_dialog_in_another_script_is_cut_by_its_role_alone() -> None:
    """No word of the layer is known: a survey in Georgian."""
    words = "გთხოვთ შეაფასოთ ჩვენი ახალი გვერდი და უპასუხოთ სამ მოკლე კითხვას, რომელიც ორ წუთს წაიღებს თქვენგან."
    assert words not in body_of(page(before=f"<div role=dialog><p>{words}</p><p>{words} დიახ.</p></div>"))


def test_an_article_behind_an_open_dialog_stays() -> None:
    """A modal layer sets aria-hidden on the main part; the story is read, the layer is not."""
    layer = f"<div role=dialog aria-modal=true><p>{CONSENT['en'][1]}</p><p>{CONSENT['en'][2]}</p></div>"
    text = body_of(page(before=layer, main="aria-hidden=true"))
    assert CONSENT["en"][1] not in text
    assert [p for p in STORY if p not in text] == []


def test_an_article_inside_a_dialog_stays() -> None:
    """Sites that open a story in a layer of their own: it has the headline."""
    html = page(main="role=dialog aria-modal=true")
    assert [p for p in STORY if p not in body_of(html)] == []


def test_a_story_about_cookies_stays() -> None:
    """Words of consent decide only with buttons, apart from the story."""
    own = "The ministry wants to forbid cookies that follow readers unless they accept them, and asks for new settings."
    assert own in body_of(page(f"<p>{own}</p>"))


HIDDEN_TERMS = (
    "These conditions of use hold for every visitor, and whoever reads on accepts them as they stand today.",
    "The publisher is not liable for losses, and nothing may be copied without prior written consent of the owner.",
)


@pytest.mark.parametrize(
    ("how", "texts"),
    [
        ("id=legalLayer style='display:none'", HIDDEN_TERMS),
        ("hidden", HIDDEN_TERMS),
        ("class=zq7 aria-hidden=true", HIDDEN_TERMS),
        ("style='visibility: hidden'", HIDDEN_TERMS),
        ("hidden class=getapp", ("Read on in our app: faster, without advertising, with the puzzles of the weekend.",
                                 "Get the app from the App Store or from Google Play and read a month for nothing.")),
        ("style='display:none'", ("Nutzungsbedingungen: Wer diese Seiten liest, erkennt die folgenden Regeln an.",
                                  "Die Haftung des Verlags ist ausgeschlossen, soweit das Gesetz es irgend zulässt.")),
        ("style='display:none'", ("Пользовательское соглашение: читая страницы, посетитель принимает все его условия.",
                                  "Ответственность издателя исключена, насколько это позволяет действующий закон.")),
        ("hidden", ("Tank mixtures for orchards: compare sprayers, pumps and nozzles of nine makers in our table.",
                    "Prices start at four hundred, and each dealer delivers within three days to every county.")),
    ],
)  # fmt: skip
@pytest.mark.parametrize("times", [1, 4])
def test_hidden_text_about_something_else_goes(how: str, texts: tuple[str, ...], times: int) -> None:
    """Terms, an app's promotion, an advertisement: by name, by words, or for being apart; however long."""
    hidden = "".join(f"<p>{t}</p>" * times for t in texts)
    text = body_of(page(after=f"<div {how}>{hidden}</div>"))
    assert [t for t in texts if t in text] == []
    assert [p for p in STORY if p not in text] == []


REST = (
    "The club has sold its old extractor and bought a larger one, since the hives on the roof give more honey than those on the meadow ever did, the chairwoman said.",
    "Beekeepers of four other towns have asked the mayor for a roof, and two schools want to keep hives of their own.",
)


@pytest.mark.parametrize(
    "how",
    ["class=story-rest hidden", "style='display:none'", "id=more aria-hidden=true", "class=collapsed style='visibility:hidden'"],
)  # fmt: skip
def test_the_rest_of_a_story_behind_read_more_stays(how: str) -> None:
    """Hidden until a click, but of the same story: inside its element, or beside it."""
    rest = "".join(f"<p>{p}</p>" for p in REST)
    for html in (page(f"<div {how}>{rest}</div>"), page(story=(*STORY, f"</p><div {how}>{rest}</div><p>"))):
        text = body_of(html)
        assert [p for p in REST if p not in text] == []


NOTICES = [
    ("en", "Your browser is out of date. Update it to see this page as it was meant to be."),
    ("en", "This site requires JavaScript. Please enable it in your settings and load the page again."),
    ("en", "We noticed that you are using an ad blocker. Please turn it off, our journalists live on advertising."),
    ("de", "Ihr Browser ist veraltet. Bitte aktualisieren Sie ihn, um diese Seite richtig zu sehen."),
    ("de", "Bitte aktivieren Sie JavaScript, um alle Inhalte dieser Seite nutzen zu können."),
    ("fr", "Votre navigateur n'est pas à jour. Une version plus récente est nécessaire pour lire cette page."),
    ("fr", "Pour afficher ce contenu, vous devez activer JavaScript dans votre navigateur."),
    ("es", "Su navegador está desactualizado. Actualícelo para ver esta página correctamente."),
    ("it", "Il tuo browser non è supportato. Aggiorna alla versione più recente per continuare."),
    ("pt", "O seu navegador está desatualizado. Atualize-o para ver esta página como deve ser."),
    ("nl", "Je browser is verouderd. Werk hem bij of gebruik een andere browser om verder te lezen."),
    ("pl", "Twoja przeglądarka jest przestarzała. Zaktualizuj ją, aby poprawnie wyświetlić stronę."),
    ("ru", "Ваш браузер устарел. Обновите его, чтобы страница отображалась правильно."),
    ("ru", "Для просмотра этой страницы необходимо включить JavaScript."),
    ("uk", "Ваш браузер застарів. Оновіть його, щоб сторінка показувалася правильно."),
    ("cs", "Váš prohlížeč je zastaralý. Aktualizujte jej prosím pro správné zobrazení stránky."),
    ("sv", "Din webbläsare är föråldrad. Uppdatera den för att kunna läsa sidan som den är tänkt."),
    ("tr", "Tarayıcınız güncel değil. Sayfayı doğru görmek için lütfen güncelleyin."),
    ("zh", "您的浏览器版本过低，请升级浏览器后再浏览本页面，以获得更好的阅读体验。"),
    ("ja", "お使いのブラウザは古いバージョンです。最新のブラウザに更新してください。"),
    ("ko", "사용 중인 브라우저는 지원되지 않습니다. 최신 버전으로 업데이트해 주세요."),
    ("ar", "متصفحك قديم ولا يدعم هذه الصفحة. يرجى تحديث المتصفح لمتابعة القراءة."),
    ("fa", "مرورگر شما قدیمی است. لطفاً آن را به‌روز کنید تا صفحه درست نمایش داده شود."),
    ("he", "הדפדפן שלך מיושן. יש לעדכן אותו כדי לראות את הדף כראוי."),
]


@pytest.mark.parametrize("notice", [text for _, text in NOTICES])
def test_notices_about_the_readers_browser_go(notice: str) -> None:
    """Before the story and in a box of its own inside it, in many languages."""
    for html in (page(before=f"<div class=zx><p>{notice}</p></div>"), page(f"<div class=zx><p>{notice}</p></div>")):
        text = body_of(html)
        assert notice not in text
        assert [p for p in STORY if p not in text] == []


@pytest.mark.parametrize(
    ("title", "own"),
    [
        (TITLE, "Her new browser for the archive of the club, written in JavaScript, took her a winter of evenings."),
        ("Update your browser today, the office says", "The office asks readers: your browser may be out of date, so update it."),
    ],
)  # fmt: skip
def test_stories_that_tell_of_browsers_stay(title: str, own: str) -> None:
    """A paragraph among paragraphs, and a story whose title is about browsers."""
    assert own in body_of(page(f"<p>{own}</p>", title=title))


@pytest.mark.parametrize(
    ("story", "statement"),
    [
        (CHINESE, "免责声明：本文由“河畔号”作者上传并发布，仅代表作者个人观点，不代表本平台立场。"),
        (CHINESE, "河畔晚报社版权所有，未经书面许可不得转载、摘编或者建立镜像，违者必究。"),
        (CHINESE, "违法和不良信息举报热线：0000-1234567　举报邮箱：jubao@riverside.example"),
        (CHINESE, "增值电信业务经营许可证：某B2-20990001　网络视听节目许可证号：0199999　某公网安备 000号"),
    ],
)
def test_platform_statements_and_imprints_behind_the_story_go(story: tuple[str, ...], statement: str) -> None:
    """Statements, licences and complaint lines, in the story's own element and behind it."""
    inside = page(story=(*story, statement), lang="zh", title="市政厅屋顶搬来十一个蜂箱")
    behind = page(
        story=story, after=f"<div class=x9><p>{statement}</p></div>", lang="zh", title="市政厅屋顶搬来十一个蜂箱"
    )
    for html in (inside, behind):
        text = body_of(html)
        assert statement not in text
        assert [p for p in story if p not in text] == []


def test_words_of_buttons_go_and_questions_of_answers_stay() -> None:
    """A button's own words are no text; the button of an accordion is a heading, one in a sentence is a word."""
    html = page(
        "<button>Vote now</button><button class=faq-head aria-expanded=false>How much honey does a hive give?</button>"
        f"<p>{REST[0]}</p><p>In the words of <button>Ema Nová</button>, who has kept bees for longer than anyone in "
        "the town can remember, the roof is the best place of all.</p>"
    )
    text = body_of(html)
    assert "Vote now" not in text
    assert "In the words of\nEma Nová\n, who has kept" in text


def test_a_listing_beside_its_buttons_is_one_piece() -> None:
    """The listing stays whole, also where each line is an element of its own; its buttons and messages go."""
    listing = "<div>hive --weigh all</div><div>1: 31.5 kg</div><div>2: 28.0 kg</div>"
    html = page(
        "<div class=snippet><div class=bar><span>shell</span><button>Copy</button><span role=status>Copied to clipboard"
        f"</span></div><pre>{listing}</pre></div>"
    )
    found = extract(html)
    pieces = [p.text for p in found.paragraphs if "hive --weigh" in p.text]
    assert pieces == ["hive --weigh all\n1: 31.5 kg\n2: 28.0 kg"]
    assert "Copied" not in "\n".join(p.text for p in found.paragraphs)


def test_rows_of_a_table_keep_their_labels() -> None:
    """Days look like dates and cells with lists are no plain row: the labels stay with what they label."""
    rows = "".join(
        f"<tr><td>{day}</td><td><ul><li>{a} kg from the roof</li><li>{b} kg from the garden</li></ul></td></tr>"
        for day, a, b in (("3 June", 12, 4), ("10 June", 15, 6), ("17 June", 9, 5))
    )
    text = body_of(page(f"<table><tr><th>Harvest</th><th>Honey</th></tr>{rows}</table>"))
    assert [day for day in ("3 June", "10 June", "17 June") if day not in text] == []


@pytest.mark.parametrize(
    "line",
    [
        "Your browser does not support the audio element.",
        "Sorry, your browser doesn't support embedded videos.",
        "Ihr Browser unterstützt das Video-Tag nicht.",
        "Votre navigateur ne prend pas en charge les iframes.",
        "Su navegador no soporta el elemento de vídeo.",
        "Ваш браузер не поддерживает воспроизведение видео.",
    ],
)
def test_what_stands_in_place_of_a_film_goes(line: str) -> None:
    """Such a line is nobody's sentence, even as a paragraph between paragraphs."""
    text = body_of(page(f"<p>{line}</p>"))
    assert line not in text
    assert [p for p in STORY if p not in text] == []


def test_a_notice_above_the_headline_needs_no_known_wording() -> None:
    """A word for browsers and what is wrong with them: here a language whose notices no list has."""
    notice = "Az oldal megtekintéséhez használt böngésző elavult, kérjük, frissítse a legújabb változatra."
    assert notice not in body_of(page(before=f"<div class=zx><p>{notice}</p></div>"))
    last = f"<p>{STORY[-1]}</p><div class=zx><p>{notice}</p></div>"
    assert notice not in body_of(page(story=(*STORY[:-1], f"</p>{last}<p>")))


@pytest.mark.parametrize(
    "line",
    [
        "以上内容为用户在河畔论坛上传并发布，仅代表发帖用户观点。",
        "图片来源于网络，如有侵权请联系我们删除。",
        "责编：王一 校对：李二 监制：赵三",
        "本文为河畔号作者原创，未经许可请勿使用，违者必究。",
        "文/记者 王一 图/受访者提供",
        "原标题：养蜂人的新屋顶",
    ],
)
def test_the_last_lines_of_chinese_stories_go(line: str) -> None:
    """Opinions, pictures and names of those who edited, behind the last paragraph; not the same words inside it."""
    assert line not in body_of(page(story=(*CHINESE, line), lang="zh", title="蜂箱搬上市政厅屋顶"))
    told = f"法院表示，{line}养蜂人协会对此提出上诉，案件将在下个月再次开庭审理，届时双方都会到场陈述。"
    assert told in body_of(page(f"<p>{told}</p>", story=CHINESE, lang="zh", title="蜂箱搬上市政厅屋顶"))


def test_buttons_that_share_a_paragraph_go() -> None:
    """A paragraph of nothing but buttons; one with words around its button keeps them."""
    text = body_of(page("<p><button>Smaller type</button> <button>Larger type</button></p>"))
    assert "type" not in text.split()
    told = "The hive with the number <button>eleven</button> gives the darkest honey of them all, she said on Sunday."
    assert "darkest honey of them all" in body_of(page(f"<p>{told}</p>"))


def test_a_table_between_paragraphs_stays_whole() -> None:
    """Rows of figures and lists in cells; a table of links to other stories is none."""
    rows = (("Höhe", "41 m"), ("Stöcke", "11"), ("Ertrag", "310 kg"))
    table = "<table>" + "".join(f"<tr><td>{a}</td><td>{b}</td></tr>" for a, b in rows) + "</table>"
    text = body_of(page(table))
    assert [cell for row in rows for cell in row if cell not in text] == []
    assert "310 kg" in body_of(page(f"<figure><div>{table}</div></figure>"))
    lists = "<table><tr><td>Sunday<td><ul><li>hives one to six<li>a smoker</ul><tr><td>Monday<td><ul><li>the rest</ul></table>"
    assert "a smoker" in body_of(page(lists))
    linked = "".join(f"<tr><td><a href=/s{n}>Story {n} of the week</a></td></tr>" for n in range(4))
    assert "of the week" not in body_of(page(f"<table>{linked}</table>"))


def test_a_list_that_a_sentence_announces_stays() -> None:
    """Links in it are the story's; without the colon they are further stories."""
    items = "".join(
        f"<li><a href=https://club.example/{n}>{n} of the club</a></li>" for n in ("Rules", "Accounts", "Map")
    )
    announced = "The club has put its papers on the table of the town hall, and everybody may read them:"
    assert "Accounts of the club" in body_of(page(f"<p>{announced}</p><ul>{items}</ul>"))
    assert "Accounts of the club" not in body_of(page(f"<p>{announced[:-1]}.</p><ul>{items}</ul>"))


def test_every_rule_is_explained() -> None:
    """A block decided by a fact names its rule, and the evidence says why."""
    hidden = "".join(f"<p>{t}</p>" for t in HIDDEN_TERMS)
    html = page(f"<div id=legalLayer style='display:none'>{hidden}</div>")
    document = Document(document_id="d", content=html, media_type="text/html")
    decided = [b for b in extract_html(document, explain=True).blocks if b.rule in override_rules()]
    assert {b.rule for b in decided} == {"html.hidden.layer"}
    for block in decided:
        fact = next(e for e in block.evidence if e.name == "fact")
        assert (fact.rule, fact.detail) == (block.rule, override_rules()[block.rule].because)
        assert fact.points < 0


def test_the_words_of_the_rules_are_what_they_are_compared_with() -> None:
    """Entries compile and match themselves once folded; each rule says why it holds."""
    tables = package_rules("html_overrides.toml")
    for table in tables["words"].values():
        for name, entries in table.items():
            if name != "because":
                assert all(re.compile(fold_sentence(entry)) for entry in entries)
                assert len(set(entries)) == len(entries)
    assert all(len(rule.because) > 30 for rule in override_rules().values())


BYLINES = [
    ("By Nora Field", True, "a name"),
    ("Von Nora Feld und Jan Holm", True, "two names, German"),
    ("By Nora Field, 3 May 2024", True, "with a date"),
    ("By Monday the meadow was empty and the hives were gone.", False, "a sentence"),
    ("By train and by boat", False, "no names"),
]


@pytest.mark.parametrize(("line", "is_byline", "what"), BYLINES, ids=[w for *_, w in BYLINES])
def test_a_byline_below_the_headline_is_none_of_the_story(line: str, is_byline: bool, what: str) -> None:
    """Whatever the model says of it, a line that only signs gets the label of a byline; other lines are left to it."""
    read = read_page(page().replace(f"<h1>{TITLE}</h1>".encode(), f"<h1>{TITLE}</h1><p>{line}</p>".encode()))
    keep = np.ones(len(read.blocks), np.bool_)
    found = decide_by_facts(read, keep, measure_blocks(read, Hints((TITLE,), (), "")))
    said = {read.blocks[n].text: one for n, one in found.items()}
    assert (said.get(line) == decision("html.byline")) is is_byline, what
    assert not is_byline or said[line].label is Label.BYLINE


def test_a_byline_far_below_the_headline_is_left_to_the_model() -> None:
    """A signed box inside of the story may be a part of it."""
    read = read_page(page("<p>x</p>" * 5 + "<p>By Nora Field</p>"))
    found = decide_by_facts(read, np.ones(len(read.blocks), np.bool_), measure_blocks(read, Hints((TITLE,), (), "")))
    assert "By Nora Field" not in {read.blocks[n].text for n in found}
