"""The nouns: what stages pass to each other. All frozen, slotted, keyword-only and picklable.

    Document --extract--> Extraction ( Block*, Article parts, Evidence*, Finding*, Rejection? )
    Capture  --+-> one row of `captures`; its Extraction becomes rows of `articles`, `paragraphs`, ...

A bad page is a row (`Rejection`); a broken run is an exception (`copydesk.errors`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from typing import Any, Self

__all__ = [
    "AD_HOC",
    "KEPT_LABELS",
    "MAX_DOCUMENT_BYTES",
    "REFUSAL_KINDS",
    "Author",
    "AuthorKind",
    "Block",
    "BlockEvidence",
    "Caption",
    "Capture",
    "Dateline",
    "Document",
    "EntityKind",
    "Evidence",
    "Extraction",
    "Finding",
    "Label",
    "Link",
    "Location",
    "Mention",
    "MentionField",
    "Outcome",
    "PageKind",
    "Paragraph",
    "ParagraphKind",
    "Precision",
    "Quote",
    "QuoteKind",
    "Rejection",
    "Severity",
    "SourceFacts",
    "Span",
    "SpanReason",
    "StageCounts",
    "StorySpan",
    "Timestamp",
    "Topic",
]


AD_HOC = "paths"
"""Name of the source that `copydesk run PATH...` makes of paths that belong to no declared source."""
MAX_DOCUMENT_BYTES = 20_000_000
"""Decoded bytes of one document, from a file or from the web: the default of `[run] document_bytes`."""


class Label(StrEnum):
    """What a block is. Every block has exactly one label."""

    TITLE = "title"
    TITLE_DUPLICATE = "title_duplicate"
    HEADING = "heading"
    BODY = "body"
    CAPTION = "caption"
    BYLINE = "byline"
    DATE = "date"
    SOURCE_CREDIT = "source_credit"
    SECTION = "section"
    BREADCRUMB = "breadcrumb"
    RELATED = "related"
    COMMENT = "comment"
    COMMENT_FORM = "comment_form"
    COMMENT_COUNT = "comment_count"
    SHARE = "share"
    NEWSLETTER = "newsletter"
    SITE_NOTICE = "site_notice"
    NAV = "nav"
    ADVERT = "advert"
    BLANK = "blank"
    OTHER = "other"


KEPT_LABELS = frozenset({Label.BODY, Label.HEADING})
"""Labels whose text becomes the article's paragraphs; captions are kept apart, in their own table."""


class PageKind(StrEnum):
    """What kind of page it is; everything but an article goes to quarantine with this as its reason."""

    ARTICLE = "article"
    LISTING = "listing"
    PRODUCT = "product"
    FORUM = "forum"
    MEDIA = "media"  # a video or gallery stub without a text of its own
    WALL = "wall"  # login or paywall stub
    CONSENT = "consent"  # cookie or bot wall
    ERROR = "error"  # soft 404 and the like
    SHELL = "shell"  # nothing but scripts
    UNAVAILABLE = "unavailable"  # geo block, maintenance, rate limit: the site sends no article at the moment
    EMPTY = "empty"
    OTHER = "other"


REFUSAL_KINDS = frozenset({PageKind.CONSENT, PageKind.WALL, PageKind.ERROR, PageKind.SHELL, PageKind.UNAVAILABLE})
"""Kinds of a page that a site sends in place of the article; the kind is also the reason of the rejection.

A known URL that suddenly gives one of them is a failure of the source, not a revision of the article.
"""


