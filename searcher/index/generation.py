"""
Which indexes answer? A generation: one small manifest that names segments and who in them is live.

    indexes/CURRENT                  the name of the manifest that answers: the only thing that ever changes
    indexes/generations/000012.json  a manifest; readers hold a shared lock on it as long as they use it
    indexes/segments/NAME/           segments, immutable
    indexes/journal                  vectors encoded by a build that is not published yet
    indexes/damaged                  files of segments that somebody found to be damaged, if any

Everything is written beside, synced and renamed, and `CURRENT` last. A process that dies at any line leaves the
old generation or the new one, and perhaps leftovers that the next writer removes.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import os
import re
import shutil
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from searcher.errors import IndexDamaged, IndexOutdated, NoIndex
from searcher.index.files import replace_file, sync
from searcher.index.segment import FORMAT, SegmentInfo

Mask = npt.NDArray[np.bool_]

_NAME = re.compile(r"\d{6,12}\.json [0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """What the indexes were built with. Any difference asks for a rebuild."""

    encoder: str
    chunker: str
    analyzer: str


@dataclass(frozen=True, slots=True)
class Generation:
    """
    One built set of indexes. `covers`: the last `seq` it knows of. `live`: for each segment bool[n articles], or
    None when all its articles are live. `witness`: the digest of the revision at `covers`, by which a store is
    known again ("" where nothing is covered).
    """

    number: int
    covers: int
    fingerprints: Fingerprints
    encoder_name: str
    segments: tuple[SegmentInfo, ...] = ()
    live: tuple[Mask | None, ...] = ()
    witness: str = ""

    @property
    def articles(self) -> int:
        """How many live articles it holds."""
        return sum(
            info.articles if mask is None else int(np.count_nonzero(mask))
            for info, mask in zip(self.segments, self.live, strict=True)
        )

    @property
    def chunks(self) -> int:
        """How many chunks its segments hold, live or not."""
        return sum(info.chunks for info in self.segments)


class Indexes:
    """The `indexes/` directory of a library: reads and publishes generations, and collects what nobody needs."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.segments = directory / "segments"
        self.generations = directory / "generations"
        self.journal = directory / "journal"
        self._current = directory / "CURRENT"
        self._damaged = directory / "damaged"

    def current_name(self) -> str:
        """Give the name of the manifest that answers now. Raises NoIndex."""
        try:
            name = self._current.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            raise NoIndex(f"No index in '{self.directory}' yet. Run: searcher rebuild") from None
        except (OSError, UnicodeDecodeError) as error:
            raise IndexDamaged(f"{self._current} cannot be read ({error}). Run: searcher rebuild") from error
        if not _NAME.fullmatch(name):
            raise IndexDamaged(f"{self._current} does not name a generation. Run: searcher rebuild")
        return name

    def pointer(self) -> bytes | None:
        """Give what `CURRENT` holds, whatever it is; None where it cannot be read. Never raises."""
        try:
            return self._current.read_bytes()
        except OSError:
            return None

    def others(self) -> list[str]:
        """
        Give the names of the manifests that are whole, newest first: the one that answers is among them.

        Each says itself what its digest is, so that it can be trusted when `CURRENT` cannot.
        """
        names = []
        for path in sorted(self.generations.glob("*.json"), reverse=True):
            try:
                data = path.read_bytes()
                manifest = json.loads(data)
                if manifest.pop("seal") == _seal(manifest):
                    names.append(f"{path.name} {hashlib.sha256(data).hexdigest()}")
            except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
                continue
        return [name for name in names if _NAME.fullmatch(name)]

    def exist(self) -> bool:
        """Whether anything was ever published here, readable or not."""
        return self.pointer() is not None or any(self.generations.glob("*.json"))

    def in_use(self) -> bool:
        """Whether anybody, in any process, holds a generation at this moment; no where it cannot be told."""
        try:
            return not all(_lock_alone(path, lambda: None) for path in self.generations.glob("*.json"))
        except OSError:
            return False

    def read(self, name: str | None = None) -> Generation:
        """Read the generation that answers now (or the one named). Raises NoIndex, IndexDamaged, IndexOutdated."""
        name = name or self.current_name()
        manifest, _, digest = name.partition(" ")
        path = self.generations / manifest
        try:
            data = path.read_bytes()
        except OSError as error:
            raise IndexDamaged(f"{path} cannot be read ({error.strerror}). Run: searcher rebuild") from error
        if hashlib.sha256(data).hexdigest() != digest:
            raise IndexDamaged(f"{path} is not what {self._current} says. Run: searcher rebuild")
        return _parse(data, path)

    def damaged(self) -> frozenset[str]:
        """Give the files, `SEGMENT/FILE`, that somebody found to be damaged: nobody is to answer from them."""
        try:
            return frozenset(self._damaged.read_text(encoding="utf-8", errors="replace").split())
        except OSError:
            return frozenset()

    def tell_damaged(self, names: Iterable[str]) -> None:
        """
        Tell all who open these indexes that these files are damaged; the next update builds anew what is in them.
        Where nothing can be written it is not told.
        """
        with suppress(OSError):
            here = os.open(self.directory, os.O_RDONLY)
            try:
                fcntl.flock(here, fcntl.LOCK_EX)  # Others may have something to tell at this moment.
                told = sorted(self.damaged().union(names))
                replace_file(self._damaged, "".join(f"{name}\n" for name in told).encode())
            finally:
                os.close(here)

    @contextmanager
    def hold(self) -> Iterator[Generation]:
        """Give the current generation, and keep its files from being collected until the block ends."""
        generation, lease = self.acquire()
        try:
            yield generation
        finally:
            lease.close()

    def acquire(self, name: str | None = None) -> tuple[Generation, BinaryIO]:
        """Give the current generation (or the one named) and its lease: its files stay until the lease is closed."""
        for _ in range(100):
            wanted = name or self.current_name()
            path = self.generations / wanted.partition(" ")[0]
            try:
                lease = path.open("rb")
            except FileNotFoundError:
                if name is None and self.current_name() != wanted:
                    continue
                raise IndexDamaged(f"{path} is missing. Run: searcher rebuild") from None
            except OSError as error:
                raise IndexDamaged(f"{path} cannot be read ({error}). Run: searcher rebuild") from error
            fcntl.flock(lease, fcntl.LOCK_SH)
            # Between reading CURRENT and the lock, the generation may have been replaced and collected.
            if os.fstat(lease.fileno()).st_nlink:
                try:
                    return self.read(wanted), lease
                except BaseException:
                    lease.close()
                    raise
            lease.close()
        raise IndexDamaged(f"{self._current} changes faster than it can be read. Run: searcher status")

    def publish(self, generation: Generation) -> None:
        """Make `generation` the one that answers. When this returns, it will also after a power cut."""
        self.generations.mkdir(parents=True, exist_ok=True)
        data = json.dumps(_as_json(generation), indent=1).encode()
        path = self.manifest_of(generation.number)
        sync(self.segments)
        replace_file(path, data)
        replace_file(self._current, f"{path.name} {hashlib.sha256(data).hexdigest()}\n".encode("ascii"))

    def next_number(self) -> int:
        """Give a number above all generations that left a trace."""
        numbers = [int(path.stem) for path in self.generations.glob("*.json") if path.stem.isdigit()]
        return max(numbers, default=0) + 1

    def manifest_of(self, number: int) -> Path:
        """Give where the manifest of this generation lies."""
        return self.generations / f"{number:06d}.json"

    def forget(self, path: Path) -> bool:
        """Remove a manifest that must not answer, unless a reader holds it; give whether it is gone."""
        return _remove_unless_held(path)

    def collect(self) -> None:
        """
        Remove what nobody needs: leftovers of dead builds, generations before the previous one that no reader
        holds, and segments that no remaining generation names. Only for the holder of the writer's lock.
        """
        try:
            current = int(self.current_name().partition(".")[0])
        except (NoIndex, IndexDamaged, ValueError):
            return  # What cannot be told from a needed file stays.
        manifests = sorted(p for p in self.generations.glob("*.json") if p.stem.isdigit())
        kept = [p for p in manifests if int(p.stem) == current]
        kept += [p for p in manifests if int(p.stem) < current][-1:]
        for path in manifests:
            if path not in kept and not _remove_unless_held(path):
                kept.append(path)
        named: set[str] = set()
        for path in kept:
            try:
                named.update(segment["name"] for segment in json.loads(path.read_bytes())["segments"])
            except (OSError, ValueError, KeyError, TypeError):
                return  # The segments it needs are not known (too many open files are enough): none is removed.
        if not {name.partition("/")[0] for name in self.damaged()} & named:
            self._damaged.unlink(missing_ok=True)
        if self.segments.is_dir():
            for directory in self.segments.iterdir():
                if directory.name not in named:
                    shutil.rmtree(directory, ignore_errors=True)
        for leftover in (
            *self.directory.glob(".CURRENT.*"),
            *self.directory.glob(".damaged.*"),
            *self.generations.glob(".*.json.*"),
        ):
            leftover.unlink(missing_ok=True)


