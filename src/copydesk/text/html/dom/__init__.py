"""The parsed page: visible blocks of the DOM in page order."""
