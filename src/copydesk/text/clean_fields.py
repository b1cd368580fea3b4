"""Field values without escape sequences, control, override and tag characters and stray zero-width characters.

    every field of an Extraction --mojibake-----> fields whose text was encoded twice are mended
                                 --isprintable--> nearly all pages end here
                                 --patterns-----> cleaned values, and findings that name what was removed

What a script needs stays: ZWNJ and ZWJ between letters of scripts that join (Persian, Hindi) and in emoji, zero-width
spaces where words are written without spaces (Thai, Khmer, Burmese), direction marks in texts with right-to-left
letters, tags in the flags of England, Scotland and Wales. Blocks keep the page's own characters: put back in order they
are the page.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from html import unescape
from typing import TypeVar

from copydesk.records import (
    Author,
    Caption,
    Dateline,
    Evidence,
    Extraction,
    Finding,
    Link,
    Paragraph,
    Rejection,
    Severity,
)
from copydesk.text.mojibake import has_signs, mend, mojibake_finding

__all__ = ["clean_extraction", "clean_text"]

_CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029"
_OVERRIDES = "\u202d\u202e"
_DIRECTIONS = "\u202a-\u202c\u2066-\u2069"
_MARKS = "\u061c\u200e\u200f"
_ZERO_WIDTH = "\u00ad\u180e\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff"
_TAGS = "\U000e0000-\U000e007f"
_JOINING = "\u0600-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18af\ufb50-\ufdff\ufe70-\ufefc\U00010a00-\U00011fff"
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1950-\u19df\uaa00-\uaa5f"
_EMOJI = "\u00a9\u00ae\u203c-\u2bff\u3030\u303d\ufe0f\U0001f000-\U0001faff"

_NAMES = (
    "amp|quot|apos|nbsp|[lr][sd]quo|[lr]aquo|[nm]dash|hellip|euro|pound"
    "|[AEIOUaeiou](?:acute|grave|uml|circ)|[nao]tilde|ccedil|szlig"
)
_REFERENCE = re.compile(
    rf"(?<=[\w.,!?;)])&(?:{_NAMES}|#\d{{2,5}}|#x[0-9A-Fa-f]{{2,4}});|&(?:{_NAMES}|#\d{{2,5}}|#x[0-9A-Fa-f]{{2,4}});(?=\w)"
    r"|(?<=\w )&(?:amp|[nm]dash|#821[12]|#x201[34]);(?= \w)"
)
"""A character reference in a text, beside a letter."""
_MAX_ENCODED = 3
_SUSPECT = re.compile(f"[{_CONTROLS}{_OVERRIDES}{_DIRECTIONS}{_MARKS}{_ZERO_WIDTH}\u200b-\u200d\ud800-\udfff{_TAGS}]")
_FLAG = re.compile("(?<=\U0001f3f4)[\U000e0020-\U000e007e]{2,6}\U000e007f")
_CONTROL = re.compile(f"[{_CONTROLS}]")
_ESCAPE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x9b[0-9;?]+[A-Za-z]|\x1b\][^\x00-\x1f\x7f-\x9f]*(?:\x07|\x1b\\)")
"""Escape sequences of a terminal: CSI (colours, the cursor), and OSC with its end (titles, links).

