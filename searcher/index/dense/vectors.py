"""What the dense leg calls its arrays."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
"""float32[n, dim], each row of unit length, or all zero where a text has no vector."""

Vector = npt.NDArray[np.float32]
"""float32[dim], of unit length or all zero."""
