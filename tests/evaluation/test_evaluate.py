"""The walk: is what is measured what a user would get?"""

import pytest

from searcher.errors import InputError
from searcher.evaluation import MODES, evaluate, evaluation_home, open_evaluation, read_collection
from searcher.library import open_library
from tests.evaluation.samples import ARTICLES, write_collection
from tests.fake_encoder import FakeEncoder
from tests.library.samples import NOW, no_waiting_for_the_disk, wanted

__all__ = ["no_waiting_for_the_disk"]


@pytest.fixture(autouse=True)
def fake_encoder(monkeypatch):
    """The encoder of every library is the fake one; give it."""
    encoder = FakeEncoder()
    monkeypatch.setattr("searcher.library.library.load_encoder", lambda settings: encoder)
    return encoder


@pytest.fixture
def collection(tmp_path):
    """The sample collection."""
    return read_collection(write_collection(tmp_path / "news"))


@pytest.fixture
def measure(tmp_path):
    """Evaluate in a cache of this test."""

    def run(collection, **options):
        opening = {
            name: options.pop(name) for name in ("settings", "body_only", "progress") if name in options
        }
        opening = {"settings": wanted(), "cache": tmp_path / "cache", **opening}
        with open_evaluation(collection, now=NOW, **opening) as library:
            return evaluate(library, collection, now=NOW, **options)

    return run


def test_everything_is_counted(measure, collection):
    """
    Three topics are asked; one has no judgment, one is like an article that is not there; one relevant one is missing.
    """
    found = measure(collection)
    assert (found.topics, found.unjudged, found.unasked) == (3, 1, 1)
    assert (found.articles, found.rejected, found.missing) == (5, 0, 1)
    assert [one.mode for one in found.modes] == list(MODES)
    assert all(one.scores.topics == ("q1", "q2", "q4") for one in found.modes)


def test_the_answers_are_those_of_the_library(measure, collection):
    """
    Every run holds what `search`, with plain words, and `similar` give, in every mode.
    """
    found = measure(collection)
    with open_library(found.home, settings=wanted()) as library:
        for one in found.modes:
            for topic in ("q1", "q2"):
                text = next(t.text for t in collection.topics if t.topic_id == topic)
                results = library.search(text, limit=1_000, mode=one.mode, fold=False, plain=True, now=NOW)
                assert one.run.rankings[topic] == tuple(hit.article_id for hit in results)
        similar = library.similar("port", limit=1_000, fold=False)
        assert found.modes[-1].run.rankings["q4"] == tuple(hit.article_id for hit in similar)


def test_an_article_that_is_only_a_headline_can_be_found(measure, tmp_path):
    """
    It is judged, so it is in the library with its headline for a text, and is not counted as rejected; one with
    neither is rejected, and with bodies only there is nothing of it.
    """
    articles = [*ARTICLES, ("brief", "Geese over Lake Orm", " "), ("void", "", "")]
    queries = [{"id": "q1", "text": "geese at the lake"}]
    directory = write_collection(tmp_path, articles=articles, queries=queries, qrels=[("q1", "brief", 1)])
    found = measure(read_collection(directory), modes=["lexical"])
    assert found.modes[0].run.rankings["q1"] == ("brief",)
    assert (found.articles, found.headlines, found.rejected, found.missing) == (6, 1, 1, 0)
    bodies = measure(read_collection(directory), modes=["lexical"], body_only=True)
    assert (bodies.articles, bodies.headlines, bodies.missing) == (5, 0, 1)


def test_topics_are_plain_words_and_copies_count(measure, collection):
    """
    `-strike "of dockers"` is no operator in a topic: all three articles on the strike are found, the copy by itself.
    """
    lexical = measure(collection, modes=["lexical"]).modes[0]
    assert set(lexical.run.rankings["q1"]) >= {"port", "copy", "deal"}
    assert lexical.means["R@100"].mean == pytest.approx((1 + 1 / 2 + 1) / 3)


