"""Phrase rules: patterns of boilerplate by language, and the code that matches them."""
