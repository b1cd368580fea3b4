"""A desk's folder and its settings: find it, read `copydesk.toml`, let the environment override it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from copydesk.errors import SettingsError, UsageError
from copydesk.settings.lake_path import is_lake, lake_path
from copydesk.settings.lineage import LineageSettings
from copydesk.settings.messages import explain_errors
from copydesk.settings.sections import (
    NotifySettings,
    QualitySettings,
    RunSettings,
    ScheduleSettings,
    WarehouseSettings,
    WebSettings,
)
from copydesk.settings.source import Source
from copydesk.settings.watch import Watch

__all__ = ["FILE_NAME", "DeskFolder", "Settings", "find_desk", "find_desk_folder", "load_settings"]

FILE_NAME = "copydesk.toml"


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
    lineage: LineageSettings = LineageSettings()
    watch: tuple[Watch, ...] = ()

    @model_validator(mode="after")
    def _names_are_unique(self) -> Settings:
        names = [s.name for s in self.source]
        twice = sorted({n for n in names if names.count(n) > 1})
        if twice:
            raise ValueError(f"two sources are called {twice[0]!r}; give each a name of its own")
        watches = [w.name for w in self.watch]
        if twice := sorted({n for n in watches if watches.count(n) > 1}):
            raise ValueError(f"two watches are called {twice[0]!r}; give each a name of its own")
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
        """The DuckDB file; of a lake, the path that stands for it."""
        chosen = self.settings.warehouse
        if is_lake(chosen.path):
            return lake_path(self.root, chosen.path, chosen.data_path)
        return self.root / chosen.path

    @property
    def runs(self) -> Path:
        """The folder of run folders."""
        return self.warehouse.parent / "runs"

    @property
    def archive(self) -> Path:
        """The folder of WARC files; of those that wait for `[warehouse] archive_path` where there is one."""
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
    def contract(self) -> Path | None:
        """The data contract whose checks are added, if there is one."""
        chosen = self.settings.quality.contract
        return self.root / chosen if chosen else None

    @property
    def phrase_rules(self) -> tuple[Path, ...]:
        """The folders of the user's own phrase rules."""
        folder = self.root / "rules" / "phrases"
        return (folder,) if folder.is_dir() else ()

    @property
    def gazetteers(self) -> tuple[Path, ...]:
        """The folders of the user's own gazetteers."""
        folder = self.root / "rules" / "gazetteers"
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


def find_desk_folder(folder: Path | None = None, *, required: bool = True) -> DeskFolder:
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
