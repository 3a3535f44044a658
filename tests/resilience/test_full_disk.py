"""A disk that is really full: a file system in memory, of a few kilobytes, on which a library is made and grows."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import Counter

import pytest

from searcher.errors import SearcherError
from tests.library.samples import NOW, ids, new_library
from tests.resilience.acts import check, make
from tests.resilience.disks import mounted
from tests.resilience.trials import count, figures, random_of

LEAST, MOST, ROOMY = 30_000, 1_500_000, 50_000_000
BATCHES = 30


@pytest.mark.slow
@pytest.mark.skipif(
    shutil.which("mount") is None or os.geteuid() != 0, reason="only root may mount a small disk"
)
def test_a_full_disk_is_said_and_loses_nothing(tmp_path):
    """
    A library grows on a disk of some size until the disk is full. Each act ends well, and then all that it stored is
    there and found; or with an error that says why. What was acknowledged is there, and what was indexed is still found
    while the disk is full. With room again the next update completes.
    """
    random = random_of("full disk")
    said: dict[str, object] = {"sizes": 0}
    ended: Counter[str] = Counter()
    home = tmp_path / "disk" / "home"
    with figures("full_disk", said):
        for number in range(count("full_disk")):
            # Evenly over the orders of magnitude; whole pages.
            size = int(LEAST * (MOST / LEAST) ** random.random()) // 4096 * 4096
            with mounted(tmp_path / "disk", "tmpfs", "tmpfs", f"size={size}"):
                acknowledged, where = grow(home, f"full{number}")
                ended[where] += 1
                subprocess.run(["mount", "-o", f"remount,size={ROOMY}", str(tmp_path / "disk")], check=True)
                check(home, [(f"full{number}", acknowledged)], answers=False)
            (tmp_path / "disk").rmdir()
            said.update({"sizes": number + 1, **ended})


def grow(home, trial):
    """Add batch after batch until the disk is full; give how many were acknowledged, and what could not be done."""
    number = 0
    try:
        with new_library(home) as library:
            for number in range(BATCHES):
                receipt = library.add(*make(trial, number), now=NOW)
                if receipt.not_indexed is not None:
                    assert is_said(receipt.not_indexed)
                    claim_indexed(home, trial, number)
                    return number + 1, "stored, not indexed"
                claim_indexed(home, trial, number + 1)
    except (SearcherError, OSError) as error:
        assert is_said(error)
        if number:
            claim_indexed(home, trial, number)
        return number, "not stored"
    return BATCHES, "all done"


def is_said(error):
    """Whether an error says that the disk is full, in our words or the system's."""
    return isinstance(error, SearcherError | OSError) and re.search("disk|space", str(error)) is not None


def claim_indexed(home, trial, batches):
    """Whoever opens the library, also while the disk is full, finds the articles of these batches."""
    with new_library(home) as library:
        found = ids(library.search("NOT qwxz", limit=10_000, fold=False, now=NOW))
        for number in range(batches):
            assert {one.article_id for one in make(trial, number)[:3]} <= set(found)
