"""
Where are exported encoders kept, and is one of them whole?

Each model has one directory, named by its fingerprint and the format of exports (another version of this program keeps
its own): `model.onnx` with its weights in `model.onnx.data`, `tokenizer.json`, and `encoder.json`, which names them
with their digests. The directory appears in one step.
One process at a time exports a model; another that wants it waits, and finds it. What is damaged is exported
again.

The compiler runs in a process of its own: torch never enters this one (a second OpenMP beside that of FAISS
crashes on some systems), and its memory goes back when it is done.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from searcher.errors import EncoderUnavailable
from searcher.index.dense.model_files import ModelFiles
from searcher.index.files import file_digest, replace_durably, replace_json, sync

MODEL_FILE, TOKENIZER_FILE = "model.onnx", "tokenizer.json"

# Another number asks for another export of every model; vectors stay comparable (the fingerprint is the
# same).
_FORMAT = 2
_MANIFEST = "encoder.json"
_FACTS = "facts.json"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Facts:
    """
    What the compiler found out about a model.

    `runtime`: `onnx` when it was exported; `torch` when it cannot be, and `reason` says why.
    `unknown` is the id of the unknown piece (None: the tokenizer knows every byte), `pad` fills up batches.
    The prompts are put before every text.
    """

    dim: int
    window: int
    runtime: Literal["onnx", "torch"]
    reason: str | None = None
    unknown: int | None = None
    pad: int = 0
    query_prompt: str = ""
    document_prompt: str = ""


@dataclass(frozen=True, slots=True)
class Export:
    """An exported encoder on the disk, its digests checked."""

    directory: Path
    fingerprint: str
    facts: Facts

    @property
    def runtime(self) -> Literal["onnx", "torch"]:
        """What runs it."""
        return self.facts.runtime


def open_export(model: ModelFiles, fingerprint: str, *, cache_dir: Path) -> Export:
    """
    Give the export of `model`, made now if it is not in `cache_dir`, or damaged there.

    Where `cache_dir` cannot be written, a directory for temporary files is used, and a warning says so.
    Raises EncoderUnavailable if sentence-transformers cannot load the model.
    """
    name = f"{fingerprint}-{_FORMAT}"
    if kept := _read(cache_dir / name, fingerprint):
        return kept
    home = _writable(cache_dir)
    with _locked(home / f"{name}.lock"):
        return _read(home / name, fingerprint) or _export(model, fingerprint, home / name)


def write_facts(facts: Facts, directory: Path) -> None:
    """Leave the compiler's findings beside the files that it wrote."""
    replace_json(directory / _FACTS, asdict(facts))


