"""
How does a sentence-transformers model become an ONNX file? This is the compiler, and the only file that
imports sentence-transformers and torch. It runs once per model, in a process of its own:

    python -m searcher.index.dense.export MODEL_DIRECTORY TARGET_DIRECTORY

The model's own modules (transformer, pooling, dense, normalisation) are traced as they are, and L2
normalisation is added at the end, so that nothing about pooling is written twice. What comes out is then run
as the engine will run it, against sentence-transformers itself: an export that differs is thrown away, and
the reason kept.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from searcher.index.dense.attention import as_one_operator
from searcher.index.dense.export_cache import MODEL_FILE, TOKENIZER_FILE, Export, Facts, write_facts
from searcher.text import one_line

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

# What every text's cosine between our vector and theirs must exceed.
_LEAST_COSINE = 0.9999
# A window for models that name none: longer than any chunk.
_NO_WINDOW = 8192
_INPUTS = ("input_ids", "attention_mask", "token_type_ids")


class CannotExport(Exception):
    """This model has to be run by sentence-transformers itself; the text says why."""


def main(arguments: Sequence[str]) -> int:
    """
    Compile the model in directory `arguments[0]` into directory `arguments[1]`; 1 if it cannot be loaded.
    """
    source, target = map(Path, arguments)
    try:
        model = load_sentence_transformer(source)
        facts = export_model(model, target)
    except Exception as error:  # Whatever is wrong with a stranger's model, the person gets one line.
        print(_in_one_line(error), file=sys.stderr)
        return 1
    write_facts(facts, target)
    return 0


def load_sentence_transformer(directory: Path) -> SentenceTransformer:
    """
    Give the model in a local directory, on the CPU, in float32: no network, no code of its own, no pickles.
    """
    # Read when their libraries are imported. A directory needs no network, whatever the settings allow.
    os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1")
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # type: ignore[no-untyped-call]
    model = SentenceTransformer(
        str(directory),
        device="cpu",
        local_files_only=True,
        trust_remote_code=False,
        model_kwargs={"use_safetensors": True, "dtype": torch.float32},
    )
    return model.eval().float()


def export_model(model: SentenceTransformer, target: Path) -> Facts:
    """
    Write the model and its tokenizer into the empty `target`, verified; or give facts that say why it cannot
    be.

    Raises what the machine is to blame for (a missing package, a full disk): that is not the model's doing.
    """
    facts = find_facts(model)
    try:
        _refuse_what_a_graph_cannot_say(model, facts)
        _write_tokenizer(model, target / TOKENIZER_FILE)
        _write_verified(model, Export(target, "", facts))
    except (ImportError, OSError, MemoryError):
        raise
    except Exception as error:  # torch's exporter raises whatever it trips over.
        for path in target.iterdir():
            path.unlink()
        return replace(facts, runtime="torch", reason=_in_one_line(error))
    return facts


def _in_one_line(error: BaseException) -> str:
    """Give what went wrong at the bottom of it, without colours, at most 300 characters."""
    while error.__cause__ is not None:
        error = error.__cause__
    name = "" if isinstance(error, CannotExport) else f"{type(error).__name__}: "
    return name + one_line(str(error))[:300]


def find_facts(model: SentenceTransformer) -> Facts:
    """Give what has to be known to run the model, as if it could be exported."""
    window = model.max_seq_length
    return Facts(
        dim=int(model.get_embedding_dimension() or model.encode(["dimension"]).shape[1]),
        window=int(window) if window and window < _NO_WINDOW else _NO_WINDOW,
        runtime="onnx",
        unknown=_unknown_piece(model.tokenizer),
        pad=getattr(model.tokenizer, "pad_token_id", None) or 0,
        query_prompt=_prompt(model, "query"),
        document_prompt=_prompt(model, "document", "passage", "corpus"),
    )


def _unknown_piece(tokenizer: Any) -> int | None:
    """Give the id of the unknown piece, or None; some models carry a tokenizer of `tokenizers` and no other."""
    if hasattr(tokenizer, "to_str"):
        unknown = json.loads(tokenizer.to_str())["model"].get("unk_token")
        return None if unknown is None else int(tokenizer.token_to_id(unknown))
    return getattr(tokenizer, "unk_token_id", None)


def _prompt(model: SentenceTransformer, *names: str) -> str:
    """Give the prompt that their `encode_query` and `encode_document` would put before a text."""
    for name in (*names, model.default_prompt_name):
        if name is not None and name in model.prompts:
            return str(model.prompts[name] or "")
    return ""


def _refuse_what_a_graph_cannot_say(model: SentenceTransformer, facts: Facts) -> None:
    prompted = facts.query_prompt or facts.document_prompt
    for module in model:
        if prompted and not getattr(module, "include_prompt", True):
            raise CannotExport("its pooling leaves the prompt out")
        if type(module).__name__ == "Router":
            raise CannotExport("it reads queries and documents with different modules")


def _write_tokenizer(model: SentenceTransformer, path: Path) -> None:
    fast = getattr(model.tokenizer, "backend_tokenizer", None)
    if fast is None:
        raise CannotExport("its tokenizer has no tokenizer.json")
    path.write_text(fast.to_str(), encoding="utf-8")


def _write_verified(model: SentenceTransformer, export: Export) -> None:
    """Write the graph with attention as one operator; where that fails, or says something else, as torch has it."""
    path = export.directory / MODEL_FILE
    try:
        with as_one_operator(model):
            _write_graph(model, path, window=export.facts.window)
        _verify(model, export)
    except (OSError, MemoryError):
        raise
    except Exception:  # Whatever it is, the plain graph has it too, or does without.
        for written in path.parent.glob(f"{path.name}*"):
            written.unlink()
        _write_graph(model, path, window=export.facts.window)
        _verify(model, export)


def _write_graph(model: SentenceTransformer, path: Path, *, window: int) -> None:
    import torch

    example = model.tokenizer(["Two texts of unlike length", "here"], padding=True, return_tensors="pt")
    names = [name for name in _INPUTS if name in example]
    rows, pieces = torch.export.Dim("rows"), torch.export.Dim("pieces", max=window)
    with torch.no_grad():
        torch.onnx.export(
            _graph(model, names),
            tuple(example[name] for name in names),
            path,
            input_names=names,
            output_names=["vectors"],
            dynamic_shapes=(tuple({0: rows, 1: pieces} for _ in names),),
            dynamo=True,
            external_data=True,  # Weights in a file of their own are mapped, not parsed: twice as fast.
            verbose=False,
        )


def _graph(model: SentenceTransformer, names: Sequence[str]) -> Any:
    """Give the model as one torch module: piece ids and masks in, unit vectors float32[n, dim] out."""
    import torch

    class Graph(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.modules_in_order = torch.nn.ModuleList(model)

        def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
            features: Any = dict(zip(names, inputs, strict=True))
            for module in self.modules_in_order:
                features = module(features)
            return torch.nn.functional.normalize(features["sentence_embedding"], p=2, dim=-1)

    return Graph().eval()


def _verify(model: SentenceTransformer, export: Export) -> None:
    """
    Raise CannotExport if a sample's vector is not theirs. Texts without a known piece have none: not
    compared.
    """
    from searcher.index.dense.onnx import OnnxEncoder

    encoder = OnnxEncoder(export, name="export")
    their_documents = model.encode_document(_SAMPLES, batch_size=8, normalize_embeddings=True)
    their_queries = model.encode_query(_SAMPLES, batch_size=8, normalize_embeddings=True)
    for ours, theirs in (
        (encoder.encode(_SAMPLES), their_documents),
        (np.stack([encoder.encode_query(text) for text in _SAMPLES]), their_queries),
    ):
        cosines = (ours * theirs).sum(axis=1)[ours.any(axis=1)]
        if len(cosines) < len(_SAMPLES) // 2:
            raise CannotExport(
                f"its tokenizer knows nothing of {len(_SAMPLES) - len(cosines)} of the samples"
            )
        if not cosines.min() > _LEAST_COSINE:
            raise CannotExport(f"the exported model differs: least cosine {cosines.min():.6f}")


_PARAGRAPH = (
    "The finance ministry said on Tuesday that the budget gap had narrowed for the third quarter in a row, "
    "as tax receipts rose and spending on fuel subsidies fell; economists had expected a wider deficit. "
)
# Lengths from one piece to past the window, in no order: each is padded by another in its batch.
_SAMPLES = [
    "Election",
    _PARAGRAPH,
    "Kyiv protests: anti-corruption bodies lose their independence",
    _PARAGRAPH * 12,
    "No progress on ceasefire deal",
    "3-2 (a.e.t.)",
    "The U.S. dollar fell 0.75% to ¥147.32, its lowest since 2023-07-14.",
    "a",
    "Où sont passés les électeurs de la banlieue? Le maire n’a pas répondu.",
    _PARAGRAPH * 3,
    "Der Bürgermeister erklärte, die Straßenbahn werde im März eröffnet.",
    "Президент підписав закон попри протести",
    "“We were not told,” she said. “Nobody was told.”",
    "https://example.com/news/2025/07/23/index.html?id=42&ref=home",
    "BREAKING NEWS BREAKING NEWS BREAKING NEWS",
    "Storm 🌀 closes three airports",
    "antidisestablishmentarianism",
    _PARAGRAPH[:90],
    "wildfire\n\nsmoke\tover   the city",
    "Shares in Siemens, Novo Nordisk and TSMC rose; those of Boeing fell.",
    _PARAGRAPH * 2,
    "?! ... --",
    "Who won the league in 1998?",
    "北京 announces new rules for exporters",
]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
