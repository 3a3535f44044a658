"""Bits flip, files are cut, emptied, lengthened, swapped or gone: the doctor finds it, and no article shown lies."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from searcher.errors import SearcherError
from searcher.index import segment
from searcher.library import library, open_library, readers, verifying
from searcher.library.health import doctor
from tests.fake_encoder import FakeEncoder
from tests.library.samples import MODES, NOW, article, new_library, news, wanted
from tests.resilience.trials import count, figures, random_of

SAFE = ("writer.lock",)
"""What it holds is of no consequence: who wrote last."""
UNREAD = "answered otherwise while nothing had read them"
QUESTIONS = [("harbour strike", mode) for mode in MODES] + [
    ('"harbour strike"', "lexical"),
    ("har*", "hybrid"),
]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A library of several segments and generations, with corrections, withdrawals and rejections, closed."""
    home = tmp_path_factory.mktemp("damage") / "whole"
    (home / "indexes").mkdir(parents=True)
    (home / "searcher.toml").write_text("[chunks]\nwords = 20\n")
    with new_library(home) as library:
        for number in range(3):
            library.add(*news(14, seed=number, prefix=f"d{number}-"), now=NOW)
        library.add(article("d0-1", "Corrected: harbour strike."), now=NOW)
        library.remove("d1-1", now=NOW)
    return home


@pytest.fixture(autouse=True)
def fake_encoder(monkeypatch):
    """The doctor loads the encoder of the settings: here that of the tests."""
    monkeypatch.setattr(library, "load_encoder", lambda settings: FakeEncoder())


@pytest.mark.slow
def test_damage_is_found_and_never_believed(tmp_path, whole):
    """
    A file of a library, any of them, is damaged in any way. The doctor says so, unless everything reads and is answered
    as before. Whatever is asked meanwhile, an article that is shown is one that was stored, and nothing crashes. Small
    files are read when they are opened: no answer differs without a word. Were they great, none would of a process that
    asks once, and waits for them to be read; one might of a process that stays, until it has read them. The doctor
    mends it, and then all is as before; or it says that a person is needed, for articles.db.
    """
    random = random_of("damage")
    stored, answers = contents(whole), answered(whole)
    files = sorted(path.relative_to(whole) for path in whole.rglob("*") if path.is_file())
    files.remove(Path("searcher.toml"))  # A person wrote it: whatever it says is meant.
    kinds = sorted({kind_of(file) for file in files})
    ended: Counter[str] = Counter()
    said: dict[str, object] = {"damaged files": 0, "kinds of file": len(kinds)}
    with figures("damage", said):
        for number in range(count("damage")):
            kind = kinds[number % len(kinds)]
            file = random.choice([file for file in files if kind_of(file) == kind])
            home = tmp_path / "home"
            shutil.rmtree(home, ignore_errors=True)
            shutil.copytree(whole, home)
            how = damage(random, home, file, files)
            try:
                ended[examine(home, file, stored, answers, ended)] += 1
            except BaseException as error:
                error.add_note(f"damage {number}: {file} {how}")
                raise
            said.update({"damaged files": number + 1, **ended})


def kind_of(file: Path) -> str:
    """Which kind of file this is: its name without its number."""
    return "manifest" if file.parent.name == "generations" else file.name


def damage(random: Random, home: Path, file: Path, files: list[Path]) -> str:
    """Damage one file; give how."""
    path = home / file
    data = bytearray(path.read_bytes())
    how = random.choice(["flip", "flip", "flip", "zeros", "cut", "grow", "gone", "other", "empty", "byte"])
    start = random.randrange(len(data)) if data else 0
    if how == "flip" and data:
        data[start] ^= 1 << random.randrange(8)
    elif how == "byte" and data:
        data[start] = (data[start] + random.randint(1, 255)) % 256
    elif how == "zeros":
        data[start : start + 4096] = bytes(len(data[start : start + 4096]))
    elif how == "cut":
        del data[start:]
    elif how == "grow":
        data += random.choice([b"\0", b"\n", b"x" * 100, bytes(4096)])
    elif how == "other":
        data = bytearray((home / random.choice(files)).read_bytes())
    elif how == "empty":
        data = bytearray()
    path.write_bytes(data)
    if how == "gone":
        path.unlink()
    return f"{how} at {start}"


