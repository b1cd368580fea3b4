"""Stages of a run: each reads one kind of part and writes the next; they share only the run's folder."""
