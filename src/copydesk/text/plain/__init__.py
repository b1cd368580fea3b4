"""Plain text: lines in, labelled lines and an article out."""
