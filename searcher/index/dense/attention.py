"""
How is attention written into an export? As one operator of onnxruntime's own, where the model allows it.

Written by torch, it is a dozen operators, each of which carries the table of all pairs of pieces through memory: a
sixth of the time of a long text. OpenVINO reads the operator, too. Only the compiler imports this file.

Source of the operator: `com.microsoft.MultiHeadAttention` among onnxruntime's contributed operators,
https://onnxruntime.ai/docs/reference/operators/ContribOperators.html.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer

_NAME = "searcher_one_operator"


@contextmanager
def as_one_operator(model: SentenceTransformer) -> Iterator[None]:
    """
    Within, what is traced of `model` has the operator in place of attention. It cannot be run meanwhile.

    Models with an attention of their own take no notice, or fail to be traced, or give other vectors afterwards:
    whoever exports must compare. Raises what transformers raises if it knows no such exchange.
    """
    from transformers import AttentionInterface, PreTrainedModel
    from transformers.masking_utils import AttentionMaskInterface, eager_mask

    AttentionInterface.register(_NAME, _attend)
    # The mask as numbers to be added, 0 or the least there is: that is how the operator takes it.
    AttentionMaskInterface.register(_NAME, eager_mask)
    inner = [module for module in model.modules() if isinstance(module, PreTrainedModel)]
    before = [module.config._attn_implementation for module in inner]
    try:
        for module in inner:
            module.set_attn_implementation(_NAME)
        yield
    finally:
        for module, name in zip(inner, before, strict=True):
            module.set_attn_implementation(name)


def _attend(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """Give [rows, pieces, heads, size], from three of [rows, heads, pieces, size]: what transformers asks of it."""
    import torch

    rows, heads, pieces, size = query.shape
    inputs = [one.transpose(1, 2).reshape(rows, pieces, heads * size) for one in (query, key, value)]
    attended = torch.onnx.ops.symbolic(
        "com.microsoft::MultiHeadAttention",
        # Neither a bias of its own nor a mask of keys stands between the values and the mask of pairs.
        inputs if attention_mask is None else [*inputs, None, None, attention_mask],
        {"num_heads": heads, "scale": size**-0.5 if scaling is None else float(scaling)},
        dtype=query.dtype,
        shape=(rows, pieces, heads * size),
        version=1,
    )
    return attended.view(rows, pieces, heads, size), None
