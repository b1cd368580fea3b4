"""The search index: a file beside the warehouse, so that building it never blocks a load.

    copydesk.duckdb --texts, read-only--> slices as Parquet files --words, their stems--> copydesk.search.duckdb

    articles    docid, what a search can be narrowed by (publisher, source, language, day, kind, authors, sections)
    groups      language group, stemmer, number and mean length of its articles
    words       (group, stemmed word) -> termid, number of articles
    postings    termid, docid, how often; sorted by termid, so that a search reads the row groups of its words alone

DuckDB's full-text extension reduces words to their stems. Its own indexes, one for each language, gave the same tables
for twice the CPU (500 articles in 16 languages). The index is made anew when the articles it was made from have changed
(a stamp over articles and revisions says so) and appears by rename.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import duckdb

from copydesk.filesystem import replacing, temporary_name, write_error
from copydesk.store.warehouse.connection import Connection, Warehouse
from copydesk.store.warehouse.engine import connect
from copydesk.wording import counted

__all__ = [
    "NOT_A_WORD",
    "UNSPACED",
    "build_seconds",
    "extension",
    "index_after_load",
    "index_path",
    "index_stamp",
    "load_extension",
    "open_index",
    "refresh_index",
]

_SQL = Path(__file__).parent / "sql"
_FORMAT = 2
"""Of the index; another number has every index made anew."""

STEMMERS = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "es": "spanish", "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian",
    "id": "indonesian", "it": "italian", "lt": "lithuanian", "ne": "nepali", "nl": "dutch", "no": "norwegian",
    "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish", "ta": "tamil",
    "tr": "turkish",
}  # fmt: skip
"""Languages whose words the extension can reduce to their stems; all others share one index without."""

# The extension's own default throws away everything but a to z.
NOT_A_WORD = r"[^\p{L}\p{M}\p{N}]+"
# Scripts without spaces are indexed character by character.
UNSPACED = r"([\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}])"
_SLICE = 20_000
_MIN_LOADED = 50
_CHEAP = 0.1


def index_path(warehouse: Path) -> Path:
    """Return where the index of a warehouse lies."""
    return warehouse.with_suffix(".search.duckdb")


def refresh_index(
    warehouse: Warehouse, target: Path | None = None, *, making: Callable[[int], None] | None = None
) -> bool:
    """Rebuild the index if the articles have changed since it was built; return whether it was rebuilt.

    Args:
        warehouse: Open only while the texts are copied.
        target: Where the index belongs; None is `index_path`.
        making: Called with the number of articles before the index is made.

    Raises:
        StoreError: The disk refused.
    """
    target = target or index_path(warehouse.path)
    texts = temporary_name(target.with_suffix(".texts"))
    try:
        with warehouse.open_for_reading() as connection:
            stamp = _stamp(connection)
            if index_stamp(target) == stamp:
                return False
            if making is not None:
                making(int(connection.value("select count(*) from articles") or 0))
            _copy_texts(connection, texts)
        with replacing(target) as made, connect(made) as raw:
            _build(raw, texts, stamp)
    except (OSError, duckdb.IOException) as error:
        raise write_error(target, error, then="search again") from error
    finally:
        shutil.rmtree(texts, ignore_errors=True)
    return True


def index_after_load(warehouse: Warehouse, *, loaded: int, seconds: float) -> str:
    """Make the index anew at a load's end where that is cheap; return what to say where it is not, "" otherwise.

    Cheap is a tenth of the run's time. After a few articles nothing is made: the next search does it in a moment.

    Args:
        warehouse: Just loaded.
        loaded: Articles that the run loaded.
        seconds: How long the run took.
    """
    if loaded < _MIN_LOADED or extension() is None:
        return ""
    with warehouse.open_for_reading() as connection:
        articles = int(connection.value("select count(*) from articles") or 0)
    cost = build_seconds(articles)
    if cost <= _CHEAP * seconds:
        refresh_index(warehouse)
        return ""
    when = f"the next search (about {cost:.0f} s) or the nightly upkeep"
    return f"The search index of {counted(articles, 'article')} is behind; {when} makes it anew."


def build_seconds(articles: int) -> float:
    """Return about how long an index takes (CPU, a core of 2024): .1 s for 5 articles, .35 s for 500."""
    return 0.1 + 0.0005 * articles


@contextmanager
def open_index(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an index to read, with the extension that reduces words to their stems."""
    with connect(path, read_only=True) as raw:
        load_extension(raw)
        yield raw


