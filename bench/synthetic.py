"""Synthetic news pages as plain text: any number of them, the same ones every time, no two alike.

    page(7) -> Page(url, title, date, text)

A page looks like the text of a news site: menu lines, title, byline, date, a story of some paragraphs, links to other
stories, a share line and a footer that all pages of the site have. Sentences are our own, put together from frames
in six languages with made-up names and numbers, so that the pages are no near copies of each other.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

__all__ = ["Page", "page"]

_SITES = 40
_START = datetime(2024, 1, 1, tzinfo=UTC)
_LATIN = "ba ke lo mi nu ra se ti vo zu dar fel gon hal jor kas lim mon nar pel ros sun tor ven wil"
_CYRILLIC = "ба ке ло ми ну ра се ти во зу дар фел гон хал кас лим мон нар пел рос сун тор вен"
_ARABIC = "با كي لو مي نو را سي تي دار فال غون هال كاس ليم مون نار بال روس سون تور"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page: its address, its title, the day it is of, and its whole text with all furniture."""

    url: str
    title: str
    date: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Language:
    code: str
    frames: tuple[str, ...]
    titles: tuple[str, ...]
    menu: tuple[str, ...]
    byline: str
    footer: tuple[str, ...]
    syllables: tuple[str, ...] = tuple(_LATIN.split())


_LANGUAGES = (
    _Language(
        code="en",
        frames=(
            "The council of {p} agreed after {k} hours of debate to pay for the bridge that {n} had planned.",
            "{n} told reporters in {p} that {k} households were still waiting for clean water.",
            "According to the harbour office of {p}, {k} ships left in the first week and {n} saw most of them go.",
            '"We counted {k} trees along the road to {p} and not one is sick," said {n}, who leads the survey.',
            "Prices for bread rose by {k} cents in {p}, and {n} of the bakers' union expects no change before autumn.",
            "In {p} the old theatre opens again with {k} seats, a stage by {n} and a roof that no longer leaks.",
            "Engineers under {n} repaired {k} metres of track near {p} during the night.",
            "The school in {p} has {k} pupils, and their teacher {n} wants a second room before the winter.",
        ),
        titles=(
            "{p} votes on {k} new homes",
            "{n} returns to {p} after {k} days",
            "Ferry to {p} sails with {k} on board",
        ),
        menu=("Home", "Politics", "Business", "Sport", "Culture"),
        byline="By {n}",
        footer=("Share this article", "Sign up for our newsletter", "Read more", "All rights reserved."),
    ),
    _Language(
        code="de",
        frames=(
            "Der Gemeinderat von {p} hat nach {k} Stunden beschlossen, die von {n} geplante Brücke zu bezahlen.",
            "{n} sagte in {p}, dass noch {k} Haushalte auf sauberes Wasser warten.",
            "Nach Angaben des Hafenamts von {p} liefen in der ersten Woche {k} Schiffe aus, fast alle sah {n} selbst.",
            "In {p} öffnet das alte Theater wieder, mit {k} Plätzen und einer Bühne, die {n} gebaut hat.",
            "Die Schule in {p} hat {k} Kinder, und ihre Lehrerin {n} wünscht sich vor dem Winter einen zweiten Raum.",
            "Unter der Leitung von {n} wurden bei {p} in der Nacht {k} Meter Gleis erneuert.",
        ),
        titles=("{p} stimmt über {k} neue Wohnungen ab", "{n} kehrt nach {k} Tagen nach {p} zurück"),
        menu=("Startseite", "Politik", "Wirtschaft", "Sport", "Kultur"),
        byline="Von {n}",
        footer=("Artikel teilen", "Newsletter abonnieren", "Mehr zum Thema", "Alle Rechte vorbehalten."),
    ),
    _Language(
        code="fr",
        frames=(
            "Le conseil de {p} a accepté, après {k} heures de débat, de payer le pont dessiné par {n}.",
            "{n} a déclaré à {p} que {k} foyers attendent encore de l'eau potable.",
            "Selon le bureau du port de {p}, {k} bateaux sont partis la première semaine, sous les yeux de {n}.",
            "À {p}, le vieux théâtre rouvre avec {k} places et une scène construite par {n}.",
            "L'école de {p} compte {k} élèves, et leur maîtresse {n} demande une deuxième salle avant l'hiver.",
            "Les équipes de {n} ont réparé {k} mètres de voie près de {p} pendant la nuit.",
        ),
        titles=("{p} vote sur {k} nouveaux logements", "{n} revient à {p} après {k} jours"),
        menu=("Accueil", "Politique", "Économie", "Sport", "Culture"),
        byline="Par {n}",
        footer=("Partager cet article", "Inscrivez-vous à notre newsletter", "Lire aussi", "Tous droits réservés."),
    ),
    _Language(
        code="es",
        frames=(
            "El concejo de {p} aceptó tras {k} horas de debate pagar el puente que {n} había diseñado.",
            "{n} dijo en {p} que {k} hogares siguen esperando agua limpia.",
            "Según la oficina del puerto de {p}, {k} barcos salieron en la primera semana y {n} los vio casi todos.",
            "En {p} reabre el viejo teatro con {k} butacas y un escenario construido por {n}.",
            "La escuela de {p} tiene {k} alumnos, y su maestra {n} pide una segunda sala antes del invierno.",
            "Los equipos de {n} repararon {k} metros de vía cerca de {p} durante la noche.",
        ),
        titles=("{p} vota sobre {k} viviendas nuevas", "{n} vuelve a {p} tras {k} días"),
        menu=("Inicio", "Política", "Economía", "Deportes", "Cultura"),
        byline="Por {n}",
        footer=(
            "Compartir este artículo",
            "Suscríbete a nuestro boletín",
            "Leer más",
            "Todos los derechos reservados.",
        ),
    ),
    _Language(
        code="ru",
        frames=(
            "Совет города {p} после {k} часов споров решил оплатить мост, который придумал {n}.",
            "{n} рассказал в городе {p}, что {k} семей всё ещё ждут чистой воды.",
            "По данным порта {p}, за первую неделю вышли {k} судов, и почти все видел {n}.",
            "В городе {p} снова открылся старый театр на {k} мест, сцену построил {n}.",
            "В школе города {p} учатся {k} детей, и учитель {n} просит вторую комнату до зимы.",
        ),
        titles=("{p} голосует за {k} новых домов", "{n} вернулся в {p} через {k} дней"),
        menu=("Главная", "Политика", "Экономика", "Спорт", "Культура"),
        byline="Автор: {n}",
        footer=("Поделиться", "Подписаться на рассылку", "Читайте также", "Все права защищены."),
        syllables=tuple(_CYRILLIC.split()),
    ),
    _Language(
        code="ar",
        frames=(
            "وافق مجلس {p} بعد {k} ساعات من النقاش على دفع ثمن الجسر الذي صممه {n}.",
            "قال {n} في {p} إن {k} أسرة ما زالت تنتظر الماء النظيف.",
            "ذكر مكتب ميناء {p} أن {k} سفينة غادرت في الأسبوع الأول وشاهد {n} معظمها.",
            "يفتح المسرح القديم في {p} أبوابه من جديد مع {k} مقعدا ومنصة بناها {n}.",
            "في مدرسة {p} يدرس {k} تلميذا وتطلب المعلمة {n} غرفة ثانية قبل الشتاء.",
        ),
        titles=("{p} تصوت على {k} منزلا جديدا", "{n} يعود إلى {p} بعد {k} يوما"),
        menu=("الرئيسية", "سياسة", "اقتصاد", "رياضة", "ثقافة"),
        byline="بقلم {n}",
        footer=("شارك المقال", "اشترك في النشرة البريدية", "اقرأ أيضا", "جميع الحقوق محفوظة."),
        syllables=tuple(_ARABIC.split()),
    ),
)


