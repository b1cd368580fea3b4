"""`copydesk explain`: the decision on each line of a page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from copydesk.cli.options import AsJson, DeskOption, console, print_json, with_old_keys
from copydesk.escapes import shown
from copydesk.wording import counted

if TYPE_CHECKING:
    from rich.text import Text

    from copydesk.desk import Desk
    from copydesk.records import Block, BlockEvidence, Extraction, Quote, StorySpan

__all__ = ["register"]

_STRONGEST = 10
_MIN_CHANCE = 0.01
"""Chance below which the next best line is not named."""
_CAPTURE_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(explain)


def explain(
    page: Annotated[
        str, typer.Argument(help="File, - for standard input, or a stored page: id of an article or record, URL, path.")
    ],
    why: Annotated[
        int | None,
        typer.Option("--why", min=1, metavar="N", help="Say why line N was kept or cut, with the strongest evidence."),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="With --why: every measure, not the ten strongest alone.")
    ] = False,
    story: Annotated[
        bool, typer.Option("--story", help="Show what the first and last line of a plain text's story depend on.")
    ] = False,
    extractor: Annotated[
        str | None,
        typer.Option(help="Extractor: auto, blocks, trafilatura, or one of a plug-in; default: the source's."),
    ] = None,
    url: Annotated[str | None, typer.Option(help="URL of the page, if known.")] = None,
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """Explain each line of a page: kept or cut, and by which rule.

    Decided as a run of this desk decides it now: with the settings of its source, the site's boilerplate and pins, and
    restored lines. Columns: line, kept or cut, label, rule, confidence, second-best label, text.
    Example: `copydesk explain seeds/000_bca97a53f92043e2.txt --why 36`, `copydesk explain 3f2a91c0`
    """
    from copydesk import open_desk

    where = open_desk(desk, required=False)
    if where.warehouse.exists() or where.sources:
        found = where.explain(page, url=url, extractor=extractor).extraction
    else:
        found = where.extract_file(page, url=url, extractor=extractor or "auto", explain=True).extraction
    assert found is not None  # noqa: S101 a page that was extracted just now
    if story:
        _story(found, as_json=as_json)
    elif why is not None:
        _why(where, found, why, everything=everything, as_json=as_json)
    elif as_json:
        print_json(with_old_keys(asdict(found)))
    else:
        _page(found)
        _quarantine(where, found)


def _page(found: Extraction) -> None:
    """Print the page line by line, then a summary."""
    from rich.table import Table

    if not found.blocks and found.rejection is None:
        console().print(f"{_nothing_to_explain(found)}.", markup=False)
        return
    table = Table(box=None, header_style="bold", padding=(0, 1), show_edge=False)
    for name in ("line", "", "label", "rule", "p", "or"):
        table.add_column(name, justify="right" if name in {"line", "p"} else "left", no_wrap=True)
    table.add_column("text", overflow="fold", ratio=1)
    said = _quotes_by_block(found)
    for block in found.blocks:
        if block.text.strip():
            table.add_row(*_row(block, said.get(block.number, ())))
    out = console()
    out.print(table)
    kept = sum(b.kept for b in found.blocks)
    visible = sum(bool(b.text.strip()) for b in found.blocks)
    out.print(
        f"\n[bold]{kept}[/] of {counted(visible, 'line')} kept, {visible - kept} cut. Kind: {found.kind.value}.",
        end=" ",
    )
    out.print(f"Language: {found.language}. Extractor: {found.extractor}. Confidence: {found.confidence:.2f}.")
    if found.story is not None:
        out.print(_sentence(found.story, found.blocks))
    _print_quotes(found)
    if found.rejection is not None:
        out.print(f"[red]No article: {found.rejection.reason}[/] {found.rejection.detail}")


def _sentence(story: StorySpan, blocks: Sequence[Block]) -> str:
    """Say where the story was looked for, and from where to where lines were kept if that is not the same."""
    start = f"line {story.first} ({_percent(story.start)}{_next_best(story.next_first, story.next_start)})"
    end = f"line {story.last} ({_percent(story.end)}{_next_best(story.next_last, story.next_end)})"
    kept = [block.number for block in blocks if block.kept]
    differ = kept and (kept[0], kept[-1]) != (story.first, story.last)
    rest = f"; kept are lines {kept[0]} to {kept[-1]}" if differ else ""
    return f"The story was taken to run from {start} to {end}{rest}."


def _next_best(line: int | None, chance: float) -> str:
    return "" if line is None or chance < _MIN_CHANCE else f"; next best {line}, {_percent(chance)}"


def _percent(chance: float) -> str:
    return f"{100 * chance:.0f} %"


def _story(found: Extraction, *, as_json: bool) -> None:
    """Print the span, and its chances without each group of features.

    Raises:
        UsageError: The page is no plain text, or has no line.
    """
    from copydesk.cli.options import print_table
    from copydesk.errors import UsageError

    if found.story is None:
        raise UsageError(f"{found.document_id}: extractor {found.extractor} looks for no first and last line.")
    if as_json:
        print_json({**asdict(found.story), "probability": found.story.probability})
        return
    console().print(_sentence(found.story, found.blocks))
    rows = [("(nothing)", _percent(found.story.start), _percent(found.story.end))]
    rows += [(r.group, _percent(r.start), _percent(r.end)) for r in found.story.reasons]
    print_table(
        "The same lines with a group of features blanked out (set to the page's median)",
        ("without", "first line", "last line"),
        rows,
        right={"first line": True, "last line": True},
    )


def _quarantine(desk: Desk, found: Extraction) -> None:
    """Say why a stored page waits in quarantine."""
    if found.rejection is None and _CAPTURE_ID.fullmatch(found.document_id):
        for record in desk.quarantine(record=found.document_id):
            rules = ", ".join(record.rules or [record.reason])
            console().print(f"[red]In quarantine: {rules}[/] `copydesk quarantine show {record.capture_id[:8]}`")


def _nothing_to_explain(found: Extraction) -> str:
    return f"extractor {found.extractor} returns no blocks: nothing to explain"


def _quotes_by_block(found: Extraction) -> dict[int, list[Quote]]:
    """Return block number -> quotes in its paragraph."""
    said: dict[int, list[Quote]] = {}
    for quote in found.quotes:
        said.setdefault(found.paragraphs[quote.paragraph - 1].block, []).append(quote)
    return said


def _print_quotes(found: Extraction) -> None:
    """Print who said what, and how that was decided."""
    from copydesk.cli.options import print_table

    if not found.quotes:
        return
    rows = [
        (q.speaker_name or q.speaker or "-", q.speaker or "", q.cue, q.kind.value, q.rule, f"{q.confidence:.2f}",
         _line(q.text))
        for q in found.quotes
    ]  # fmt: skip
    print_table(
        "\nWho said what", ("speaker", "as written", "cue", "kind", "rule", "p", "quote"), rows, right={"p": True}
    )


def _row(block: Block, said: Sequence[Quote]) -> tuple[str | Text, ...]:
    from rich.text import Text

    style = "green" if block.kept else "red"
    number, kept = Text(str(block.number), "dim"), Text("keep" if block.kept else "cut", style)
    runner_up = block.runner_up.value if block.runner_up else ""
    text = _marked(block, said)
    label, rule = Text(block.label.value, style), Text(block.rule, "dim")
    return number, kept, label, rule, f"{block.confidence:.2f}", Text(runner_up, "dim"), text


def _marked(block: Block, said: Sequence[Quote]) -> Text:
    """Return a block's text in one line, its spans marked, and in colour who said what."""
    from rich.text import Text

    text, at = Text("", "" if block.kept else "dim"), 0
    for span in sorted(block.spans, key=lambda span: span.start):
        text.append(_line(block.text[at : span.start]))
        text.append(_line(block.text[max(at, span.start) : span.end]), "bold cyan")
        at = max(at, span.end)
    text.append(_line(block.text[at:]))
    for quote in said:
        text.highlight_words([_line(quote.text)], "yellow")
        if quote.speaker and quote.speaker_paragraph == quote.paragraph:
            text.highlight_words([_line(quote.speaker)], "bold magenta")
    return text


