"""Texts that are cut whatever the model says: comment threads, further stories; and what must stay."""

from __future__ import annotations

import numpy as np
import pytest

from copydesk.records import Document
from copydesk.text.html import extract_html
from copydesk.text.html.blocks.other_texts import find_other_texts
from copydesk.text.html.blocks.override_rules import override_rules
from copydesk.text.html.dom.read_page import read_page
from copydesk.text.html.features.measure_blocks import measure_blocks
from copydesk.text.html.features.segments import find_segments
from copydesk.text.html.metadata.head import Hints

STORY = "The harbour council agreed on Monday to dredge the northern channel before the herring season begins. "
BODY = "".join(f"<p>{STORY}Part {n}.</p>" for n in range(8))
SAID = "I have sailed there for thirty years and never saw a dredger in that channel."


def cut(html: str, title: str = "Channel to be dredged") -> dict[str, str]:
    """Return text -> rule of the blocks that are cut on a page of which the model keeps everything."""
    page = read_page(f"<title>{title}</title><body>{html}</body>".encode())
    measured = measure_blocks(page, Hints((title,), (), ""))
    keep = np.ones(len(page.blocks), np.bool_)
    segments = find_segments(page, measured.ranges, measured.size)
    found = find_other_texts(page, measured, segments, keep).cut
    return {page.blocks[n].text: decision.rule for n, decision in found.items()}


def story(rest: str, inside: str = "") -> str:
    """Return a page's body: headline, story, and what stands beside it."""
    return f"<main><h1>Channel to be dredged</h1>{BODY}{inside}</main>{rest}"


@pytest.mark.parametrize("names", ["class=comments", "id=disqus_thread", 'class="c-comment-list x"', "id=Kommentare"])
def test_an_element_called_comments_is_cut(names: str) -> None:
    """Lists of comments are cut by their name, in several languages."""
    assert cut(story(f"<div {names}><p>{SAID}</p></div>")) == {SAID: "html.comments.names"}


@pytest.mark.parametrize("names", ["class=comment", "class=has-comment-count", "class=commentary", "id=story-2"])
def test_an_opinion_piece_is_not_cut(names: str) -> None:
    """A bare `comment` names opinion pieces, too."""
    assert cut(story(f"<div {names}><p>{SAID}</p></div>")) == {}


@pytest.mark.parametrize(
    ("names", "rule"),
    [
        ("class='tooltip t16970'", "html.tooltip"),
        ("id=ToolTip-3", "html.tooltip"),
        ("class=price-tooltips", "html.tooltip"),
        ("class=has-tooltip", None),
        ("class='icon-tooltip'", None),
        ("class=tip", None),
    ],
)
def test_a_tooltip_is_cut_and_what_opens_it_is_not(names: str, rule: str | None) -> None:
    """What shows beside a link while the reader points at it is no part of the story."""
    assert cut(story("", f"<div {names}><p>{SAID}</p></div>")) == ({SAID: rule} if rule else {})


@pytest.mark.parametrize(
    ("element", "rule"),
    [
        ("form", "html.form"),
        ("div class=affiliate-disclaimer", "html.disclaimer"),
        ("div class='c-CTA x'", "html.disclaimer"),
        ("div class=octagon", None),
        ("div class=claims", None),
    ],
)
def test_forms_and_disclaimers_are_cut(element: str, rule: str | None) -> None:
    """Text of a form, and of an element that calls itself a disclaimer or an offer, is no part of the story."""
    tag = element.partition(" ")[0]
    assert cut(story("", f"<{element}><p>{SAID}</p></{tag}>")) == ({SAID: rule} if rule else {})


@pytest.mark.parametrize(
    ("element", "rule"),
    [
        ("p class=article_assessment", "html.rating"),
        ("div itemprop=aggregateRating", "html.rating"),
        ("div class=entry-meta", "html.post_info"),
        ("footer class='x postmetadata'", "html.post_info"),
        ("div class=integrating", None),
        ("h3 id=how-the-rating-works", None),
        ("div class=post-metabolism", None),
    ],
)
def test_small_elements_about_the_article_are_cut(element: str, rule: str | None) -> None:
    """Scores, requests to rate and notes on the post are cut; headings may have such a word in their id."""
    tag = element.partition(" ")[0]
    said = SAID if tag in {"h3", "p"} else f"<p>{SAID}</p>"
    assert cut(story("", f"<{element}>{said}</{tag}>")) == ({SAID: rule} if rule else {})


@pytest.mark.parametrize("name", ["rating", "entry-meta"])
def test_a_text_under_such_a_name_is_not_cut(name: str) -> None:
    """What is longer than a note is a text of its own, such as the verdict of a review."""
    assert cut(story("", f"<div class={name}><p>{SAID}</p>" + f"<p>{STORY * 3}</p></div>")) == {}


def test_a_form_around_the_page_is_not_cut() -> None:
    """Some servers put a form around all of a page, or around all of its text."""
    assert cut(f"<form>{story(f'<p>{SAID}</p>')}</form>") == {}
    assert cut(f"<h1>Channel to be dredged</h1><form>{BODY}</form><p>{SAID}</p>") == {}


