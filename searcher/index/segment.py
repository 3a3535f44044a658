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
      cuts.*         sha256/128 of what decides where an article is cut: by them they find its chunks
      terms.* …      the postings (lexical/postings.py)
"""

from __future__ import annotations

import errno
import hashlib
import json
import shutil
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt

from searcher.errors import IndexDamaged
from searcher.index.arrays import Array, Arrays, write_arrays
from searcher.index.cutting import Cut, Digests, Recipe, chunking_fingerprint, encoded_texts
from searcher.index.dense.compressed import CompressedIndex, Compression, write_compressed
from searcher.index.dense.encoder import Encoder
from searcher.index.dense.flat import FlatIndex, write_flat
from searcher.index.files import file_digest, sync, write_bytes
from searcher.index.helpers import Preparer
from searcher.index.known import KnownCuts, KnownVectors
from searcher.index.lexical.numbering import NumberedWords
from searcher.index.lexical.postings import Postings, PostingsWriter
from searcher.index.preparing import Page, pages_of
from searcher.index.table import SegmentTable, TableWriter
from searcher.records import Article, Chunk, Progress, Revision, silent

Vectors = npt.NDArray[np.float32]

FORMAT = 2
COMPRESS_FROM = 20_000
"""Chunks from which on a compressed copy of the vectors is written: it pays from about there on (docs/dense.md)."""
BATCH = 256
"""Chunks encoded between two writes of the journal: about two seconds of work."""

CHECKED_WHEN_OPENED = 1_000_000
"""
Bytes up to which a file is read to its last one whenever it is opened, which takes a millisecond: the news of some
days. Of larger ones only the size is looked at then: who asks once and who stays read them beside the questions
(library/verifying.py), and the writer one segment at a time.
"""

_NONE = KnownCuts()


@dataclass(frozen=True, slots=True)
class SegmentInfo:
    """A segment as a manifest names it. `digest`: sha256 of its segment.json, which holds those of its files."""

    name: str
    articles: int
    chunks: int
    digest: str


def build_segment(
    directory: Path,
    revisions: Iterable[Revision],
    recipe: Recipe,
    known: KnownVectors,
    *,
    cuts: KnownCuts = _NONE,
    preparer: Preparer | None = None,
    progress: Progress = silent,
) -> SegmentInfo:
    """
    Build the segment of these revisions (rising `seq`) at `directory`, which must not exist.

    It is built beside and renamed when it is whole and synced. Articles whose cuts are known are not cut again.
    Vectors that are not `known` are encoded, and remembered there as they come, so that an interrupted build never
    encodes twice. `preparer`: who prepares the pages (None: this process). In memory are the words as numbers and the
    texts to encode; the revisions go as they come.
    """
    building = directory.with_name(f"building-{directory.name}")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    rows = _Rows(recipe)
    waiting = _Waiting(recipe.encoder, known)
    preparer = preparer or Preparer(recipe, helpers=0)
    for page, prepared in preparer.prepared(pages_of(revisions, cuts)):
        made = zip(page.cuts, prepared.cuts, strict=True)
        all_cuts = [cut for pair in made for cut in pair if cut is not None]
        rows.add(page, all_cuts, prepared.words)
        waiting.add(page.revisions, all_cuts)
        progress("write", rows.chunks, None)
    digests = rows.digests()
    write_arrays(building / "arrays", rows.arrays(digests))
    articles = rows.articles
    del rows  # Before the encoder needs its memory.
    compression = _write_vectors(waiting.vectors(digests, progress), building)
    digest = _seal(building, articles, len(digests), recipe, compression)
    building.rename(directory)
    sync(directory.parent)
    progress("write", len(digests), len(digests))
    return SegmentInfo(directory.name, articles, len(digests), digest)


class _Rows:
    """The rows of a segment that is being built, but for their vectors."""

    def __init__(self, recipe: Recipe) -> None:
        self._table = TableWriter()
        self._postings = PostingsWriter(recipe.analyzer)
        self._keys: list[Digests] = []
        self._digests: list[Digests] = []
        self.articles = 0
        self.chunks = 0

    def add(self, page: Page, cuts: Sequence[Cut], words: NumberedWords) -> None:
        for revision, cut in zip(page.revisions, cuts, strict=True):
            self._table.add_article(revision.seq, revision.article, cut.copy_key, cut.chunks)
            self._digests.append(cut.digests)
            self.chunks += len(cut.chunks)
        self._keys.append(page.keys)
        self._postings.add(words)
        self.articles += len(page.revisions)

    def digests(self) -> Digests:
        """Give uint64[n chunks, 2]: the digests of what is encoded."""
        return _joined(self._digests)

    def arrays(self, digests: Digests) -> dict[str, Array]:
        """Give all that a segment's file of arrays holds."""
        return {
            **self._table.arrays(),
            **self._postings.arrays(),
            **_to_be_found("digests", digests),
            **_to_be_found("cuts", _joined(self._keys)),
        }


