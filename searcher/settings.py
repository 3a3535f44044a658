"""
Where a library lives and how it behaves: `searcher.toml` in its home, each key named and checked.

    [encoder]   model = "name or path"   allow_network = false   precision = "float32"
    [chunks]    words = 100
    [lexical]   stemmer = "english"  k1 = 1.2  b = 0.75  title_weight = 2.5  facts_weight = 2.5  ...
    [fusion]    method = "score"  weight = 0.5  depth = 200
    [search]    deadline_s = 2.0
    [ingest]    markers = ["lines that begin boilerplate"]  max_body_chars = 1000000
    [web]       hosts = ["news.example"]  closed = false  rate = 20  timeout_s = 10  queue = 64  max_upload_mb = 64

`encoder`, `chunks` and `lexical.stemmer` decide what is in an index: changing them asks for a rebuild.
All others take effect at once.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, get_args

from searcher.errors import SettingsError

FusionMethod = Literal["score", "rrf", "dbsf", "minmax"]
Idf = Literal["lucene", "whoosh"]
Precision = Literal["float32", "bfloat16"]


@dataclass(frozen=True, slots=True)
class EncoderSettings:
    """
    Which sentence-transformers model encodes: a name or a path; None is the bundled all-MiniLM-L6-v2.

    `precision`: in what numbers texts are encoded to be found. `bfloat16` takes half as long where OpenVINO and the
    processor can (docs/dense.md says what it costs); questions are encoded in float32 either way.
    """

    model: str | None = None
    allow_network: bool = False
    precision: Precision = "float32"


@dataclass(frozen=True, slots=True)
class ChunkSettings:
    """How articles are cut: whole sentences packed to about `words` words."""

    words: int = 100


@dataclass(frozen=True, slots=True)
class LexicalSettings:
    """
    BM25F over body, title and facts (source and date words), for chunks and for whole articles.

    k1 and b as in Lucene; `title_weight` and `facts_weight` multiply term frequencies before saturation;
    `article_weight` is the share of the whole article's score that is added to its chunk's. An outlet or day that a
    question names in full scores `named_weight` times its idf beside its words (0: its words alone). `idf`: whose
    formula, Lucene's or Whoosh's.
    """

    stemmer: str = "english"
    idf: Idf = "lucene"
    k1: float = 1.2
    b: float = 0.75
    title_weight: float = 2.5
    facts_weight: float = 2.5
    article_weight: float = 1.0
    named_weight: float = 2.0


@dataclass(frozen=True, slots=True)
class FusionSettings:
    """
    How the legs are merged. `weight` is the dense leg's share; None adapts it to the query (`rrf`: a half).

    `depth`: how many articles each leg gives to the pool, the same for every page.
    """

    method: FusionMethod = "score"
    weight: float | None = None
    depth: int = 200


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """How long an answer may take, in seconds: past it, hits are shown from where their passage begins."""

    deadline_s: float = 2.0


@dataclass(frozen=True, slots=True)
class IngestSettings:
    """
    What is taken in. `markers`: boilerplate lines of page dumps beside the built-in ones; `*` stands for up to six
    words, and `! ` before a line says that it alone is enough to end an article.
    """

    markers: tuple[str, ...] = ()
    max_body_chars: int = 1_000_000


@dataclass(frozen=True, slots=True)
class WebSettings:
    """
    How `searcher serve` answers. `hosts`: names it may be asked by, besides localhost and the address it listens on.

    `closed`: reading needs a token, too. `rate`: requests a second that one client may make in the long run, ten
    seconds' worth of them at once. `timeout_s`: how long an answer may take. `queue`: questions that may wait for a
    core; one more is told to come back. `max_upload_mb`: the longest body of a request.
    """

    hosts: tuple[str, ...] = ()
    closed: bool = False
    rate: float = 20.0
    timeout_s: float = 10.0
    queue: int = 64
    max_upload_mb: int = 64


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one library."""

    encoder: EncoderSettings = field(default_factory=EncoderSettings)
    chunks: ChunkSettings = field(default_factory=ChunkSettings)
    lexical: LexicalSettings = field(default_factory=LexicalSettings)
    fusion: FusionSettings = field(default_factory=FusionSettings)
    search: SearchSettings = field(default_factory=SearchSettings)
    ingest: IngestSettings = field(default_factory=IngestSettings)
    web: WebSettings = field(default_factory=WebSettings)


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
        text = path.read_text(encoding="utf-8")
        import tomllib  # Not before there is something to read: most libraries have no such file.

        raw = tomllib.loads(text)
    except FileNotFoundError:
        return Settings()
    except NotADirectoryError:
        raise SettingsError(
            f"{home} is a file, or lies below one, and can be no library. Choose another home with --home."
        ) from None
    except (OSError, ValueError, RecursionError) as error:  # tomllib raises each of these.
        raise SettingsError(f"{path} cannot be read: {error}. Mend it, or move it away.") from error
    return _parse(raw, str(path))


def change_settings(home: Path, changes: Mapping[tuple[str, str], Any]) -> Path:
    """
    Change keys of this home's `searcher.toml`, (section, key) -> value, None to take a key out; give its path.

    Everything else in the file stays as it was written, comments too. What would be there is checked before it is.
    Raises SettingsError, and OSError if the disk does not take it: the file is then as it was.
    """
    import tomlkit

    path = home / "searcher.toml"
    load_settings(home)
    document = tomlkit.parse(path.read_text(encoding="utf-8")) if path.exists() else tomlkit.document()
    for (section, key), value in changes.items():
        table = document.setdefault(section, tomlkit.table())
        if value is None:
            table.pop(key, None)
        else:
            table[key] = value
    _parse(document.unwrap(), str(path))
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("w", encoding="utf-8") as file:
            file.write(tomlkit.dumps(document))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return path


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
        try:
            return float(value)
        except OverflowError:
            raise SettingsError(f"{where} is too large a number.") from None
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
    methods, idfs, precisions = get_args(FusionMethod), get_args(Idf), get_args(Precision)
    need(
        settings.encoder.precision in precisions,
        f"[encoder] precision must be one of {', '.join(precisions)}",
    )
    need(settings.fusion.method in methods, f"[fusion] method must be one of {', '.join(methods)}")
    need(10 <= settings.fusion.depth <= 10_000, "[fusion] depth must lie between 10 and 10,000")
    need(10 <= settings.chunks.words <= 200, "[chunks] words must lie between 10 and 200")
    need(0 <= lexical.k1 <= 100, "[lexical] k1 must lie between 0 and 100")
    need(0 <= lexical.b <= 1, "[lexical] b must lie between 0 and 1")
    # Never 0: an article is found by its words because they score.
    need(0.01 <= lexical.title_weight <= 100, "[lexical] title_weight must lie between 0.01 and 100")
    need(0.01 <= lexical.facts_weight <= 100, "[lexical] facts_weight must lie between 0.01 and 100")
    need(0 <= lexical.article_weight <= 100, "[lexical] article_weight must lie between 0 and 100")
    need(0 <= lexical.named_weight <= 100, "[lexical] named_weight must lie between 0 and 100")
    need(lexical.idf in idfs, f"[lexical] idf must be one of {', '.join(idfs)}")
    need(settings.search.deadline_s > 0, "[search] deadline_s must be positive")
    need(settings.ingest.max_body_chars > 0, "[ingest] max_body_chars must be positive")
    for name in ("rate", "timeout_s", "queue", "max_upload_mb"):
        need(getattr(settings.web, name) > 0, f"[web] {name} must be positive")