def examine(home, file, stored, answers, ended):
    """
    Claim what must hold of a library of which this file was damaged; give what was found. Counted in `ended` is how
    often another answer was given without a word, and by whom.
    """
    found = problems(doctor(home))
    shown = answered(home, stored=stored)
    with pytest.MonkeyPatch.context() as great:
        great.setattr(segment, "CHECKED_WHEN_OPENED", 0)
        if differs(answered(home, stored=stored), answers):
            ended[UNREAD] += 1
        great.setattr(readers, "PATIENCE_S", 60.0)
        assert not differs(answered(home, stored=stored, once=True), answers), "asked once, and not found"
        (home / "indexes" / "damaged").unlink(missing_ok=True)
        great.setattr(verifying, "AFTER_S", 0.0)
        assert not differs(answered(home, stored=stored, read=True), answers), "read, and not found"
    assert not differs(shown, answers), "opened, and not found"
    if not found:
        assert contents(home) == stored, "the doctor finds nothing"
        assert kind_of(file) in SAFE or shown == answers, "the doctor finds nothing"
        return "of no consequence"
    after = doctor(home, repair=True)
    if after.needs_a_person:
        assert kind_of(file) == "articles.db"
        return "found, needing a person"
    assert not problems(after)
    assert contents(home) == stored
    assert without_scores(answered(home)) == without_scores(answers)
    return "found and mended"


def without_scores(found):
    """Another generation sums the same numbers in another order."""
    return [(one, snippet) for one, snippet, _ in found]


def differs(shown, answers):
    """Whether another answer was given as if nothing were wrong."""
    return isinstance(shown, list) and without_scores(shown) != without_scores(answers)


def existing(home, *, once=False):
    """Open a library as who only reads it does: none is made where articles.db is gone."""
    return open_library(home, settings=wanted(), encoder=FakeEncoder(), once=once)


def contents(home):
    """Everything that the store holds."""
    try:
        with existing(home) as library:
            store = library.store
            ids = [one.article.article_id for one in store.changes(0)]
            revisions = [(r.article, r.withdrawn, r.recorded_at) for one in ids for r in store.revisions(one)]
            return revisions, store.counts(), store.rejections()
    except SearcherError as error:
        return str(error)


def answered(home, stored=None, *, read=False, once=False):
    """
    Everything that is answered, or the error; what is shown of an article must be what was stored of it. `read`: by a
    process that has read its index to the last byte; `once`: by one that reads it beside its questions.
    """
    found = []
    degraded = False
    try:
        with existing(home, once=once) as library:
            if read:
                library.search("harbour", mode="lexical", now=NOW)
                library.readers.verifier.join()
            for question, mode in QUESTIONS:
                results = library.search(question, mode=mode, limit=5, now=NOW)
                found += [(hit.article, hit.snippet.text, hit.score) for hit in results]
                degraded |= results.degraded is not None
            every = library.search("NOT qwxz", limit=200, fold=False, snippets=False, now=NOW)
            found += [(hit.article, "", hit.score) for hit in every]
            degraded |= every.degraded is not None
    except SearcherError as error:
        assert str(error).strip()
        return str(error)
    if stored is not None:
        known = [one for one, _, _ in stored[0]]
        assert all(one in known for one, _, _ in found)
    return "degraded" if degraded else found


def problems(examination):
    """What the doctor finds broken or odd. (How full this machine's disk is, or who writes, is not of interest.)"""
    return [one for one in examination.findings if one.state != "ok" and one.check not in ("disk", "writer")]
