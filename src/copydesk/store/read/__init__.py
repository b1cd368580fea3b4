"""Read-only queries: lookups, one article, search, exports, a user's SQL."""
