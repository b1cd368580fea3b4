"""The tables of `copydesk.toml`, one model each, with the meaning and the unit of every key."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from copydesk import plugins
from copydesk._version import __version__
from copydesk.object_store import is_store
from copydesk.records import MAX_DOCUMENT_BYTES
from copydesk.settings.lake_path import is_lake, parse_lake_address
from copydesk.settings.plugin_options import check_options, load_plugin

__all__ = [
    "NotifyRoute",
    "NotifySettings",
    "QualitySettings",
    "RuleOverride",
    "RunSettings",
    "ScheduleSettings",
    "Section",
    "WarehouseSettings",
    "WebSettings",
]


class Section(BaseModel):
    """One table of `copydesk.toml`: frozen, and an unknown key is an error."""

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
                _notice_once(f"the setting {former} is now called {name}; the former name works in this release.")
        return value


@cache
def _notice_once(text: str) -> None:
    """Say something once on standard error."""
    from copydesk.logs import notice

    notice(text)


class RuleOverride(Section):
    """A change to one quality rule: another severity, another threshold, or off.

    In TOML a table, or for short the severity (`no_date = "off"`) or the threshold (`too_short = 100`) alone.

    Attributes:
        severity: `error` quarantines a record, `hold` keeps a batch back, `warn` loads with a finding, `info` with a
            note, `off` switches the rule off.
        threshold: Replaces the rule's own threshold, in the rule's unit.
        because: Why; shown in the report.
        owner: Who looks after the rule; notifications go where `[notify.routes]` says.
        tags: Words to group and route by.
        warn_if, error_if: How many captures of a source's run may break the rule before its batch has a warning, or is
            held: `"> 20"` captures or `"> 5 %"` of them.
    """

    severity: Literal["error", "hold", "warn", "info", "off"] | None = None
    threshold: float | None = None
    because: str = ""
    owner: str | None = None
    tags: tuple[str, ...] | None = None
    warn_if: str | None = None
    error_if: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"severity": value}
        return {"threshold": value} if isinstance(value, int | float) and not isinstance(value, bool) else value


class WarehouseSettings(Section):
    """Where everything lies that Copydesk writes.

    Attributes:
        path: The DuckDB file; the archive and the runs lie beside it. Or a lake, `ducklake:...` (docs/lake.md).
        data_path: Of a lake: the folder of its Parquet files, or the address of one (`s3://bucket/folder`).
        lock_timeout_s: Seconds a load waits for a reader who holds the file.
        snapshot: Publish a read copy (`copydesk.snapshot.duckdb`) by atomic rename after each load.
        archive_path: Where fetched pages are kept, as the address of a folder in an object store, `s3://bucket/folder`;
            empty: `archive/` beside the warehouse.
        archive_days: Archive files older than this are removed by upkeep; 0 keeps all.
        evidence: What is stored of how a page was read: `full`, all candidates of each field and every cut line;
            `winners`, the chosen candidates alone; `none`. Articles, quotes and names are the same.
    """

    former_names: ClassVar[Mapping[str, str]] = {"wait_s": "lock_timeout_s"}
    path: str = "warehouse/copydesk.duckdb"
    data_path: str = "warehouse/lake"
    lock_timeout_s: Annotated[float, Field(ge=0)] = 30
    snapshot: bool = False
    archive_path: str = ""
    archive_days: Annotated[int, Field(ge=0)] = 0
    evidence: Literal["full", "winners", "none"] = "full"

    @field_validator("path")
    @classmethod
    def _lake_is_written_right(cls, value: str) -> str:
        if is_lake(value):
            parse_lake_address(value, root=Path(), data="")
        return value

    @field_validator("data_path")
    @classmethod
    def _data_is_a_folder(cls, value: str) -> str:
        if "://" in value and not value.startswith("s3://"):
            raise ValueError('it is a folder, or the address of one in S3: "s3://bucket/folder"')
        return value

    @field_validator("archive_path")
    @classmethod
    def _archive_is_a_store(cls, value: str) -> str:
        if value and not is_store(value):
            raise ValueError('it is the address of a folder in an object store, "s3://bucket/folder", gs:// or az://')
        return value.rstrip("/")


class RunSettings(Section):
    """How a run works.

    Attributes:
        engine: Where documents are extracted: `local`, processes of this machine, or `dask`, a Dask cluster (needs
            `copydesk[cluster]`).
        dask_scheduler: Address of the scheduler, `tcp://host:8786`. Without it the engine `dask` runs inside this
            process.
        workers: Processes that extract; 0 is one per core. A cluster has as many as its workers have threads.
        part_documents, part_bytes: A part closes at whichever comes first; the first parts of a run are smaller.
        document_timeout_s: Seconds one document may take before its worker is killed.
        document_bytes: Decoded size above which a document is refused, from a file or from the web.
        memory_limit_mb: Memory one worker may use.
    """

    former_names: ClassVar[Mapping[str, str]] = {"document_limit_s": "document_timeout_s"}
    engine: Literal["local", "dask"] = "local"
    dask_scheduler: Annotated[str, Field(pattern=r"^(tcp|tls|ucx|ws|wss)://[^\s/]+:\d+$")] | None = None
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


class WebSettings(Section):
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
        max_wait_s: Defer a URL whose host slot is further away.
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


class QualitySettings(Section):
    """Limits on quarantine and warnings.

    Attributes:
        rules: Rules changed for the whole desk.
        max_quarantined: Exit code 3 when the share of quarantined captures of a run is above this, 0 to 1.
        warn_on: Exit code 1 when the share of captures with a warning is above this, 0 to 1.
        contract: A data contract (Open Data Contract Standard 3, YAML), whose checks each run is asked before its load.
    """

    former_names: ClassVar[Mapping[str, str]] = {"fail_on": "max_quarantined"}
    rules: dict[str, RuleOverride] = {}
    max_quarantined: Annotated[float, Field(ge=0, le=1)] = 0.5
    warn_on: Annotated[float, Field(ge=0, le=1)] = 1.0
    contract: Annotated[str, Field(min_length=1)] | None = None


class ScheduleSettings(Section):
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


class NotifyRoute(Section):
    """Channels for the notifications of one owner, dimension, tag or source, in place of those of `[notify]`.

    Attributes:
        urls: As in `[notify]`.
        command: As in `[notify]`.
        webhook: As in `[notify]`.
        mail_to: Addresses; the server and the sender are those of `[notify]`.
    """

    urls: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    webhook: str | None = None
    mail_to: tuple[str, ...] = ()


class NotifySettings(Section):
    """Notification channels, used when something changes state (failure, hold, silence, recovery).

    Attributes:
        urls: Apprise URLs (https://github.com/caronc/apprise/wiki): `slack://...`, `ntfy://...`, `mailtos://...`.
        command: A list: a program and its arguments; it gets the JSON on standard input.
        webhook: An address that gets a JSON POST. Kept for one release: `urls` does the same with `json://`.
        smtp, mail_from, mail_to: host:port and addresses for e-mail.
        routes: `[notify.routes.NAME]`: other channels for the troubles whose owner, dimension, tag or source is NAME.
        options: Channels that other packages add, by name: `[notify.options.NAME]` (docs/extending.md).
    """

    urls: tuple[str, ...] = ()
    webhook: str | None = None
    command: tuple[str, ...] = ()
    smtp: str | None = None
    mail_from: str | None = None
    mail_to: tuple[str, ...] = ()
    routes: dict[str, NotifyRoute] = {}
    options: dict[str, dict[str, Any]] = Field(default={})

    @field_validator("smtp")
    @classmethod
    def _is_a_server(cls, value: str | None) -> str | None:
        host, _, port = (value or "").rpartition(":")
        if value and ("/" in value or (host and not port.isdecimal())):
            raise ValueError("give host:port, such as mail.example.org:587, without smtp://")
        return value

    @field_validator("options")
    @classmethod
    def _options_fit(cls, value: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        for name, options in value.items():
            refusal = f"channel {name!r} takes no options"
            if plugins.is_own(plugins.NOTIFIERS, name):
                raise ValueError(f"{refusal}: the other keys of [notify] configure it")
            check_options(load_plugin(plugins.NOTIFIERS, name), options, place=name, refusal=refusal)
        return value