def test_an_element_that_holds_the_story_is_not_cut() -> None:
    """A wrapper called after the comments in it is the page: it holds the headline, or most of the text."""
    assert cut(f"<div class=comments><h1>Channel to be dredged</h1>{BODY}</div>") == {}
    assert cut(f"<h1>Channel to be dredged</h1><div class=comments>{BODY}</div>") == {}


def contribution(name: str, day: int) -> str:
    """Return one reader's contribution in old markup without telling names."""
    return f"<li class=x{day}><b>{name}</b><br><br><i>{day}.03.2011</i><br><br>{SAID}</li>"


def test_contributions_of_one_shape_are_cut_without_a_name() -> None:
    """Neighbours with a short name, a date and a sentence are readers' contributions, whatever their class."""
    thread = "".join(contribution(name, n) for n, name in enumerate(("Jan Mast", "Ola Kiel", "Ria Bug"), 11))
    assert set(cut(story(f"<ul>{thread}</ul>")).values()) == {"html.comments.pattern"}
    assert cut(story(f"<ul>{contribution('Jan Mast', 11)}{contribution('Ola Kiel', 12)}</ul>")) == {}


def test_a_list_that_opens_the_page_is_its_text() -> None:
    """A chronicle of names, dates and sentences is no thread: nothing was kept before it."""
    thread = "".join(contribution(name, n) for n, name in enumerate(("Jan Mast", "Ola Kiel", "Ria Bug"), 11))
    assert cut(f"<h1>Channel to be dredged</h1><ul>{thread}</ul>{BODY * 3}") == {}


def test_rows_of_a_table_are_no_contributions() -> None:
    """A table of times and places has names, dates and sentences in every row."""
    row = "<tr><td>Pier Head</td><td>12.03.2011 9:30</td><td>The ferry leaves from the lower deck.</td></tr>"
    assert cut(story(f"<table>{row * 5}</table>")) == {}


@pytest.mark.parametrize(
    "heading",
    ["Comments (12)", "3 Komentarze", "Комментарии (7)", "Σχόλια", "网友评论", "Leserkommentare", "Comentarios"],
)
def test_a_heading_of_comments_ends_the_story(heading: str) -> None:
    """After the story a heading of comments takes what follows in its container."""
    found = cut(story(f"<div><h3>{heading}</h3><p>{SAID}</p></div>"))
    assert found == {heading: "html.comments.heading", SAID: "html.comments.heading"}


def test_a_label_in_an_interview_is_no_heading_of_comments() -> None:
    """`Response:` labels an answer; and above the story a heading of comments is a link to them."""
    assert cut(story(f"<div><h3>Response:</h3><p>{SAID}</p></div>")) == {}
    assert cut(f"<div><h3>Comments</h3><p>{SAID}</p></div>{story('')}") == {}


def test_further_stories_of_an_endless_page_are_cut() -> None:
    """Neighbours of the story's element with a headline of the same kind and a text of their own are other stories."""
    first = f"<article class=s1><h1>Channel to be dredged</h1>{BODY}</article>"
    second = f"<article class=s2><h1>Lighthouse sold</h1>{'<p>' + SAID * 6 + '</p>'}</article>"
    assert set(cut(first + second).values()) == {"html.stories.stacked"}
    assert cut(first + f"<article class=s2><h3>Lighthouse sold</h3><p>{SAID}</p></article>") == {}


def test_only_the_first_of_stacked_stories_may_have_an_h1() -> None:
    """A dated <article> beside the story's that opens with a lower heading is another story."""
    first = f"<article class=s1><h1>Channel to be dredged</h1>{BODY}</article>"
    date, text = "<p>11 March 2026</p>", f"<p>{SAID * 6}</p>"
    second = f"<article class=s2><h2>Lighthouse sold</h2>{date}{text}</article>"
    assert set(cut(first + second).values()) == {"html.stories.stacked"}
    assert cut(first + second.replace(date, "")) == {}
    assert cut(first + second.replace("<h2>Lighthouse sold</h2>", "")) == {}


def test_sections_with_headings_of_the_headlines_kind_stay() -> None:
    """Some page builders put each section into a box of its own; without a date it is part of the story."""
    boxes = "".join(
        f"<div class=box><h1>{h}</h1>{BODY}</div>" for h in ("Channel to be dredged", "The cost", "The date")
    )
    assert cut(boxes) == {}


def test_a_cut_is_reported_with_its_reason() -> None:
    """The block bears the rule's id, and the evidence its reason."""
    html = f"<title>Channel to be dredged</title><body>{story(f'<div class=comments><p>{SAID * 4}</p></div>')}</body>"
    page = Document(document_id="d", content=html.encode(), media_type="text/html")
    blocks = extract_html(page, explain=True).blocks
    block = next(b for b in blocks if b.text.startswith("I have sailed"))
    assert not block.kept
    if block.rule == "html.comments.names":  # else the model cut it by itself
        reasons = [e.detail for e in block.evidence if e.rule == block.rule]
        assert reasons == [override_rules()[block.rule].because]


