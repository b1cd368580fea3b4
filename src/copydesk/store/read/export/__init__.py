"""Exports: the articles as a folder that other tools read, with what it says of itself."""

from copydesk.store.read.export.write_export import FORMATS, ExportReport, export_articles

__all__ = ["FORMATS", "ExportReport", "export_articles"]
