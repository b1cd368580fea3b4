"""A desk as an object."""

from copydesk.desk.deciding import Replay
from copydesk.desk.desk import Desk, open_desk

__all__ = ["Desk", "Replay", "open_desk"]
