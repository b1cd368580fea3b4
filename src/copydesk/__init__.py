"""Copydesk: news pages in, clean and checked articles in a DuckDB warehouse out, every decision explained."""

__version__ = "0.1.0"
