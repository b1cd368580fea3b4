"""Parse bylines to people and organisations, without by-words, roles and ranks."""
