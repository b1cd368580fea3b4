"""A defect for every row rule, planted into good records: what the gate must find, and all that it may find.

tables of a part --records_of--> Record* --PLANTS[rule]--> spoiled Record --tables_of--> tables of a part
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.quality.parts import NOW
from tests.quality.records import Record, recount

from copydesk.keys import key
from copydesk.settings import Source

STRICT = Source(name="strict", paths=("x",), language="en")
"""A source that declares its language; a plant moves its record there."""

Plant = Callable[[Record], None]
PLANTS: dict[str, tuple[Plant, frozenset[str]]] = {}
"""Rule -> what plants its defect, and the rules that the same defect may break besides."""


def _plants(rule: str, *besides: str) -> Callable[[Plant], Plant]:
    def keep(plant: Plant) -> Plant:
        PLANTS[rule] = plant, frozenset(besides)
        return plant

    return keep


def _field(rule: str, *besides: str, **values: Any) -> None:
    PLANTS[rule] = (lambda r: r.article.update(values)), frozenset(besides)


def _text(rule: str, change: Callable[[list[str]], list[str]], *besides: str) -> None:
    def plant(record: Record) -> None:
        before = set(record.texts)
        after = change(record.texts)
        if after and not before & set(after):  # the same text in every record would be a defect of its own
            after[0] = f"{_mark(record)}: {after[0]}"
        record.texts = after

    PLANTS[rule] = plant, frozenset(besides)


def _mark(record: Record) -> str:
    mark: str = record.article["capture_id"][:8]
    return mark


def _author(rule: str, name: str, *besides: str) -> None:
    PLANTS[rule] = (lambda r: r.add("authors", name=name, kind="person")), frozenset(besides)


def _sentences(number: int) -> str:
    return " ".join(f"Sentence {n} of this long paragraph says that {n * 7} people came." for n in range(number))


_field("field_missing", charset=None)
_field("no_title", title=None)
_field("title_long", title="A headline without an end " * 12)
_field("low_confidence", confidence=0.41)
_field("story_span_doubtful", span_probability=0.05)
_field("language_unlike_source", source="strict", language="fi")
_field("language_unknown", language="und")
_field("no_date", published_at=None, extractor="blocks")
_field("date_before_publisher", published_at=datetime(1504, 5, 1, tzinfo=UTC))
_field("date_in_future", "date_after_capture", published_at=NOW + timedelta(days=9), modified_at=None)
_field("markup_in_title", title="The <b>old</b> bridge is to be repaired")
_field("mojibake_in_title", title="The cafÃ© by the old bridge is to be repaired")

_ONE_LEFT = ("body_short", "language_unlike_source", "shrunk", "link_farm", "truncated")
_text("body_empty", lambda _: [], "too_short", *_ONE_LEFT)
_text("too_short", lambda _: ["Stop here, please."], *_ONE_LEFT)
_text(
    "body_short",
    lambda _: ["The bridge was closed on Monday. It will open again when the two cracks are mended."],
    *_ONE_LEFT,
)
_text("paragraph_long", lambda texts: [*texts, _sentences(160)])
_text("paragraph_empty", lambda texts: [*texts, ""])
_text("paragraph_repeated", lambda texts: [*texts, _sentences(2), _sentences(2)])
_text(
    "mostly_repeated",
    lambda texts: [*texts, *[_sentences(60)] * (3 + sum(map(len, texts)) // 1200)],
    "paragraph_repeated",
)
_text("furniture_left", lambda texts: [*texts[:1], "Leave a Reply", *texts[1:]])
_text(
    "furniture_body",
    lambda _: [_sentences(4), *["Leave a Reply", "Share this article", "Related Posts"] * 30],
    "furniture_left",
)
_text("markup_left", lambda texts: [f"{texts[0]} <div class='x'>", *texts[1:]])
_text("script_left", lambda texts: [*texts[:1], "window.dataLayer = window.dataLayer || [];", *texts[1:]])
_text("code_body", lambda _: [_sentences(3), *["var x = document.getElementById('x');"] * 40], "script_left")
_text("mojibake", lambda texts: [f"{texts[0]} CafÃ© de la gare.", *texts[1:]])
_text("replacement_char", lambda texts: [f"{texts[0]} The caf\ufffd was open.", *texts[1:]])
_text("control_char", lambda texts: [f"{texts[0]} The \x07 bell.", *texts[1:]])
_text("garbled", lambda _: [_sentences(6).replace("e", "Ã©")], "mojibake")
_text("truncated", lambda texts: [*texts, f"{_sentences(1)} And then…"])

_author("author_is_url", "https://www.facebook.com/gazette")
_author("author_is_organisation", "Agence France-Presse")
_author("author_is_role", "Senior Correspondent")
_author("author_long", "Maria Magdalena Theresia Johanna von und zu Hohenfels auf der Burg am See")
_author("author_has_date", "Hanna Brook 12.11.2026")


@_plants("key_malformed")
def _key(record: Record) -> None:
    record.article["article_id"] = f"no key {_mark(record)}"


@_plants("count_mismatch")
def _count(record: Record) -> None:
    recount(record)
    record.article["paragraph_count"] += 1
    record.recount = False


@_plants("chars_mismatch")
def _chars(record: Record) -> None:
    recount(record)
    record.article["body_chars"] += 5000
    record.recount = False


@_plants("paragraph_kind_unknown")
def _kind(record: Record) -> None:
    record.rows["paragraphs"][0]["kind"] = "aside"


@_plants("paragraph_order")
def _order(record: Record) -> None:
    for row in record.rows["paragraphs"][1:]:
        row["position"] += 1


@_plants("title_in_body")
def _title_in_body(record: Record) -> None:
    record.article["title"] = "Old bridge to be repaired at last"
    record.texts = ["Old bridge to be repaired at last.", *record.texts]


@_plants("title_is_body", "title_in_body", "body_short", "link_farm")
def _title_is_body(record: Record) -> None:
    record.article["title"] = f"{_mark(record)}: {_sentences(4)}"[:240]
    record.texts = [record.article["title"]]


@_plants("title_is_site_name")
def _site_name(record: Record) -> None:
    record.article |= {"publisher_name": "The Arden Gazette", "title": "The Arden Gazette"}


@_plants("link_farm")
def _links(record: Record) -> None:
    text = _sentences(3)
    chars = sum(map(len, record.texts))
    for n in range(chars // len(text) + 1):
        record.add("links", url=f"https://gazette.example/{n}", text=text, paragraph=1)


@_plants("shrunk")
def _shrunk(record: Record) -> None:
    recount(record)
    record.history.append(
        {
            "article_id": record.article["article_id"],
            "revision_id": key("revision", "before"),
            "body_chars": record.article["body_chars"] * 4,
            "text_sha256": "0" * 64,
        }
    )


@_plants("date_after_capture")
def _after_capture(record: Record) -> None:
    record.article |= {
        "published_at": NOW - timedelta(days=1),
        "captured_at": NOW - timedelta(days=9),
        "modified_at": None,
    }


@_plants("date_is_capture")
def _is_capture(record: Record) -> None:
    when = record.article["captured_at"]
    record.article |= {
        "published_at": when,
        "published_precision": "second",
        "extractor": "blocks",
        "modified_at": None,
    }


@_plants("modified_before_published")
def _modified(record: Record) -> None:
    record.article["published_at"] = record.article["captured_at"] - timedelta(days=1)
    record.article["modified_at"] = record.article["published_at"] - timedelta(days=9)


@_plants("caption_long")
def _caption(record: Record) -> None:
    record.add("captions", text=_sentences(20), image_url="https://gazette.example/a.jpg")


@_plants("caption_image_address")
def _image(record: Record) -> None:
    record.add("captions", text="The bridge.", image_url="javascript:alert(1)")


@_plants("link_address")
def _address(record: Record) -> None:
    record.add("links", url="mailto:desk@gazette.example", text="mail", paragraph=1)


def _quote(record: Record, speaker: str, beyond: int) -> None:
    text = record.texts[0]
    record.add(
        "quotes", paragraph=1, start_char=0, end_char=len(text) + beyond, text=text, kind="direct", cue="said",
        speaker=speaker, speaker_name=speaker, rule="after.inverted", confidence=0.9,
    )  # fmt: skip


@_plants("quote_outside_paragraph")
def _quote_outside(record: Record) -> None:
    _quote(record, "Anna Berg", 3)


@_plants("quote_speaker_date")
def _quote_date(record: Record) -> None:
    _quote(record, "Monday, 4 May", 0)


@_plants("evidence_two_winners")
def _winners(record: Record) -> None:
    for _ in range(2):
        record.add(
            "evidence", field="canonical", value="https://gazette.example/", source="meta", chosen=True, reason=""
        )


@_plants("title_unproven")
def _title_proof(record: Record) -> None:
    record.article["title"] = record.article["title"] or "Old bridge to be repaired"
    record.rows["evidence"] = [row for row in record.rows["evidence"] if row["field"] != "title"]


@_plants("date_unproven")
def _date_proof(record: Record) -> None:
    record.article["published_at"] = record.article["published_at"] or NOW - timedelta(days=3)
    record.article["published_precision"] = "day"
    record.rows["evidence"] = [row for row in record.rows["evidence"] if row["field"] != "published"]


@_plants("duplicate_text")
def _twin(record: Record) -> None:
    record.others.append(record.renamed("twin", article=True))


@_plants("duplicate_address")
def _again(record: Record) -> None:
    other = record.renamed("again", article=False)
    other.texts = [*other.texts, _sentences(1)]
    record.others.append(other)


def _said(rule: str) -> None:
    PLANTS[rule] = (lambda r: r.add("findings", rule=rule, severity="warn", value=2.0, detail="")), frozenset()


for _rule in (
    *("encoding_repaired", "encoded_twice", "text_from_data", "joined_pages"),
    *("control_characters", "hidden_characters", "invisible_characters"),
):
    _said(_rule)
_REFUSED = ("too_many_lines", "too_many_nodes", "too_many_blocks", "too_deep")
for _rule in ("charset_lie", "charset_guessed", "charset_repaired", "site_rule_no_match", *_REFUSED):
    _said(_rule)
