"""A description of each feature, shown by `explain --why` beside its value."""

from __future__ import annotations

from copydesk.text.plain.features.bins import LINE_BINS

__all__ = ["FEATURE_HELP"]

_ONE = {
    "log_words": "words, as log2(1 + n)",
    "log_chars": "characters, as .8 log2(1 + n)",
    "title_share": "share of words with a capital",
    "capital_letters": "share of capital letters",
    "digit_share": "share of digits",
    "symbol_share": "share of symbols",
    "tail": "kind of the last character",
    "head": "kind of the first character",
    "commas": "commas",
    "sentence_marks": "ends of sentences",
    "separators": "separators (| / » ·)",
    "stop_share": "share of stop words",
    "indent": "indent",
    "signs": "web signs (@ # ©)",
    "quotes": "quotation marks",
    "prose": "reads like prose (0 no, 3 a long sentence)",
    "headline": "reads like a headline",
    "word_length": "mean length of words",
    "repeats": "more copies of it on the page",
    "cohesion": "share of its content words that other long lines contain",
    "content_words": "content words",
    "numbers": "numbers",
    "number_share": "share of numbers",
    "word_sum": "learned points of its words, sum",
    "word_mean": "learned points of its words, mean",
    "word_low": "learned points of its lowest word",
    "word_high": "learned points of its highest word",
    "pair": "learned points of its first two words",
    "whole_line": "learned points of the whole line",
    "known_share": "share of words with learned points",
    "phrases": "strongest boilerplate phrase (5 the whole line, 3 its start)",
}
_RUN = {
    "lines": "lines, as log2(1 + n)",
    "long_share": "share of long lines",
    "bullets": "share of bulleted lines",
    "from_start": "lines before this one",
    "to_end": "lines after this one",
    "phrases": "share of lines with a boilerplate phrase",
    "prose": "share of prose",
    "sentence_tails": "share of lines that end like sentences",
    "most_words": "words of the longest line, as log2(1 + n)",
}
_NEAR = {
    "words": "words, as log2(1 + n), on average",
    "long": "share of long lines",
    "stop": "share of stop words",
    "title": "share of words with a capital",
    "phrases": "share of lines with a boilerplate phrase",
    "tails": "share of lines that end like sentences",
    "prose": "share of prose",
    "headlines": "share of lines like headlines",
    "unlike": "how unlike in length they are",
}
_PLACE = {
    "gap_before": "blank lines before it",
    "gap_after": "blank lines after it",
    "run_previous_log_words": "mean words of the run before, as log2(1 + n)",
    "run_next_log_words": "mean words of the run after, as log2(1 + n)",
    "long_before": "long lines before it, as log2(1 + n)",
    "long_after": "long lines after it, as log2(1 + n)",
    "long_before_share": "share of the page's long lines before it",
    "to_previous_long": "lines back to a long one (63: none)",
    "to_next_long": "lines on to a long one (63: none)",
    "from_first_long": "lines after the page's first long one",
    "to_last_long": "lines before the page's last long one",
    "lines_before": "lines before it, as log2(1 + n)",
    "lines_after": "lines after it, as log2(1 + n)",
    "words_before_share": "share of the page's words before it",
    "since_heading": "lines since a box's heading, as log2(1 + n)",
    "long_since_heading": "long lines since a box's heading, as log2(1 + n)",
    "headings_before": "headings of boxes before it, as log2(1 + n)",
    "page_lines": "the page's lines, as log2(1 + n)",
    "page_long": "the page's long lines, as log2(1 + n)",
    "page_long_share": "share of long lines on the page",
    "page_words": "the page's words, as log2(1 + n)",
    "same_as_early": "stood on the page before",
    "prose_before_share": "share of the page's prose before it",
    "to_previous_prose": "lines back to prose (63: none)",
    "to_next_prose": "lines on to prose (63: none)",
    "beside_prose": "lines to the nearer prose (63: none)",
    "between_prose": "lines to the farther of the prose before and after (63: none on one side)",
    "indent_against_long": "indent against that of long lines",
    "gap_against_long": "blank lines before it against those before long lines",
    "page_prose": "the page's prose lines, as log2(1 + n)",
}


def _help_for(name: str) -> str:
    if name in _ONE or name in _PLACE:
        return _ONE.get(name) or _PLACE[name]
    if name.startswith("phrase_"):
        return f"strongest phrase of {name.removeprefix('phrase_').replace('_', ' ')} (5 the whole line, 3 its start)"
    if name.startswith("run_"):
        rest = name.removeprefix("run_")
        return f"in its run of lines: {_RUN.get(rest) or _ONE[rest]}"
    for side, words in (("previous", "line before"), ("next", "line after")):
        if name.startswith(side):
            distance, _, rest = name.removeprefix(side).partition("_")
            return (
                f"{distance} {words.replace('line', 'lines')}: {_ONE[rest]}" if distance else f"{words}: {_ONE[rest]}"
            )
    kind, _, size = name.partition("_near")
    return f"{size} lines around: {_NEAR.get(kind) or _ONE[kind]}"


FEATURE_HELP = {scale.name: _help_for(scale.name) for scale in LINE_BINS}
"""Feature -> description."""
