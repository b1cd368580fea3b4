"""When: the page's own dates of publication and change, not those of other things."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from copydesk.records import Document, Timestamp
from copydesk.text.dates.written import read_date
from copydesk.text.html.dom.read_page import read_page
from copydesk.text.html.metadata.read_metadata import Metadata, read_metadata

STORY = (
    "<p>" + "The weir above the mill was opened for an hour so that salmon could pass on their way up. " * 6 + "</p>"
)
HEADLINE = "Weir opened for salmon"


def read(body: str, head: str = "", language: str = "en", url: str = "https://www.example.net/a") -> Metadata:
    """Read a page with that headline."""
    html = f"<html lang='{language}'><head><title>{HEADLINE}</title>{head}</head><body>{body}</body></html>"
    document = Document(
        document_id="x", content=b"", media_type="text/html", captured_at=datetime(2026, 11, 1, tzinfo=UTC)
    )
    return read_metadata(read_page(html.encode(), "utf-8"), url=url, language=language, document=document)


def day(stamp: Timestamp | None) -> str | None:
    """Return the day of a date, or None."""
    return stamp.value.strftime("%Y-%m-%d") if stamp else None


TWO_DATES = [
    ("Közzétéve: 2024. május 3. 10:05 | Frissítve: 2024. május 6.", "hu"),
    ("Published 3 May 2024 at 10:15 | Updated 6 May 2024 at 08:00", "en"),
    ("Updated 6 May 2024, first published 3 May 2024", "en"),
    ("Veröffentlicht am 03.05.2024 - Zuletzt aktualisiert am 06.05.2024, 08:00 Uhr", "de"),
    ("Publié le 3 mai 2024 à 10h15 - Mis à jour le 6 mai 2024", "fr"),
    ("Publicado el 3 de mayo de 2024. Actualizado el 6 de mayo de 2024", "es"),
    ("입력 2024.05.03 10:15 수정 2024.05.06 08:00", "ko"),
    ("2024年5月3日公開 2024年5月6日更新", "ja"),
    ("Опубликовано: 3 мая 2024, обновлено: 6 мая 2024", "ru"),
]


@pytest.mark.parametrize(("line", "language"), TWO_DATES, ids=[f"{t}{i}" for i, (_, t) in enumerate(TWO_DATES)])
def test_a_line_gives_both_dates(line: str, language: str) -> None:
    """Publication and change of one line, in either order."""
    found = read(f"<h1>{HEADLINE}</h1><div>{line}</div>{STORY}", language=language)
    assert (day(found.published), day(found.modified)) == ("2024-05-03", "2024-05-06")


def test_the_shown_change_is_read_where_the_head_has_none() -> None:
    """The head gives the publication, the page the change."""
    head = "<meta property='article:published_time' content='2024-05-03T10:15:00+02:00'>"
    found = read(f"<h1>{HEADLINE}</h1><p>Updated: 6 May 2024</p>{STORY}", head)
    assert (day(found.published), day(found.modified)) == ("2024-05-03", "2024-05-06")


def test_a_date_in_a_long_credit_line() -> None:
    """Author, role, address and desk stand before the date."""
    line = (
        "By Ingrid Holloway | Rivers correspondent of the Kestrel Post and winner of the angling prize | "
        "Email the author | iholloway@kestrelpost.example | on May 3, 2024 at 9:30 AM, updated May 6, 2024 at 10:14 AM"
    )
    found = read(f"<h1>{HEADLINE}</h1><div>{line}</div>{STORY}")
    assert (day(found.published), day(found.modified)) == ("2024-05-03", "2024-05-06")


def test_a_sentence_with_a_date_is_no_credit_line() -> None:
    """The lead says when something happened; the date line stands below."""
    lead = "<p>On 7 June 2019 the old keeper of the lower weir had closed it for good, it was said in the town.</p>"
    found = read(f"<h1>{HEADLINE}</h1>{lead}<p>3 May 2024</p>{STORY}")
    assert day(found.published) == "2024-05-03"


def test_the_date_of_the_headline_is_not_the_date() -> None:
    """The headline says when something will happen; the evidence shows that date with its reason."""
    headline = "Weir to open on 12 June 2024"
    body = f"<h1>{headline}</h1><div class='date'>3 May 2024</div>{STORY}"
    found = read(body, f"<meta property='og:title' content='{headline}'>")
    assert day(found.published) == "2024-05-03"
    assert any("headline" in e.reason for e in found.evidence if e.field == "published" and not e.chosen)


@pytest.mark.parametrize(
    "other",
    [
        "<div class='comments'><time datetime='2024-06-01'>1 June 2024</time></div>",
        "<div class='upcoming-events'><time datetime='2024-08-01'>1 August 2024</time></div>",
        "<aside><time class='published' datetime='2024-07-01'>Monday</time></aside>",
        "<div class='related'><span class='date'>1 July 2024</span></div>",
        "<p>Doors open: 9 September 2024</p>",
        "<p>Joined 9 March 2017</p>",
    ],
)
def test_dates_of_other_things_are_not_the_pages(other: str) -> None:
    """Comments, events, other stories and members have dates, too."""
    found = read(f"<h1>{HEADLINE}</h1>{STORY * 14}{other}")
    assert found.published is None


def test_the_dateline_of_the_first_paragraph() -> None:
    """A date before the dash that opens the story."""
    text = "LOWER MILL, May 3, 2024 (Kestrel) – " + "The weir was opened for an hour so that salmon could pass. " * 5
    assert day(read(f"<h1>{HEADLINE}</h1><p>{text}</p>").published) == "2024-05-03"


@pytest.mark.parametrize(("shown", "expected"), [("03/05/2024", "2024-05-03"), ("05/03/2024", "2024-05-03")])
def test_a_doubtful_order_follows_the_nearest_date(shown: str, expected: str) -> None:
    """Day and month may be swapped: the reading beside the date of the change is right, on an American page or not."""
    head = "<meta property='article:modified_time' content='2024-05-04T08:00:00Z'>"
    for language, url in (("en", "https://www.example.us/a"), ("en", "https://www.example.co.uk/a")):
        found = read(f"<h1>{HEADLINE}</h1><p>{shown}</p>{STORY}", head, language, url)
        assert day(found.published) == expected


def test_the_pages_local_time_gives_the_day() -> None:
    """The head is in UTC, the page shows the same instant in its own time: the day is that of the readers."""
    head = "<meta property='article:published_time' content='2024-05-04T01:48:19Z'>"
    stamp = read(f"<h1>{HEADLINE}</h1><p>Published: May 3, 2024 at 8:48 p.m.</p>{STORY}", head).published
    assert stamp is not None
    assert (stamp.value, stamp.offset_minutes) == (datetime(2024, 5, 4, 1, 48, 19, tzinfo=UTC), -300)


def test_bars_part_a_date() -> None:
    """Day, month and year in cells of their own."""
    assert day(read(f"<h1>{HEADLINE}</h1><p>03 | 05 | 2024 | Rivers</p>{STORY}").published) == "2024-05-03"


def test_a_date_that_only_the_headline_has_is_no_date_of_the_page() -> None:
    """Searching the source finds it in the title; a date beside it is found all the same."""
    title = "Weir of 3 January 2019 remembered"
    html = f"<html lang=en><head><title>{title}</title></head><body><h1>{title}</h1>{STORY}%s</body></html>"
    document = Document(document_id="x", content=b"", media_type="text/html")
    for line, want in (("", None), ("<p class=date>7 June 2021</p>", "2021-06-07")):
        page = read_page((html % line).encode(), "utf-8")
        assert day(read_metadata(page, url=None, language="en", document=document).published) == want


UTC_EVENING = "<meta property='article:published_time' content='2024-05-04T02:10:00Z'>"
SHOWN = [
    (UTC_EVENING, "<p>May 3, 2024</p>", "2024-05-03", "an instant in UTC, and the day at the place"),
    (UTC_EVENING, "<p>May 4, 2024</p>", "2024-05-04", "the same day"),
    ("<meta name='date' content='2024-05-06'>", "<p>3 May 2024</p>", "2024-05-03", "declared later than shown"),
    ("<meta name='dc.date' content='2024-04-02'>", "<p>3 May 2024</p>", "2024-05-03", "a vague name, no change"),
    (
        "<meta property='article:published_time' content='2024-05-03T10:00:00Z'>",
        "<p>6 May 2024</p>",
        "2024-05-03",
        "shown later: the last change's",
    ),
    ("<meta name='date' content='2024-05-06'>", "<p>04/05/2024</p>", "2024-05-06", "day and month in either order"),
    ("<meta name='date' content='2024-05-06'>", "<p>3 May 2024</p><p>2 May 2024</p>", "2024-05-06", "two days shown"),
]


@pytest.mark.parametrize(("head", "line", "expected", "what"), SHOWN, ids=[w for *_, w in SHOWN])
def test_the_day_below_the_headline(head: str, line: str, expected: str, what: str) -> None:
    """The day that readers see corrects a declared date that is later or in UTC, and no other."""
    found = read(f"<h1>{HEADLINE}</h1>{line}{STORY}", head)
    assert found.published is not None
    local = found.published.value + timedelta(minutes=found.published.offset_minutes)
    assert local.strftime("%Y-%m-%d") == expected, what
    assert len([e for e in found.evidence if e.field == "published" and e.chosen]) == 1


def test_an_instant_stays_the_same_instant() -> None:
    """Only its offset changes: that of another date of the head, else the nearest that gives the day."""
    found = read(f"<h1>{HEADLINE}</h1><p>May 3, 2024</p>{STORY}", UTC_EVENING)
    assert found.published is not None
    assert (found.published.value.isoformat(), found.published.offset_minutes) == ("2024-05-04T02:10:00+00:00", -180)
    head = UTC_EVENING + "<meta property='article:modified_time' content='2024-05-04T09:00:00-05:00'>"
    found = read(f"<h1>{HEADLINE}</h1><p>May 3, 2024</p>{STORY}", head)
    assert found.published is not None
    assert found.published.offset_minutes == -300


NEW_YORK = '"site":{"timezone":{"short":"ET","long":"America/New_York"}}'
ZONES = [
    (NEW_YORK, "", "2024-05-03T22:10:00-04:00", "one zone in the settings of a script"),
    ('"timeZone":"Asia\\/Kolkata"', "", "2024-05-04T07:40:00+05:30", "a slash that JSON escapes"),
    ("data-time-zone='Europe/Athens'", "", "2024-05-04T05:10:00+03:00", "an attribute"),
    (NEW_YORK, "<p>May 4, 2024</p>", "2024-05-04T02:10:00+00:00", "the page shows the day in UTC"),
    (NEW_YORK, "<p>May 3, 2024</p>", "2024-05-03T22:10:00-04:00", "the page shows the day at its place"),
    (NEW_YORK + ',"timezone":"America/Chicago"', "", "2024-05-04T02:10:00+00:00", "two zones"),
    ('"timezone":"America/Lower_Mill"', "", "2024-05-04T02:10:00+00:00", "no such zone"),
    ('["America/New_York"]', "", "2024-05-04T02:10:00+00:00", "a list to choose from"),
]


@pytest.mark.parametrize(("data", "line", "expected", "what"), ZONES, ids=[w for *_, w in ZONES])
def test_a_head_in_utc_takes_the_zone_that_the_page_names(data: str, line: str, expected: str, what: str) -> None:
    """The day of an evening's story is the place's, not the next one in UTC; the instant stays."""
    found = read(f"<h1>{HEADLINE}</h1>{line}{STORY}<script>var s = {{{data}}};</script>", UTC_EVENING)
    assert found.published is not None
    assert found.published.isoformat() == expected, what


def test_dates_in_addresses_and_calls() -> None:
    """The number of a post holds its time; a script may write the date where it stands."""
    number = (1_714_731_300_000 - 1_288_834_974_657) << 22
    found = read(STORY, url=f"https://x.com/mill/status/{number}")
    assert found.published is not None
    assert found.published.value.isoformat() == "2024-05-03T10:15:00+00:00"
    assert day(read(f"<script>showDate('2024/05/03 10:15:00')</script>{STORY}").published) == "2024-05-03"


WRITTEN = [
    ("12 minutes ago Wed 29th April 2024 | 03:32 PM", "2024-04-29", "a word that is a month elsewhere"),
    ("Section B1Dec 19, 2024", "2024-12-19", "a number glued to the word before"),
    ("2024-05-03T23:15:0Z", "2024-05-03", "one digit of seconds"),
]


@pytest.mark.parametrize(("text", "expected", "what"), WRITTEN, ids=[w for *_, w in WRITTEN])
def test_dates_with_something_odd_beside_them(text: str, expected: str, what: str) -> None:
    """What stands beside a date is not taken for a part of it."""
    stamp = read_date(text, language="en")
    assert day(stamp) == expected, what
    assert text[-1] != "Z" or (stamp is not None and stamp.zoned)


SAID = "The keeper should have opened it long ago, as everybody on the bridge could see."
THREADS = {
    "heading": f"<div><h3>Comments (1)</h3><div><b>Ida</b> 9 May 2024 10:14<p>{SAID}</p></div></div>",
    "heading in Polish": f"<h3>Opinie (1)</h3><div><b>kasia82</b> 09.05.2024 10:14<p>{SAID}</p></div>",
    "elements": f"<div class=x2><div>Ida</div><div>9 May 2024 10:14</div><div>{SAID}</div></div>" * 2,
    "rows": f"<table>{f'<tr><td>Ida</td><td>9 May 2024 10:14</td><td>{SAID}</td></tr>' * 2}</table>",
    "items": f"<ul>{f'<li><b>Ida</b> 9 May 2024 10:14 {SAID}</li>' * 2}</ul>",
    "lines": f"<div><p>Ida</p><p>9 May 2024 10:14</p><p>{SAID}</p><p>Per</p><p>9 May 2024 11:00</p><p>{SAID}</p></div>",
}


@pytest.mark.parametrize("thread", THREADS.values(), ids=THREADS)
def test_a_comments_date_is_known_by_the_form_of_the_thread(thread: str) -> None:
    """No class name says that it is a comment: the heading or the repeated form does; no date is better than its."""
    assert read(f"<h1>{HEADLINE}</h1>{STORY}{thread}").published is None


@pytest.mark.parametrize("thread", THREADS.values(), ids=THREADS)
def test_the_storys_date_stays_beside_a_thread(thread: str) -> None:
    """The date above the story is found though comments below it have dates."""
    found = read(f"<h1>{HEADLINE}</h1><div>3 May 2024</div>{STORY}{thread}")
    assert day(found.published) == "2024-05-03"


def test_a_date_below_the_story_is_no_thread() -> None:
    """One dated element without repetition or heading of comments is the story's."""
    assert day(read(f"<h1>{HEADLINE}</h1>{STORY}<div class=foot>3 May 2024</div>").published) == "2024-05-03"


