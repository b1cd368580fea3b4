"""Bylines: people and organisations, without by-words, roles and ranks."""
