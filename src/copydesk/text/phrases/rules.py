"""Phrase rules: phrases that mark a line as boilerplate, byline, date and so on, and their search in lines.

    rules/phrases/en.toml --load--> PhraseRule* --compile--> sorted hashes by length --match--> Hits (line, phrase)

A rule states where its phrases must occur (`line`: the whole line, `start`, `end`, `any`, `mark`: at the start and
before a colon) and how long the line may be, so that an article about "leave a reply" buttons does not match.
"#" in a phrase stands for any number: "# comments".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from copydesk.errors import SettingsError
from copydesk.records import Label
from copydesk.resources import RULES
from copydesk.rules_file import read_rules
from copydesk.table_cache import kept
from copydesk.text.tokens.lookup import Lookup
from copydesk.text.tokens.scan import Flags, Ints, Scan, Spans, phrase_hashes, spans

__all__ = [
    "FoundPhrase",
    "Hits",
    "Match",
    "PhraseRule",
    "PhraseTable",
    "check_phrase_rules",
    "find_phrases",
    "load_rules",
    "match_texts",
    "phrase_table",
]

_WHERE = {"any": 1, "end": 2, "start": 3, "mark": 4, "line": 5}
_FIELDS = frozenset(
    ("name", "label", "where", "extra", "opens", "decides", "because", "phrases", "examples", "counter_examples")
)
_LABELS = tuple(label.value for label in Label)
_EXTRA = {"any": 14, "end": 8, "start": 8, "line": 0, "mark": 16}


@dataclass(frozen=True, slots=True, kw_only=True)
class PhraseRule:
    """Phrases of one language that indicate one label.

    Attributes:
        id: `label.language.name`, e.g. `comment_form.en.reply`.
        where: `line`, `start`, `end`, `any` or `mark`.
        extra: Maximum number of words in the line besides the phrase.
        opens: Whether the line is the heading of a box, so that the lines after it get the same label.
        decides: Whether a line that matches is cut whatever speaks for it: the default of a desk's own rules; those of
            the package are evidence among other.
        because: Why the phrases indicate the label.
        examples, counter_examples: Lines that must and must not match; tested.
    """

    id: str
    language: str
    label: Label
    where: str
    extra: int
    opens: bool
    decides: bool
    because: str
    phrases: tuple[str, ...]
    examples: tuple[str, ...]
    counter_examples: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A phrase found in a line: its rule, its words, and where (a value of `PhraseRule.where`)."""

    rule: PhraseRule
    phrase: str
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """Phrases found in a batch's lines, one entry per line and phrase.

    Attributes:
        line: Row of the line in the scan.
        phrase: Index into the phrase table's `rules` and `phrases`.
    """

    line: Ints
    phrase: Ints


@dataclass(frozen=True, slots=True)
class FoundPhrase:
    """A phrase found in a line, as labelling uses it.

    Attributes:
        rule: Id of the rule.
        where: 1 any, 2 end, 3 start, 4 mark, 5 line.
        opens: Whether the line is the heading of a box.
        decides: Whether the line is cut for it.
    """

    rule: str
    label: Label
    where: int
    opens: bool
    phrase: str
    decides: bool = False


class PhraseTable:
    """All phrases of all languages, compiled: sorted hashes with their rules, and phrase lengths by first token."""

    __slots__ = (
        "deciding", "first", "hashes", "head_start", "heads", "index", "inside", "label", "lengths", "most", "openers",
        "opens", "phrases", "rules", "size", "where", "whole_start", "wholes",
    )  # fmt: skip

    def __init__(self, rules: Sequence[PhraseRule]) -> None:
        self.deciding = frozenset(rule.id for rule in rules if rule.decides)
        self.rules = [rule for rule in rules for _ in rule.phrases]
        self.phrases = [phrase for rule in rules for phrase in rule.phrases]
        self.where = np.array([_WHERE[rule.where] for rule in self.rules], np.int64)
        self.opens = np.array([rule.opens for rule in self.rules], np.bool_)
        self.label = np.array([list(Label).index(rule.label) for rule in self.rules], np.int64)
        self.first = np.zeros(1 << 16, np.bool_)
        self.inside = np.zeros(1 << 16, np.bool_)
        entries: list[tuple[int, int, int, int]] = []
        for entry, (phrase, (n, head, whole)) in enumerate(zip(self.phrases, phrase_hashes(self.phrases), strict=True)):
            if n == 0:
                raise SettingsError(
                    f"The phrase {phrase!r} of rule {self.rules[entry].id} has no word. Write one or take it out."
                )
            self.first[head & 0xFFFF] = True
            if self.where[entry] <= _WHERE["end"]:
                self.inside[head & 0xFFFF] = True
            entries.append((whole, entry, n, head))
        entries.sort()
        self.hashes = np.array([whole for whole, _, _, _ in entries], np.uint64)
        self.index = np.array([entry for _, entry, _, _ in entries], np.int64)
        self.size = np.array([n for _, _, n, _ in entries], np.int64)
        self.most = np.array([self.rules[entry].extra + n for _, entry, n, _ in entries], np.int64)
        lengths = sorted({(head, n) for _, _, n, head in entries})
        self.heads, self.head_start = np.unique(np.array([h for h, _ in lengths], np.uint64), return_index=True)
        self.head_start = np.append(self.head_start, len(lengths))
        wholes, whole_start = np.unique(self.hashes, return_index=True)
        self.whole_start = np.append(whole_start, len(self.hashes))
        self.openers, self.wholes = Lookup(self.heads), Lookup(wholes)
        self.lengths = np.array([n for _, n in lengths], np.int64)

    def found(self, entry: int) -> FoundPhrase:
        """Return a phrase as labelling uses it."""
        rule = self.rules[entry]
        return FoundPhrase(rule.id, rule.label, _WHERE[rule.where], rule.opens, self.phrases[entry], rule.decides)