def _remove_unless_held(path: Path) -> bool:
    return _lock_alone(path, lambda: path.unlink(missing_ok=True))


def _lock_alone(path: Path, action: Any) -> bool:
    """Do `action` while no reader holds `path`; give whether it was done."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            action()
            return True
    except BlockingIOError:
        return False
    except FileNotFoundError:
        return True


def _as_json(generation: Generation) -> dict[str, Any]:
    manifest = {
        "format": FORMAT,
        "generation": generation.number,
        "covers": generation.covers,
        "witness": generation.witness,
        "encoder_name": generation.encoder_name,
        "fingerprints": asdict(generation.fingerprints),
        "segments": [
            {**asdict(info), "live": _pack(mask)}
            for info, mask in zip(generation.segments, generation.live, strict=True)
        ],
    }
    return {**manifest, "seal": _seal(manifest)}


def _seal(manifest: dict[str, Any]) -> str:
    """Give the sha256 of what a manifest says."""
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()


def _parse(data: bytes, path: Path) -> Generation:
    try:
        manifest: Any = json.loads(data)
        if manifest["format"] != FORMAT:
            raise IndexOutdated(
                f"{path} has format {manifest['format']}, this program reads {FORMAT}. Run: searcher rebuild"
            )
        segments = manifest["segments"]
        infos = tuple(SegmentInfo(s["name"], s["articles"], s["chunks"], s["digest"]) for s in segments)
        return Generation(
            number=manifest["generation"],
            covers=manifest["covers"],
            fingerprints=Fingerprints(**manifest["fingerprints"]),
            encoder_name=manifest["encoder_name"],
            segments=infos,
            live=tuple(_unpack(s["live"], info.articles) for s, info in zip(segments, infos, strict=True)),
            witness=manifest["witness"],
        )
    except (KeyError, TypeError, ValueError, zlib.error) as error:
        raise IndexDamaged(f"{path} is not a manifest ({error}). Run: searcher rebuild") from error


def _pack(mask: Mask | None) -> str | None:
    if mask is None or mask.all():
        return None
    return base64.b64encode(zlib.compress(np.packbits(mask).tobytes())).decode("ascii")


def _unpack(packed: str | None, articles: int) -> Mask | None:
    if packed is None:
        return None
    bits = np.frombuffer(zlib.decompress(base64.b64decode(packed)), dtype=np.uint8)
    return np.unpackbits(bits, count=articles).astype(bool)


def live_masks(segments: Sequence[SegmentInfo], live: Sequence[Mask | None]) -> Mask | None:
    """Give bool[n articles] over all segments, or None when every article is live."""
    if all(mask is None for mask in live):
        return None
    parts = [
        np.ones(info.articles, dtype=bool) if mask is None else mask
        for info, mask in zip(segments, live, strict=True)
    ]
    return np.concatenate(parts)
