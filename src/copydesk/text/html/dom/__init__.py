"""Parse a page into block-level elements, visible blocks and pictures; every room above works on these."""