def find_phrases(lines: Scan | Spans, table: PhraseTable | None = None) -> Hits:
    """Return every phrase that occurs in a line at the place its rule requires."""
    table = table or phrase_table()
    low = (lines.tokens & np.uint64(0xFFFF)).view(np.int64)
    openers = lines.first[lines.count > 0]
    candidate = table.inside.take(low)
    candidate[openers] = table.first.take(low.take(openers))
    candidates, n = _lengths(candidate.nonzero()[0], lines, table)
    line = lines.line_of.take(candidates)
    left, total = candidates - lines.first.take(line), lines.count.take(line)
    some = (left + n <= total).nonzero()[0]
    known, whole = table.wholes.find(lines.stretch(candidates.take(some), n.take(some)))
    which, at = _spread(table.whole_start, whole)  # equal phrases of several rules are adjacent
    some = some.take(known).take(which)
    fits = (table.size.take(at) == n.take(some)).nonzero()[0]
    some, at = some.take(fits), at.take(fits)
    phrase, n = table.index.take(at), n.take(some)
    left, total, line = left.take(some), total.take(some), line.take(some)
    stands = _stands(table.where.take(phrase), left, total, n, lines.marked.take(candidates.take(some) + n - 1))
    ok = (stands & (total <= table.most.take(at))).nonzero()[0]
    lines_found, phrases_found = line.take(ok), phrase.take(ok)
    order = np.lexsort((phrases_found, lines_found))
    return Hits(line=lines_found[order], phrase=phrases_found[order])


def _spread(starts: Ints, wanted: Ints) -> tuple[Ints, Ints]:
    """Return the index into `wanted` of each entry of the wanted groups, and the entries; `starts` has a final end."""
    first = starts.take(wanted)
    many = starts.take(wanted + 1) - first
    which = np.repeat(np.arange(len(wanted)), many)
    before = many.cumsum() - many
    return which, np.arange(len(which)) + (first - before).take(which)


def _lengths(candidates: Ints, lines: Scan | Spans, table: PhraseTable) -> tuple[Ints, Ints]:
    """Return each candidate once per length of the phrases that begin with its token, and these lengths."""
    if not len(table.heads):
        return candidates[:0], candidates[:0]
    known, at = table.openers.find(lines.tokens.take(candidates))
    which, entry = _spread(table.head_start, at)
    return candidates.take(known).take(which), table.lengths.take(entry)


def _stands(where: Ints, left: Ints, total: Ints, n: Ints, marked: Flags) -> Flags:
    at_start, at_end = left == 0, left + n == total
    found: Flags = (
        (where == _WHERE["any"])
        | ((where == _WHERE["start"]) & at_start)
        | ((where == _WHERE["end"]) & at_end)
        | ((where == _WHERE["line"]) & at_start & at_end)
        | ((where == _WHERE["mark"]) & at_start & (marked | at_end))
    )
    return found


def match_texts(texts: Sequence[str], table: PhraseTable | None = None) -> list[tuple[Match, ...]]:
    """Return the matches of each text, in the order of the rules; cheap per text in large batches.

    Args:
        texts: Lines or short blocks.
        table: Compiled rules; None for the package's.
    """
    table = table or phrase_table()
    bare = list(map(str.strip, texts))
    rows = [k for k, text in enumerate(bare) if text]
    out: dict[int, list[Match]] = {}
    hits = find_phrases(spans([bare[k] for k in rows]), table)
    for line, phrase in zip(hits.line.tolist(), hits.phrase.tolist(), strict=True):
        rule = table.rules[phrase]
        out.setdefault(rows[line], []).append(Match(rule=rule, phrase=table.phrases[phrase], where=rule.where))
    return [tuple(out[k]) if k in out else () for k in range(len(texts))]