def inside(html: str) -> dict[str, str]:
    """Return text -> label of what is named inside another text, on a page of which the model keeps the story only."""
    page = read_page(f"<title>Channel to be dredged</title><body>{html}</body>".encode())
    measured = measure_blocks(page, Hints(("Channel to be dredged",), (), ""))
    keep = np.array([b.text.startswith(STORY[:30]) for b in page.blocks])
    segments = find_segments(page, measured.ranges, measured.size)
    cut, named = find_other_texts(page, measured, segments, keep)
    assert not cut
    return {page.blocks[n].text: decision.label.value for n, decision in named.items()}


@pytest.mark.parametrize("heading", ["Комментарии (4)", "Opinie (2)", "Σχόλια", "评论"])
@pytest.mark.parametrize("tag", ["h3", "b"])
def test_what_the_model_cut_below_a_heading_of_comments_is_a_comment(heading: str, tag: str) -> None:
    """The box of the heading is named, to its end or to the next heading; what stands outside of it is not."""
    box = f"<div><{tag}>{heading}</{tag}><div><p>skipper 77</p><p>{SAID}</p></div></div><p>Behind the box</p>"
    assert inside(story(box)) == dict.fromkeys((heading, "skipper 77", SAID), "comment")
    flat = f"<{tag}>{heading}</{tag}><p>{SAID}</p><h2>Weather</h2><p>Rain in the north</p>"
    assert inside(story(f"<section>{flat}</section>")) == dict.fromkeys((heading, SAID), "comment")


def test_what_the_model_cut_in_an_element_called_comments_is_a_comment() -> None:
    """The element's name holds for all that is in it, kept or cut; without such a name or heading nothing is named."""
    assert inside(story(f"<div id=disqus_thread><p>skipper</p><p>{SAID}</p></div>")) == {
        "skipper": "comment",
        SAID: "comment",
    }
    assert inside(story(f"<div class=box><p>skipper</p><p>{SAID}</p></div>")) == {}
    assert inside(f"<div><b>Comments</b><p>{SAID}</p></div>{story('')}") == {}


def test_the_label_of_comments_changes_neither_decision_nor_points() -> None:
    """A comment that the model cut bears the rule of its label, with no points; the model's alone decide."""
    said = "".join(f"<div><b>sailor{n}</b> 12.03.2026 10:1{n}<p>{SAID}</p></div>" for n in range(2))
    rest = f"<div><h3>Opinie (2)</h3>{said}</div><div><p>Other {SAID}</p></div>"
    html = f"<title>Channel to be dredged</title><body>{story(rest)}</body>"
    found = extract_html(Document(document_id="d", content=html.encode(), media_type="text/html"), explain=True)
    names = [b for b in found.blocks if b.text.startswith("sailor")]
    assert {(b.label.value, b.rule, b.kept) for b in names} == {("comment", "html.comments.heading", False)}
    told = [e for b in names for e in b.evidence if e.rule == b.rule]
    assert [(e.points, e.label, e.detail) for e in told] == [
        (0.0, names[0].label, override_rules()[names[0].rule].because)
    ] * 2


def opinion(n: int, names: str) -> str:
    """Return one reader's contribution under a name in small letters, with a date, in an element of that class."""
    return f"<div class='{names}{n}'><p>~skipper{n}</p><p>{n}-03-2011 10:24</p><p>{SAID}</p></div>"


def test_dated_neighbours_called_comment_are_cut_also_where_they_are_longer() -> None:
    """Three dated neighbours whose class says comment or opinion are a thread, even if it is longer than the story."""
    thread = "".join(opinion(n, "x-opinia ") for n in range(10, 40))
    assert set(cut(story(f"<div>{thread}</div>")).values()) == {"html.comments.called"}
    assert cut(story(f"<div>{opinion(10, 'opinia ')}{opinion(11, 'opinia ')}</div>")) == {}
    undated = "".join(f"<div class=opinion><p>{SAID}</p></div>" for _ in range(4))
    assert cut(story(f"<div>{undated}</div>")) == {}


def test_a_container_called_comments_may_be_longer_than_the_story() -> None:
    """Behind a headline and a story a long thread is cut whole; before them it may be the story under another name."""
    said = f"<p>{SAID}</p>" * 40
    assert set(cut(story(f"<div class=comments>{said}</div>")).values()) == {"html.comments.names"}
    assert cut(f"<div class=comments>{said}</div>{story('')}") == {}


def test_contributions_that_are_signed_are_cut() -> None:
    """Three blocks behind the story with a line "Posted by"; two may be the story's own and a box's."""
    said = [f"<p>{SAID}<br>{by}</p>" for by in ("Posted by Ola on March 3", "Posted by Ria on March 4", "posted by jm")]
    assert set(cut(story("".join(said))).values()) == {"html.comments.signed"}
    assert cut(story("".join(said[:2]))) == {}
    assert cut(f"<h1>Channel to be dredged</h1>{said[0]}{BODY}{said[1]}{said[2]}") == {}
