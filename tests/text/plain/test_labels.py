"""Labels of cut lines of plain text that depend on the lines before them."""

from __future__ import annotations

import pytest

from copydesk.records import Document
from copydesk.text.documents import ExtractOptions, extract_documents

STORY = "\n\n".join(
    f"The harbour council agreed on Monday to dredge the northern channel before the herring season, part {n} of its "
    "plan, and the mayor said that the work would cost less than anybody had feared in the autumn of last year."
    for n in range(4)
)
SAID = "At last, that channel has been falling in for years and nobody did anything about it."


def labels(text: str) -> dict[str, str]:
    """Return line -> label of the cut lines."""
    document = Document(document_id="d", content=text.encode(), media_type="text/plain")
    (found,) = extract_documents([document], options=ExtractOptions())
    return {b.text: b.label.value for b in found.blocks if b.text and not b.kept}


@pytest.mark.parametrize(
    ("heading", "reply"),
    [
        ("Opinie (2)", "odpowiedz"),
        ("Комментарии (2)", "Ответить"),
        ("2 responses", "Reply"),
        ("Opiniones (2)", "Responder"),
    ],
)
def test_comments_go_on_behind_the_button_below_each(heading: str, reply: str) -> None:
    """A button that stands below each comment opens no form: the next reader and sentence are comments, too."""
    text = (
        f"Channel to be dredged\n\n{STORY}\n\n{heading}\nskipper77\n{SAID}\n{reply}\nOld Anna\nAnna: {SAID}\n{reply}\n"
    )
    found = labels(text)
    assert found[heading] == "comment_count"
    assert {found[line] for line in ("skipper77", SAID, "Old Anna", f"Anna: {SAID}")} == {"comment"}
    assert found[reply] == "comment_form"


def test_the_form_below_comments_is_a_form() -> None:
    """A line that stands once heads the form in which readers write."""
    found = labels(f"Channel to be dredged\n\n{STORY}\n\nComments (1)\nskipper77\n{SAID}\nLeave a comment\nYour name\n")
    assert (found["skipper77"], found["Leave a comment"], found["Your name"]) == (
        "comment",
        "comment_form",
        "comment_form",
    )
