"""The line model: tree ensembles, the network over a page's lines and the story's span."""
