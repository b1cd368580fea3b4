"""Dates as pages write them, and what is no date."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.records import Precision
from copydesk.text.dates.date_labels import labelled_dates
from copydesk.text.dates.written import is_ambiguous, looks_like_date, read_date

SEEN = datetime(2026, 11, 1, 12, tzinfo=UTC)
FIRST, LAST = (datetime.fromisoformat(day) for day in ("1996-01-01", "2026-10-01"))

WRITTEN = [
    ("2023-04-28T20:22:00+02:00", "de", "2023-04-28T18:22:00", Precision.SECOND, True),
    ("Fri, 28 Apr 2023 18:41:00 +0200", "en", "2023-04-28T16:41:00", Precision.SECOND, True),
    ("Fri Apr 28 18:41:00 CEST 2023", "en", "2023-04-28T16:41:00", Precision.SECOND, True),
    ("Freitag, 28. April 2023, 20:22 Uhr", "de", "2023-04-28T20:22:00", Precision.MINUTE, False),
    ("28.04.2023 10.30 Uhr", "de", "2023-04-28T10:30:00", Precision.MINUTE, False),
    ("May 3, 2024 at 3:05 p.m. EDT", "en", "2024-05-03T19:05:00", Precision.MINUTE, True),
    ("10:30 AM, May 3rd 2024", "en", "2024-05-03T10:30:00", Precision.MINUTE, False),
    ("27 de abril de 2024 às 10h30", "pt", "2024-04-27T10:30:00", Precision.MINUTE, False),
    ("27 апреля 2024 г., 10:30 мск", "ru", "2024-04-27T07:30:00", Precision.MINUTE, True),
    ("2024. április 27. 10:30", "hu", "2024-04-27T10:30:00", Precision.MINUTE, False),
    ("2024 m. balandžio 27 d.", "lt", "2024-04-27T00:00:00", Precision.DAY, False),
    ("2023年4月28日 下午3:05", "zh", "2023-04-28T15:05:00", Precision.MINUTE, False),
    ("2024년 4월 27일 오후 3:05", "ko", "2024-04-27T15:05:00", Precision.MINUTE, False),
    ("27 tháng 4, 2024", "vi", "2024-04-27T00:00:00", Precision.DAY, False),
    ("27 เมษายน 2567", "th", "2024-04-27T00:00:00", Precision.DAY, False),
    ("۸ اردیبهشت ۱۴۰۳", "fa", "2024-04-27T00:00:00", Precision.DAY, False),
    ("28 كانون الثاني 2024", "ar", "2024-01-28T00:00:00", Precision.DAY, False),
    ("٢٨ أبريل ٢٠٢٤", "ar", "2024-04-28T00:00:00", Precision.DAY, False),
    ("2021-02-21T00:00:00", "de", "2021-02-21T00:00:00", Precision.DAY, False),
    ("1682706120", "en", "2023-04-28T18:22:00", Precision.SECOND, True),
]


@pytest.mark.parametrize(("text", "language", "value", "precision", "zoned"), WRITTEN)
def test_a_written_date_is_read(text: str, language: str, value: str, precision: Precision, zoned: bool) -> None:
    """Day, time and zone come out as written, and with no more precision than written."""
    stamp = read_date(text, language=language, not_after=SEEN)
    assert stamp is not None
    assert (stamp.value.strftime("%Y-%m-%dT%H:%M:%S"), stamp.precision, stamp.zoned) == (value, precision, zoned)
    assert stamp.value.tzinfo is UTC


OTHERS = """
۲ تير ۱۳۹۹ fa 2020-06-22
2 تیر 1399 - 12:09:08 fa 2020-06-22
۱۲ حمل ۱۴۰۳ fa 2024-03-31
৫ জানুয়ারি ২০২৪ bn 2024-01-05
১৬:২০, ১৬ ফেব্রুয়ারি ২০২০ bn 2020-02-16
20 सितम्बर 2023 hi 2023-09-20
५ अक्तूबर २०२३ hi 2023-10-05
27 เม.ย. 2567 10:30 น. th 2024-04-27
27 มี.ค. พ.ศ. 2567 und 2024-03-27
27/04/2567 th 2024-04-27
ኅዳር 12 ቀን 2016 ዓ.ም am 2023-11-22
ጳጉሜን 6 ቀን 2015 am 2023-09-11
መስከረም 1, 2017 am 2024-09-11
民國112年5月3日 zh 2023-05-03
令和元年5月3日 ja 2019-05-03
平成 30 年 12 月 1 日 ja 2018-12-01
12 ربيع الأول 1445هـ الموافق 27 سبتمبر 2023م ar 2023-09-27
27 أيلول/سبتمبر 2023 ar 2023-09-27
١٥ اكتوبر ٢٠٢٣ ar 2023-10-15
17 בינו׳ 2023 he 2023-01-17
17 thg 1, 2023 vi 2023-01-17
2023 оны 1-р сарын 17 mn 2023-01-17
2023(e)ko abenduaren 17(a) eu 2023-12-17
17 Январ 2023 tg 2023-01-17
17 ýanwar 2023 tk 2023-01-17
17 Janairu, 2023 ha 2023-01-17
Janaayo 17, 2023 so 2023-01-17
""".strip().splitlines()


@pytest.mark.parametrize("line", OTHERS)
def test_other_scripts_calendars_and_spellings(line: str) -> None:
    """Digits, months, eras and calendars of other countries, in the spellings that their pages use; also as a line."""
    text, language, value = line.rsplit(" ", 2)
    stamp = read_date(text, language=language, not_after=SEEN)
    assert stamp is not None
    assert stamp.value.strftime("%Y-%m-%d") == value
    assert looks_like_date(text)
    assert [d.stamp.value.date() for d in labelled_dates(text, language=language, not_after=SEEN)] == [
        stamp.value.date()
    ]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("ጳጉሜን 6 ቀን 2016", "am"),
        ("令和5年13月3日", "ja"),
        ("2023 оны арван нэгдүгээр сарын 17", "en"),
        ("31 تیر 13", "fa"),
    ],
)
def test_a_day_that_no_calendar_has_is_no_date(text: str, language: str) -> None:
    """A sixth day of a common year's thirteenth month, a month 13, half of a month's name, a year of two digits."""
    assert read_date(text, language=language, not_after=SEEN) is None


@pytest.mark.parametrize(
    "text", ["2021", "April 2024", "2027-05-05", "1989-05-05", "31.02.2024", "v1.2.3", "$12.50", ""]
)
def test_no_date_is_invented(text: str) -> None:
    """A year, a month, a future or an impossible day is no date: there is no 1 January by default."""
    assert read_date(text, language="en", not_after=SEEN) is None


def test_slashes_follow_the_country_and_dots_do_not() -> None:
    """03/04/2024 is April in Britain and March in the States; 03.04.2024 is April everywhere."""
    days = [
        read_date(text, language="en", country=country, not_after=SEEN)
        for text, country in [("03/04/2024", "GB"), ("03/04/2024", "US"), ("03.04.2024", "US")]
    ]
    assert [d and (d.value.month, d.value.day) for d in days] == [(4, 3), (3, 4), (4, 3)]
    assert is_ambiguous("03/04/2024")
    assert not is_ambiguous("03.04.2024")


def test_the_capture_decides_between_two_readings() -> None:
    """A reading that lies after the capture gives way to the other one."""
    stamp = read_date("05/12/2026", language="en", country="GB", not_after=SEEN)
    assert stamp is not None
    assert (stamp.value.month, stamp.value.day) == (5, 12)


def test_relative_dates_need_the_capture() -> None:
    """Counted back, "2 hours ago" is a day when the capture's time is known, and nothing without it."""
    assert read_date("2 hours ago", language="en") is None
    stamp = read_date("vor 3 Tagen", language="de", not_after=SEEN)
    assert stamp is not None
    assert stamp.value == datetime(2026, 10, 29, tzinfo=UTC)
    assert stamp.precision is Precision.DAY


