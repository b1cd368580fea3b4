"""What people decide about stored articles: pinned lines, restored lines, removals."""
