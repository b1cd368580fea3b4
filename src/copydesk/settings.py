"""The desk: the folder with `copydesk.toml`, and what it says.

    desk/
      copydesk.toml          sources, limits, rules
      warehouse/             copydesk.duckdb  archive/  runs/  (everything Copydesk writes)

Each value can be overridden from the environment: `COPYDESK_RUN__WORKERS=1` is `[run] workers = 1`.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from copydesk import plugins
from copydesk._version import __version__
from copydesk.errors import SettingsError, UsageError
from copydesk.records import MAX_DOCUMENT_BYTES
from copydesk.settings_errors import explain_errors

__all__ = [
    "AD_HOC",
    "DeskFolder",
    "NotifySettings",
    "QualitySettings",
    "RuleOverride",
    "RunSettings",
    "ScheduleSettings",
    "Settings",
    "Source",
    "WarehouseSettings",
    "WebSettings",
    "find_desk",
    "load_settings",
    "open_desk",
]

FILE_NAME = "copydesk.toml"
AD_HOC = "paths"
"""Name of the source that `copydesk run PATH...` makes of paths that belong to no declared source."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    former_names: ClassVar[Mapping[str, str]] = {}
    """Former key -> key; accepted for one release, from the file and from the environment."""

    @model_validator(mode="before")
    @classmethod
    def _accept_former_names(cls, value: Any) -> Any:
        for former, name in cls.former_names.items():
            if isinstance(value, dict) and former in value:
                default = cls.model_fields[name].default  # of all fields, there before what the user gave
                if value.get(name, default) != default:
                    raise ValueError(f"{former!r} is the former name of {name!r}; give one of them")
                value = {**{k: v for k, v in value.items() if k != former}, name: value[former]}
                _report_former_name(former, name)
        return value


@cache
def _report_former_name(former: str, name: str) -> None:
    """Say once on standard error that a key has a new name."""
    sys.stderr.write(f"copydesk: the setting {former} is now called {name}; the former name works in this release.\n")


@cache
def _notice_once(text: str) -> None:
    from copydesk.logs import notice

    notice(text)


class RuleOverride(_Section):
    """A change to one quality rule: another severity, another threshold, or off.

    In TOML a table, or for short the severity (`no_date = "off"`) or the threshold (`too_short = 100`) alone.

    Attributes:
        severity: `error` quarantines a record, `hold` keeps a batch back, `warn` loads with a finding, `info` with a
            note, `off` switches the rule off.
        threshold: Replaces the rule's own threshold, in the rule's unit.
        because: Why; shown in the report.
    """

    severity: Literal["error", "hold", "warn", "info", "off"] | None = None
    threshold: float | None = None
    because: str = ""

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"severity": value}
        return {"threshold": value} if isinstance(value, int | float) and not isinstance(value, bool) else value