def article(published: str, modified: str) -> str:
    """Return a script of an article with these dates."""
    return (
        '<script type="application/ld+json">{"@type":"NewsArticle","headline":"Weir opened for salmon",'
        f'"datePublished":"{published}","dateModified":"{modified}"}}</script>'
    )


@pytest.mark.parametrize(
    ("published", "modified"),
    [("05/03/2025", "2025-03-06"), ("03/05/2025", "2025-03-06"), ("2025-03-05", "06/03/2025"), ("05/03/2025", "")],
)
def test_a_declared_date_in_either_order_is_the_one_near_another(published: str, modified: str) -> None:
    """Day and month with slashes are read as the day nearest to the head's other date, or to the one that is shown."""
    line = "" if modified else "<p>6 March 2025</p>"
    found = read(f"<h1>{HEADLINE}</h1>{line}{STORY}", article(published, modified))
    assert day(found.published) == "2025-03-05"
    assert day(found.modified) == ("2025-03-06" if modified else None)


def test_iso_dates_stay_as_written() -> None:
    """An ISO date has one reading: a change before the publication is not read with day and month swapped."""
    found = read(f"<h1>{HEADLINE}</h1>{STORY}", article("2025-08-04", "2025-04-08T09:00:00Z"))
    assert (day(found.published), found.modified) == ("2025-08-04", None)