def test_an_article_is_not_similar_to_itself(measure, collection):
    """
    The article that a topic is like is not in its answer, in any mode.
    """
    for one in measure(collection).modes:
        assert "port" not in one.run.rankings["q4"]


def test_the_library_is_used_again(measure, collection, fake_encoder):
    """
    The second time nothing is read or encoded, and the figures are the same.
    """
    first = measure(collection)
    calls, said = fake_encoder.calls, []
    again = measure(collection, progress=lambda *report: said.append(report))
    assert (fake_encoder.calls, said) == (calls, [])
    assert [one.means for one in again.modes] == [one.means for one in first.modes]


def test_another_corpus_is_another_library(measure, collection, tmp_path):
    """
    A changed corpus file has a home of its own; the old library stays.
    """
    old = measure(collection).home
    changed = read_collection(write_collection(tmp_path / "news", articles=ARTICLES[:4]))
    found = measure(changed)
    assert found.home != old
    assert old.is_dir()
    assert (found.articles, found.missing) == (4, 1)


def test_an_outdated_index_is_rebuilt(measure, collection, fake_encoder):
    """
    With another stemmer the index is built anew, in the same place, and no known text is encoded again.
    """
    home, calls = measure(collection).home, fake_encoder.calls
    other = wanted(stemmer="german")
    assert measure(collection, settings=other).home == home
    assert fake_encoder.calls == calls
    with open_library(home, settings=other) as library:
        assert library.status().problem is None


def test_an_interrupted_run_is_taken_up(measure, collection, fake_encoder, monkeypatch):
    """
    Interrupted while it encodes, it lets go of the library; the next run completes, with nothing missing or twice.
    """

    def interrupted(*anything, **more):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(fake_encoder, "encode", interrupted)
        measure(collection)
    found = measure(collection)
    assert (found.articles, found.rejected) == (5, 0)
    (found.home / "evaluation-read").unlink()
    assert measure(collection).articles == 5


def test_headlines_can_be_left_out(measure, collection):
    """
    With `body_only` an article's title is the beginning of its text, and the library is another one.
    """
    found = measure(collection, body_only=True, modes=["lexical"])
    assert found.home != evaluation_home(collection, cache=found.home.parent)
    with open_library(found.home, settings=wanted()) as library:
        assert library.show("birds")[-1].article.title == "City blackbirds rise with the street lamps."


def test_fewer_topics(measure, collection):
    """
    A limit takes the first topics by id; the progress of each mode ends at their number.
    """
    said = []
    found = measure(
        collection,
        limit_topics=2,
        modes=["dense"],
        asked=lambda *report: said.append(report),
    )
    assert found.modes[0].scores.topics == ("q1", "q2")
    assert said == [("dense", 1, 2), ("dense", 2, 2)]


def test_a_topic_that_cannot_be_answered_scores_zero(measure, tmp_path):
    """
    A topic without a word has no answer: it scores 0 and costs nobody else theirs.
    """
    queries = [{"id": "q1", "text": "…"}, {"id": "q2", "text": "dam"}]
    collection = read_collection(
        write_collection(tmp_path, queries=queries, qrels=[("q1", "dam", 1), ("q2", "dam", 1)])
    )
    for one in measure(collection).modes:
        assert one.run.rankings["q1"] == ()
        assert one.scores.of("AP").tolist() == [0, 1]


def test_nothing_to_ask(measure, tmp_path):
    """
    Where every topic is like an article that is not in the corpus, there is nothing to measure, and that is said.
    """
    queries = [{"id": "q5", "like": "lost"}]
    collection = read_collection(write_collection(tmp_path, queries=queries, qrels=[("q5", "dam", 1)]))
    with pytest.raises(InputError, match="no query"):
        measure(collection)


def test_asking_where_creates_nothing(collection, tmp_path, monkeypatch):
    """
    The home is under the cache of the user, and naming it does not make it.
    """
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    home = evaluation_home(collection)
    assert home.parent == tmp_path / "cache" / "searcher" / "evaluation"
    assert home.name.startswith("news-")
    assert not (tmp_path / "cache").exists()
