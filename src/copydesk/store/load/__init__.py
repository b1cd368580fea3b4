"""One transaction that loads a run's accepted parts."""
