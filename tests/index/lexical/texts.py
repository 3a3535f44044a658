"""Articles for the tests of the lexical leg: invented ones from a seed, real ones where the data folder is there."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from searcher.index.admitted import Admitted
from searcher.index.arrays import Arrays, write_arrays
from searcher.index.lexical import plain_loops
from searcher.index.lexical.analysis import Analyzer
from searcher.index.lexical.leg import LexicalLeg
from searcher.index.lexical.matching import Vocabulary
from searcher.index.lexical.postings import Postings, PostingsWriter
from searcher.index.lexical.scoring import Unit
from searcher.index.table import SegmentTable, Table, TableWriter
from searcher.records import Article, Chunk, Node, Origin
from searcher.settings import LexicalSettings

DATA = Path(__file__).parents[3] / "../shared/data"
ANALYZER = Analyzer()
SETTINGS = LexicalSettings()
CHUNK_WORDS = 40


@dataclass(frozen=True)
class Text:
    """An article as the lexical leg sees it: chunks tile the body."""

    title: str
    facts: str
    chunks: tuple[str, ...]

    @property
    def body(self):
        return "".join(self.chunks)


def text(title, body, facts="", *, words=CHUNK_WORDS):
    """Give a text whose body is cut after every `words` words, as written between spaces."""
    pieces = body.split(" ")
    parts = [" ".join(pieces[i : i + words]) for i in range(0, len(pieces), words)]
    return Text(title, facts, (*(part + " " for part in parts[:-1]), parts[-1]))


def bodies_only(texts: Iterable[Text]) -> list[Text]:
    """Give the texts without their titles and facts."""
    return [Text("", "", one.chunks) for one in texts]


_STEMS = """
    minister vote protest budget club striker market storm river bridge senator court judge appeal company profit
    share bank rate inflation vaccine hospital doctor patient school teacher strike union worker wage train airport
    flight rocket launch satellite planet museum painter film actor festival harvest farmer drought wildfire rescue
    """.split()  # noqa: SIM905 - a list of words reads best as words
_ENDINGS = ["", "", "s", "ed", "ing", "er"]
_ODD = [
    "O'Brien",
    "U.S.",
    "the",
    "of",
    "and",
    "3.5",
    "Müller",
    "naïve",
    "don’t",
    "選挙",
    "Straße",
    "G7",
    "2024",
    "É",
]


def invent(seed: int, count: int, *, longest: int = 200) -> list[Text]:
    """Give `count` invented articles: few words are frequent, many rare, some odd; lengths from 1 to `longest`."""
    drawn = random.Random(seed)
    vocabulary = [stem + ending for stem in _STEMS for ending in _ENDINGS] + _ODD * 4
    drawn.shuffle(vocabulary)
    weights = [1 / (place + 3) for place in range(len(vocabulary))]

    def words(number: int) -> str:
        return " ".join(drawn.choices(vocabulary, weights, k=number))

    def article() -> Text:
        title = words(drawn.randrange(0, 9)).capitalize()
        facts = drawn.choice(["", "The Daily Vote 2024-05-04 May 4 2024", "Storm News", "Müller Press"])
        return text(title, words(drawn.randint(1, longest)), facts)

    return [article() for _ in range(count)]


@cache
def real(name: str, count: int) -> list[Text]:
    """Give `count` articles of a corpus beside the checkout, evenly drawn; skips the test where there is none."""
    path = DATA / name / "corpus.jsonl.gz"
    if not path.exists():
        pytest.skip(f"no {name} corpus beside the checkout")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        articles = [json.loads(line) for line in lines]
    drawn = articles[:: max(1, len(articles) // count)][:count]
    # Chunks stay below 128 terms, where lengths are exact.
    return [text(a["title"] or "", a["text"], a.get("source") or "", words=80) for a in drawn]


def make_postings(directory: Path, texts: Sequence[Text], *, analyzer: Analyzer = ANALYZER) -> Postings:
    """Write and open the postings of one segment."""
    directory.mkdir(parents=True, exist_ok=True)
    writer = PostingsWriter(analyzer)
    for one in texts:
        writer.add_article(one.title, one.facts, one.chunks)
    write_arrays(directory / "postings", writer.arrays())
    return Postings(Arrays(directory / "postings"))


def make_vocabulary(segments: Sequence[Postings]) -> Vocabulary:
    """The words of these segments."""
    return Vocabulary(
        segments, ANALYZER, Unit([one.articles for one in segments], None, LexicalSettings()).merged
    )


def make_leg(
    directory: Path,
    texts: Sequence[Text],
    *,
    segments: int = 1,
    dead: Collection[int] = (),
    settings: LexicalSettings = SETTINGS,
) -> LexicalLeg:
    """Give the leg over these texts, split evenly into segments, the texts numbered in `dead` withdrawn."""
    borders = [len(texts) * i // max(segments, 1) for i in range(segments + 1)]
    postings, tables = [], []
    for place in range(segments):
        part = texts[borders[place] : borders[place + 1]]
        where = directory / f"{segments}-{place}"
        postings.append(make_postings(where, part))
        writer = TableWriter()
        for number, one in enumerate(part, borders[place]):
            writer.add_article(number + 1, _article(number, one), number, _spans(one))
        write_arrays(where / "table", writer.arrays())
        tables.append(SegmentTable.open(Arrays(where / "table")))
    live = None
    if dead:
        live = np.ones(len(texts), dtype=bool)
        live[list(dead)] = False
    return LexicalLeg(postings, Table(tables, live), ANALYZER, settings)


def plain_measures(leg: LexicalLeg) -> plain_loops.Measures:
    """Give what the leg's articles are scored by, as the loops in numpy take it."""
    tables = leg._article.table, leg._chunk.table
    return plain_loops.measures(leg.table.first_chunk, leg.table.seq, *leg._bounds, *tables)


def matching(leg: LexicalLeg, node: Node) -> npt.NDArray[np.bool_]:
    """Give bool[n articles]: which of them meet `node`, live or not."""
    return leg.matching(node, Admitted(np.ones(len(leg.table), dtype=bool))).mask


def _article(number: int, one: Text) -> Article:
    return Article(f"a{number}", one.title, one.body, Origin("test"), source=one.facts or None)


def _spans(one: Text) -> list[Chunk]:
    ends = np.cumsum([len(chunk) for chunk in one.chunks]).tolist()
    return [Chunk(start, end) for start, end in zip([0, *ends[:-1]], ends, strict=True)]
