"""
Where a library lives and how it behaves: `searcher.toml` in its home, each key named and checked.

    [encoder]   model = "name or path"   allow_network = false
    [chunks]    words = 100
    [lexical]   stemmer = "english"  k1 = 1.2  b = 0.75  title_weight = 2.5  facts_weight = 1.0  ...
    [fusion]    method = "score"  weight = 0.5  depth = 200
    [ingest]    markers = ["lines that begin boilerplate"]  max_body_chars = 1000000

`encoder`, `chunks` and `lexical.stemmer` decide what is in an index: changing them asks for a rebuild.
All others take effect at once.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal

from searcher.errors import SettingsError

FusionMethod = Literal["score", "rrf"]
Idf = Literal["lucene", "whoosh"]


@dataclass(frozen=True, slots=True)
class EncoderSettings:
    """Which sentence-transformers model encodes: a name or a path; None is the bundled all-MiniLM-L6-v2."""

    model: str | None = None
    allow_network: bool = False


@dataclass(frozen=True, slots=True)
class ChunkSettings:
    """How articles are cut: whole sentences packed to about `words` words."""

    words: int = 100


@dataclass(frozen=True, slots=True)
class LexicalSettings:
    """
    BM25F over body, title and facts (source and date words), for chunks and for whole articles.

    `idf`: that of Lucene, or of Whoosh, by which a word that stands everywhere still counts. k1 and b as in Lucene;
    `title_weight` and `facts_weight` multiply term frequencies before saturation; `article_weight` is the share of the
    whole article's score that is added to its chunk's.
    """

    stemmer: str = "english"
    idf: Idf = "lucene"
    k1: float = 1.2
    b: float = 0.75
    title_weight: float = 2.5
    facts_weight: float = 1.0
    article_weight: float = 1.0


@dataclass(frozen=True, slots=True)
class FusionSettings:
    """
    How the legs are merged. `weight` is the dense leg's share; None adapts it to the query's length (`rrf`: a half).

    `depth`: how many articles each leg gives to the pool, the same for every page.
    """

    method: FusionMethod = "score"
    weight: float | None = None
    depth: int = 200


@dataclass(frozen=True, slots=True)
class IngestSettings:
    """
    What is taken in. `markers`: boilerplate lines of page dumps beside the built-in ones; `*` stands for up to six
    words, and `! ` before a line says that it alone is enough to end an article.
    """

    markers: tuple[str, ...] = ()
    max_body_chars: int = 1_000_000


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one library."""

    encoder: EncoderSettings = field(default_factory=EncoderSettings)
    chunks: ChunkSettings = field(default_factory=ChunkSettings)
    lexical: LexicalSettings = field(default_factory=LexicalSettings)
    fusion: FusionSettings = field(default_factory=FusionSettings)
    ingest: IngestSettings = field(default_factory=IngestSettings)


def find_home(given: str | Path | None = None) -> Path:
    """
    Give the home directory of the library: `given` > `SEARCHER_HOME` > the current directory if it has an
    `indexes/` folder > the per-user data directory. Nothing is created.
    """
    if given:
        return Path(given).expanduser().resolve()
    if named := os.environ.get("SEARCHER_HOME"):
        return Path(named).expanduser().resolve()
    here = Path.cwd()
    if (here / "indexes").is_dir():
        return here
    data = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(data) / "searcher"


def load_settings(home: Path) -> Settings:
    """Read `searcher.toml` of this home; defaults where there is none. Raises SettingsError, naming the key."""
    path = home / "searcher.toml"
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}. Mend it, or move it away.") from error
    return _parse(raw, str(path))


def _parse(raw: Mapping[str, Any], where: str) -> Settings:
    settings = Settings()
    sections = {f.name for f in fields(Settings)}
    for name, table in raw.items():
        if name not in sections or not isinstance(table, dict):
            known = ", ".join(sorted(sections))
            raise SettingsError(f"{where}: [{name}] is not a section. Known: {known}.")
        section = _parse_section(getattr(settings, name), table, f"{where}: [{name}]")
        settings = replace(settings, **{name: section})
    _check(settings, where)
    return settings


def _parse_section(section: Any, table: Mapping[str, Any], where: str) -> Any:
    known = {f.name for f in fields(section)}
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in known:
            raise SettingsError(f"{where} has no key '{key}'. Known: {', '.join(sorted(known))}.")
        values[key] = _coerce(value, getattr(section, key), f"{where} {key}")
    return replace(section, **values)


def _coerce(value: Any, default: Any, where: str) -> Any:
    """Give `value` in the type of `default` (None takes text or numbers), or raise SettingsError."""
    if isinstance(default, tuple):
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        raise SettingsError(f"{where} must be a list of texts.")
    if default is None:
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            return value
        raise SettingsError(f"{where} must be a text or a number.")
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not type(default):
        raise SettingsError(f"{where} must be a {type(default).__name__}, not {value!r}.")
    return value


def _check(settings: Settings, where: str) -> None:
    def need(condition: bool, what: str) -> None:
        if not condition:
            raise SettingsError(f"{where}: {what}.")

    model, weight, lexical = settings.encoder.model, settings.fusion.weight, settings.lexical
    need(model is None or isinstance(model, str), "[encoder] model must be a text")
    need(
        weight is None or (isinstance(weight, int | float) and 0 <= weight <= 1),
        "[fusion] weight must lie between 0 and 1",
    )
    need(settings.fusion.method in ("score", "rrf"), "[fusion] method must be 'score' or 'rrf'")
    need(10 <= settings.fusion.depth <= 10_000, "[fusion] depth must lie between 10 and 10,000")
    need(10 <= settings.chunks.words <= 200, "[chunks] words must lie between 10 and 200")
    need(lexical.idf in ("lucene", "whoosh"), "[lexical] idf must be 'lucene' or 'whoosh'")
    need(0 <= lexical.k1 <= 100, "[lexical] k1 must lie between 0 and 100")
    need(0 <= lexical.b <= 1, "[lexical] b must lie between 0 and 1")
    # Never 0: an article is found by its words because they score.
    need(0.01 <= lexical.title_weight <= 100, "[lexical] title_weight must lie between 0.01 and 100")
    need(0.01 <= lexical.facts_weight <= 100, "[lexical] facts_weight must lie between 0.01 and 100")
    need(0 <= lexical.article_weight <= 100, "[lexical] article_weight must lie between 0 and 100")
    need(settings.ingest.max_body_chars > 0, "[ingest] max_body_chars must be positive")