Without the control character in front, the same letters are text and stay. U+009B introduces one only before a digit:
it is also what a wrong decoder makes of a quotation mark.
"""
_SURROGATE = re.compile("[\ud800-\udfff]")
_NEVER = re.compile(f"[{_OVERRIDES}{_DIRECTIONS}{_ZERO_WIDTH}]")
_TAG = re.compile(f"[{_TAGS}]")
_MARK = re.compile(f"[{_MARKS}]")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
_JOINER = re.compile(
    f"[\u200c\u200d](?<![{_JOINING}{_EMOJI}].)(?![{_JOINING}{_EMOJI}])|\u200b(?<![{_UNSPACED}].)(?![{_UNSPACED}])"
)
_HIDING = frozenset(map(chr, (0x202D, 0x202E, *range(0xE0000, 0xE0080))))

Named = TypeVar("Named", Author, Caption, Dateline, Evidence, Link, Paragraph)
_TEXTS = ("title", "agency", "credit", "publisher", "image_url", "canonical_url")
_LISTS = ("section_path", "tags")
_TEXT_FIELDS = ("name", "text", "place", "agency", "date_text")
_ADDRESSES = ("image_url", "canonical_url", "url")


def clean_text(text: str, removed: Counter[str] | None = None, *, address: bool = False) -> str:
    """Return a field's value cleaned; what is removed is counted in `removed`.

    Args:
        text: The value. Line feeds and tabs stay.
        removed: Character -> how many were removed so far.
        address: Whether control characters are dropped instead of becoming spaces, as in an address.
    """
    if text.isascii() and text.isprintable():
        return text
    if not _SUSPECT.search(text):
        return text
    counts = Counter[str]() if removed is None else removed
    flags = _FLAG.findall(text)
    if flags:
        parts = [clean_text(part, counts, address=address) for part in _FLAG.split(text)]
        return "".join(part + flag for part, flag in zip(parts, [*flags, ""], strict=True))

    def count(match: re.Match[str]) -> str:
        if match.re is _ESCAPE:
            counts.update(_CONTROL.findall(match[0]))
            return ""
        counts[match[0]] += 1
        return "" if match.re is not _CONTROL or address else " "

    cleaned = text
    for pattern in (_NEVER, _TAG, _JOINER, _ESCAPE, _CONTROL, _JOINER):
        cleaned = pattern.sub(count, cleaned)
    if not _RIGHT_TO_LEFT.search(cleaned):
        cleaned = _MARK.sub(count, cleaned)
    cleaned = _SURROGATE.sub("\ufffd", cleaned)
    cleaned = cleaned if text.startswith(" ") else cleaned.lstrip(" ")
    return cleaned if text.endswith(" ") else cleaned.rstrip(" ")


def clean_extraction(found: Extraction) -> Extraction:
    """Return the extraction with every field cleaned, and a finding for each kind of what was removed.

    Rules: `control_characters`, `hidden_characters` (direction overrides and tag characters), `invisible_characters`
    (the rest).
    """
    whole = " ".join(_values(found))
    if has_signs(whole) or ("&" in whole and _REFERENCE.search(whole)):
        found = _mended(found)
    whole = whole.replace("\u00a0", " ")
    if whole.isprintable():  # five times faster than the pattern, and true for most pages
        return found
    if whole.replace("\n", "").isprintable() or not _SUSPECT.search("".join(set(whole))):  # single characters
        return found
    removed: Counter[str] = Counter()
    changes: dict[str, object] = {}
    for name in _TEXTS:
        value = getattr(found, name)
        changes[name] = value and (clean_text(value, removed, address=name in _ADDRESSES) or None)
    for name in _LISTS:
        changes[name] = tuple(text for value in getattr(found, name) if (text := clean_text(value, removed)))
    paragraphs = tuple(p for one in found.paragraphs if (p := _cleaned(one, removed)).text)
    rejection = found.rejection
    if found.paragraphs and not paragraphs and rejection is None:
        rejection = Rejection(stage="extract", reason="empty", detail="no visible character")
    return replace(
        found,
        **changes,  # type: ignore[arg-type]
        paragraphs=paragraphs,
        rejection=rejection,
        authors=tuple(a for one in found.authors if (a := _cleaned(one, removed)).name),
        captions=tuple(c for one in found.captions if (c := _cleaned(one, removed)).text),
        links=tuple(_cleaned(one, removed) for one in found.links),
        dateline=found.dateline and _cleaned(found.dateline, removed),
        evidence=tuple(_cleaned(one, Counter()) for one in found.evidence),
        findings=_findings(found.findings, removed),
    )


def _mended(found: Extraction) -> Extraction:
    """Return the extraction with fields mended that were encoded twice: from entities or escapes, or a feed's hints."""
    changes: Counter[tuple[str, str]] = Counter()

    def mended(text: str) -> str:
        fixed = mend(_referenced(text, changes))
        changes.update(fixed.changes)
        return fixed.text

    def record(one: Named) -> Named:
        if getattr(one, "kind", "") == "code":
            return one
        texts = {name: mended(value) for name in _TEXT_FIELDS if isinstance(value := getattr(one, name, None), str)}
        return replace(one, **texts)  # type: ignore[arg-type]

    fields: dict[str, object] = {n: mended(v) for n in _TEXTS if n not in _ADDRESSES and (v := getattr(found, n))}
    fields |= {name: tuple(map(mended, getattr(found, name))) for name in _LISTS}
    fields |= {
        name: tuple(map(record, getattr(found, name))) for name in ("paragraphs", "authors", "captions", "links")
    }
    fields["dateline"] = found.dateline and record(found.dateline)
    findings = (*found.findings, *mojibake_finding(changes, "fields"))
    evidence = tuple(replace(one, value=mend(one.value).text) for one in found.evidence)
    return replace(found, **fields, evidence=evidence, findings=findings)  # type: ignore[arg-type]


