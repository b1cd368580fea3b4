"""Features of the lines of a batch of pages."""