def _read(directory: Path, fingerprint: str) -> Export | None:
    """Give the export in `directory`, or None if anything of it is missing or not what its digest says."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        manifest = json.loads((directory / _MANIFEST).read_bytes())
        whole = _is_whole(directory, manifest["digests"])
        facts = Facts(**manifest["facts"])
        # Another compiler may manage what this one could not.
        outdated = facts.runtime == "torch" and manifest["compiler"] != _compiler_versions()
        if whole and not outdated and (manifest["format"], manifest["fingerprint"]) == (_FORMAT, fingerprint):
            return Export(directory, fingerprint, facts)
    return None


def _is_whole(directory: Path, digests: dict[str, str]) -> bool:
    """
    Whether the files are those of these digests. Reading 90 MB takes 60 ms, more than opening the encoder: a memo
    beside is believed while digests, sizes and times are those of when all was read.
    """
    memo = directory.with_name(f"{directory.name}.whole")
    state = {name: [digest, *_size_and_time(directory / name)] for name, digest in digests.items()}
    with suppress(OSError, ValueError):
        if json.loads(memo.read_bytes()) == state:
            return True
    whole = all(file_digest(directory / name) == digest for name, digest in digests.items())
    if whole:
        with suppress(OSError):  # Of somebody else, or on a full disk: then it is read again.
            replace_json(memo, state)
    return whole


def _size_and_time(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def _compiler_versions() -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version

    versions: dict[str, str] = {}
    for package in ("sentence-transformers", "transformers", "torch", "onnxscript", "onnxruntime"):
        with suppress(PackageNotFoundError):
            versions[package] = version(package)
    return versions


def _export(model: ModelFiles, fingerprint: str, directory: Path) -> Export:
    """
    Run the compiler into a directory beside, then put that in place. Only called under the model's lock.
    """
    home, prefix = directory.parent, f".{directory.name}."
    for abandoned in home.glob(f"{prefix}*"):
        shutil.rmtree(abandoned, ignore_errors=True)
    beside = Path(tempfile.mkdtemp(dir=home, prefix=prefix))
    try:
        _log.info("Preparing the encoder %s, once: this takes about half a minute.", model.name)
        _compile(model, beside)
        _seal(beside, fingerprint, model.name)
        _put_in_place(beside, directory)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    if export := _read(directory, fingerprint):
        return export
    raise EncoderUnavailable(f"The export of {model.name} in {home} cannot be read back: check that disk.")


def _compile(model: ModelFiles, target: Path) -> None:
    command = [sys.executable, "-m", "searcher.index.dense.export", str(model.directory), str(target)]
    done = subprocess.run(
        command, env=_compiler_env(), capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode != 0 or not (target / _FACTS).is_file():
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise EncoderUnavailable(
            f"The encoder {model.name} in {model.directory} cannot be loaded: {lines[-1]} "
            "Choose another model, or run: pip install --upgrade sentence-transformers onnxscript"
        )


def _compiler_env() -> dict[str, str]:
    """The compiler must find this package as this process did, and say nothing but its last line."""
    package_home = str(Path(__file__).resolve().parents[3])
    path = os.pathsep.join(filter(None, [package_home, os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": path, "PYTHONWARNINGS": "ignore"}


def _seal(directory: Path, fingerprint: str, name: str) -> None:
    """Write the manifest over what the compiler left: from here on the directory is an export."""
    facts: dict[str, Any] = json.loads((directory / _FACTS).read_bytes())
    (directory / _FACTS).unlink()
    files = sorted(directory.iterdir())
    for file in files:
        sync(file)
    manifest = {
        "format": _FORMAT,
        "name": name,
        "fingerprint": fingerprint,
        "compiler": _compiler_versions(),
        "facts": facts,
        "digests": {file.name: file_digest(file) for file in files},
    }
    replace_json(directory / _MANIFEST, manifest)


def _put_in_place(beside: Path, directory: Path) -> None:
    if directory.exists():  # Damaged, or we would not be here. Who has it open keeps the old files.
        damaged = Path(tempfile.mkdtemp(dir=directory.parent, prefix=f".{directory.name}."))
        os.replace(directory, damaged)  # noqa: PTH105
        shutil.rmtree(damaged, ignore_errors=True)
    replace_durably(beside, directory)


def _writable(cache_dir: Path) -> Path:
    with suppress(OSError):
        cache_dir.mkdir(parents=True, exist_ok=True)
        if os.access(cache_dir, os.W_OK | os.X_OK):
            return cache_dir
    # A name that others can guess must belong to us, or somebody else's model would be run.
    fallback = Path(tempfile.gettempdir()) / f"searcher-encoders-{os.getuid()}"
    with suppress(OSError):
        fallback.mkdir(mode=0o700, exist_ok=True)
    if not _is_ours(fallback):
        raise EncoderUnavailable(
            f"Neither {cache_dir} nor {fallback} can be written: set XDG_CACHE_HOME to a directory of yours."
        )
    _log.warning("%s cannot be written: the exported encoder is kept in %s.", cache_dir, fallback)
    return fallback


def _is_ours(directory: Path) -> bool:
    with suppress(OSError):
        status = directory.lstat()
        return not directory.is_symlink() and status.st_uid == os.getuid() and status.st_mode & 0o077 == 0
    return False


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """
    Hold the only right to export a model. Where files cannot be locked, two may export it: the last one
    stays.
    """
    import fcntl

    with path.open("a") as file:
        with suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