class ParagraphKind(StrEnum):
    """The shape a kept paragraph has on the page."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    LIST_ITEM = "list_item"
    QUOTE = "quote"
    TABLE = "table"
    CODE = "code"


class QuoteKind(StrEnum):
    """How words are reported."""

    DIRECT = "direct"  # whole sentences between quotation marks, or behind a dash
    MIXED = "mixed"  # some words between quotation marks inside a sentence of the writer
    INDIRECT = "indirect"  # in the writer's words: "she said that ..."


class AuthorKind(StrEnum):
    """Who signs: a person, or an organisation such as an agency or "Staff"."""

    PERSON = "person"
    ORGANISATION = "organisation"


class EntityKind(StrEnum):
    """What is mentioned."""

    PERSON = "person"
    ORGANISATION = "organisation"
    PLACE = "place"


class MentionField(StrEnum):
    """Where in the article something is mentioned."""

    TITLE = "title"
    BODY = "body"
    CAPTION = "caption"
    BYLINE = "byline"
    DATELINE = "dateline"


class Severity(StrEnum):
    """What a broken rule does: `error` quarantines, `hold` keeps a batch back, `warn` loads with a finding."""

    ERROR = "error"
    HOLD = "hold"
    WARN = "warn"
    INFO = "info"


class Outcome(StrEnum):
    """Where an input ended in a run. Every input ends in exactly one."""

    CAPTURED = "captured"
    UNCHANGED = "unchanged"
    LOADED = "loaded"
    QUARANTINED = "quarantined"
    HELD = "held"
    SKIPPED = "skipped"
    FAILED = "failed"
    DEFERRED = "deferred"
    REFUSED = "refused"


class Precision(StrEnum):
    """How much of a timestamp the page really gave."""

    DAY = "day"
    MINUTE = "minute"
    SECOND = "second"


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """Where a capture's bytes lie, so that they can be read again.

    Attributes:
        path: The file, as given to the run: relative to the desk's folder when inside it, else absolute.
        carrier: How the bytes lie in the file: `file`, `gzip`, `zip`, `tar`, `warc`, `jsonl`, `csv`, `parquet`,
            `mhtml`, `eml`; a carrier in a carrier is named outermost first, with "+": `gzip+tar`, `zip+gzip+jsonl`.
        member: Member name (zip, tar), field name (jsonl), column (csv, parquet), "" where neither applies; behind "#"
            the way on from there in a carrier in a carrier (`sources.files.archives.members`).
        offset: Byte offset of the member's header (zip) or data (tar), of the WARC record, or of the JSON line, in the
            file, or in what comes out of it when `carrier` begins with `gzip`; the row's number, from 0 (parquet).
        length: Bytes from `offset`; 0 where the thing itself says where it ends.
    """

    path: str
    carrier: str = "file"
    member: str = ""
    offset: int = 0
    length: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """The bytes of one uri as seen once. One per source, uri and content.

    Attributes:
        capture_id: UUID of (source, uri, sha256); never from the clock.
        source: Name of the `Source` that brought it.
        uri: Canonical address, or the path relative to the source's root with "/" as separator.
        url: The web address the page had, where known (also for files out of a WARC or MHTML).
        sha256: Hex digest of the bytes.
        media_type: "text/plain", "text/html", ... as declared or sniffed.
        charset: As the carrier declared it (HTTP header, WARC, configuration); None when nobody did.
        size_bytes: Length of the decoded (uncompressed) bytes.
        captured_at: When the bytes were seen (UTC): HTTP date or the file's mtime; not part of any key.
        location: Where the bytes lie.
        http_status, etag, last_modified: As the server sent them; None for a plain file.
        modified_ns: The file's mtime in nanoseconds, for "unchanged" without reading; 0 for the web.
        title_hint, published_hint, author_hint: What the feed, sitemap, JSON line or CSV row said, as a candidate among
            others; authors are joined by ";".
        asked_because: Why the URL was fetched (`new in feed`, `check again after 2.0 days`); None for files.
        truncation: Why the bytes are known to be incomplete (`4096 of 10000 bytes`); None otherwise.
    """

    capture_id: str
    source: str
    uri: str
    url: str | None
    sha256: str
    media_type: str
    charset: str | None
    size_bytes: int
    captured_at: datetime
    location: Location
    http_status: int | None = None
    etag: str | None = None
    last_modified: str | None = None
    modified_ns: int = 0
    title_hint: str | None = None
    published_hint: str | None = None
    author_hint: str | None = None
    asked_because: str | None = None
    truncation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFacts:
    """What a source declares of its pages: all that reading and filing them needs.

    Attributes:
        name: Of the source.
        publisher: Of all its pages, or None.
        charset: Of files that declare none, or None.
        language: ISO 639-1 code of all its pages, or None.
        extractor: Which way decides the body (`[[source]] extractor`).
    """

    name: str
    publisher: str | None = None
    charset: str | None = None
    language: str | None = None
    extractor: str = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What extract is given: the bytes of one capture and what is known about them.

    Attributes:
        document_id: The capture's id, or whatever the caller wants the answer to be called.
        content: The bytes as they lay in the carrier (decompressed).
        media_type: "text/plain" or "text/html" (application/xhtml+xml counts as HTML).
        charset: The declared charset, or None; what the bytes say wins over a lie.
        url: Web address of the page, or None.
        site: Key of the boilerplate counts: the publisher's domain, or the source's name.
        language: ISO 639-1 code the source declares, or None; detection decides when None.
        captured_at: No date may lie after it (UTC); None: no such guard.
        title_hint, published_hint, author_hint: What the feed, or the record, said, as a candidate among others.
        from_record: Whether the text was a field of a record (JSON line, CSV row), whose other fields describe it.
    """

    document_id: str
    content: bytes
    media_type: str
    charset: str | None = None
    url: str | None = None
    site: str = ""
    language: str | None = None
    captured_at: datetime | None = None
    title_hint: str | None = None
    published_hint: str | None = None
    author_hint: str | None = None
    from_record: bool = False

    @classmethod
    def of(cls, capture: Capture, content: bytes, **changes: Any) -> Self:
        """Return the document that a capture's bytes make; `changes` replace or add fields."""
        shared = {name: getattr(capture, name) for name in _DOCUMENT_FIELDS}
        return cls(**{"document_id": capture.capture_id, "content": content, **shared, **changes})


