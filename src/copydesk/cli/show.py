"""`copydesk show`: an article, its evidence, its revisions and their differences."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from copydesk.cli.options import AsJson, DeskOption, console, print_json, print_table
from copydesk.escapes import shown

if TYPE_CHECKING:
    from rich.console import Console

    from copydesk.store.read.article_view import ArticleView, TextChange

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(show)


def show(
    article: Annotated[str, typer.Argument(help="Id of an article or its beginning, its URL or path.")],
    diff: Annotated[bool, typer.Option("--diff", help="Compare two revisions; default: the last two.")] = False,
    old: Annotated[int | None, typer.Option("--from", min=1, help="With --diff: number of the older revision.")] = None,
    new: Annotated[int | None, typer.Option("--to", min=1, help="With --diff: number of the newer revision.")] = None,
    evidence: Annotated[bool, typer.Option("--evidence", help="List all candidates for each field.")] = False,
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """Show an article, its texts and the evidence for its fields.

    Example: `copydesk show https://example.org/news/1 --diff`
    """
    from dataclasses import asdict

    from copydesk import open_desk

    where = open_desk(desk)
    view = where.article(article).stored
    assert view is not None  # noqa: S101 it comes from the warehouse
    changes = where.changes(view.article_id, old=old, new=new) if diff else None
    if as_json:
        print_json(asdict(view) | ({"changes": [asdict(c) for c in changes]} if changes is not None else {}))
    elif changes is not None:
        _print_changes(console(), view, changes)
    else:
        _print(console(), view, _checks(view, where.settings.web.watch_s), evidence=evidence)


def _checks(view: ArticleView, watch_s: float) -> dict[str, str]:
    """Return when the page was asked for, when it changed and when it is asked for again."""
    found = view.page_check
    if found is None:
        return {}
    asked = f"{found.checked_at:%Y-%m-%d %H:%M} UTC" if found.checked_at else ""
    changed = f"; changed last {found.changed_at:%Y-%m-%d %H:%M} UTC" if found.changed_at else ""
    return {
        "asked last": asked + changed,
        "asked again": found.sentence(view.source, datetime.now(UTC), watch_s=watch_s),
    }


def _print(screen: Console, view: ArticleView, checks: dict[str, str], *, evidence: bool) -> None:
    from copydesk.store.read.evidence_kept import not_kept

    screen.print(f"[bold]{_safe(view.title or '(no title)')}[/bold]")
    facts = {
        "publisher": view.publisher,
        "authors": ", ".join(view.authors),
        "published": _date(view),
        "section": " > ".join(view.section_path),
        "agency": view.agency,
        "credit": view.credit,
        "language": view.language,
        "address": view.address or f"{view.source}: {view.uri}",
        "id": view.article_id,
        "also printed by": ", ".join(view.printed_also_by),
        "cut": ", ".join(f"{n} {label}" for label, n in view.cut.items()),
        "truncated": view.truncation,
        **checks,
    }
    if evidence:
        facts["asked because"] = view.asked_because
    for name, value in facts.items():
        if value:
            screen.print(f"  [dim]{name:16}[/dim]{_safe(str(value))}", soft_wrap=True)
    for text in view.paragraphs:
        screen.print()
        screen.print(_safe(text), soft_wrap=True)
    if len(view.revisions) > 1:
        screen.print()
        _print_revisions(view)
    if evidence and (note := not_kept(view.evidence_kept, view.source)):
        screen.print()
        screen.print(_safe(note), soft_wrap=True)
    if evidence and view.evidence:
        rows = [("*" if e.chosen else "", e.field, e.value, e.source, e.reason) for e in view.evidence]
        print_table("Evidence", ("won", "field", "value", "from", "why"), rows)


def _safe(text: str) -> str:
    from rich.markup import escape

    return escape(shown(text))


def _date(view: ArticleView) -> str:
    if view.published_at is None:
        return ""
    return (
        f"{view.published_at:%Y-%m-%d}" if view.published_precision == "day" else f"{view.published_at:%Y-%m-%d %H:%M}"
    )


def _print_revisions(view: ArticleView) -> None:
    rows = []
    for r in view.revisions:
        until = (
            "replaced under newer rules" if r.retired_by else f"{r.valid_to:%Y-%m-%d %H:%M}" if r.valid_to else "now"
        )
        rows.append((r.number, f"{r.valid_from:%Y-%m-%d %H:%M}", until, r.added, r.removed, r.edited, r.title_changed))
    print_table("Texts", ("number", "from", "until", "added", "removed", "edited", "title changed"), rows)


def _print_changes(screen: Console, view: ArticleView, changes: list[TextChange]) -> None:
    """Print a comparison: unchanged paragraphs by their beginning, edited ones word by word."""
    from rich.markup import escape

    screen.print(f"[bold]{escape(view.title or '(no title)')}[/bold]")
    for c in changes:
        if c.what == "same":
            screen.print("  " + escape(c.new[:90] + ("…" if len(c.new) > 90 else "")), style="dim")
        elif c.what == "added":
            screen.print("[green]+ " + escape(c.new) + "[/green]", soft_wrap=True)
        elif c.what == "removed":
            screen.print("[red]- " + escape(c.old) + "[/red]", soft_wrap=True)
        else:
            screen.print("~ " + _words(c.old, c.new), soft_wrap=True)


def _words(old: str, new: str) -> str:
    """Mark the words that went and came: [-went-] {+came+}, so that it reads without colours too."""
    from difflib import SequenceMatcher

    from rich.markup import escape

    a, b = old.split(), new.split()
    out: list[str] = []
    for tag, i, j, k, m in SequenceMatcher(a=a, b=b, autojunk=False).get_opcodes():
        if tag == "equal":
            out.append(escape(" ".join(a[i:j])))
            continue
        if j > i:
            out.append("[red]" + escape("[-" + " ".join(a[i:j]) + "-]") + "[/red]")
        if m > k:
            out.append("[green]" + escape("{+" + " ".join(b[k:m]) + "+}") + "[/green]")
    return " ".join(out)