def _line(text: str) -> str:
    return shown(text).replace("\n", " ").replace("\t", " ")


def _why(desk: Desk, found: Extraction, number: int, *, everything: bool, as_json: bool) -> None:
    """Print in one sentence why a line was kept or cut, then the strongest evidence, or all of it.

    Raises:
        UsageError: The page has no such line.
    """
    from copydesk.cli.options import print_table
    from copydesk.errors import UsageError

    block = next((b for b in found.blocks if b.number == number), None)
    if not found.blocks:
        raise UsageError(f"{found.document_id}: {_nothing_to_explain(found)}.")
    if block is None:
        raise UsageError(f"{found.document_id} has no line {number}; its lines are 1 to {len(found.blocks)}.")
    from copydesk.extraction.reasons import why

    sentence = why(block, desk.phrase_rules)
    if as_json:
        print_json({"because": sentence, **with_old_keys(asdict(block))})
        return
    out = console()
    out.print(sentence, markup=False, style="bold")
    out.print(f"Line {block.number}: ", end="")
    out.print(_line(block.text), markup=False)
    out.print(f"Label {block.label.value}, rule {block.rule}, {_probability(block)}.\n", markup=False)
    strongest = sorted(block.evidence, key=lambda w: -abs(w.points))
    shown_now = strongest if everything else strongest[:_STRONGEST]
    rows = [(w.name, w.rule, f"{w.points:+.2f}", w.label.value if w.label else "", w.detail) for w in shown_now]
    print_table("", ("evidence", "rule", "points", "label", "detail"), rows, right={"points": True})
    if rest := strongest[len(shown_now) :]:
        points = sum(w.points for w in rest)
        out.print(
            f"and {len(rest)} weaker measures with {points:+.2f} points together; --all shows them.", markup=False
        )
    if _place(block):
        total = sum(w.points for w in block.evidence)
        out.print(f"All points together: {total:+.2f}; a line is kept from 0.", markup=False)


def _probability(block: Block) -> str:
    """Return the certainty of the decision, and for a line of plain text its probability and the one it needs."""
    place = _place(block)
    return f"certainty {block.confidence:.2f}; {place.detail}" if place else f"probability {block.confidence:.2f}"


def _place(block: Block) -> BlockEvidence | None:
    return next((w for w in block.evidence if w.rule in {"sequence.story", "sequence.outside_story"}), None)
