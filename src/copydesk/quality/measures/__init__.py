"""Measures: the numbers that row rules compare with their thresholds."""