def _joined(digests: list[Digests]) -> Digests:
    return np.concatenate([np.zeros((0, 2), dtype=np.uint64), *digests])


def _to_be_found(name: str, digests: Digests) -> dict[str, Array]:
    order = np.argsort(digests[:, 0], kind="stable")
    return {
        f"{name}.all": digests,
        f"{name}.rising": digests[order, 0],
        f"{name}.order": order.astype(np.int32),
    }


class _Waiting:
    """The texts of a segment whose vectors are not known yet, each once: a wire copy is encoded once."""

    def __init__(self, encoder: Encoder, known: KnownVectors) -> None:
        self._encoder = encoder
        self._known = known
        self._texts: dict[tuple[int, int], str] = {}

    def add(self, revisions: Sequence[Revision], cuts: Sequence[Cut]) -> None:
        """Keep what must be encoded of these revisions."""
        missing = set(self._known.missing(_joined([cut.digests for cut in cuts])).tolist())
        if not missing:
            return
        row = 0
        for revision, cut in zip(revisions, cuts, strict=True):
            places = [place for place in range(len(cut.chunks)) if row + place in missing]
            row += len(cut.chunks)
            if places:
                self._keep(revision.article, [cut.chunks[place] for place in places], cut.digests[places])

    def _keep(self, article: Article, chunks: Sequence[Chunk], digests: Digests) -> None:
        bodies = [article.body[chunk.start : chunk.end] for chunk in chunks]
        texts = encoded_texts(article.title, bodies, self._encoder)
        for (high, low), text in zip(digests.tolist(), texts, strict=True):
            self._texts.setdefault((high, low), text)

    def vectors(self, digests: Digests, progress: Progress) -> Vectors:
        """Encode what waits, and give float32[n, dim]: the vectors of these digests, which must be all that came."""
        # Long texts together: a batch costs what its longest text costs.
        waiting = sorted(self._texts.items(), key=lambda item: -len(item[1]))
        self._texts = {}
        done = len(digests) - len(waiting)
        progress("encode", done, len(digests))
        for start in range(0, len(waiting), BATCH):
            batch = waiting[start : start + BATCH]
            encoded = self._encoder.encode([text for _, text in batch])
            self._known.remember(np.array([digest for digest, _ in batch], dtype=np.uint64), encoded)
            progress("encode", done + start + len(batch), len(digests))
        self._known.count(encoded=len(waiting), reused=done)
        vectors, missing = self._known.look_up(digests)
        if len(missing):
            raise RuntimeError(
                f"{len(missing)} of {len(digests)} vectors are nowhere, though all were encoded"
            )
        return vectors


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
        "chunker": chunking_fingerprint(recipe.chunk_words),
        "analyzer": recipe.analyzer.fingerprint,
        "compression": compression and asdict(compression),
        "files": files,
    }
    data = json.dumps(about, indent=1).encode()
    write_bytes(building / "segment.json", data)
    sync(building)
    return hashlib.sha256(data).hexdigest()


