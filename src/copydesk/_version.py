"""Package version; stored in tables and sent in requests."""

__version__ = "0.1.0"
