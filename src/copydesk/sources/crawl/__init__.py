"""Web sources: enumerate their URLs, fetch what is new, remember validators and failures."""
