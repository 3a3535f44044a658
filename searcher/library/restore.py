"""
How does a backup become a library again? Into a new home; over a library only when told to, and that one is kept.

The file is a stranger's until it is proved to be ours: only the three names of a backup are taken from it, each once,
as plain files of the size and digest that the manifest says; nothing in it is unpickled or run; articles.db must hold
our tables and nothing else, and is read to its last byte. Only then, in one step, it becomes the library.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tarfile
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from searcher.errors import InputError, LibraryBusy, SearcherError, SourceUnreadable, StoreDamaged
from searcher.index.files import sync
from searcher.index.writer_lock import cannot_write, writer_lock
from searcher.library.backup import ARTICLES, FORMAT, MANIFEST, SETTINGS, seal
from searcher.records import Backup
from searcher.settings import load_settings
from searcher.store import Store, check_stranger, set_journal

_SMALL = 1_000_000
"""Bytes of a manifest or of settings."""
_BLOCK = 1 << 20
_STAGE = ".restoring"


def restore(path: Path, home: Path, *, replace: bool = False, wait_s: float = 0.0, now: datetime) -> Backup:
    """
    Make the backup at `path` the library at `home`, which must hold none. With `replace` it may: what it was is then
    kept in `home/replaced-...`, named in what is returned.

    Killed at any moment the home holds the old library or the new one. Raises SourceUnreadable if the file is no
    whole backup, InputError if a library is there, LibraryBusy if somebody uses that.
    """
    made = not home.exists()
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(home, error) from error
    stage = home / _STAGE
    try:
        with writer_lock(home, wait_s=wait_s):
            _refuse_to_replace(home, replace)
            shutil.rmtree(stage, ignore_errors=True)  # Left by one that died.
            stage.mkdir()
            manifest = _unpack(path, stage)
            _verify(stage, manifest, path)
            kept = _keep(home, now) if replace else None
            _put_in_place(stage, home)
    except BaseException:
        shutil.rmtree(stage, ignore_errors=True)
        if made:
            _unmake(home)
        raise
    shutil.rmtree(stage, ignore_errors=True)
    return Backup(
        path,
        datetime.fromisoformat(manifest["made_at"]),
        manifest["articles"],
        manifest["revisions"],
        path.stat().st_size,
        kept,
    )


def _refuse_to_replace(home: Path, replace: bool) -> None:
    there = [name for name in (ARTICLES, f"{ARTICLES}-wal", SETTINGS) if (home / name).exists()]
    if there and not replace:
        raise InputError(
            f"There is a library in {home} already ({there[0]}). Choose another home with --home, or replace it with "
            "--force: it will be kept beside."
        )


def _unpack(path: Path, stage: Path) -> dict[str, Any]:
    """Write the files of the backup to `stage`; give its manifest. Raises SourceUnreadable."""
    try:
        with path.open("rb") as file, tarfile.open(fileobj=_Measured(file), mode="r:") as tar:
            manifest = _read_manifest(_taken(tar, MANIFEST, _SMALL))
            for name in (ARTICLES, *(name for name in manifest["files"] if name != ARTICLES)):
                _write(tar, name, manifest["files"][name], stage / name)
            if tar.next() is not None:
                raise ValueError("it holds more than a backup does")
    except (
        tarfile.TarError,
        ValueError,
        KeyError,
        TypeError,
        EOFError,
        OverflowError,
        RecursionError,
    ) as error:
        raise SourceUnreadable(
            f"{path} is no whole backup of searcher: {error}. Nothing was changed."
        ) from error
    except OSError as error:
        if isinstance(error.filename, str) and Path(error.filename) == path:
            raise SourceUnreadable(f"{path} cannot be read ({error.strerror}).") from error
        raise
    return manifest


def _read_manifest(stream: IO[bytes]) -> dict[str, Any]:
    manifest = json.loads(stream.read())
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ValueError("its manifest is not one of ours")
    if manifest["seal"] != seal(manifest):
        raise ValueError("its manifest is not what was written")
    if ARTICLES not in manifest["files"] or not set(manifest["files"]) <= {ARTICLES, SETTINGS}:
        raise ValueError("it names other files than a backup does")
    return manifest


def _taken(tar: tarfile.TarFile, name: str, most: int) -> IO[bytes]:
    """Give the next member, which must be the plain file `name` of at most `most` bytes."""
    member = tar.next()
    if member is None:
        raise ValueError(f"it ends before {name}")
    if member.name != name or member.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or member.issparse():
        raise ValueError(f"where {name} should be is something else")
    stream = tar.extractfile(member)
    if stream is None or not 0 <= member.size <= most:
        raise ValueError(f"{name} is too large")
    return stream


def _write(tar: tarfile.TarFile, name: str, said: dict[str, Any], target: Path) -> None:
    """Write one member to `target`, synced, if it is what the manifest says of it."""
    size = int(said["bytes"])
    stream = _taken(tar, name, size if name == ARTICLES else min(size, _SMALL))
    digest = hashlib.sha256()
    with target.open("xb") as file:
        while block := stream.read(_BLOCK):
            digest.update(block)
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    if target.stat().st_size != size or digest.hexdigest() != said["sha256"]:
        raise ValueError(f"{name} is not what was written")


class _Measured(io.RawIOBase):
    """A file of which never more than a block is read at once: a header may claim any size."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= _BLOCK:
            raise ValueError("a part of it claims to be larger than it may be")
        return self._file.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()


