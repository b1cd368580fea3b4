"""HTML: visible blocks of the DOM in, labelled blocks and an article out."""
