"""`copydesk browse`: the desk's pages for a browser, server-rendered, read-only, without scripts.

    request --guard (host, token, headers)--> app (route, format) --views--> Page --render--> HTML, JSON, CSV
                                                      |
                                     store/read/read_copies: a cursor of a read copy

A view is a function `(Reading, Ask) -> Page`: what it returns is data; the same page is rendered as HTML, JSON or CSV,
and by `export` as files of a static folder. `charts` draws inline SVG. Decisions come in by POST (`decisions`), with
`--write` only.
"""
