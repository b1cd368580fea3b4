"""Lines and tokens of texts as arrays, and look-up tables over their hashes."""
