"""
What is in one segment? Everything needed to find a set of revisions, in one directory that never changes.

`build_segment` is a pure function of revisions, encoder, analyzer and chunker. Row i is chunk i in the postings,
the vectors and the table alike: no id maps, no drift between the legs.

    segment.json     counts, fingerprints, how its vectors are searched, and size and sha256 of the others
    vectors.faiss    float32[n chunks, dim], unit rows
    compressed.faiss the same in a quarter of the space, in large segments (dense/compressed.py)
    arrays           all else (arrays.py):
      table.*        the facts (table.py)
      digests.*      sha256/128 of each encoded text: by them later builds find vectors already known
      terms.* …      the postings (lexical/postings.py)
"""

from __future__ import annotations

import calendar
import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from searcher.chunking import chunk_article
from searcher.errors import IndexDamaged
from searcher.index.arrays import Arrays, write_arrays
from searcher.index.dense.compressed import CompressedIndex, Compression, write_compressed
from searcher.index.dense.encoder import Encoder
from searcher.index.dense.flat import FlatIndex, write_flat
from searcher.index.files import file_digest, sync, write_bytes
from searcher.index.known import KnownVectors, text_digests
from searcher.index.lexical.analysis import Analyzer
from searcher.index.lexical.postings import Postings, PostingsWriter
from searcher.index.table import SegmentTable, TableWriter
from searcher.records import Article, Chunk, Precision, Progress, Revision, silent
from searcher.text import fold

Vectors = npt.NDArray[np.float32]

FORMAT = 2
COMPRESS_FROM = 20_000
"""Chunks from which on a compressed copy of the vectors is written: it pays from about there on (docs/dense.md)."""
BATCH = 256
"""Chunks encoded between two writes of the journal: about two seconds of work."""

_TITLE_SHARE = 4
"""A headline takes at most a quarter of the encoder's window."""


@dataclass(frozen=True, slots=True)
class SegmentInfo:
    """A segment as a manifest names it. `digest`: sha256 of its segment.json, which holds those of its files."""

    name: str
    articles: int
    chunks: int
    digest: str


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that decides what a segment holds, besides the revisions."""

    encoder: Encoder
    analyzer: Analyzer
    chunk_words: int


def build_segment(
    directory: Path,
    revisions: Iterable[Revision],
    recipe: Recipe,
    known: KnownVectors,
    *,
    progress: Progress = silent,
) -> SegmentInfo:
    """
    Build the segment of these revisions (rising `seq`) at `directory`, which must not exist.

    It is built beside and renamed when it is whole and synced. Vectors that are not `known` are encoded, and
    remembered there as they come, so that an interrupted build never encodes twice.
    """
    building = directory.with_name(f"building-{directory.name}")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    table, postings = TableWriter(), PostingsWriter(recipe.analyzer)
    texts: list[str] = []
    articles = 0
    for revision in revisions:
        article = revision.article
        spans = cut(article, recipe)
        chunks = [article.body[span.start : span.end] for span in spans]
        table.add_article(revision.seq, article, copy_key(article.body), spans)
        postings.add_article(article.title, facts_as_words(article), chunks)
        texts.extend(encoded_texts(article.title, chunks, recipe.encoder))
        articles += 1
    digests, vectors = _vectors_of(texts, recipe.encoder, known, progress)
    progress("write", 0, len(texts))
    order = np.argsort(digests[:, 0], kind="stable")
    found_by = {
        "digests.all": digests,
        "digests.rising": digests[order, 0],
        "digests.order": order.astype(np.int32),
    }
    write_arrays(building / "arrays", {**table.arrays(), **postings.arrays(), **found_by})
    compression = _write_vectors(vectors, building)
    digest = _seal(building, articles, len(texts), recipe, compression)
    building.rename(directory)
    sync(directory.parent)
    progress("write", len(texts), len(texts))
    return SegmentInfo(directory.name, articles, len(texts), digest)


def cut(article: Article, recipe: Recipe) -> list[Chunk]:
    """Give the chunks of an article under this recipe."""
    encoder = recipe.encoder
    title = min(encoder.count_pieces([article.title])[0], encoder.window // _TITLE_SHARE)
    # Two special pieces frame every text; two more stay free, since pieces of a joined text can differ by one.
    return chunk_article(
        article.body,
        count_pieces=encoder.count_pieces,
        window=encoder.window - title - 4,
        words=recipe.chunk_words,
    )


def encoded_texts(title: str, chunks: Iterable[str], encoder: Encoder) -> list[str]:
    """Give what is encoded for an article's chunks: before each as much of the headline as fits beside it."""
    title = _fit(title, encoder)
    return [encoded_text(title, chunk) for chunk in chunks]


