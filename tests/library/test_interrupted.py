"""A build that fails at any step leaves the old answers, or the new ones, and the next one completes."""

from __future__ import annotations

import os
import shutil

import pytest

from searcher.index import segment
from searcher.library import Library
from tests.fake_encoder import FakeEncoder
from tests.library.samples import NOW, article, ids, left_over, new_library, news

BATCH = 4


class Steps:
    """Counts what a build does to the disk and the encoder; fails at the step that it is told to."""

    def __init__(self, monkeypatch, error):
        self.done = 0
        self.fails_at = None
        self._error = error
        for place, name in ((os, "fsync"), (os, "rename"), (os, "replace"), (FakeEncoder, "encode")):
            monkeypatch.setattr(place, name, self._counted(getattr(place, name), name))

    def _counted(self, function, name):
        def step(*arguments, **options):
            self.done += 1
            if self.done == self.fails_at:
                raise self._error
            return None if name == "fsync" else function(*arguments, **options)

        return step

    def begin(self, fails_at=None):
        """Count from one again."""
        self.done, self.fails_at = 0, fails_at


def grown(home) -> Library:
    """Make a library of three segments, in which one article was corrected and one withdrawn, and news wait."""
    library = new_library(home)
    for number in range(3):
        library.add(*news(4, seed=number, prefix=f"p{number}-"), now=NOW)
    library.add(article("p0-1", "Corrected: harbour strike."), index=False, now=NOW)
    library.add(*news(3, seed=9, prefix="new-"), index=False, now=NOW)
    library.remove("p1-2", now=NOW)
    return library


def answers(home):
    """Open the library anew, and give what it answers: hits with their scores."""
    with new_library(home) as library:
        found = library.search("harbour strike vote", now=NOW)
        return [(hit.article, round(hit.score, 6), hit.copies) for hit in found]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("error", "stride"), [(OSError(28, "No space left"), 1), (KeyboardInterrupt(), 7)], ids=["disk", "Ctrl-C"]
)
@pytest.mark.parametrize("build", ["update", "rebuild"])
def test_a_build_may_fail_at_every_step(tmp_path, monkeypatch, build, error, stride):
    """
    For every step k that writes, renames, syncs or encodes (an update that adds, masks and merges; a rebuild): it
    fails at step k. The library, still open or opened anew, answers as before or as after; the next run completes
    with the answers of an undisturbed one and leaves nothing about; no chunk is encoded twice but those of one batch.
    """
    monkeypatch.setattr(segment, "BATCH", BATCH)
    steps = Steps(monkeypatch, error)
    grown(tmp_path / "before").close()
    if build == "rebuild":
        # Where the digests are not what was written nothing is known: the rebuild has to encode, and to journal.
        monkeypatch.setattr(segment, "CHECKED_WHEN_OPENED", 0)  # And yet it is opened, as a great segment is.
        for path in (tmp_path / "before").glob("indexes/segments/*/arrays"):
            path.write_bytes(path.read_bytes()[:-1] + b"\1")
    before = answers(tmp_path / "before")
    copy(tmp_path / "before", tmp_path / "after")
    with new_library(tmp_path / "after", encoder=(whole := FakeEncoder())) as library:
        steps.begin()
        report = getattr(library, build)()
        total = steps.done
    assert report.merged == (4 if build == "update" else 0) and report.encoded == whole.calls > BATCH
    after = answers(tmp_path / "after")
    assert before != after and total > 15
    for step in range(1, total + 1, stride):
        home = tmp_path / f"trial {step}"
        copy(tmp_path / "before", home)
        with new_library(home, encoder=(encoder := FakeEncoder())) as library:
            library.search("harbour", mode="lexical", now=NOW)
            steps.begin(step)
            with pytest.raises(type(error)):
                getattr(library, build)()
            steps.begin()
            assert answers(home) in (before, after), step
            assert library.search("harbour", mode="lexical", now=NOW).total > 0
            getattr(library, build)()
            assert encoder.calls <= whole.calls + BATCH, step
            assert library.status().segments == report.segments, step
        assert answers(home) == after, step
        assert left_over(home) == [], step
        shutil.rmtree(home)


def copy(home, other):
    """Copy a library; its segments are only linked, for nothing may ever write into them."""

    def link_or_copy(source, target):
        (os.link if "segments" in source else shutil.copyfile)(source, target)

    shutil.copytree(home, other, copy_function=link_or_copy)


def test_a_failed_correction_of_many_is_answered_as_before(tmp_path, monkeypatch):
    """A withdrawal holds even while updates fail: it needs no index."""
    steps = Steps(monkeypatch, OSError(28, "No space left on device"))
    with grown(tmp_path) as library:
        steps.begin(5)
        with pytest.raises(OSError, match="No space"):
            library.update()
        library.remove("p0-0", now=NOW)
        steps.begin()
        found = library.search("NOT qwxz", limit=100, fold=False, now=NOW)
        assert "p0-0" not in ids(found) and "p0-2" in ids(found)
