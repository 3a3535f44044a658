"""A library with a history, for the tests of health."""

from __future__ import annotations

import pytest

from tests.library.samples import NOW, article, new_library, news


@pytest.fixture
def home(tmp_path):
    """Two segments and two generations; one article corrected, one withdrawn."""
    with new_library(tmp_path) as library:
        library.add(*news(10), now=NOW)
        library.add(*news(4, seed=1, prefix="p"), article("n1", "Corrected: harbour strike."), now=NOW)
        library.remove("n2", now=NOW)
        library.update()
    return tmp_path