class Segment:
    """
    A segment, opened for reading. Raises IndexDamaged if a file is missing or has another size.

    `broken`: names of files, `SEGMENT/FILE`, that are known to be damaged: they are not opened.
    """

    def __init__(self, directory: Path, info: SegmentInfo, *, broken: Container[str] = ()) -> None:
        self.directory = directory
        self.info = info
        about = _read_seal(directory, info)
        self.dim: int = about["dim"]
        self.encoder_fingerprint: str = about["encoder"]
        # Of encoder and chunker. The latter's, and the analyzer's, are missing where no cuts were kept yet.
        self.recipe = (self.encoder_fingerprint, about.get("chunker", ""))
        self.analyzer_fingerprint: str = about.get("analyzer", "")
        # Segments of before there was compression do not say anything about it.
        kept = about.get("compression")
        self.compression = Compression(**kept) if kept else None
        self._digests_of_files = {name: file["sha256"] for name, file in about["files"].items()}
        self._small = {name for name, file in about["files"].items() if file["bytes"] <= CHECKED_WHEN_OPENED}
        self.broken = [name for name in self._digests_of_files if f"{info.name}/{name}" in broken]
        """Which of its files are known to be damaged."""
        self.opened: set[str] = set()
        """Which of its files were opened."""
        self.read: set[str] = set()
        """Which were read to their last byte to be opened."""

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

    @property
    def sealed(self) -> tuple[str, ...]:
        """The names of the files whose digests it knows."""
        return tuple(self._digests_of_files)

    @property
    def file_names(self) -> frozenset[str]:
        """The names of all its files."""
        return frozenset(self._digests_of_files) | {"segment.json"}

    def verify(self) -> None:
        """Read every byte. Raises IndexDamaged, naming the file that is not what it was."""
        for name in self._digests_of_files:
            self.verify_file(name)

    def verify_file(self, name: str, *, stopped: Callable[[], bool] | None = None) -> None:
        """Read every byte of one file. Raises IndexDamaged; and Stopped when `stopped`, asked now and then, says so."""
        path = self.directory / name
        try:
            whole = file_digest(path, stopped=stopped) == self._digests_of_files[name]
        except OSError as error:
            raise IndexDamaged(f"{path} cannot be read ({error}). Run: searcher rebuild") from error
        if not whole:
            raise _not_what_was_written(path)

    def damaged_files(self) -> list[str]:
        """Read every byte; give the files, `SEGMENT/FILE`, that are not what was written."""
        return [f"{self.info.name}/{name}" for name in self._digests_of_files if self.is_damaged(name)]

    def is_damaged(self, name: str, *, stopped: Callable[[], bool] | None = None) -> bool:
        """Read every byte of one file; give whether it is not what was written. Raises Stopped (`verify_file`)."""
        try:
            self.verify_file(name, stopped=stopped)
        except IndexDamaged as error:
            return not _in_passing(error)
        return False

    def _to_open(self, name: str) -> Path:
        """Give where a file lies that is to be opened: none that is known to be damaged, nor a small one unread."""
        if name in self.broken:
            raise _not_what_was_written(self.directory / name)
        if name in self._small:
            self.verify_file(name)
            self.read.add(name)
        self.opened.add(name)
        return self.directory / name

    @cached_property
    def _arrays(self) -> Arrays:
        return Arrays(self._to_open("arrays"))

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
            path = self._to_open("compressed.faiss")
            compressed = CompressedIndex.open(path, rows, dim, self.compression)
        return FlatIndex.open(self._to_open("vectors.faiss"), rows, dim, compressed=compressed)

    @cached_property
    def digests(self) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64], npt.NDArray[np.int32]]:
        """uint64[n, 2] digests of the encoded texts; their first halves, rising; and the rows in that order."""
        arrays = self._arrays
        return arrays["digests.all"], arrays["digests.rising"], arrays["digests.order"]

    @cached_property
    def cut_keys(self) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64], npt.NDArray[np.int32]]:
        """The same of its articles' cut keys."""
        arrays = self._arrays
        return arrays["cuts.all"], arrays["cuts.rising"], arrays["cuts.order"]

    def cut(self, row: int) -> Cut:
        """Give the cut of article `row`."""
        start, end = self._chunk_starts[row : row + 2].tolist()
        chunks = [Chunk(*span) for span in self.table.spans[start:end].tolist()]
        return Cut(int(self.table.copy_key[row]), chunks, self.digests[0][start:end])

    @cached_property
    def _chunk_starts(self) -> npt.NDArray[np.int64]:
        return np.concatenate([[0], np.cumsum(self.table.chunk_counts, dtype=np.int64)])


# It is not there, is something else, or cannot be read from the disk.
_OF_THE_FILE = (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EIO, errno.EBADMSG)


def _in_passing(error: IndexDamaged) -> bool:
    """Whether this says something of the moment (too many files are open, memory is short), and nothing of the file."""
    return isinstance(error.__cause__, OSError) and error.__cause__.errno not in _OF_THE_FILE


def _not_what_was_written(path: Path) -> IndexDamaged:
    return IndexDamaged(f"{path} is not what was written. Run: searcher rebuild")


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
) -> Iterator[Iterator[Revision]]:
    """
    Give the revisions in parts of about `max_chunks` chunks: what one segment may hold. Take each part to its end.

    A chunk is taken for `chunk_words` words of six characters; each article has at least one.
    """

    def part(revisions: Iterable[Revision]) -> Iterator[Revision]:
        chunks = 0
        for revision in revisions:
            yield revision
            chunks += 1 + len(revision.article.body) // (6 * chunk_words)
            if chunks >= max_chunks:
                return

    rest = iter(revisions)
    for first in rest:
        yield part(chain([first], rest))
