"""Verbs: each stage reads one kind of part and writes the next; they meet only in the run's folder."""
