"""Options in `copydesk.toml` of what another package adds, checked by the model that its class names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from copydesk import plugins
from copydesk.errors import UsageError

__all__ = ["check_options", "load_plugin"]


def load_plugin(group: str, name: str) -> Any:
    """Return what another package adds under a name.

    Raises:
        ValueError: No installed package offers it, or it cannot be imported; pydantic adds the key in the file.
    """
    try:
        return plugins.load(group, name)
    except UsageError as error:
        raise ValueError(str(error).rstrip(".")) from error


def check_options(plugin: Any, options: Mapping[str, Any], *, place: str, refusal: str) -> None:
    """Check options by the plugin's model, its `settings`.

    Args:
        plugin: The class; without `settings`, or with None, it takes no options.
        options: As in the file.
        place: Name of the table in messages.
        refusal: Message for options of a plugin that takes none.

    Raises:
        ValueError: The options do not fit.
    """
    model = getattr(plugin, "settings", None)
    if model is None and options:
        raise ValueError(refusal)
    if model is not None:
        try:
            model(**options)
        except ValidationError as error:
            first = error.errors()[0]
            raise ValueError(f"{'.'.join(map(str, (place, *first['loc'])))}: {first['msg']}") from error
