"""A `[[source]]` of `copydesk.toml`: where pages come from, how often, under which rules."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from copydesk import plugins
from copydesk.records import SourceFacts
from copydesk.settings.plugin_options import check_options, load_plugin
from copydesk.settings.sections import RuleOverride, Section

__all__ = ["Source"]


class Source(Section):
    """What the user declared: where pages come from, how often, under which rules. One per name.

    Attributes:
        name: Unique; letters, digits, "-" and "_".
        kind: `files`, `urls`, `feed`, `sitemap`, `warc` or `ccnews`, or one that another package adds
            (docs/extending.md).
        options: Settings of the kind `ccnews` (`first`, `last`), or of a kind that another package adds.
        paths: Files and folders (files, warc), relative to the desk's folder, or addresses: `s3://bucket/folder`,
            `gs://`, `az://`, `https://host/crawl.warc.gz` (needs `copydesk[cluster]`).
        url: The feed's, sitemap's or site's address.
        urls: Addresses, or one path to a file with an address a line.
        collections: Names of groups that the source belongs to; `copydesk run NAME` runs a group.
        publisher: Who publishes it; the address's domain when left out.
        language: ISO 639-1 code when every page is in one language; detected when left out.
        charset: When the carrier does not declare one and detection is not wanted.
        include, exclude: Shell patterns on the relative path, or regular expressions on the address.
        extractor: Which way decides the body of HTML pages: `auto`, `trafilatura` or `blocks`; one that another
            package adds extracts all documents of the source.
        text_field, html_field: Which field of a .jsonl line, or column of a .csv or .parquet file, holds the text or
            the page.
        record_fields: Which fields hold its `url`, `title`, `date`, `author` and `id`, where they are called otherwise.
        max_items: Addresses a run takes at most.
        since: Nothing older than this day.
        delay_s: Seconds between two requests to one host; the larger of this and Crawl-delay holds.
        headers: Extra request headers.
        archive: Whether fetched pages are kept in the WARC archive.
        schedule: Cron ("*/15 * * * *"), interval ("every 15 minutes") or RRULE ("RRULE:FREQ=DAILY;BYHOUR=6").
        timezone: Zone of the schedule.
        jitter_s: Each run starts up to this many seconds late, so that not all start at once.
        enabled: False pauses the source.
        warn_after_h, error_after_h: Hours without a new item until the silence is reported.
        founded: The publisher has printed nothing before this day; earlier dates are findings.
        rules: Quality rules changed for this source.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
    kind: str = "files"
    options: dict[str, Any] = Field(default={})
    paths: tuple[str, ...] = ()
    url: str | None = None
    urls: tuple[str, ...] | str = ()
    collections: tuple[Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")], ...] = ()
    publisher: str | None = None
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")] | None = None
    charset: str | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    extractor: str = "auto"
    text_field: str | None = None
    html_field: str | None = None
    record_fields: dict[Literal["url", "title", "date", "author", "id"], str] = Field(default={})
    max_items: Annotated[int, Field(gt=0)] | None = None
    since: date | None = None
    delay_s: Annotated[float, Field(ge=0)] | None = None
    headers: dict[str, str] = Field(default={})
    archive: bool = True
    schedule: str | None = None
    timezone: str = "UTC"
    jitter_s: Annotated[float, Field(ge=0)] = 0
    enabled: bool = True
    warn_after_h: Annotated[float, Field(gt=0)] | None = None
    error_after_h: Annotated[float, Field(gt=0)] | None = None
    founded: date | None = None
    rules: dict[str, RuleOverride] = Field(default={})

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> Source:
        needs: dict[str, tuple[str, bool]] = {
            "files": ("paths", bool(self.paths)),
            "warc": ("paths", bool(self.paths)),
            "urls": ("urls", bool(self.urls)),
            "feed": ("url", bool(self.url)),
            "sitemap": ("url", bool(self.url)),
        }
        if self.kind not in needs:
            self._check_options()
            return self
        field, given = needs[self.kind]
        if not given:
            raise ValueError(f"a source of kind {self.kind!r} needs {field!r}")
        if self.options:
            raise ValueError(f"a source of kind {self.kind!r} takes no 'options'")
        return self

    def _check_options(self) -> None:
        """Check `options` by the model of a kind that another package adds."""
        kind = load_plugin(plugins.SOURCES, self.kind)
        refusal = f"a source of kind {self.kind!r} takes no 'options'"
        check_options(kind, self.options, place="options", refusal=refusal)

    @field_validator("extractor")
    @classmethod
    def _extractor_exists(cls, value: str) -> str:
        if not plugins.is_own(plugins.EXTRACTORS, value):
            load_plugin(plugins.EXTRACTORS, value)
        return value

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        from zoneinfo import ZoneInfo

        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"{value!r} is no time zone; use a name such as 'Europe/Berlin'") from error
        return value

    @property
    def facts(self) -> SourceFacts:
        """What it declares of its pages."""
        return SourceFacts(
            name=self.name,
            publisher=self.publisher,
            charset=self.charset,
            language=self.language,
            extractor=self.extractor,
        )

    @property
    def fetches(self) -> bool:
        """Whether the source opens a socket."""
        if plugins.is_own(plugins.SOURCES, self.kind):
            return self.kind in {"urls", "feed", "sitemap"}
        return bool(load_plugin(plugins.SOURCES, self.kind).fetches)
