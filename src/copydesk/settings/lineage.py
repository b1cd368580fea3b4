"""`[lineage]` of `copydesk.toml`: where the OpenLineage events of runs go."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from copydesk.settings.sections import Section

__all__ = ["LineageSettings"]


class LineageSettings(Section):
    """Where the OpenLineage events of runs go.

    Attributes:
        file: Append each event to `lineage/DAY.jsonl` beside the warehouse; `[schedule] log_days` keeps them.
        url: Address that gets each event as a POST (`http://marquez:5000/api/v1/lineage`); none by default.
        headers: Further request headers, such as `{ Authorization = "Bearer ..." }`.
        timeout_s: Seconds for one request, and for all that are left when the run ends.
        namespace: Namespace of the jobs: one desk each, where several report to one server.
    """

    file: bool = True
    url: str | None = None
    headers: dict[str, str] = Field(default={})
    timeout_s: Annotated[float, Field(gt=0, le=60)] = 5
    namespace: Annotated[str, Field(min_length=1)] = "copydesk"

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            raise ValueError("give the whole address, such as http://localhost:5000/api/v1/lineage")
        return value