@cache
def phrase_table(folders: tuple[Path, ...] = ()) -> PhraseTable:
    """Return the compiled table of the package's rules and those of further folders, built once per process."""
    return kept("phrase_table", lambda: PhraseTable(load_rules(folders)), folders)


def load_rules(folders: Sequence[Path] = ()) -> tuple[PhraseRule, ...]:
    """Return the rules of every language file of the package, then those of further folders.

    Args:
        folders: Folders of the user's own `*.toml`, named after a language. A rule with the id of an earlier one
            replaces it; a folder that does not exist has no rules.

    Raises:
        SettingsError: A file is not TOML or an entry is malformed; the message names file, entry and what to do.
    """
    return _load(tuple(folders))


def check_phrase_rules(folders: Sequence[Path]) -> None:
    """Read and compile the rules of some folders without those of the package.

    Raises:
        SettingsError: As `load_rules`, or a phrase has no word.
    """
    PhraseTable(_read(folders))


@cache
def _load(folders: tuple[Path, ...]) -> tuple[PhraseRule, ...]:
    return _read((RULES / "phrases", *folders))


def _read(folders: Sequence[Path]) -> tuple[PhraseRule, ...]:
    rules: dict[str, PhraseRule] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.toml")):
            own = [
                _rule(path, number, entry, decides=folder != RULES / "phrases")
                for number, entry in enumerate(_entries(path), 1)
            ]
            if len({rule.id for rule in own}) < len(own):
                twice = next(rule.id for rule in own if sum(other.id == rule.id for other in own) > 1)
                raise SettingsError(f"{path} has two rules {twice}. Give one of them another name.")
            rules |= {rule.id: rule for rule in own}
    return tuple(rules.values())


def _entries(path: Path) -> list[dict[str, Any]]:
    tables = read_rules(path)
    entries = tables.get("rule", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries) or set(tables) - {"rule"}:
        raise SettingsError(f"{path} is not a list of phrase rules. Write each as a table [[rule]] and nothing else.")
    return entries


def _rule(path: Path, number: int, entry: dict[str, Any], *, decides: bool) -> PhraseRule:
    """Return the rule of an entry, checked field by field; `decides` holds where the entry does not say."""
    name = entry.get("name")
    here = f"{path}, rule {name if isinstance(name, str) else number}"
    unknown = sorted(set(entry) - _FIELDS)
    if unknown:
        raise SettingsError(f"{here}: unknown field {unknown[0]!r}. Known fields: {', '.join(sorted(_FIELDS))}.")
    for field in ("name", "label", "because"):
        if not isinstance(entry.get(field), str) or not entry[field].strip():
            raise SettingsError(f'{here}: {field} is missing or not a text. Add a line {field} = "...".')
    if entry["label"] not in _LABELS:
        raise SettingsError(f"{here}: no label {entry['label']!r}. Use one of {', '.join(_LABELS)}.")
    where = entry.get("where", "line")
    if where not in _WHERE:
        raise SettingsError(f"{here}: where = {where!r} is unknown. Use one of {', '.join(_WHERE)}.")
    for field in ("phrases", "examples", "counter_examples"):
        texts = entry.get(field, [])
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise SettingsError(f'{here}: {field} is not a list of texts. Write {field} = ["...", "..."].')
    empty = [phrase for phrase in entry.get("phrases", []) if not any(c.isalnum() or c == "#" for c in phrase)]
    if empty or not entry.get("phrases"):
        raise SettingsError(f"{here}: {f'the phrase {empty[0]!r} has no word' if empty else 'no phrases'}. Add words.")
    extra, opens = entry.get("extra", _EXTRA[where]), entry.get("opens", False)
    if type(extra) is not int or extra < 0:
        raise SettingsError(f"{here}: extra = {extra!r} is not a number of words. Write a whole number from 0.")
    decides = entry.get("decides", decides)
    for field, value in (("opens", opens), ("decides", decides)):
        if type(value) is not bool:
            raise SettingsError(f"{here}: {field} = {value!r} is neither true nor false. Write one of them.")
    return PhraseRule(
        id=f"{entry['label']}.{path.stem}.{name}",
        language=path.stem,
        label=Label(entry["label"]),
        where=where,
        extra=extra,
        opens=opens,
        decides=decides,
        because=entry["because"],
        phrases=tuple(entry["phrases"]),
        examples=tuple(entry.get("examples", ())),
        counter_examples=tuple(entry.get("counter_examples", ())),
    )
