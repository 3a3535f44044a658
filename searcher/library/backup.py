"""
How is a library kept elsewhere? `write_backup` puts its truth, articles.db, and its settings into one file.

A plain tar, so that any tool opens it:

    manifest.json    what it is, of when, how much it holds, and size and sha256 of the other files
    articles.db      every revision: one state of the library, whatever was written meanwhile
    searcher.toml    the settings, if there are any

The indexes are not in it: they are made from articles.db. `restore.py` reads it.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from searcher.errors import InputError, LibraryBusy, SearcherError, StoreDamaged
from searcher.index.files import beside_of, file_digest, replace_durably
from searcher.records import Backup
from searcher.store import Store

FORMAT = "searcher backup 1"
MANIFEST, ARTICLES, SETTINGS = "manifest.json", "articles.db", "searcher.toml"


def write_backup(store: Store, home: Path, path: Path, *, replace: bool, now: datetime) -> Backup:
    """
    Write a backup of this library to `path`: whole and on the disk when this returns, or not there.

    Writers are not held up. The copy is read to its last byte first. Raises InputError if `path` is there and `replace`
    is not set, or has no directory, StoreDamaged if the library is not whole (its older backups must not be replaced by
    that), OSError.
    """
    with written_beside(path, replace=replace) as beside:
        copied = beside.with_name(f"{beside.name}.db")
        try:
            manifest = _copy(store, copied, home / SETTINGS, path, now)
            with tarfile.open(beside, "w", format=tarfile.GNU_FORMAT) as tar:
                _put(tar, MANIFEST, json.dumps(manifest, indent=1).encode(), now)
                _put_file(tar, ARTICLES, copied, now)
                if SETTINGS in manifest["files"]:
                    _put(tar, SETTINGS, (home / SETTINGS).read_bytes(), now)
            size = beside.stat().st_size
        finally:
            for ending in ("", "-journal"):
                copied.with_name(f"{copied.name}{ending}").unlink(missing_ok=True)
    return Backup(path, now, manifest["articles"], manifest["revisions"], size)


@contextmanager
def written_beside(path: Path, *, replace: bool) -> Iterator[Path]:
    """
    Give an empty file beside `path`, to be filled: when the block ends well it is put in the place of `path`, whole and
    on the disk. Whatever happens, it is not left; what the system refuses is said of `path`, a name that the user
    knows.

    Raises InputError, before the block and again after it, if nothing can be put at `path`, or there is something that
    is not to be replaced.
    """
    _refuse_to_replace(path, replace)
    remove_leftovers(path)
    beside = beside_of(path)
    try:
        try:
            beside.touch()
            yield beside
            _refuse_to_replace(path, replace)
            replace_durably(beside, path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        if beside.name not in str(error.filename):
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error


def _refuse_to_replace(path: Path, replace: bool) -> None:
    if path.is_dir():
        raise InputError(f"{path} is a directory: name a file in it.")
    if not path.parent.is_dir():
        raise InputError(f"There is no directory '{path.parent}'. Make it first, or choose another place.")
    if path.exists() and not replace:
        raise InputError(f"{path} is there already. Choose another name, or replace it with --force.")


def remove_leftovers(path: Path) -> None:
    """Remove what writers of `path` left beside it that died before they were done."""
    with suppress(OSError):
        for leftover in path.parent.glob(f".{path.name}.*"):
            number = leftover.name[len(path.name) + 2 :].partition(".")[0]
            if number.isdigit() and not _is_alive(int(number)):
                leftover.unlink(missing_ok=True)


def seal(manifest: dict[str, Any]) -> str:
    """Give the sha256 of all that a manifest says but its seal."""
    said = {key: value for key, value in manifest.items() if key != "seal"}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _copy(store: Store, copied: Path, settings: Path, path: Path, now: datetime) -> dict[str, Any]:
    """Copy articles.db to `copied`; give the manifest. What cannot be written is said of `path`."""
    try:
        store.copy_to(copied)
        return _manifest(copied, settings, now)
    except (LibraryBusy, StoreDamaged):
        raise  # They are of the library, not of the copy.
    except SearcherError as error:
        raise SearcherError(
            f"{path} could not be written. Check the free space and the permissions there."
        ) from error


def _manifest(copied: Path, settings: Path, now: datetime) -> dict[str, Any]:
    with Store.open(copied) as copy:
        if problems := copy.check():
            raise StoreDamaged(
                f"No backup was made, because the library is damaged: {problems[0]} "
                "See all with: searcher doctor. What can be read is written by: searcher export FILE"
            )
        counts = copy.counts()
    files = {ARTICLES: copied, **({SETTINGS: settings} if settings.is_file() else {})}
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "made_at": now.astimezone(UTC).isoformat(),
        "articles": counts.articles,
        "revisions": counts.revisions,
        "files": {
            name: {"bytes": file.stat().st_size, "sha256": file_digest(file)} for name, file in files.items()
        },
    }
    return {**manifest, "seal": seal(manifest)}


def _put(tar: tarfile.TarFile, name: str, data: bytes, now: datetime) -> None:
    tar.addfile(_member(name, len(data), now), io.BytesIO(data))


def _put_file(tar: tarfile.TarFile, name: str, path: Path, now: datetime) -> None:
    with path.open("rb") as file:
        tar.addfile(_member(name, path.stat().st_size, now), file)


def _member(name: str, size: int, now: datetime) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mtime, member.mode = size, int(now.timestamp()), 0o600
    return member
