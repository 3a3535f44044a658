# Compiled: see scan.py, which asks FAISS where this was not built.

import numpy as np
import numpy.typing as npt

def nearest(
    codes: npt.NDArray[np.uint8],
    query: npt.NDArray[np.int16],
    wanted: int,
    mask: npt.NDArray[np.bool_] | None,
    /,
) -> tuple[bytes, bytes, int | None]: ...
