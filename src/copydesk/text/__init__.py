"""Pure functions from bytes to labelled blocks to an article: no clock, no network, no database."""
