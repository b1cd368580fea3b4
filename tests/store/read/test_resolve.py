"""Which page a name means: ids in full and in part, addresses, paths; several candidates are listed."""

from __future__ import annotations

from itertools import pairwise

import pytest
from tests.store.conftest import Desk, Page

from copydesk.errors import UsageError
from copydesk.store.read.resolve import PageRef, Wanted, find_page

FERRY = Page(uri="news/a.txt", address="https://paper.example/news/a")
REFUSED = Page(uri="news/list.txt", title="All the news", verdict="rejected")


def _find(desk: Desk, name: str, wanted: Wanted = "any") -> PageRef:
    with desk.warehouse.open_for_reading() as connection:
        return find_page(connection, name, wanted=wanted)


@pytest.mark.parametrize(
    "name",
    [
        *(FERRY.article_id, FERRY.article_id[:8], FERRY.article_id.upper()[:6]),
        *(FERRY.capture.capture_id, FERRY.capture.capture_id[:8]),
        *("https://paper.example/news/a", "news/a.txt", "a.txt", "ews/a."),
    ],
)
@pytest.mark.parametrize("wanted", ["any", "article"])
def test_an_article_is_found_by_id_address_and_path(desk: Desk, name: str, wanted: Wanted) -> None:
    """By the article's id or its capture's, an address or a path, in full or in part: whichever is at hand."""
    desk.load(FERRY, Page(uri="other.txt"), REFUSED)
    found = _find(desk, name, wanted)
    assert (found.article_id, found.capture_id) == (FERRY.article_id, FERRY.capture.capture_id)
    assert (found.is_current, found.waits, found.reason) == (True, False, None)


@pytest.mark.parametrize("name", [REFUSED.capture.capture_id[:8], "news/list.txt", "list.txt"])
@pytest.mark.parametrize("wanted", ["any", "quarantined", "waiting"])
def test_a_refused_page_is_found_by_the_same_names(desk: Desk, name: str, wanted: Wanted) -> None:
    """Its record's id, short or long, and its path."""
    desk.load(FERRY, REFUSED)
    found = _find(desk, name, wanted)
    assert (found.capture_id, found.article_id) == (REFUSED.capture.capture_id, None)
    assert (found.reason, found.waits) == ("too_short", True)


def test_several_pages_are_listed_with_ids_that_tell_them_apart(desk: Desk) -> None:
    """An ambiguous name ends with one line per candidate, refused ones among them; each listed id is then enough."""
    pages = [Page(uri="x/same.txt", title="One"), Page(uri="y/same.txt", title="Two")]
    desk.load(*pages, Page(uri="z/same.txt", verdict="rejected"))
    with pytest.raises(UsageError, match="can mean 3 pages") as raised:
        _find(desk, "same.txt")
    lines = str(raised.value).splitlines()[1:]
    assert [("One" in line, "in quarantine (too_short)" in line) for line in lines] == [
        (True, False),
        (False, False),
        (False, True),
    ]
    assert [_find(desk, line.split()[0]).uri for line in lines] == ["x/same.txt", "y/same.txt", "z/same.txt"]


def test_a_name_is_ambiguous_only_among_what_the_command_can_use(desk: Desk) -> None:
    """A refused page beside an article of the same name does not stop `show`, nor the article `quarantine show`."""
    desk.load(Page(uri="x/same.txt"), Page(uri="y/same.txt", verdict="rejected"))
    assert _find(desk, "same.txt", "article").uri == "x/same.txt"
    assert _find(desk, "same.txt", "quarantined").uri == "y/same.txt"


def test_a_prefix_of_two_ids_is_ambiguous(desk: Desk) -> None:
    """Of a thousand pages some ids begin alike: four digits name several pages, more digits one of them."""
    pages = [Page(uri=f"{number}.txt", title=f"Story {number}") for number in range(1000)]
    desk.load(*pages)
    ids = sorted(identity for page in pages for identity in {page.article_id, page.capture.capture_id})
    owner = {page.article_id: page.uri for page in pages} | {page.capture.capture_id: page.uri for page in pages}
    one, other = next((a, b) for a, b in pairwise(ids) if a[:4] == b[:4] and owner[a] != owner[b])
    with pytest.raises(UsageError, match="can mean"):
        _find(desk, one[:4])
    assert (_find(desk, one).uri, _find(desk, other).uri) == (owner[one], owner[other])


@pytest.mark.parametrize(
    ("name", "wanted", "said"),
    [
        ("nothing", "any", "no stored page is called 'nothing'"),
        ("nothing", "article", "no article is called 'nothing'"),
        ("deadbeef", "waiting", "no quarantined record is called 'deadbeef'"),
        ("", "any", "no stored page is called ''"),
        ("list.txt", "article", "is no article, but in quarantine"),
        ("a.txt", "quarantined", "is no quarantined record, but an article: `copydesk show"),
        ("%", "any", "no stored page"),
        ("' or 1=1 --", "any", "no stored page"),
    ],
)
def test_what_is_not_there_is_said_with_what_to_do(desk: Desk, name: str, wanted: Wanted, said: str) -> None:
    """Nothing of that name, and a page of another sort, each give a hint; wildcards and SQL are plain text."""
    desk.load(FERRY, REFUSED)
    with pytest.raises(UsageError, match=said.replace("(", r"\(")):
        _find(desk, name, wanted)


def test_an_older_version_is_found_by_its_own_id(desk: Desk) -> None:
    """Ids of captures name that version; the article's id and the path name the current one."""
    before = Page(uri="a.txt", paragraphs=("The ferry does not sail.",), at=FERRY.at.replace(day=1, hour=1))
    after = Page(uri="a.txt")
    desk.load(before)
    desk.load(after)
    assert _find(desk, before.capture.capture_id[:12]).capture_id == before.capture.capture_id
    for name in ("a.txt", after.article_id[:8]):
        assert _find(desk, name).capture_id == after.capture.capture_id
