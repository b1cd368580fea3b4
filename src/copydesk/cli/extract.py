"""`copydesk extract`: extract articles without a warehouse."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from copydesk.cli.options import AsJson, print_json, with_old_keys
from copydesk.escapes import shown

if TYPE_CHECKING:
    from copydesk import Article

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(extract)


def extract(
    file: Annotated[str | None, typer.Argument(help="File, or - for standard input.")] = None,
    batch: Annotated[bool, typer.Option("--batch", help="Read and write JSON lines, on all cores.")] = False,
    as_json: AsJson = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown.")] = False,
    extractor: Annotated[
        str, typer.Option(help="Extractor for HTML: auto, blocks, trafilatura, or one of a plug-in.")
    ] = "auto",
    url: Annotated[str | None, typer.Option(help="URL of the page, if known.")] = None,
    workers: Annotated[int, typer.Option(min=0, help="Processes for --batch; 0: one per core.")] = 0,
) -> None:
    """Extract the article of one page and print it.

    Example: `copydesk extract page.html --markdown`

    With `--batch`, each line in is `{"id", "url"?, "html_path"|"text_path", "encoding"?, "domain"?}` and each line out
    `{"id", "text", "title", "authors", "date", "language", "kind"}`; lines of one domain that recur are learnt first.
    """
    from copydesk import UsageError

    if batch:
        from copydesk.extraction.jsonl import answer_lines

        answer_lines(sys.stdin, sys.stdout, workers=workers, extractor=extractor)
        return
    if file is None:
        raise UsageError("name a file, or - for standard input: `copydesk extract page.html`.")
    from copydesk import open_desk

    article = open_desk(required=False).extract_file(file, url=url, extractor=extractor)
    _print(article, file, as_json=as_json, markdown=markdown)


def _print(article: Article, file: str, *, as_json: bool, markdown: bool) -> None:
    if as_json and article.extraction is not None:
        from dataclasses import asdict

        print_json(with_old_keys(asdict(article.extraction)))
    elif markdown:
        sys.stdout.write(shown(article.markdown).rstrip("\n") + "\n")
    elif article.paragraphs:
        sys.stdout.write(shown(f"{article.title or ''}\n\n{article.text}").strip("\n") + "\n")
    if article.rejection is not None:
        from copydesk.errors import CopydeskError

        reason = f"{article.rejection.reason}: {article.rejection.detail}".rstrip(": ")
        raise CopydeskError(f"{file}: no article found ({reason}). `copydesk explain` shows each line.")