_DOCUMENT_FIELDS = {f.name for f in fields(Document)} & {f.name for f in fields(Capture)}


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockEvidence:
    """One piece of evidence in the decision on a block.

    Attributes:
        name: Kind: `phrase`, `shape`, `position`, `sequence`, `boilerplate`, `model`, `trafilatura`, `json-ld`, `fact`,
            `pin`.
        rule: Id of the rule or feature, e.g. `comment_form.leave_reply` or `run_mean_log_tokens`.
        points: Log-odds towards keeping (+) or cutting (-).
        label: The label it argues for, if any.
        detail: What it saw, in words: the matched phrase, the measured value.
    """

    name: str
    rule: str
    points: float
    label: Label | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A labelled stretch of characters inside a block, e.g. the dateline that opens a paragraph.

    Attributes:
        start, end: Character offsets in the block's text, end exclusive.
    """

    label: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One visible line or paragraph of the page, in page order.

    For plain text `"".join(b.text + b.ending for b in blocks)` is the decoded file, character for character.

    Attributes:
        number: 1-based position on the page; for plain text the line number.
        text: The text without its line ending.
        ending: The line ending as it stood in the file; "" for HTML and for a last line without one.
        label: What it is.
        kept: Whether it went into the article's paragraphs.
        rule: Id of the deciding rule.
        confidence: Probability of the kept/cut decision, 0.5 to 1; where a rule decided against a model, of the rule's.
        runner_up: The second-best label, if there was a contest.
        place: Where it stands in the DOM (`main/article/p[3]`); None for plain text.
        spans: Labelled stretches inside the text.
        evidence: Everything that counted for or against the block; filled only on request (`explain=True`).
    """

    number: int
    text: str
    ending: str = ""
    label: Label
    kept: bool
    rule: str
    confidence: float = 1.0
    runner_up: Label | None = None
    place: str | None = None
    spans: tuple[Span, ...] = ()
    evidence: tuple[BlockEvidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """One kept paragraph of the article.

    Attributes:
        kind: Its shape.
        text: The text as it stands on the page (white space folded for HTML).
        block: Number of the (first) block it comes from.
        level: 1 to 6 for a heading, nesting depth for a list item, else 0.
    """

    kind: ParagraphKind
    text: str
    block: int
    level: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """One name of the byline, cleaned of "By", roles and addresses."""

    name: str
    kind: AuthorKind = AuthorKind.PERSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Dateline:
    """Where and through whom a story was filed: "Moscow, SANA –".

    Attributes:
        text: The dateline as written.
        place, agency, date_text: Its parts, None where absent.
    """

    text: str
    place: str | None = None
    agency: str | None = None
    date_text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption:
    """The words under a picture, and the picture's address where known."""

    text: str
    image_url: str | None = None
    block: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Words that the article reports as said or written by somebody. Offsets count characters of a paragraph's text.

    Attributes:
        paragraph: Position of the paragraph it stands in, from 1.
        start, end: The words, end exclusive, without their quotation marks.
        text: The words.
        kind: direct, mixed or indirect.
        cue: The word that reports ("said", "laut"), as written; "" without one.
        speaker: Who says it, as written there ("he", "the ministry"); None when nobody is named.
        speaker_name: The fullest form that the article gives of that speaker; None when nobody is named.
        speaker_paragraph, speaker_start, speaker_end: Where `speaker` stands; None when nobody is named.
        rule: How it was decided, e.g. `after.inverted`.
        confidence: That the speaker is right, 0 to 1; without a speaker, that these are somebody's words.
    """

    paragraph: int
    start: int
    end: int
    text: str
    kind: QuoteKind
    cue: str = ""
    speaker: str | None = None
    speaker_name: str | None = None
    speaker_paragraph: int | None = None
    speaker_start: int | None = None
    speaker_end: int | None = None
    rule: str
    confidence: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link inside the kept text.

    Attributes:
        url: Absolute http(s) address.
        text: The anchor text.
        block: Number of the block it stands in.
    """

    url: str
    text: str
    block: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Timestamp:
    """A date the page gives, with no more precision than it gives.

    Attributes:
        value: UTC where the page named a zone, else the page's local time marked by `zoned=False`.
        precision: day, minute or second.
        zoned: Whether the page gave a zone or offset.
        offset_minutes: The page's offset from UTC; `value` plus it is the day and hour the reader saw.
    """

    value: datetime
    precision: Precision
    zoned: bool = False
    offset_minutes: int = 0

    def isoformat(self) -> str:
        """Return the date in ISO 8601 as its reader saw it: no time for a day, no zone for a local time."""
        offset = timedelta(minutes=self.offset_minutes)
        local = (self.value + offset).replace(tzinfo=timezone(offset) if self.zoned else None)
        if self.precision is Precision.DAY:
            return local.date().isoformat()
        return local.isoformat(timespec="minutes" if self.precision is Precision.MINUTE else "seconds")

    def __str__(self) -> str:
        """Return the same as `isoformat`."""
        return self.isoformat()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A person, organisation or place, where the article names it.

    Attributes:
        entity_id: UUID of kind and name; None where only a family name is known, which is not enough to tell who it is.
        kind: What it is.
        name: The fullest name the article gives, or that of the gazetteer.
        text: The words of the text, without title and possessive ending.
        field: Where they stand.
        paragraph: Position of the paragraph or caption, from 1; 0 in title, byline and dateline.
        start, end: Character offsets in that text, end exclusive; 0 and 0 in a byline.
        full: Whether the words are a full name.
        role: Title or role beside the name ("Kremlin spokesman"), "" without one.
        country: ISO 3166 code of a place or a known entity, "" where unknown.
        known: Whether a gazetteer has it.
        rule: What made it a mention: `gazetteer`, `given_name`, `role`, `apposition`, `family_name`, ...
    """

    entity_id: str | None
    kind: EntityKind
    name: str
    text: str
    field: MentionField
    paragraph: int
    start: int
    end: int
    full: bool
    role: str = ""
    country: str = ""
    known: bool = False
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A media topic of an article.

    Attributes:
        topic: Short name of one of the 17 IPTC media topics, e.g. `politics`.
        declared: Whether the page declares it; else it is inferred from the words of the text.
        score: 1 for a declared topic, else the share of the topic's words among all words of topics.
        evidence: The section, tag or words it follows from.
    """

    topic: str
    declared: bool
    score: float
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A candidate for a field: where it came from, whether it won, and why or why not.

    Attributes:
        field: `title`, `author`, `published`, `modified`, `section`, `tag`, `language`, `publisher`,
            `canonical`, `image`, `credit`, `agency`, `dateline`, `kind`, `body` (a text out of the page's data).
        value: The candidate as text (dates in ISO 8601).
        source: `json-ld`, `og`, `meta`, `h1`, `time`, `byline`, `url`, `text`, `feed`, `htmldate`, ...
        chosen: Whether it won.
        reason: In words.
    """

    field: str
    value: str
    source: str
    chosen: bool
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanReason:
    """The chances of the same span when a group of features is blanked out: set to the page's median on every line.

    Attributes:
        group: `line`, `words`, `phrases`, `run`, `near` or `place`.
        start, end: Chance of the span's first and last line then, 0 to 1.
    """

    group: str
    start: float
    end: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StorySpan:
    """From which line to which the story of a plain text was taken to run, and how sure that is.

    Attributes:
        first, last: Line numbers, from 1, as in `Block.number`.
        start, end: Chance of `first` to be the story's first line and of `last` to be its last, 0 to 1.
        next_first, next_last: The likeliest other first and last line; None for a page of one line.
        next_start, next_end: Their chances, 0 to 1.
        reasons: The same chances without each group of features, when an explanation was asked for.
    """

    first: int
    last: int
    start: float
    end: float
    next_first: int | None = None
    next_last: int | None = None
    next_start: float = 0.0
    next_end: float = 0.0
    reasons: tuple[SpanReason, ...] = ()

    @property
    def probability(self) -> float:
        """Return the chance that both ends are right, as if they were independent: `start * end`, 0 to 1."""
        return round(self.start * self.end, 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A rule that a record or a batch broke, with what was measured."""

    rule: str
    severity: Severity
    value: float | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """Why a capture went no further.

    Attributes:
        stage: `acquire`, `extract` or `check`.
        reason: Named after the defect: `too_short`, `binary`, `listing`, `time_limit`.
        detail: In words, with the measured value.
        rule: The rule of `refusals.toml` that told it; "" for others.
    """

    stage: str
    reason: str
    detail: str = ""
    rule: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """All that extract has to say about one document. A pure function of bytes, rules and settings.

    Attributes:
        document_id: As in the `Document`.
        kind: What kind of page it is.
        extractor: Which way decided the body: `text`, `blocks`, `trafilatura`, `blocks+trafilatura`, `site_rule:NAME`,
            `data` (the text stands only in the page's data).
        charset: What the bytes were decoded as.
        blocks: Every visible block, kept or cut, in page order.
        paragraphs: The article's body.
        section_path: From the breadcrumb or section line, outermost first, without the title.
        quotes: Who said what, in the order of the text.
        agency: The agency named in dateline or credit.
        credit: The source credit ("Source: Fars News" gives "Fars News").
        publisher: Site name as the page gives it.
        canonical_url: `<link rel=canonical>` and the like, checked for sanity.
        confidence: Word F1 to expect of the text, 0 to 1, from the certainty of the kept/cut decisions.
        story: The span that the story was looked for in; plain text only.
        template: Sketch of the class names of the page (`text/html/dom/template.py`); "" for plain text.
        truncated: Whether the document has only the start of the article: the preview of a paid one, or a cut-off page
            or file.
        evidence: All candidates of all fields.
        findings: What looked wrong on the way (charset repaired, site rule without a match, ...).
        rejection: Set when there is no article to load.
    """

    document_id: str
    kind: PageKind
    extractor: str
    charset: str
    blocks: tuple[Block, ...] = ()
    title: str | None = None
    paragraphs: tuple[Paragraph, ...] = ()
    authors: tuple[Author, ...] = ()
    published: Timestamp | None = None
    modified: Timestamp | None = None
    dateline: Dateline | None = None
    section_path: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    agency: str | None = None
    credit: str | None = None
    publisher: str | None = None
    language: str = "und"
    captions: tuple[Caption, ...] = ()
    links: tuple[Link, ...] = ()
    quotes: tuple[Quote, ...] = ()
    image_url: str | None = None
    canonical_url: str | None = None
    comment_count: int | None = None
    confidence: float = 1.0
    story: StorySpan | None = None
    template: str = ""
    truncated: bool = False
    evidence: tuple[Evidence, ...] = ()
    findings: tuple[Finding, ...] = ()
    rejection: Rejection | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StageCounts:
    """What a stage returns: how many inputs ended how. One per run and stage.

    Attributes:
        stage: The stage's name.
        counts: Outcome -> number of inputs.
        reasons: Reason -> number, for what did not get through.
        reasons_by_outcome: Outcome -> reason -> number: the same, apart by how the inputs ended (acquire and check).
        cut: Label -> number of cut blocks (extract only).
    """

    stage: str
    counts: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    reasons_by_outcome: dict[str, dict[str, int]] = field(default_factory=dict)
    cut: dict[str, int] = field(default_factory=dict)