def _verify(stage: Path, manifest: dict[str, Any], path: Path) -> None:
    """Read the library on the stage to its last byte. Raises SourceUnreadable."""
    try:
        load_settings(stage)
        check_stranger(stage / ARTICLES)
        with Store.open(stage / ARTICLES) as store:
            if problems := store.check():
                raise StoreDamaged(problems[0])
            counts = store.counts()
        if (counts.articles, counts.revisions) != (manifest["articles"], manifest["revisions"]):
            raise StoreDamaged("It holds another number of articles than it says.")
        set_journal(stage / ARTICLES, "WAL")
    except SearcherError as error:
        raise SourceUnreadable(f"{path} cannot be restored: {error} Nothing was changed.") from error
    sync(stage / ARTICLES)


def _keep(home: Path, now: datetime) -> Path | None:
    """Give the old library a second name, under which it stays; None if there is none."""
    if not (home / ARTICLES).exists() and not (home / SETTINGS).exists():
        return None
    name = f"replaced-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    taken = len(list(home.glob(f"{name}*")))  # By another restore in the same second.
    kept = home / (f"{name}-{taken + 1}" if taken else name)
    kept.mkdir()
    journal, its_copy = home / f"{ARTICLES}-wal", kept / f"{ARTICLES}-wal"
    if journal.exists():
        shutil.copyfile(journal, its_copy)  # SQLite drops the journal of a file that it cannot read.
    try:
        if (home / ARTICLES).exists():
            set_journal(home / ARTICLES, "DELETE")  # All that is in the journal is now in the file.
            its_copy.unlink(missing_ok=True)
    except LibraryBusy:
        shutil.rmtree(kept)
        raise LibraryBusy(
            f"Somebody uses the library in {home}. Stop all programs that search it, and restore again."
        ) from None
    except SearcherError:  # What is damaged may be why it is replaced: kept as it is.
        for end in ("-wal", "-shm"):
            (home / f"{ARTICLES}{end}").unlink(missing_ok=True)
    for name in (ARTICLES, SETTINGS):
        if (home / name).exists():
            _link_or_copy(home / name, kept / name)
    sync(kept)
    return kept


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # Not every file system gives a file two names.
        shutil.copyfile(source, target)
        sync(target)


def _put_in_place(stage: Path, home: Path) -> None:
    if (stage / SETTINGS).exists():
        os.replace(stage / SETTINGS, home / SETTINGS)  # noqa: PTH105
    else:
        (home / SETTINGS).unlink(missing_ok=True)
    os.replace(stage / ARTICLES, home / ARTICLES)  # noqa: PTH105
    sync(home)


def _unmake(home: Path) -> None:
    try:
        (home / "writer.lock").unlink(missing_ok=True)
        home.rmdir()
    except OSError:
        return
