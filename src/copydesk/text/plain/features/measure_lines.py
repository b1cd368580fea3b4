"""Measure the lines of a batch: the features of `bins.LINE_BINS`, a row per line and a column per feature."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from copydesk.records import Label
from copydesk.text.phrases.rules import Hits, PhraseTable
from copydesk.text.plain.features.bins import GROUPS, LINE_BINS, columns
from copydesk.text.plain.features.neighbours import measure_neighbours, measure_place, measure_runs
from copydesk.text.plain.features.windows import class_table, log, round_exact, share
from copydesk.text.plain.features.words import WordScores
from copydesk.text.tokens.characters import CLOSER, COLON, ELLIPSIS, SENTENCE
from copydesk.text.tokens.scan import LONG_WORDS, Flags, Floats, Hashes, Ints, Scan
from copydesk.text.tokens.tokenise import lengths

__all__ = ["Features", "measure_lines"]

_PAGE_SALT = np.uint64(0x9E3779B97F4A7C15)
_SENTENCE_TAIL, _ENDED = class_table(SENTENCE, CLOSER), class_table(SENTENCE, CLOSER, ELLIPSIS, COLON)
_SENTENCE_WORDS = 10
"""Minimum words of a long line that ends like a sentence."""


_ALL = tuple(scale.name for scale in LINE_BINS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """The features of a batch, and values that later steps use.

    Attributes:
        values: A row per line, a column per feature; for long pages only the columns of `names`.
        long: Whether the line is long enough for prose.
        run: Number of the run of lines between blank lines.
        opens: Whether a phrase rule makes the line the heading of a box.
        keys: Hash of the line's words within its page.
        names: The columns of `values`.
    """

    values: Floats
    long: Flags
    run: Ints
    opens: Flags
    keys: Hashes
    names: tuple[str, ...] = _ALL

    def column(self, name: str) -> Floats:
        """Return the values of one feature."""
        found: Floats = self.values[:, self.names.index(name)]
        return found


def measure_lines(lines: Scan, stop: Flags, hits: Hits, table: PhraseTable, words: WordScores) -> Features:
    """Return all features of all lines.

    Args:
        lines: The batch.
        stop: Whether each token is a stop word in its page's language; all False if the language is unknown.
        hits: Phrases found in the lines.
        table: The table they were found with.
        words: Learned points of the lines' words.
    """
    out: dict[str, Floats] = {}
    keys = lines.stretch(lines.first, lines.count) ^ (lines.page.astype(np.uint64) * _PAGE_SALT)
    _grammar(out, lines, _characters(out, lines, stop))
    _repetition(out, lines, keys)
    sentence = _SENTENCE_TAIL[lines.tail]
    long = (lines.words >= LONG_WORDS) | ((lines.words >= _SENTENCE_WORDS) & sentence)
    out["cohesion"] = _cohesion(lines, stop, long)
    _learned(out, lines, words)
    opens = _phrases(out, lines, hits, table)
    for name in ("log_words", "title_share", "stop_share", "cohesion", "word_mean"):
        out[name] = round_exact(out[name])
    run = measure_runs(out, lines, long)
    measure_neighbours(out, lines, long)
    measure_place(out, lines, long, opens)
    return Features(values=columns(out, LINE_BINS), long=long, run=run, opens=opens, keys=keys)


_PACK = np.array([sum(1 << 12 * k for k in range(5) if code >> k & 1) for code in range(32)], np.uint64)
"""Five flags of a token -> five packed counters of 12 bits: a line has at most 4,000 tokens."""


_FIELDS = np.arange(0, 60, 12, dtype=np.uint64)[:, None]


def _per_line(lines: Scan, *flags: Flags) -> Ints:
    """Return the number of each line's tokens with each of at most five flags, a row per flag."""
    code = np.zeros(len(lines.tokens), np.uint8)
    for k, flag in enumerate(flags):
        code |= flag.view(np.uint8) << np.uint8(k)
    total = np.zeros(len(code) + 1, np.uint64)
    _PACK.take(code.astype(np.int64)).cumsum(out=total[1:])
    packed = total.take(lines.first + lines.count) - total.take(lines.first)
    return ((packed >> _FIELDS) & np.uint64(0xFFF)).view(np.int64)[: len(flags)]


def _characters(out: dict[str, Floats], lines: Scan, stop: Flags) -> Ints:
    """Measure characters and tokens; return the number of stop words of each line."""
    out["log_words"], out["log_chars"] = log(lines.words), log(lines.chars) * 0.8
    capital, cased, numbers, stops, content = _per_line(
        lines, lines.capital, lines.cased_token, lines.number, stop, ~stop & (lines.size >= 4)
    )
    out["title_share"] = share(capital, cased)
    out["capital_letters"] = share(lines.upper, lines.cased)
    out["digit_share"], out["symbol_share"] = lines.digits / lines.chars, lines.symbols / lines.chars
    for name, source in (
        ("tail", lines.tail), ("head", lines.head), ("commas", lines.commas), ("sentence_marks", lines.stops),
        ("separators", lines.separators), ("signs", lines.signs), ("quotes", lines.quotes), ("indent", lines.indent),
    ):  # fmt: skip
        out[name] = source.astype(np.float64)
    out["word_length"] = np.asarray(lines.letters / np.maximum(lines.words, 0.6), np.float64)
    out["numbers"], out["content_words"] = numbers.astype(np.float64), content.astype(np.float64)
    out["number_share"] = numbers / np.maximum(lines.count, 1)
    return stops


