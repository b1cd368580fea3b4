"""`copydesk gold`: pages with their expected text, to test extraction against."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from copydesk.cli.completion import source_names
from copydesk.cli.options import AsJson, DeskOption, console, print_json, print_table
from copydesk.wording import counted

if TYPE_CHECKING:
    from copydesk.records import Capture, Document
    from copydesk.settings import DeskFolder
    from copydesk.text.documents import ExtractOptions

__all__ = ["register"]

_FIND = """
-- The captures that are meant, the latest first: by an article's, revision's or capture's key, or by address.
select c.capture_id::varchar
from audit.captures as c left join main.articles as a using (article_id)
where starts_with(c.capture_id::varchar, $1) or starts_with(c.article_id::varchar, $1)
    or starts_with(c.revision_id::varchar, $1) or c.uri = $1 or c.url = $1 or a.address = $1
    or ends_with(c.uri, '/' || $1)
order by c.captured_at desc, c.capture_id
"""


def register(app: typer.Typer) -> None:
    """Add the group of commands to the app."""
    group = typer.Typer(help="Check extraction against pages with their expected text.", no_args_is_help=True)
    group.command()(suggest)
    group.command()(add)
    group.command()(check)
    app.add_typer(group, name="gold")


def suggest(
    source: Annotated[
        str | None, typer.Option("--source", "-s", autocompletion=source_names, help="Only pages of this source.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Pages of each source.")] = 5,
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """List the pages whose text is least certain, of each source the least certain first, for `gold add`.

    Confidence is the word F1 to expect of the text. Pages that are in `gold/` already are left out.
    Example: `copydesk gold suggest --source press-tv`
    """
    from copydesk import open_desk

    found = open_desk(desk).suggest_gold(source=source, limit=limit)
    if as_json:
        print_json(found)
        return
    rows = [
        (r["source"], r["article_id"][:8], f"{r['confidence']:.2f}", r["chars"], r["title"] or "", r["uri"])
        for r in found
    ]
    right = {"confidence": True, "characters": True}
    print_table("", ("source", "article", "confidence", "characters", "title", "page"), rows, right=right)
    if found:
        console().print(f"Correct the text of one: copydesk gold add {found[0]['article_id'][:8]} --edit", markup=False)


def add(
    article: Annotated[str, typer.Argument(help="Id of an article or its beginning, its URL or path.")],
    text: Annotated[
        Path | None, typer.Option("--text", "-t", help="File with the expected text; - for standard input.")
    ] = None,
    title: Annotated[str | None, typer.Option("--title", help="Expected title; default: the extracted one.")] = None,
    edit: Annotated[bool, typer.Option("--edit", "-e", help="Open the expected text in your editor.")] = False,
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """Add a page with its expected text to the desk's `gold/`.

    Without `--text`, the text extracted today is stored for you to correct: one paragraph per line, without the title.
    Example: `copydesk gold add https://example.org/story --edit`
    """
    from copydesk.quality.gold import add_page
    from copydesk.text.documents import extract_documents

    where = _open(desk)
    capture, document = _page(where, article)
    found = extract_documents([document], options=_options(where))[0]
    wanted = _read(text) if text else "\n".join(p.text for p in found.paragraphs)
    name = capture.capture_id[:13]
    path = add_page(where.root / "gold", name, document, text=wanted, title=title or found.title)
    if edit:
        _edit(path)
    if as_json:
        print_json({"name": name, "text": str(path), "title": title or found.title})
    else:
        console().print(f"{path}\nCorrect the text, then run: copydesk gold check", markup=False)


def check(
    accept: Annotated[bool, typer.Option("--accept", help="Accept today's scores as the baseline.")] = False,
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """Extract the gold pages and compare the result with their expected text.

    Exit code 1: precision or recall fell below the accepted baseline. The first check sets the baseline.
    Example: `copydesk gold check`
    """
    from dataclasses import asdict

    from copydesk.quality import gold
    from copydesk.text.documents import extract_documents

    where = _open(desk)
    folder = where.root / "gold"
    pages = gold.gold_pages(folder)
    answers = extract_documents([p.document for p in pages], options=_options(where))
    scores = gold.score_pages(pages, answers)
    worse = [] if accept else gold.regressions(folder, scores)
    if accept or not (folder / "baseline.json").exists():
        gold.write_baseline(folder, scores)
    if as_json:
        print_json({"pages": [asdict(s) for s in scores], "mean": asdict(gold.mean_score(scores)), "fell": worse})
    else:
        _print(scores, gold.mean_score(scores), worse)
    raise typer.Exit(int(bool(worse)))


def _print(scores: Any, mean: Any, worse: list[str]) -> None:
    rows = [
        (
            s.address,
            *(f"{value:.3f}" for value in (s.score.precision, s.score.recall, s.score.f1)),
            {True: "right", False: "wrong", None: ""}[s.title_right],
            "\n".join([*(f"- {line[:70]}" for line in s.missing[:2]), *(f"+ {line[:70]}" for line in s.extra[:2])]),
        )
        for s in sorted(scores, key=lambda s: s.score.f1)
    ]
    right = dict.fromkeys(("precision", "recall", "F1"), True)
    print_table("gold", ("page", "precision", "recall", "F1", "title", "- missing, + surplus"), rows, right=right)
    out = console()
    out.print(
        f"{counted(len(rows), 'page')}: precision {mean.precision:.3f}, recall {mean.recall:.3f}, F1 {mean.f1:.3f}"
    )
    for line in worse:
        out.print(line, style="red")


def _options(desk: DeskFolder) -> ExtractOptions:
    """Return the options of an extraction under the desk's own rules."""
    from copydesk.text.documents import ExtractOptions

    return ExtractOptions(site_rules=desk.site_rules, phrase_rules=desk.phrase_rules)