def encoded_text(title: str, chunk: str) -> str:
    """Give what is encoded for a chunk: the headline, then the chunk."""
    return f"{title}\n{chunk.strip()}"


def facts_as_words(article: Article) -> str:
    """Give source and date as words to search by: `TechCrunch 2023-10-07 October 7 2023`, as far as known."""
    words = [article.source or ""]
    if article.published:
        at, precision = article.published.at, article.published.precision
        month = calendar.month_name[at.month]
        if precision is Precision.YEAR:
            words.append(f"{at.year:04}")
        elif precision is Precision.MONTH:
            words.append(f"{at.year:04}-{at.month:02} {month}")
        else:
            words.append(f"{at.year:04}-{at.month:02}-{at.day:02} {month} {at.day}")
    return " ".join(words).strip()


def copy_key(body: str) -> int:
    """Give 64 bits that equal texts share, whatever their white space, case and accents."""
    return int.from_bytes(hashlib.sha256(fold(body).encode("utf-8", "replace")).digest()[:8], "big")


def _vectors_of(
    texts: list[str], encoder: Encoder, known: KnownVectors, progress: Progress
) -> tuple[npt.NDArray[np.uint64], Vectors]:
    """Give digests (uint64[n, 2]) and vectors (float32[n, dim]) of the texts, encoding only what is not known."""
    digests = text_digests(texts)
    vectors, missing = known.look_up(digests)
    # A text that stands several times (a wire copy) is encoded once.
    _, first, place = np.unique(digests[missing], axis=0, return_index=True, return_inverse=True)
    fresh = missing[first]
    done = len(texts) - len(fresh)
    progress("encode", done, len(texts))
    # Long texts together: a batch costs what its longest text costs.
    by_length = np.array(sorted(fresh.tolist(), key=lambda row: (-len(texts[row]), row)), dtype=np.int64)
    for start in range(0, len(fresh), BATCH):
        rows = by_length[start : start + BATCH]
        vectors[rows] = encoder.encode([texts[row] for row in rows])
        known.remember(digests[rows], vectors[rows])
        progress("encode", done + start + len(rows), len(texts))
    vectors[missing] = vectors[fresh[place.reshape(-1)]]
    known.count(encoded=len(fresh), reused=done)
    return digests, vectors