def extension() -> Path | None:
    """Return the file of the full-text extension, from the wheel of the same DuckDB version."""
    spec = find_spec("duckdb_extension_fts")
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(spec.submodule_search_locations[0]) / "extensions" / f"v{duckdb.__version__}"
    files = sorted(folder.glob("**/fts.duckdb_extension"))
    return files[0] if files else None


def _stamp(connection: Connection) -> str:
    """Return a stamp that changes whenever articles, their current texts or what these are read from change."""
    count, mixed = connection.rows(
        "select count(*), coalesce(bit_xor(hash(a.article_id::varchar, r.revision_id::varchar, r.capture_id::varchar, "
        "r.rules_version, a.source)), 0) "
        "from articles as a join revisions as r on r.revision_id = a.current_revision_id"
    )[0]
    return f"{duckdb.__version__} {_FORMAT} {count} {mixed}"


def index_stamp(index: Path) -> str | None:
    """Return the stamp of the articles an index was made from; None without a whole index."""
    if not index.exists():
        return None
    try:
        with connect(index, read_only=True) as raw:
            row = raw.execute("select stamp from made_from").fetchone()
    except duckdb.Error:  # damaged, or of another version: it is made anew
        return None
    return str(row[0]) if row else None


def _copy_texts(connection: Connection, folder: Path) -> None:
    """Write the texts to files of a folder, slice by slice, since DuckDB keeps all texts it joins in memory."""
    shutil.rmtree(folder, ignore_errors=True)  # of a process that was killed
    folder.mkdir()
    connection.execute(
        "create temp table texts (article_id varchar, publisher varchar, source varchar, language varchar, "
        "kind varchar, printed_at timestamptz, authors varchar[], sections varchar[], title varchar, text varchar)"
    )
    has_kind = connection.value(
        "select count(*) from duckdb_columns() "
        "where schema_name = 'main' and table_name = 'revisions' and column_name = 'kind'"
    )
    words = {"kind": "r.kind::varchar" if has_kind else "'article'"}
    slices = 1 + int(connection.value("select count(*) from articles")) // _SLICE
    for number in range(slices):
        values = {"slice": number, "slices": slices, "unspaced": UNSPACED}
        connection.script(_SQL / "search_texts.sql", values, words=words)
        quoted = str(folder / f"{number:05}.parquet").replace("'", "''")
        connection.execute(f"copy texts to '{quoted}' (format parquet)")
        connection.execute("truncate texts")


def _build(raw: duckdb.DuckDBPyConnection, texts: Path, stamp: str) -> None:
    """Make the tables of the index from the files of a folder, one after the other."""
    load_extension(raw)
    slices = [str(path) for path in sorted(texts.iterdir())]
    raw.execute("set preserve_insertion_order = true")  # postings are read by zone maps
    raw.execute("create table made_from as select $1 as stamp", [stamp])
    raw.execute(
        "create table articles as select row_number() over (order by printed_at, article_id) as docid, "
        "* exclude (title, text), 0::bigint as length from read_parquet($1) order by docid",
        [slices],
    )
    raw.execute(
        "create temp table stemmers as select unnest($1) as language, unnest($2) as stemmer",
        [list(STEMMERS), list(STEMMERS.values())],
    )
    _copy_stopwords(raw)
    raw.execute("create table words (group_name varchar, word varchar, termid bigint, articles bigint)")
    raw.execute("create temp table stems (group_name varchar, token varchar, word varchar)")
    raw.execute("create table unsorted (termid bigint, docid bigint, times bigint)")
    for path in slices:
        for statement in raw.extract_statements((_SQL / "search_words.sql").read_text(encoding="utf-8")):
            named = {"slice": path, "not_a_word": NOT_A_WORD}
            raw.execute(statement, {n: v for n, v in named.items() if n in statement.named_parameters})
    raw.execute((_SQL / "search_sums.sql").read_text(encoding="utf-8"))


def _copy_stopwords(raw: duckdb.DuckDBPyConnection) -> None:
    """Take the English stop words out of an index of nothing: the extension gives them in no other way."""
    raw.execute("create table nothing (docid bigint, text varchar)")
    raw.execute("pragma create_fts_index('nothing', 'docid', 'text', stopwords = 'english')")
    raw.execute("create temp table stopwords as from fts_main_nothing.stopwords")
    raw.execute("pragma drop_fts_index('nothing')")
    raw.execute("drop table nothing")


def load_extension(raw: duckdb.DuckDBPyConnection) -> None:
    """Load the full-text extension from its wheel."""
    quoted = str(extension()).replace("'", "''")
    raw.execute(f"load '{quoted}'")