class Source(_Section):
    """What the user declared: where pages come from, how often, under which rules. One per name.

    Attributes:
        name: Unique; letters, digits, "-" and "_".
        kind: `files`, `urls`, `feed`, `sitemap` or `warc`, or one that another package adds (docs/extending.md).
        options: Settings of a kind that another package adds.
        paths: Files and folders (files, warc), relative to the desk's folder.
        url: The feed's, sitemap's or site's address.
        urls: Addresses, or one path to a file with an address a line.
        publisher: Who publishes it; the address's domain when left out.
        language: ISO 639-1 code when every page is in one language; detected when left out.
        charset: When the carrier does not declare one and detection is not wanted.
        include, exclude: Shell patterns on the relative path, or regular expressions on the address.
        extractor: Which way decides the body of HTML pages: `auto`, `trafilatura` or `blocks`; one that another
            package adds extracts all documents of the source.
        text_field, html_field: Which field of a .jsonl line holds the text or the page.
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
    options: dict[str, Any] = {}
    paths: tuple[str, ...] = ()
    url: str | None = None
    urls: tuple[str, ...] | str = ()
    publisher: str | None = None
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")] | None = None
    charset: str | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    extractor: str = "auto"
    text_field: str | None = None
    html_field: str | None = None
    max_items: Annotated[int, Field(gt=0)] | None = None
    since: date | None = None
    delay_s: Annotated[float, Field(ge=0)] | None = None
    headers: dict[str, str] = {}
    archive: bool = True
    schedule: str | None = None
    timezone: str = "UTC"
    jitter_s: Annotated[float, Field(ge=0)] = 0
    enabled: bool = True
    warn_after_h: Annotated[float, Field(gt=0)] | None = None
    error_after_h: Annotated[float, Field(gt=0)] | None = None
    founded: date | None = None
    rules: dict[str, RuleOverride] = {}

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
        model = _added(plugins.SOURCES, self.kind).settings
        if model is None and self.options:
            raise ValueError(f"a source of kind {self.kind!r} takes no 'options'")
        if model is not None:
            try:
                model(**self.options)
            except ValidationError as error:
                first = error.errors()[0]
                place = ".".join(map(str, ("options", *first["loc"])))
                raise ValueError(f"{place}: {first['msg']}") from error

    @field_validator("extractor")
    @classmethod
    def _extractor_exists(cls, value: str) -> str:
        if not plugins.is_own(plugins.EXTRACTORS, value):
            _added(plugins.EXTRACTORS, value)
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
    def fetches(self) -> bool:
        """Whether the source opens a socket."""
        if plugins.is_own(plugins.SOURCES, self.kind):
            return self.kind in {"urls", "feed", "sitemap"}
        return bool(_added(plugins.SOURCES, self.kind).fetches)


def _added(group: str, name: str) -> Any:
    """Return what another package adds under a name, or a ValueError, which names the key in the file."""
    try:
        return plugins.load(group, name)
    except UsageError as error:
        raise ValueError(str(error).rstrip(".")) from error


class WarehouseSettings(_Section):
    """Where everything lies that Copydesk writes.

    Attributes:
        path: The DuckDB file. The archive and the runs lie beside it.
        lock_timeout_s: Seconds a load waits for a reader who holds the file.
        snapshot: Publish a read copy (`copydesk.snapshot.duckdb`) by atomic rename after each load.
        archive_days: Archive files older than this are removed by upkeep; 0 keeps all.
    """

    former_names: ClassVar[Mapping[str, str]] = {"wait_s": "lock_timeout_s"}
    path: str = "warehouse/copydesk.duckdb"
    lock_timeout_s: Annotated[float, Field(ge=0)] = 30
    snapshot: bool = False
    archive_days: Annotated[int, Field(ge=0)] = 0


class RunSettings(_Section):
    """How a run works.

    Attributes:
        workers: Processes that extract; 0 is one per core.
        part_documents, part_bytes: A part closes at whichever comes first.
        document_timeout_s: Seconds one document may take before its worker is killed.
        document_bytes: Decoded size above which a document is refused, from a file or from the web.
        memory_limit_mb: Memory one worker may use.
    """

    former_names: ClassVar[Mapping[str, str]] = {"document_limit_s": "document_timeout_s"}
    workers: Annotated[int, Field(ge=0, le=256)] = 0
    part_documents: Annotated[int, Field(gt=0)] = 500
    part_bytes: Annotated[int, Field(gt=0)] = 8_000_000
    document_timeout_s: Annotated[float, Field(gt=0)] = 20
    document_bytes: Annotated[int, Field(gt=0)] = MAX_DOCUMENT_BYTES
    memory_limit_mb: Annotated[int, Field(ge=256)] = 2048

    @model_validator(mode="before")
    @classmethod
    def _without_keep_runs(cls, value: Any) -> Any:
        """Take `keep_runs` for one release more: it was documented, and never had an effect."""
        if not isinstance(value, dict) or "keep_runs" not in value:
            return value
        _notice_once("[run] keep_runs has no effect and is no setting any more: remove it from copydesk.toml.")
        return {k: v for k, v in value.items() if k != "keep_runs"}


class WebSettings(_Section):
    """How Copydesk behaves towards the sites it asks.

    Attributes:
        contact: Mail or web address in the user agent, so that a site's owner can reach you.
        concurrency: Requests in flight in all; one per host.
        delay_s: Seconds between two requests to one host.
        deadline_s: Seconds one request may take in all.
        max_bytes: Decoded size above which a page is refused, where it is less than `[run] document_bytes`.
        robots: Whether robots.txt is obeyed.
        opt_outs: What to do about noai, noindex and TDM reservations: record, honour or ignore.
        allow_hosts: host:port pairs that the guard against private addresses lets through.
        agent: Product token and version in the user agent; robots.txt groups are matched against the token.
        max_wait_s: A turn further away than this is not waited for: the URL is deferred.
        connect_s, robots_s: Seconds for a connection, and for one request for robots.txt or tdmrep.json.
        redirects: Redirects that are followed.
        header_bytes, header_count: Response headers above which an answer is refused.
        feed_bytes, list_bytes, robots_bytes: Decoded size of a feed, a sitemap and robots.txt.
        attempts: Tries per URL for what may pass (timeouts, resets, 5xx).
        backoff_s, max_backoff_s: First and longest wait between tries, before jitter.
        breaker_failures, breaker_cool_s: Failures in a row that close a host, and for how many seconds.
        robots_max_age_s: Seconds an answer to robots.txt is kept; at most a day.
        ca_file: A further certificate authority, PEM.
        list_interval_s, page_interval_s: Shortest and longest interval of adaptive polling, of lists and of pages.
        watch_s: A page younger than this is asked for again when due, whether or not a list still names it.
    """

    contact: str | None = None
    concurrency: Annotated[int, Field(gt=0, le=512)] = 32
    delay_s: Annotated[float, Field(ge=0)] = 1.0
    deadline_s: Annotated[float, Field(gt=0)] = 30
    max_bytes: Annotated[int, Field(gt=0)] | None = None
    robots: bool = True
    opt_outs: Literal["record", "honour", "ignore"] = "record"
    allow_hosts: tuple[str, ...] = ()
    agent: Annotated[str, Field(pattern=r"^[!-~]+$")] = f"copydesk/{__version__}"
    max_wait_s: Annotated[float, Field(ge=0)] = 120
    connect_s: Annotated[float, Field(gt=0)] = 10
    robots_s: Annotated[float, Field(gt=0)] = 10
    redirects: Annotated[int, Field(ge=0)] = 5
    header_bytes: Annotated[int, Field(gt=0)] = 65_536
    header_count: Annotated[int, Field(gt=0)] = 200
    feed_bytes: Annotated[int, Field(gt=0)] = 20_000_000
    list_bytes: Annotated[int, Field(gt=0)] = 52_428_800
    robots_bytes: Annotated[int, Field(gt=0)] = 512_000
    attempts: Annotated[int, Field(gt=0)] = 3
    backoff_s: Annotated[float, Field(ge=0)] = 1
    max_backoff_s: Annotated[float, Field(ge=0)] = 30
    breaker_failures: Annotated[int, Field(gt=0)] = 4
    breaker_cool_s: Annotated[float, Field(ge=0)] = 300
    robots_max_age_s: Annotated[float, Field(ge=0, le=86_400)] = 86_400
    ca_file: str | None = None
    list_interval_s: tuple[float, float] = (600, 86_400)
    page_interval_s: tuple[float, float] = (21_600, 2_592_000)
    watch_s: Annotated[float, Field(ge=0)] = 259_200


class QualitySettings(_Section):
    """What the gate lets through.

    Attributes:
        rules: Rules changed for the whole desk.
        max_quarantined: Exit code 3 when the share of quarantined captures of a run is above this, 0 to 1.
        warn_on: Exit code 1 when the share of captures with a warning is above this, 0 to 1.
    """

    former_names: ClassVar[Mapping[str, str]] = {"fail_on": "max_quarantined"}
    rules: dict[str, RuleOverride] = {}
    max_quarantined: Annotated[float, Field(ge=0, le=1)] = 0.5
    warn_on: Annotated[float, Field(ge=0, le=1)] = 1.0


class ScheduleSettings(_Section):
    """How `copydesk serve` runs.

    Attributes:
        host, port: Where the Prefect server it starts listens.
        limit: Flow runs at once.
        stage_timeout_h: Hours one stage of a run may take before it is ended.
        upkeep: Schedule of the upkeep flow.
        log_days: Days of logs that upkeep keeps.
    """

    former_names: ClassVar[Mapping[str, str]] = {"limit_h": "stage_timeout_h"}
    host: str = "127.0.0.1"
    port: Annotated[int, Field(gt=0, lt=65536)] = 4200
    limit: Annotated[int, Field(gt=0)] = 2
    stage_timeout_h: Annotated[float, Field(gt=0)] = 6
    upkeep: str | None = "0 4 * * *"
    log_days: Annotated[int, Field(gt=0)] = 30


class NotifySettings(_Section):
    """Who is told when something changes state (failure, hold, silence, recovery).

    Attributes:
        urls: Apprise URLs (https://github.com/caronc/apprise/wiki): `slack://...`, `ntfy://...`, `mailtos://...`.
        command: A program that gets the JSON on standard input.
        webhook: An address that gets a JSON POST. Kept for one release: `urls` does the same with `json://`.
        smtp, mail_from, mail_to: host:port and addresses for e-mail.
    """

    urls: tuple[str, ...] = ()
    webhook: str | None = None
    command: tuple[str, ...] = ()
    smtp: str | None = None
    mail_from: str | None = None
    mail_to: tuple[str, ...] = ()


class Settings(BaseSettings):
    """All of `copydesk.toml`, with the environment's overrides."""

    model_config = SettingsConfigDict(
        env_prefix="COPYDESK_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        nested_model_default_partial_update=True,
    )

    source: tuple[Source, ...] = ()
    warehouse: WarehouseSettings = WarehouseSettings()
    run: RunSettings = RunSettings()
    web: WebSettings = WebSettings()
    quality: QualitySettings = QualitySettings()
    schedule: ScheduleSettings = ScheduleSettings()
    notify: NotifySettings = NotifySettings()

    @model_validator(mode="after")
    def _names_are_unique(self) -> Settings:
        names = [s.name for s in self.source]
        twice = sorted({n for n in names if names.count(n) > 1})
        if twice:
            raise ValueError(f"two sources are called {twice[0]!r}; give each a name of its own")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over the file."""
        return env_settings, init_settings


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskFolder:
    """A folder and its settings.

    Attributes:
        root: The folder that holds `copydesk.toml`; paths in the settings are relative to it.
        settings: What the file says.
    """

    root: Path
    settings: Settings

    @property
    def warehouse(self) -> Path:
        """The DuckDB file."""
        return self.root / self.settings.warehouse.path

    @property
    def runs(self) -> Path:
        """The folder of run folders."""
        return self.warehouse.parent / "runs"

    @property
    def archive(self) -> Path:
        """The folder of WARC files."""
        return self.warehouse.parent / "archive"

    @property
    def site_rules(self) -> Path | None:
        """The folder of the user's own site rules, if there is one."""
        folder = self.root / "rules" / "sites"
        return folder if folder.is_dir() else None

    @property
    def own_rules(self) -> tuple[Path, ...]:
        """The folders of the user's own rules and checks, read after those of the package."""
        return tuple(folder for name in ("rules", "checks") if (folder := self.root / name).is_dir())

    @property
    def phrase_rules(self) -> tuple[Path, ...]:
        """The folders of the user's own phrase rules."""
        folder = self.root / "rules" / "phrases"
        return (folder,) if folder.is_dir() else ()

    @property
    def own_views(self) -> Path:
        """The folder of the user's own views."""
        return self.root / "views"

    def source(self, name: str) -> Source:
        """Return the source of that name.

        Raises:
            UsageError: There is none.
        """
        for source in self.settings.source:
            if source.name == name:
                return source
        known = ", ".join(s.name for s in self.settings.source) or "none"
        raise UsageError(f"no source is called {name!r}. Declared in {self.root / FILE_NAME}: {known}.")


def find_desk(start: Path) -> Path | None:
    """Return the nearest folder from `start` upwards that holds a `copydesk.toml`."""
    for folder in (start, *start.parents):
        if (folder / FILE_NAME).is_file():
            return folder
    return None


def open_desk(folder: Path | None = None, *, required: bool = True) -> DeskFolder:
    """Return the desk in `folder`, or the nearest one from the current folder upwards.

    Args:
        folder: Where to look; None looks upwards from the current folder.
        required: Without a `copydesk.toml`, raise; else use the current folder with default settings.

    Raises:
        UsageError: There is no desk and one is required.
        SettingsError: The file says something that cannot be done.
    """
    if folder is not None and not folder.is_dir():
        raise UsageError(f"no such folder: {folder}. `copydesk init {folder}` makes a desk there.")
    root = find_desk((folder or Path.cwd()).resolve())
    if root is not None:
        return DeskFolder(root=root, settings=load_settings(root / FILE_NAME))
    if required:
        raise UsageError(f"no {FILE_NAME} in {folder or Path.cwd()} or above. `copydesk init` makes a desk here.")
    return DeskFolder(root=(folder or Path.cwd()).resolve(), settings=_validated({}, Path(FILE_NAME)))


def load_settings(path: Path) -> Settings:
    """Read one `copydesk.toml`.

    Raises:
        SettingsError: It cannot be read, is no TOML, or says something that cannot be done; names file, key and line.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"cannot read {path}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not UTF-8 text (byte {error.start}). Save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not valid TOML: {error}. Mend that line and run again.") from error
    return _validated(data, path)


def _validated(data: dict[str, Any], path: Path) -> Settings:
    try:
        return Settings(**data)
    except ValidationError as error:
        raise SettingsError(f"{path}: " + "; ".join(explain_errors(error.errors(), data, Settings))) from error
