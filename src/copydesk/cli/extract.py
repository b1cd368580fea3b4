"""`copydesk extract`: the clean article of one file or of many, without touching a warehouse."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from copydesk.cli.options import AsJson, print_json, with_old_keys

if TYPE_CHECKING:
    from copydesk.records import Extraction

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(extract)


def extract(
    file: Annotated[str | None, typer.Argument(help="A file, or - for standard input.")] = None,
    batch: Annotated[bool, typer.Option("--batch", help="JSON lines in, JSON lines out, on all cores.")] = False,
    as_json: AsJson = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown.")] = False,
    extractor: Annotated[str, typer.Option(help="auto, blocks or trafilatura, for HTML.")] = "auto",
    url: Annotated[str | None, typer.Option(help="The page's address, where it had one.")] = None,
    workers: Annotated[int, typer.Option(help="Processes for --batch; 0 is one per core.")] = 0,
) -> None:
    """Print the clean article of one page.

    Example: `copydesk extract page.html --markdown`

    With `--batch`, each line in is `{"id", "url"?, "html_path"|"text_path", "encoding"?, "domain"?}` and each line out
    `{"id", "text", "title", "authors", "date", "language", "kind"}`; lines of one domain that recur are learnt first.
    """
    from copydesk.errors import UsageError

    if extractor not in {"auto", "blocks", "trafilatura"}:
        raise UsageError(f"--extractor {extractor!r} is none of auto, blocks, trafilatura.")
    if batch:
        from copydesk.extraction.jsonl import answer_lines

        answer_lines(sys.stdin, sys.stdout, workers=workers, extractor=extractor)
        return
    if file is None:
        raise UsageError("name a file, or - for standard input: `copydesk extract page.html`.")
    _print(_read(file, url, extractor), as_json=as_json, markdown=markdown)


def _read(file: str, url: str | None, extractor: str) -> Extraction:
    from copydesk.extraction.one import extract_file

    return extract_file(file, url=url, extractor=extractor)


def _print(found: Extraction, *, as_json: bool, markdown: bool) -> None:
    if as_json:
        from dataclasses import asdict

        print_json(with_old_keys(asdict(found)))
    elif markdown:
        from copydesk.text.markdown import to_markdown

        sys.stdout.write(to_markdown(found).rstrip("\n") + "\n")
    elif found.paragraphs:
        sys.stdout.write("\n\n".join([found.title or "", *(p.text for p in found.paragraphs)]).strip("\n") + "\n")
    if found.rejection is not None:
        from copydesk.errors import CopydeskError

        reason = f"{found.rejection.reason}: {found.rejection.detail}".rstrip(": ")
        raise CopydeskError(f"{found.document_id}: no article here ({reason}). `copydesk explain` shows each line.")