def page(number: int) -> Page:
    """Return one page; the number is all it depends on."""
    rng = random.Random(number)
    site = number % _SITES
    language = _LANGUAGES[site % len(_LANGUAGES)]
    day = _START + timedelta(minutes=number % 1_000_000)
    title = _filled(rng, language, rng.choice(language.titles))
    story = [
        " ".join(_filled(rng, language, rng.choice(language.frames)) for _ in range(rng.randint(2, 5)))
        for _ in range(rng.randint(3, 7))
    ]
    others = [_filled(rng, language, rng.choice(language.titles)) for _ in range(3)]
    name = _filled(rng, language, language.byline)
    stamp = f"{day:%Y-%m-%d %H:%M}"
    lines = [
        *language.menu,
        "",
        title,
        "",
        name,
        stamp,
        "",
        *_spaced(story),
        language.footer[0],
        "",
        language.footer[2],
    ]
    lines += [*others, "", language.footer[1], f"© Site {site}. {language.footer[3]}", ""]
    return Page(
        url=f"https://site-{site}.example/{language.code}/{number}",
        title=title,
        date=f"{day:%Y-%m-%d}",
        text="\n".join(lines),
    )


def _spaced(story: list[str]) -> list[str]:
    return [line for paragraph in story for line in (paragraph, "")]


def _filled(rng: random.Random, language: _Language, frame: str) -> str:
    first, second, place = (_word(rng, language.syllables, n) for n in (2, 3, 3))
    return frame.format(n=f"{first} {second}", p=place, k=rng.randint(2, 9999))


def _word(rng: random.Random, syllables: tuple[str, ...], number: int) -> str:
    return "".join(rng.choices(syllables, k=number)).capitalize()
