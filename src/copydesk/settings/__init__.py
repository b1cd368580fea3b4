"""The desk: the folder with `copydesk.toml`, and what it says.

    desk/
      copydesk.toml          sources, limits, rules
      warehouse/             copydesk.duckdb  archive/  runs/  (everything Copydesk writes)

Each value can be overridden from the environment: `COPYDESK_RUN__WORKERS=1` is `[run] workers = 1`.
"""

from copydesk.settings.desk_folder import DeskFolder, Settings, find_desk, find_desk_folder, load_settings
from copydesk.settings.lineage import LineageSettings
from copydesk.settings.output_path import is_stream, output_path
from copydesk.settings.sections import (
    NotifySettings,
    QualitySettings,
    RuleOverride,
    RunSettings,
    ScheduleSettings,
    WarehouseSettings,
    WebSettings,
)
from copydesk.settings.source import Source
from copydesk.settings.watch import Watch

__all__ = [
    "DeskFolder",
    "LineageSettings",
    "NotifySettings",
    "QualitySettings",
    "RuleOverride",
    "RunSettings",
    "ScheduleSettings",
    "Settings",
    "Source",
    "WarehouseSettings",
    "Watch",
    "WebSettings",
    "find_desk",
    "find_desk_folder",
    "is_stream",
    "load_settings",
    "output_path",
]
