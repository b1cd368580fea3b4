"""Extraction without a warehouse: one page, or a stream of pages."""
