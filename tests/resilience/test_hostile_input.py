"""Whatever comes in: no crash, no page over ten seconds, no gigabyte, and the rest of the batch is kept."""

from __future__ import annotations

import resource
import sys
import time
import unicodedata
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from searcher.ingest import IngestOptions, read_articles
from searcher.records import Article, Rejection
from tests.library.samples import new_library
from tests.resilience.hostile import CASES, GOOD_ID, STORY, Case
from tests.resilience.trials import count, figures, random_of

NOW = datetime(2025, 7, 24, 12, 0, tzinfo=UTC)
LONGEST_S = 10.0
MOST_BYTES = 1_000_000_000
FEEDS = Path(__file__).parents[3] / "shared" / "data" / "feeds.tar.gz"


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """A good article in a file of its own, read after each hostile one."""
    path = tmp_path_factory.mktemp("good") / "good.jsonl"
    path.write_text(f'{{"id": "{GOOD_ID}", "body": "{STORY}"}}\n')
    return path


def read(case, directory, good):
    """Read a hostile input and then a good one; claim what must hold, and give what was found in the hostile one."""
    path = directory / case.file
    path.write_bytes(case.data)
    started, used = time.monotonic(), time.process_time()
    found = list(read_articles([str(path), str(good)], IngestOptions(now=NOW)))
    took = time.monotonic() - started
    # Our own processor time: a busy machine is nobody's fault, and the worker's time is limited by confined.py.
    assert time.process_time() - used < LONGEST_S
    assert found[-1].article_id == GOOD_ID
    for one in found:
        claim(one)
    return found[:-1], took


def claim(one):
    """What comes in is an article in canonical form, or a rejection with a reason for a person."""
    if isinstance(one, Rejection):
        assert one.where and 3 < len(one.reason) < 1_000 and "Traceback" not in one.reason
        return
    assert isinstance(one, Article) and one.article_id and one.body.strip()
    facts = (one.article_id, one.title, one.url, one.source, one.section, one.language, *one.authors)
    for text, allowed in ((one.body, "\n\t"), *((fact, "") for fact in facts if fact is not None)):
        text.encode()  # No half surrogates.
        odd = {char for char in text if unicodedata.category(char) in ("Cc", "Cs")} - set(allowed)
        assert not odd, odd
        assert not set(text) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    assert one.url is None or one.url.startswith(("http://", "https://"))
    assert len(one.body) <= 1_000_000
    assert one.published is None or 1 <= one.published.at.year <= 9999
    assert "root:x:0" not in one.body


class Memory:
    """How much more memory this process has held, at most, than when it began to watch. (Workers have a limit.)"""

    def __init__(self):
        # Other tests in this process may have held more before: Linux can forget that.
        self._status = Path("/proc/self/status")
        if self._status.exists():
            Path("/proc/self/clear_refs").write_text("5")
        self._before = self._held("VmRSS")

    def most(self):
        """In bytes."""
        return self._held("VmHWM") - self._before

    def _held(self, name):
        if not self._status.exists():
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (
                1 if sys.platform == "darwin" else 1024
            )
        (line,) = (line for line in self._status.read_text().splitlines() if line.startswith(f"{name}:"))
        return int(line.split()[1]) * 1024


def test_there_are_enough():
    """
    At least 120 were written by hand, each once, and no two are the same.
    """
    assert len(CASES) >= 120
    assert len({case.name for case in CASES}) == len({(case.file, case.data) for case in CASES}) == len(CASES)


@pytest.mark.slow
def test_hostile_inputs_cost_themselves(tmp_path, good):
    """
    Each input written by hand is read or rejected with a reason within ten seconds and a gigabyte, what is read is
    canonical, and the good article after it is kept. All that was read can be stored, indexed and asked for.
    """
    memory, ended = Memory(), Counter()
    said: dict[str, object] = {"inputs": len(CASES)}
    slowest = (0.0, "")
    wrong = []
    with figures("hostile_input", said), new_library(tmp_path / "home") as library:
        for case in CASES:
            try:
                found, took = read(case, tmp_path, good)
            except (Exception, AssertionError) as error:
                wrong.append(f"{case.name}: {type(error).__name__}: {str(error)[:300]}")
                continue
            slowest = max(slowest, (took, case.name))
            ended.update("rejected" if isinstance(one, Rejection) else "read" for one in found[:1] or [None])
            articles = [one for one in found if isinstance(one, Article) and len(one.body) < 50_000][:20]
            library.store.add(articles, now=NOW)
            said.update(
                ended, slowest=f"{slowest[0]:.1f} s ({slowest[1]})", peak=f"{memory.most() / 1e6:.0f} MB"
            )
        assert not wrong, "\n".join(wrong)
        assert library.update().articles > 20
        assert library.search("bridge", limit=1000, now=NOW).total > 5
    assert memory.most() < MOST_BYTES
    assert ended["rejected"] > 50 and ended["read"] > 50


@pytest.mark.slow
def test_mutated_inputs_cost_themselves(tmp_path, good):
    """
    The same holds for mutations of them, and of real feeds where they are at hand.
    """
    memory, random = Memory(), random_of("mutations")
    seeds = [case for case in CASES if len(case.data) < 100_000]
    seeds += real_feeds()
    said: dict[str, object] = {"mutated": 0, "seeds": len(seeds)}
    slowest = 0.0
    with figures("hostile_input", said):
        for number in range(count("hostile_input")):
            case = mutated(random, random.choice(seeds), random.choice(seeds))
            try:
                slowest = max(slowest, read(case, tmp_path, good)[1])
            except BaseException as error:
                error.add_note(f"mutation {number}: {case.name}, {len(case.data)} bytes: {case.data[:300]!r}")
                raise
            said.update(
                {
                    "mutated": number + 1,
                    "slowest": f"{slowest:.1f} s",
                    "peak": f"{memory.most() / 1e6:.0f} MB",
                }
            )
    assert memory.most() < MOST_BYTES


def real_feeds():
    """Give the feeds of the shared data, none where they are not at hand."""
    import tarfile

    if not FEEDS.exists():
        return []
    with tarfile.open(FEEDS) as archive:
        found = [member for member in archive if member.isfile() and member.name.endswith((".xml", ".json"))]
        return [Case(one.name, "hostile.xml", archive.extractfile(one).read()) for one in found]


def mutated(random: Random, case: Case, other: Case) -> Case:
    """Give a case changed in a few places: bytes flipped, cut, doubled, put in from another, or another's tail."""
    data = bytearray(case.data)
    for _ in range(random.randint(1, 6)):
        start = random.randrange(len(data) + 1)
        end = min(len(data), start + int(2 ** (random.random() * 12)))
        how = random.randrange(6)
        if how == 0 and data:
            data[start % len(data)] = random.randrange(256)
        elif how == 1:
            del data[start:end]
        elif how == 2:
            data[start:start] = data[start:end] * random.choice([1, 2, 50])
        elif how == 3:
            data[start:start] = other.data[start:end]
        elif how == 4:
            data[start:] = other.data[start:]
        else:
            data[start:end] = bytes(
                random.choice([b"<", b">", b"&", b'"', b"\0", b"\xff", b"]]>", b"\n"]) * (end - start)
            )
    ending = random.choice([case.file, case.file, other.file])
    return Case(f"{case.name} + {other.name}", ending, bytes(data[:3_000_000]))
