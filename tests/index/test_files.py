"""A file of the indexes is whole or not there, whatever happens while it is written."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from searcher.index import files


@pytest.fixture
def steps(monkeypatch):
    """What was done to the disk, in order: syncs by the name of what was synced, and replacements."""
    done = []
    fsync, replace = os.fsync, os.replace

    def synced(descriptor):
        done.append(f"sync {Path(f'/proc/self/fd/{descriptor}').readlink().name}")
        fsync(descriptor)

    def replaced(source, target):
        done.append(f"replace {Path(target).name}")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", replaced)
    return done


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="what is synced is read from /proc")
def test_a_file_is_synced_before_it_has_its_name_and_its_name_after(tmp_path, steps):
    """
    In this order only is the old file or the new one there after a power cut.
    """
    home = tmp_path / "home"
    home.mkdir()
    path = home / "file"
    files.replace_file(path, b"old")
    steps.clear()
    files.replace_file(path, b"new")
    assert steps == [f"sync {files.beside_of(path).name}", "replace file", "sync home"]
    assert path.read_bytes() == b"new" and list(home.iterdir()) == [path]
    steps.clear()
    (home / "beside").write_bytes(b"newer")
    files.replace_durably(home / "beside", path)
    assert steps == ["sync beside", "replace file", "sync home"] and path.read_bytes() == b"newer"


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_write_that_fails_leaves_the_old_file_alone(tmp_path, monkeypatch, step):
    """
    And nothing beside it.
    """
    files.replace_json(tmp_path / "file", {"said": "old"})

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(OSError, match="No space"):
        files.replace_json(tmp_path / "file", {"said": "new"})
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_bytes() == b'{\n "said": "old"\n}'


def test_a_name_beside_is_of_this_process_and_thread(tmp_path):
    """
    Two writers never write into one file; who died is told by the number.
    """
    name = files.beside_of(tmp_path / "file").name
    assert name.startswith(f".file.{os.getpid()}.") and name.count(".") == 3


def test_a_digest_is_of_all_bytes(tmp_path):
    """
    sha256, in hex.
    """
    (tmp_path / "file").write_bytes(b"x" * 300_000)
    assert files.file_digest(tmp_path / "file") == hashlib.sha256(b"x" * 300_000).hexdigest()