def _fit(title: str, encoder: Encoder) -> str:
    """Cut a headline to its share of the window, at a word."""
    room = encoder.window // _TITLE_SHARE
    words = title.split()[:room]
    while words and encoder.count_pieces([" ".join(words)])[0] > room:
        words = words[: len(words) * 3 // 4]
    return " ".join(words) if len(words) < len(title.split()) else title


def _write_vectors(vectors: Vectors, building: Path) -> Compression | None:
    """Write the vectors, and in a large segment their compressed copy; give how they are compressed."""
    write_flat(vectors, building / "vectors.faiss")
    return write_compressed(vectors, building / "compressed.faiss") if len(vectors) >= COMPRESS_FROM else None


def _seal(building: Path, articles: int, chunks: int, recipe: Recipe, compression: Compression | None) -> str:
    """Write segment.json with the digest of every file; give its own digest."""
    files = {
        path.name: {"bytes": path.stat().st_size, "sha256": file_digest(path)}
        for path in sorted(building.iterdir())
    }
    about = {
        "format": FORMAT,
        "articles": articles,
        "chunks": chunks,
        "dim": recipe.encoder.dim,
        "encoder": recipe.encoder.fingerprint,
        "compression": compression and asdict(compression),
        "files": files,
    }
    data = json.dumps(about, indent=1).encode()
    write_bytes(building / "segment.json", data)
    sync(building)
    return hashlib.sha256(data).hexdigest()


class Segment:
    """A segment, opened for reading. Raises IndexDamaged if a file is missing or has another size."""

    def __init__(self, directory: Path, info: SegmentInfo) -> None:
        self.directory = directory
        self.info = info
        about = _read_seal(directory, info)
        self.dim: int = about["dim"]
        self.encoder_fingerprint: str = about["encoder"]
        # Segments of before there was compression do not say anything about it.
        kept = about.get("compression")
        self.compression = Compression(**kept) if kept else None
        self._digests_of_files = {name: file["sha256"] for name, file in about["files"].items()}

    @classmethod
    def found_at(cls, directory: Path) -> Segment:
        """Open a segment that no manifest names, for its vectors. Raises IndexDamaged."""
        try:
            data = (directory / "segment.json").read_bytes()
            about = json.loads(data)
            if about["format"] != FORMAT:
                raise ValueError(f"format {about['format']}")
            counts = [about[count] for count in ("articles", "chunks", "dim")]
            if not all(type(count) is int and count >= 0 for count in counts):
                raise ValueError("it does not count")
            if any(Path(name).name != name for name in about["files"]):
                raise ValueError("it names files of other directories")
            info = SegmentInfo(directory.name, counts[0], counts[1], hashlib.sha256(data).hexdigest())
            return cls(directory, info)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise IndexDamaged(f"{directory} is not a segment ({error}). Run: searcher rebuild") from error

    def verify(self) -> None:
        """Read every byte. Raises IndexDamaged, naming the file that is not what it was."""
        for name, digest in self._digests_of_files.items():
            path = self.directory / name
            try:
                whole = file_digest(path) == digest
            except OSError as error:
                raise IndexDamaged(f"{path} cannot be read ({error}). Run: searcher rebuild") from error
            if not whole:
                raise IndexDamaged(f"{path} is not what was written. Run: searcher rebuild")

    @cached_property
    def _arrays(self) -> Arrays:
        return Arrays(self.directory / "arrays")

    @cached_property
    def table(self) -> SegmentTable:
        """The facts of its articles and chunks."""
        return SegmentTable.open(self._arrays)

    @cached_property
    def postings(self) -> Postings:
        """Its words."""
        return Postings(self._arrays)

    @cached_property
    def flat(self) -> FlatIndex:
        """Its vectors."""
        rows, dim, compressed = self.info.chunks, self.dim, None
        if self.compression is not None:
            path = self.directory / "compressed.faiss"
            compressed = CompressedIndex.open(path, rows, dim, self.compression)
        return FlatIndex.open(self.directory / "vectors.faiss", rows, dim, compressed=compressed)

    @cached_property
    def digests(self) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64], npt.NDArray[np.int32]]:
        """uint64[n, 2] digests of the encoded texts; their first halves, rising; and the rows in that order."""
        arrays = self._arrays
        return arrays["digests.all"], arrays["digests.rising"], arrays["digests.order"]


def _read_seal(directory: Path, info: SegmentInfo) -> dict:  # type: ignore[type-arg]
    mend = "Run: searcher rebuild"
    try:
        data = (directory / "segment.json").read_bytes()
    except OSError as error:
        raise IndexDamaged(f"Segment {directory} is missing ({error.strerror}). {mend}") from error
    if hashlib.sha256(data).hexdigest() != info.digest:
        raise IndexDamaged(f"Segment {directory} is not the one its generation names. {mend}")
    about: dict = json.loads(data)  # type: ignore[type-arg]
    for name, file in about["files"].items():
        try:
            size = (directory / name).stat().st_size
        except OSError as error:
            raise IndexDamaged(f"{directory / name} is missing. {mend}") from error
        if size != file["bytes"]:
            raise IndexDamaged(f"{directory / name} has {size} bytes instead of {file['bytes']}. {mend}")
    return about


def split_revisions(
    revisions: Iterable[Revision], *, chunk_words: int, max_chunks: int
) -> Iterator[list[Revision]]:
    """
    Give the revisions in lists of about `max_chunks` chunks: what one segment, and its building, may hold.

    A chunk is taken for `chunk_words` words of six characters; each article has at least one.
    """
    batch: list[Revision] = []
    chunks = 0
    for revision in revisions:
        batch.append(revision)
        chunks += 1 + len(revision.article.body) // (6 * chunk_words)
        if chunks >= max_chunks:
            yield batch
            batch, chunks = [], 0
    if batch:
        yield batch