def _page(desk: DeskFolder, article: str) -> tuple[Capture, Document]:
    """Find the latest capture of an article and read its bytes.

    Raises:
        UsageError: No such capture, or its bytes are gone.
    """
    from copydesk.errors import UsageError
    from copydesk.records import Document
    from copydesk.sources.files.byte_reader import Reader, ReadError
    from copydesk.store.read.lookups import captures_to_reprocess
    from copydesk.store.warehouse.connection import open_warehouse

    with open_warehouse(desk).open_for_reading() as connection:
        ids = [row[0] for row in connection.rows(_FIND, [article])]
    outcomes = ("loaded", "quarantined", "held")
    captures = captures_to_reprocess(desk.warehouse, outcomes=outcomes, capture_ids=ids[:1]) if ids else []
    if not captures:
        raise UsageError(f"no article is called {article!r}. Give its address, or the beginning of its id.")
    capture = captures[0]
    try:
        with Reader(desk.root, max_bytes=desk.settings.run.document_bytes) as reader:
            content = reader.read(capture.location)
    except ReadError as error:
        raise UsageError(f"the bytes of {capture.uri} cannot be read again: {error}.") from error
    source = next((s for s in desk.settings.source if s.name == capture.source), None)
    return capture, Document(
        document_id=capture.capture_id,
        content=content,
        media_type=capture.media_type,
        charset=capture.charset,
        url=capture.url,
        language=source.language if source else None,
        captured_at=capture.captured_at,
    )


def _edit(path: Path) -> None:
    import os
    import shlex
    import subprocess

    from copydesk.errors import UsageError

    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    try:
        subprocess.run([*shlex.split(editor), str(path)], check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise UsageError(
            f"the editor {editor!r} did not work: {error}. Set EDITOR, or edit {path} yourself."
        ) from error


def _read(path: Path) -> str:
    from copydesk.errors import UsageError

    if str(path) == "-":
        return sys.stdin.read()
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {path}: {error}.") from error


def _open(desk: Any) -> DeskFolder:
    from copydesk.settings import find_desk_folder

    return find_desk_folder(desk)
