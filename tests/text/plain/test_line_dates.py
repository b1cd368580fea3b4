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
