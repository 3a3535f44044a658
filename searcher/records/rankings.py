"""What one leg answers: chunks with scores, best first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # The command line reads records before it knows whether it needs arrays.
    import numpy as np
    import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Ranking:
    """
    Chunks from one leg, best first, one chunk (the best) for each article.

    `articles`: int64[n] and `chunks`: int64[n], numbers within the generation. `scores`: float32[n], never rising;
    equal scores are in the order of the articles' `seq`.
    """

    articles: npt.NDArray[np.int64]
    chunks: npt.NDArray[np.int64]
    scores: npt.NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.chunks)