def _referenced(text: str, changes: Counter[tuple[str, str]]) -> str:
    """Replace character references that a page shows as such (&amp;quot; in its source), and count the changes.

    A reference that stands alone is left as it is: a text on HTML speaks of it. So are &lt; and &gt;.
    """
    if "&" not in text:
        return text

    def character(match: re.Match[str]) -> str:
        found = unescape(match[0])
        changes[match[0], found] += 1
        return found

    for _ in range(_MAX_ENCODED):
        before, text = text, _REFERENCE.sub(character, text)
        if text == before:
            break
    return text


def _values(found: Extraction) -> list[str]:
    """Return the text of every field."""
    out = [getattr(found, name) or "" for name in _TEXTS]
    out += [*found.section_path, *found.tags, *[a.name for a in found.authors], *[p.text for p in found.paragraphs]]
    for caption in found.captions:
        out += [caption.text, caption.image_url or ""]
    for link in found.links:
        out += [link.url, link.text]
    if found.dateline:
        line = found.dateline
        out += [line.text, line.place or "", line.agency or "", line.date_text or ""]
    for one in found.evidence:
        out += [one.value, one.reason]
    return out


def _cleaned(record: Named, removed: Counter[str]) -> Named:
    """Return a record with its text fields cleaned; itself where nothing changes."""
    changes = {}
    for name in ("name", "text", "place", "agency", "date_text", "url", "image_url", "value", "reason"):
        value = getattr(record, name, None)
        if isinstance(value, str) and (text := clean_text(value, removed, address=name in _ADDRESSES)) != value:
            changes[name] = text
    return replace(record, **changes) if changes else record  # type: ignore[arg-type]


def _findings(before: tuple[Finding, ...], removed: Counter[str]) -> tuple[Finding, ...]:
    kinds: dict[str, Counter[str]] = {}
    for character, n in removed.items():
        control = _CONTROL.fullmatch(character)
        rule = "control_characters" if control else "hidden" if character in _HIDING else "invisible"
        kinds.setdefault(rule if control else f"{rule}_characters", Counter())[character] = n
    found = list(before)
    for rule, counts in sorted(kinds.items()):
        earlier = next((one for one in found if one.rule == rule), None)
        if earlier:
            found.remove(earlier)
        shown = ", ".join(f"U+{ord(c):04X} x {n}" for c, n in sorted(counts.items())[:8])
        found.append(
            Finding(
                rule=rule,
                severity=Severity.INFO if rule == "invisible_characters" else Severity.WARN,
                value=float(sum(counts.values())) + ((earlier.value or 0.0) if earlier else 0.0),
                detail=f"removed from fields: {shown}",
            )
        )
    return tuple(found)
