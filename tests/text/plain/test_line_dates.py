"""Dates of plain text: publication and change of one line, and the order of day and month."""

from __future__ import annotations

import pytest

import copydesk

STORY = """
The weir above the mill was opened for an hour on Monday so that salmon could pass on their way up the river, the keeper said.

A crowd of two hundred people stood on the bridge and counted the fish, which had waited below the weir since last week.

The keeper said that he would open it again on Thursday if the water stayed as high as it was, and asked boats to stay away.

Anglers welcomed the plan but said that a ladder for the fish, promised two winters ago, should be built before winter.
"""  # noqa: E501 one paragraph a line


@pytest.mark.parametrize(
    "line",
    [
        "Published 3 May 2024 at 10:15 | Updated 6 May 2024",
        "Updated 6 May 2024, first published 3 May 2024",
        "03/05/2024 | Updated 6 May 2024",
    ],
)
def test_a_line_gives_both_dates(line: str) -> None:
    """Publication and change stand in one line, in either order, with day and month in either order."""
    text = f"Weir opened for salmon above the lower mill\n\nBy Ingrid Holloway\n{line}\n{STORY}"
    article = copydesk.extract(text)
    assert article.published is not None
    assert article.modified is not None
    days = [stamp.value.strftime("%Y-%m-%d") for stamp in (article.published, article.modified)]
    assert days == ["2024-05-03", "2024-05-06"]


COMMENTS = {
    "heading": "Comments (2)\n\nJimBob\nMay 9, 2024 at 4:14 pm\nShame on them\nAnna K.\nMay 9, 2024\nI disagree",
    "heading in Greek": "Σχόλια (1)\nΓιώργος\n09/05/2024\nΕπιτέλους, η γέφυρα διαλύεται εδώ και χρόνια.\nΑπάντηση",
    "replies": "JimBob\nMay 9, 2024 at 4:14 pm\nThis is what happens when nobody listens to people.\nReply",
    "sentence": "guest_77\n2024-05-09 11:05\nThe council did all that it could, and you know that.",
}  # fmt: skip


@pytest.mark.parametrize("thread", COMMENTS.values(), ids=COMMENTS)
def test_a_comments_date_is_not_the_storys(thread: str) -> None:
    """Under a heading of comments, above a reply link or right above a sentence that is not the story's: no date."""
    text = f"Weir opened for salmon above the lower mill\n{STORY}\n{thread}\n"
    assert copydesk.extract(text).published is None


def test_a_date_above_the_story_wins_over_one_of_a_comment() -> None:
    """The line above the story gives the date, though a comment below it has one."""
    text = f"Weir opened for salmon above the lower mill\n\n3 May 2024\n{STORY}\n{COMMENTS['heading']}\n"
    published = copydesk.extract(text).published
    assert published is not None
    assert published.value.strftime("%Y-%m-%d") == "2024-05-03"


def test_a_date_beside_the_source_wins_over_one_of_a_comment() -> None:
    """A line of date and source above a Chinese story is no date line, but gives the date; the comments' do not."""
    text = (
        "哈尔登关闭港口大桥十八个月\n\n2026年03月12日 10:14 来源：哈尔登日报\n\n"
        "哈尔登市议会周二投票决定关闭旧港口大桥十八个月，此前工程师在九个桥墩中的三个发现了裂缝。\n\n"
        "每天约有一万四千辆车通过这座桥，它是北部码头和铁路站场之间唯一的通道。车辆将绕行高速公路，绕道十一公里。\n\n"
        "网友评论\n张三 2026-03-13 11:00\n早就该关了，这座桥已经坏了很多年，大家都知道。\n"
    )
    published = copydesk.extract(text).published
    assert published is not None
    assert published.value.strftime("%Y-%m-%d %H:%M") == "2026-03-12 10:14"


def test_a_named_date_below_the_story_is_kept() -> None:
    """A foot line that says "Published" is the story's date: what stands below a story is not lost as a whole."""
    text = f"Weir opened for salmon above the lower mill\n{STORY}\nPublished: 3 May 2024\n"
    published = copydesk.extract(text).published
    assert published is not None
    assert published.value.strftime("%Y-%m-%d") == "2024-05-03"
