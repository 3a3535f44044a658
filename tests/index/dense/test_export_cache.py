"""The cache of exports, with a compiler of two lines: made once, whole or not at all, mended when damaged."""

import logging
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from searcher.errors import EncoderUnavailable
from searcher.index.dense import export_cache
from searcher.index.dense.export_cache import Facts, open_export, write_facts
from searcher.index.dense.model_files import ModelFiles

FINGERPRINT = "f" * 64
NAME = f"{FINGERPRINT}-{export_cache._FORMAT}"
FACTS = Facts(dim=3, window=8, runtime="onnx", unknown=1, query_prompt="q: ")


class Compiler:
    """Stands in for the real one; counts its runs."""

    def __init__(self):
        self.runs = 0
        self.facts = FACTS

    def __call__(self, model: ModelFiles, target: Path) -> None:
        self.runs += 1
        if self.facts.runtime == "onnx":
            for name in ("model.onnx", "model.onnx.data", "tokenizer.json"):
                (target / name).write_text(f"{name} of {model.name}")
        write_facts(self.facts, target)


@pytest.fixture
def compiler(monkeypatch):
    compiler = Compiler()
    monkeypatch.setattr(export_cache, "_compile", compiler)
    return compiler


@pytest.fixture
def model(tmp_path):
    return ModelFiles("small", tmp_path / "model")


def test_exported_once(compiler, model, tmp_path):
    """The second time it is found, with what the compiler said of it."""
    first = open_export(model, FINGERPRINT, cache_dir=tmp_path / "cache")
    second = open_export(model, FINGERPRINT, cache_dir=tmp_path / "cache")
    assert (compiler.runs, first) == (1, second)
    assert (first.facts, first.runtime, first.fingerprint) == (FACTS, "onnx", FINGERPRINT)
    assert (first.directory / "model.onnx.data").read_text() == "model.onnx.data of small"
    assert sorted(path.name for path in (tmp_path / "cache").iterdir()) == [
        NAME,
        f"{NAME}.lock",
        f"{NAME}.whole",
    ]


def test_another_version_keeps_its_own(compiler, model, tmp_path, monkeypatch):
    """Programs whose exports differ share a cache, and none of them throws away what the others made."""
    open_export(model, FINGERPRINT, cache_dir=tmp_path)
    monkeypatch.setattr(export_cache, "_FORMAT", export_cache._FORMAT + 1)
    newer = open_export(model, FINGERPRINT, cache_dir=tmp_path)
    monkeypatch.undo()
    monkeypatch.setattr(export_cache, "_compile", compiler)
    older = open_export(model, FINGERPRINT, cache_dir=tmp_path)
    assert compiler.runs == 2
    assert older.directory != newer.directory
    assert older.fingerprint == newer.fingerprint


def test_what_was_whole_is_not_read_again(compiler, model, tmp_path, monkeypatch):
    """Files that are as they were when all was read are believed; after any other time of theirs all is read."""
    read = []
    digest = export_cache.file_digest
    monkeypatch.setattr(export_cache, "file_digest", lambda path: read.append(path.name) or digest(path))
    directory = open_export(model, FINGERPRINT, cache_dir=tmp_path).directory
    read.clear()
    open_export(model, FINGERPRINT, cache_dir=tmp_path)
    assert read == []
    os.utime(directory / "tokenizer.json", (1, 1))
    open_export(model, FINGERPRINT, cache_dir=tmp_path)
    assert (set(read), compiler.runs) == ({"model.onnx", "model.onnx.data", "tokenizer.json"}, 1)


@pytest.mark.parametrize("name", ["model.onnx", "model.onnx.data", "tokenizer.json", "encoder.json"])
@pytest.mark.parametrize("damage", [lambda content: content[:-3], lambda content: b"X" + content[1:], None])
def test_damage_is_mended(compiler, model, tmp_path, name, damage):
    """A file that was cut, changed or deleted is noticed, and the model is exported again."""
    directory = open_export(model, FINGERPRINT, cache_dir=tmp_path).directory
    whole = (directory / name).read_bytes()
    if damage:
        (directory / name).write_bytes(damage(whole))
    else:
        (directory / name).unlink()
    open_export(model, FINGERPRINT, cache_dir=tmp_path)
    assert compiler.runs == 2
    assert (directory / name).read_bytes() == whole
    assert not list(tmp_path.glob(".*"))


def test_many_at_once_export_once(compiler, model, tmp_path):
    """Eight that want the same model at the same moment wait for one of them."""
    barrier = threading.Barrier(8)

    def load(_: int):
        barrier.wait()
        return open_export(model, FINGERPRINT, cache_dir=tmp_path)

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(load, range(8)))) == 1
    assert compiler.runs == 1


def test_what_a_killed_export_left_is_removed(compiler, model, tmp_path):
    """Half an export is never used, and goes when the next one is made."""
    half = tmp_path / f".{NAME}.abc"
    half.mkdir()
    (half / "model.onnx").write_text("half")
    open_export(model, FINGERPRINT, cache_dir=tmp_path)
    assert not half.exists()


def test_a_failed_export_leaves_nothing(model, tmp_path, monkeypatch):
    """When the compiler dies, the person reads its last line, and nothing stays behind."""
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(EncoderUnavailable, match=r"small .* cannot be loaded: exit code 1"):
        open_export(model, FINGERPRINT, cache_dir=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [f"{NAME}.lock"]


def test_a_model_that_cannot_be_exported_is_not_tried_again(compiler, model, tmp_path, monkeypatch):
    """It runs with torch from then on, until another version of the compiler may manage it."""
    compiler.facts = Facts(dim=3, window=8, runtime="torch", reason="too odd")
    for _ in range(3):
        assert open_export(model, FINGERPRINT, cache_dir=tmp_path).facts.reason == "too odd"
    assert compiler.runs == 1
    monkeypatch.setattr(export_cache, "_compiler_versions", lambda: {"torch": "99"})
    open_export(model, FINGERPRINT, cache_dir=tmp_path)
    assert compiler.runs == 2


def test_a_cache_that_cannot_be_written(compiler, model, tmp_path, monkeypatch, caplog):
    """The export goes to a private directory for temporary files, once, and a warning says so."""
    (tmp_path / "file").write_text("")
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(export_cache.tempfile, "gettempdir", lambda: str(tmp_path / "tmp"))
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            export = open_export(model, FINGERPRINT, cache_dir=tmp_path / "file" / "cache")
    assert compiler.runs == 1
    assert export.directory.parent.parent == tmp_path / "tmp"
    assert export.directory.parent.stat().st_mode & 0o777 == 0o700
    assert "cannot be written" in caplog.text


def test_a_temporary_directory_of_somebody_else_is_not_used(compiler, model, tmp_path, monkeypatch):
    """A directory that others could have filled is refused: its models would be run."""
    monkeypatch.setattr(export_cache.tempfile, "gettempdir", lambda: str(tmp_path))
    (tmp_path / f"searcher-encoders-{os.getuid()}").mkdir(mode=0o755)
    (tmp_path / "file").write_text("")
    with pytest.raises(EncoderUnavailable, match="XDG_CACHE_HOME"):
        open_export(model, FINGERPRINT, cache_dir=tmp_path / "file" / "cache")
    assert compiler.runs == 0


def test_the_compiler_finds_this_package(tmp_path):
    """The compiler's process imports the same package from any directory, whatever installed it."""
    done = subprocess.run(
        [sys.executable, "-c", "import searcher.index.dense.export as e; print(e.__file__)"],
        env=export_cache._compiler_env(),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(done.stdout.strip()).parent == Path(export_cache.__file__).parent
