"""The compiler on small models of each kind, judged by sentence-transformers."""

import numpy as np
import pytest

pytestmark = pytest.mark.slow

EXPORTED = ["mean", "cls-dense", "max-prompted", "relative"]
NOT_EXPORTED = ["without-prompt", "static"]


@pytest.mark.parametrize("name", EXPORTED + NOT_EXPORTED)
def test_our_vectors_are_theirs(reference, name):
    """Documents and queries of every kind of model have the vectors of sentence-transformers, prompts included."""
    ours, theirs = reference.vectors(f"{name}-ours")[1:-1], reference.vectors(f"{name}-theirs")
    known = ours.any(axis=1)
    assert known.sum() >= 3
    assert (ours * theirs).sum(axis=1)[known].min() > 0.9999
    ours, theirs = reference.vectors(f"{name}-our-queries"), reference.vectors(f"{name}-their-queries")
    assert (ours * theirs).sum(axis=1)[known].min() > 0.9999


@pytest.mark.parametrize("name", EXPORTED + NOT_EXPORTED)
def test_blank_texts_have_no_vector(reference, name):
    """A blank text is zero in every kind of model, also in one that puts a prompt before it."""
    ours = reference.vectors(f"{name}-ours")
    assert not ours[[0, -1]].any()
    assert reference.facts[name]["pieces"] == [2, 0, 3]
    assert reference.facts[name]["unknown"] == [0, 1, 0.5]


@pytest.mark.parametrize("name", EXPORTED)
def test_what_can_be_exported_is(reference, name):
    """Mean, cls and max pooling, a dense layer and normalisation become one graph."""
    facts = reference.facts[name]
    assert (facts["runtime"], facts["reason"], facts["window"]) == ("onnx", None, 48)
    assert facts["dim"] == (8 if name == "cls-dense" else 16)


@pytest.mark.parametrize("name", EXPORTED)
def test_attention_is_one_operator(reference, name):
    """Each layer's attention is a single operator; a model with an attention of its own keeps that."""
    operators = reference.facts[name]["operators"]
    found = operators.count("MultiHeadAttention"), operators.count("Softmax")
    assert found == ((0, 2) if name == "relative" else (2, 0))


@pytest.mark.parametrize("name", NOT_EXPORTED)
def test_what_cannot_be_exported_runs_with_torch(reference, name):
    """A model that a graph cannot express is run by sentence-transformers, and a reason is kept."""
    facts = reference.facts[name]
    assert facts["runtime"] == "torch"
    assert facts["reason"]
    assert not list((reference.directory / "exports" / name).iterdir())


def test_prompts_are_found(reference):
    """Questions and documents are marked as the model asks for."""
    facts = reference.facts["max-prompted"]
    assert (facts["query_prompt"], facts["document_prompt"]) == ("query: ", "passage: ")
    queries, documents = (reference.vectors(f"max-prompted-our{end}") for end in ("-queries", "s"))
    assert not np.allclose(queries[0], documents[1])