@given(st.datetimes(min_value=FIRST, max_value=LAST), st.sampled_from([0, 120, -300, 330]))
def test_iso_round_trip(moment: datetime, offset: int) -> None:
    """Every ISO date with a zone comes back as the same instant, and its offset with it."""
    sign = "-" if offset < 0 else "+"
    text = f"{moment:%Y-%m-%dT%H:%M:%S}{sign}{abs(offset) // 60:02}:{abs(offset) % 60:02}"
    stamp = read_date(text, language="und")
    assert stamp is not None
    assert stamp.value == datetime.fromisoformat(text)
    assert stamp.offset_minutes == offset


@given(st.text(max_size=120))
def test_no_text_breaks_it(text: str) -> None:
    """Any text gives a date in range or none."""
    stamp = read_date(text, language="en", not_after=SEEN)
    looks_like_date(text)
    assert stamp is None or 1994 <= stamp.value.year <= 2026


@pytest.mark.parametrize("text", ["28. April 2023", "Updated 2 hours ago", "2024/05/03", "3 мая 2024", "vor 3 Tagen"])
def test_date_lines_look_like_dates(text: str) -> None:
    """Short lines that hold a date are seen."""
    assert looks_like_date(text)


@pytest.mark.parametrize("text", ["Version 1.2.3", "He was 28 in May", "Politics", "Call 555-1234 now"])
def test_other_lines_do_not(text: str) -> None:
    """Numbers alone make no date line."""
    assert not looks_like_date(text)