def _grammar(out: dict[str, Floats], lines: Scan, stops: Ints) -> None:
    """Measure stop words, prose (0 no, 1 yes, 2 ends like a sentence, 3 and is long) and headlines."""
    known = (np.bincount(lines.page, weights=stops > 0, minlength=len(lines.page_start) - 1) > 0)[lines.page]
    out["stop_share"] = np.where(known, stops / np.maximum(lines.count, 1), -1.0).astype(np.float64)
    ended = _ENDED[lines.tail]
    grammar = ~known | (stops >= np.maximum(1, 0.12 * lines.words))
    degree = 1.0 + ended + (ended & (lines.words >= 18))
    out["prose"] = np.where((lines.words >= 7) & grammar, degree, 0.0).astype(np.float64)
    headline = (lines.words >= 4) & (lines.words <= 18) & (lines.tail <= 4) & (lines.tail > 0)
    out["headline"] = headline.astype(np.float64)


def _repetition(out: dict[str, Floats], lines: Scan, keys: Hashes) -> None:
    here = np.arange(lines.lines)
    _, inverse, times = np.unique(keys, return_inverse=True, return_counts=True)
    out["repeats"] = np.where(lines.count > 0, times[inverse] - 1.0, 0.0).astype(np.float64)
    seen = np.full(len(times), lines.lines, np.int64)
    np.minimum.at(seen, inverse, here)
    out["same_as_early"] = ((seen[inverse] < here) & (lines.count > 0)).astype(np.float64)


def _cohesion(lines: Scan, stop: Flags, long: Flags) -> Floats:
    """Return the share of a line's content words (pairs of wide characters) that other long lines contain."""
    content = (lines.size >= 4) & ~stop & ~lines.number
    if len(content) > 1:
        content[:-1] |= lines.wide[:-1] & lines.wide[1:] & (lines.line_of[:-1] == lines.line_of[1:])
    at = content.nonzero()[0]
    if not len(at):
        return np.full(lines.lines, -1.0)
    line, token = lines.line_of.take(at), lines.tokens.take(at)
    pair = token * np.uint64(31) + lines.tokens[np.minimum(at + 1, len(lines.tokens) - 1)]
    token = np.where(lines.wide[at], pair, token)
    key = token ^ (lines.page.take(line).astype(np.uint64) * np.uint64(0xD6E8FEB86659FD93))
    order = _order_of_equals(key)
    key, line = key.take(order), line.take(order)
    new = np.ones(len(key), np.bool_)
    np.not_equal(key[1:], key[:-1], out=new[1:])
    start = new.nonzero()[0]
    times = lengths(start, len(key))
    in_long = long.take(line)
    first = np.repeat(np.minimum.reduceat(np.where(in_long, line, lines.lines), start), times)
    last = np.repeat(np.maximum.reduceat(np.where(in_long, line, -1), start), times)
    elsewhere = (first < line) | (last > line)
    return share(np.bincount(line, weights=elsewhere, minlength=lines.lines), np.bincount(line, minlength=lines.lines))


def _order_of_equals(key: Hashes) -> Ints:
    """Return an order in which equal keys are adjacent: sorted by the upper half, or wholly if halves collide."""
    order = np.argsort(((key >> np.uint64(32)) & np.uint64(0xFFFF)).astype(np.uint16), kind="stable")
    high = (key >> np.uint64(48)).astype(np.uint16)  # two sorts of 16 bits are eight times as fast as one of 64
    order = order.take(np.argsort(high.take(order), kind="stable"))
    some = key.take(order)
    unlike = some[1:] ^ some[:-1]
    if ((unlike != 0) & (unlike <= np.uint64(0xFFFFFFFF))).any():
        order = np.argsort(key, kind="stable")
    return order


def _learned(out: dict[str, Floats], lines: Scan, words: WordScores) -> None:
    out["word_sum"], out["word_mean"] = words.total, words.total / np.maximum(words.known, 1.0)
    out["word_low"], out["word_high"] = words.low, words.high
    out["pair"], out["whole_line"] = words.pair, words.whole
    out["known_share"] = words.known / np.maximum(lines.count, 1)


_NUMBER = {label: k for k, label in enumerate(Label)}
_NO_FURNITURE = ("date", "caption", "byline")
"""Groups that occur in stories too often to count as boilerplate."""


def _phrases(out: dict[str, Floats], lines: Scan, hits: Hits, table: PhraseTable) -> Flags:
    """Measure the strongest place per group (0 none, 1 any ... 5 line); return which lines are headings of boxes."""
    strongest = np.zeros((len(Label), lines.lines), np.int64)
    np.maximum.at(strongest, (table.label[hits.phrase], hits.line), table.where[hits.phrase])
    every = np.zeros(lines.lines)
    for name, labels in GROUPS:
        best = strongest[[_NUMBER[label] for label in labels]].max(axis=0)
        out[f"phrase_{name}"] = best.astype(np.float64)
        if name not in _NO_FURNITURE:
            every = np.maximum(every, best)
    out["phrases"] = every
    opens = np.zeros(lines.lines, np.bool_)
    opens[hits.line[table.opens[hits.phrase]]] = True
    return opens
