"""The words of a language that tell who speaks, from `rules/cues/<language>.toml`, one table per language."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from copydesk.resources import RULES
from copydesk.rules_file import package_rules

__all__ = ["APART", "CueRule", "LanguageWords", "Word", "cue_languages", "language_words"]


APART = "…"
"""In a cue, stands for the words between the parts of a separable verb: "führte … aus"."""


class Word:
    """What a word can be, as bits; several at once where a language is ambiguous. Plain numbers: an enum is slow."""

    CUE = 1  # a verb of saying
    ACCORDING = 2  # "according to": the speaker comes next
    POSTPOSED = 4  # "zufolge": the speaker comes before
    HE = 8
    SHE = 16
    THEY = 32
    WHO = 64
    FIRST = 128  # "I", "we": speak in quotes, and in interviews
    DETERMINER = 256
    PREPOSITION = 512
    BREAK = 1024  # begins another clause
    SKIP = 2048  # may stand between a speaker and the cue
    ROLE = 4096
    GROUP = 8192
    TITLE = 16384
    WORK = 32768  # what has a title: "the film"
    TIME = 65536
    PARTICLE = 131072
    THAT = 262144
    NAME = 524288  # begins with a capital, or its script has none
    PUNCTUATION = 1048576
    QUOTE = 2097152
    NUMBER = 4194304
    POSSESSIVE = 8388608
    PRONOUN = 8 | 16 | 32 | 64


_CLASSES = {
    "he": Word.HE,
    "she": Word.SHE,
    "they": Word.THEY,
    "who": Word.WHO,
    "first": Word.FIRST,
    "determiners": Word.DETERMINER,
    "prepositions": Word.PREPOSITION,
    "breaks": Word.BREAK,
    "skip": Word.SKIP,
    "roles": Word.ROLE,
    "groups": Word.GROUP,
    "titles": Word.TITLE,
    "male": Word.TITLE,
    "female": Word.TITLE,
    "works": Word.WORK,
    "times": Word.TIME,
    "particles": Word.PARTICLE,
    "that": Word.THAT,
}
_KINDS = {"verb": Word.CUE, "according": Word.ACCORDING, "postposed": Word.POSTPOSED}


@dataclass(frozen=True, slots=True, kw_only=True)
class CueRule:
    """Cues of one language that are used alike.

    Attributes:
        id: `language.name`, e.g. `en.said`.
        kind: `verb` (somebody says), `according` (the speaker comes next) or `postposed` (the speaker comes before).
        words: One or several words each.
        addressee: Whether whom one tells comes next, so that no speaker does.
        indirect: Whether "cue that ..." reports speech without quotation marks.
        plain: Whether it reports speech without "that", too.
        participle: Whether the subject is that of the sentence, wherever that stands ("..., saying").
        after_mark: Whether it is a cue only behind a comma, a dash or a closing mark ("..., so Anna Berg").
        governed: Of a `postposed` cue, whether a preposition may stand before the speaker ("in dem Bericht heißt es").
        because: Why these words report speech.
        examples, counter_examples: Sentences in which a quote has this speaker, and in which there is none; tested.
    """

    id: str
    kind: str
    words: tuple[str, ...]
    addressee: bool
    indirect: bool
    plain: bool
    participle: bool
    after_mark: bool
    governed: bool
    because: str
    examples: tuple[tuple[str, str], ...]
    counter_examples: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageWords:
    """One language, compiled.

    Attributes:
        language: ISO 639-1 code.
        table: Word, lower case -> what it can be.
        cues: First word of a cue -> (further words, rule), longest first.
        thats: Words that open what is said ("that", "dass").
        speaker: Where the speaker stands: `before` and `after` the verb, in the order in which they are tried, or
            `around`: before the quote, with the verb behind it.
        inverts: Whether the speaker can stand behind the verb behind the quote ("...", said Anna Berg).
        nouns_capital: Whether all nouns have capitals, so that a capital tells no name.
        no_articles: Whether nouns have no articles, so that any noun can follow the verb.
        no_capitals: Whether the script has none.
        unspaced: Whether words are written without spaces.
        particles_apart: Whether those are words of their own (hi, ja).
        subject_ends: Endings or particles that mark the speaker (ja は, ko 은, hi ने), longest first.
        clitics: Pronouns joined to the verb (fr -t-il): ending -> what it is, longest first.
        role_ends: Endings of words for people (de -sprecher), longest first.
        male, female: Titles, roles and first names that tell the sex.
        indefinite: Articles before words that describe, not name ("von einer „...“").
        passive, agents: Words of a passive sentence, and before who does it (de wurde ... von).
        oblique, dative: Articles and pronouns that no subject has (de den, dem), and that it may have (de der).
        verb_ends: Endings of verbs in the past, which tell a verb that is no known cue (en -ed).
        alone: Articles that can be speakers by themselves ("others said").
        relays: Cues whose object speaks, where there is one ("the Times quoted Anna Berg as saying").
        denials: Cues after which "that ..." is what somebody did not say.
        as_words: Words that open "as Anna Berg said".
        nouns: Cues that are nouns, too: verbs only right behind a speaker.
        reported: Verb forms of reported speech, which goes on with the last speaker (de sei, habe).
        abbreviations: Words whose full stop ends no sentence.
        dashes: Whether a paragraph that opens with a dash is speech.
        apostrophes: Whether two apostrophes are a mark, as in exports of press archives.
        singles: Whether single marks are quotes beside double ones.
        rules: All cue rules.
        memo: Words that were looked up before, in lower case, with their bits.
        chunks: Stretches without blanks -> their words and punctuation with bits, start and end.
    """

    language: str
    table: dict[str, int]
    cues: dict[str, tuple[tuple[tuple[str, ...], CueRule], ...]]
    thats: tuple[str, ...]
    speaker: tuple[str, ...]
    inverts: bool
    nouns_capital: bool
    no_articles: bool
    no_capitals: bool
    unspaced: bool
    particles_apart: bool
    subject_ends: tuple[str, ...]
    clitics: tuple[tuple[str, int], ...]
    role_ends: tuple[str, ...]
    male: frozenset[str]
    female: frozenset[str]
    indefinite: frozenset[str]
    passive: frozenset[str]
    agents: frozenset[str]
    oblique: frozenset[str]
    dative: frozenset[str]
    verb_ends: tuple[str, ...]
    alone: frozenset[str]
    relays: frozenset[str]
    denials: frozenset[str]
    as_words: frozenset[str]
    nouns: frozenset[str]
    reported: frozenset[str]
    abbreviations: frozenset[str]
    dashes: bool
    apostrophes: bool
    singles: bool
    rules: tuple[CueRule, ...]
    memo: dict[str, tuple[str, int]] = field(default_factory=dict, compare=False, repr=False)
    chunks: dict[str, tuple[tuple[str, int, int, int], ...]] = field(default_factory=dict, compare=False, repr=False)


@cache
def cue_languages() -> tuple[str, ...]:
    """Return the languages that have cues, sorted."""
    return tuple(sorted(path.stem for path in (RULES / "cues").glob("*.toml")))


@cache
def language_words(language: str) -> LanguageWords:
    """Return the words of a language; of one without a file of its own those of no language."""
    code = language.split("-", maxsplit=1)[0].lower()
    code = {"nb": "no", "nn": "no"}.get(code, code)
    if code not in cue_languages():
        return _compile("und", {})
    return _compile(code, package_rules(f"cues/{code}.toml"))


def _compile(language: str, tables: dict[str, Any]) -> LanguageWords:
    words, grammar = tables.get("words", {}), tables.get("grammar", {})
    table: dict[str, int] = {}
    for name, bit in _CLASSES.items():
        for word in words.get(name, ()):
            table[word] = table.get(word, 0) | bit
    rules = tuple(_rule(language, entry) for entry in tables.get("cue", ()))
    cues: dict[str, list[tuple[tuple[str, ...], CueRule]]] = {}
    for rule in rules:
        for phrase in rule.words:
            first, *rest = [c for c in phrase if c != " "] if grammar.get("unspaced") else phrase.split()
            cues.setdefault(first, []).append((tuple(rest), rule))
            if not rest:
                table[first] = table.get(first, 0) | _KINDS[rule.kind]
    return LanguageWords(
        language=language,
        table=table,
        thats=tuple(word for word, bits in table.items() if bits & Word.THAT),
        cues={first: tuple(sorted(some, key=lambda c: -len(c[0]))) for first, some in cues.items()},
        speaker=tuple(grammar.get("speaker", ("before", "after"))),
        inverts=grammar.get("inverts", True),
        nouns_capital=grammar.get("nouns_capital", False),
        no_articles=grammar.get("no_articles", False),
        no_capitals=grammar.get("no_capitals", False),
        unspaced=grammar.get("unspaced", False),
        particles_apart=grammar.get("particles_apart", False),
        subject_ends=tuple(sorted(grammar.get("subject_ends", ()), key=lambda e: (-len(e), e))),
        clitics=tuple((end, _CLASSES[name]) for end, name in grammar.get("clitics", ())),
        role_ends=tuple(sorted(words.get("role_ends", ()), key=lambda e: (-len(e), e))),
        male=frozenset(words.get("male", ())) | frozenset(words.get("male_names", ())),
        female=frozenset(words.get("female", ())) | frozenset(words.get("female_names", ())),
        indefinite=frozenset(words.get("indefinite", ())),
        passive=frozenset(words.get("passive", ())),
        agents=frozenset(words.get("agents", ())),
        oblique=frozenset(words.get("oblique", ())),
        dative=frozenset(words.get("dative", ())),
        verb_ends=tuple(words.get("verb_ends", ())),
        alone=frozenset(words.get("alone", ())),
        relays=frozenset(words.get("relays", ())),
        denials=frozenset(words.get("denials", ())),
        as_words=frozenset(words.get("as_words", ())),
        nouns=frozenset(words.get("nouns", ())),
        reported=frozenset(words.get("reported", ())),
        abbreviations=frozenset(words.get("abbreviations", ())),
        dashes=grammar.get("dashes", False),
        apostrophes=grammar.get("apostrophes", True),
        singles=grammar.get("singles", False),
        rules=rules,
    )


def _rule(language: str, entry: dict[str, Any]) -> CueRule:
    return CueRule(
        id=f"{language}.{entry['name']}",
        kind=entry.get("kind", "verb"),
        words=tuple(entry["words"]),
        addressee=entry.get("addressee", False),
        indirect=entry.get("indirect", True),
        plain=entry.get("plain", False),
        participle=entry.get("participle", False),
        governed=entry.get("governed", False),
        after_mark=entry.get("after_mark", False),
        because=entry["because"],
        examples=tuple((text, speaker) for text, speaker in entry["examples"]),
        counter_examples=tuple(entry.get("counter_examples", ())),
    )
