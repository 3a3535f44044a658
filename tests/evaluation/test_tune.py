"""Choosing settings: is what is chosen best, and is what is called real more than chance?"""

import random
import tomllib
from dataclasses import replace

import numpy as np
import pytest

from searcher.errors import InputError, SettingsError
from searcher.evaluation import open_evaluation, read_collection, tune
from searcher.evaluation.collections import Topic
from searcher.evaluation.remembering import RememberingEncoder
from searcher.evaluation.tune import OPTIONS, Change, Option, changes_between, choose, in_first_half
from searcher.settings import Settings, change_settings, load_settings
from tests.evaluation.samples import write_collection
from tests.fake_encoder import FakeEncoder
from tests.library.samples import NOW, WORDS, no_waiting_for_the_disk, wanted

__all__ = ["no_waiting_for_the_disk"]

WEIGHT = Option("fusion", "weight", (None, 0.0, 0.25, 0.5, 0.75, 1.0))


@pytest.fixture(autouse=True)
def fake_encoder(monkeypatch):
    """The encoder of every library is the fake one."""
    monkeypatch.setattr("searcher.library.library.load_encoder", lambda settings: FakeEncoder())


@pytest.fixture
def tuned(tmp_path):
    """Tune on a collection made of these articles, queries and judgments."""

    def run(articles, queries, qrels, **options):
        collection = read_collection(
            write_collection(tmp_path / "judged", articles=articles, queries=queries, qrels=qrels)
        )
        settings = options.pop("settings", wanted())
        with open_evaluation(collection, settings=settings, now=NOW, cache=tmp_path / "cache") as library:
            return tune(library, collection, now=NOW, **options)

    return run


def collection_where_headlines_lie(topics=40):
    """Of two articles with the words of a topic, the one with them in its body is relevant, not in its headline."""
    names = [f"{one}{other}" for one in WORDS for other in WORDS if one < other][:topics]
    articles, queries, qrels = [], [], []
    for number, name in enumerate(names):
        articles.append((f"body{number}", "Late news", f"The {name} was seen, and the {name} was heard."))
        articles.append((f"head{number}", f"About {name}", "Nothing was seen of it, and no more was heard."))
        queries.append({"id": f"q{number}", "text": name})
        qrels.append((f"q{number}", f"body{number}", 1))
    return articles, queries, qrels


def test_a_real_gain_is_found_and_judged_on_the_other_half(tuned):
    """
    Where headlines mislead every question, a low title weight is chosen by both halves, and the gain is called real.
    """
    options = [Option("lexical", "title_weight", (0.05, 2.5))]
    found = tuned(
        *collection_where_headlines_lie(),
        options=options,
        measure="P@1",
        settings=_words_only(),
    )
    wants = (Change("lexical", "title_weight", 2.5, 0.05),)
    assert (found.before, found.after) == (0.0, 1.0)
    assert [half.changes for half in found.halves] == [wants, wants]
    assert [(half.topics, half.before, half.after) for half in found.halves] == [(20, 0.0, 1.0)] * 2
    assert found.real
    assert found.changes == wants
    assert found.tried == 2


def test_no_gain_is_called_real_where_nothing_can_be_gained(tuned):
    """
    Where every setting gives the same answers, none is recommended, and before equals after.
    """
    articles, queries, qrels = collection_where_headlines_lie(24)
    found = tuned(
        articles, queries, qrels, options=[Option("lexical", "k1", (0.9, 1.2, 1.6))], measure="R@100"
    )
    assert found.before == found.after == 1.0
    assert not found.real
    assert found.changes == ()
    assert [half.changes for half in found.halves] == [(), ()]


def test_a_gain_on_few_questions_is_chance(tuned):
    """
    One question of forty gains: the half that has it chooses the setting, the other sees nothing of it, and nothing is
    recommended.
    """
    articles, queries, qrels = collection_where_headlines_lie(40)
    # All but one want what stands first now.
    qrels = [(topic, article.replace("body", "head"), 1) for topic, article, _ in qrels[1:]] + qrels[:1]
    found = tuned(
        articles,
        queries,
        qrels,
        options=[Option("lexical", "title_weight", (0.05, 2.5))],
        measure="P@1",
        settings=_words_only(),
    )
    assert not found.real
    assert found.changes == ()


def test_too_few_questions_are_refused(tuned):
    """
    Nineteen judged questions are one too few, and the message says how many are needed.
    """
    with pytest.raises(InputError, match="has 19 judged queries of words: 20 are the least"):
        tuned(*collection_where_headlines_lie(19))


def test_an_unknown_measure_is_refused(tuned):
    """
    A measure that is not computed is named, with those that are.
    """
    with pytest.raises(InputError, match="'MAP' is not one of nDCG@10"):
        tuned(*collection_where_headlines_lie(20), measure="MAP")


def test_the_library_that_was_tuned_on_is_as_before(tuned, tmp_path):
    """
    Trying settings rebuilds nothing and writes no `searcher.toml`: the options all take effect at query time.
    """
    tuned(*collection_where_headlines_lie(20), options=OPTIONS[:2])
    (home,) = (tmp_path / "cache").iterdir()
    assert not (home / "searcher.toml").exists()
    assert len(list((home / "indexes" / "generations").glob("*.json"))) == 1


def test_halves_are_halves_whatever_the_order():
    """
    Two halves that differ by at most one topic, the same however the topics are ordered.
    """
    topics = [Topic(f"q{number}", "words") for number in range(101)]
    halves = in_first_half(topics)
    assert halves.sum() == 51
    shuffled = topics.copy()
    random.Random(5).shuffle(shuffled)
    again = dict(zip(shuffled, in_first_half(shuffled), strict=True))
    assert [again[one] for one in topics] == halves.tolist()


def test_the_best_is_chosen_by_brute_force():
    """
    Where options do not depend on each other, what is chosen is the best of all combinations.
    """
    options = [WEIGHT, Option("lexical", "k1", (0.5, 1.2, 2.0)), Option("lexical", "b", (0.1, 0.75))]
    for seed in range(20):
        random_ = random.Random(seed)
        worth_of = {(one.key, value): random_.random() for one in options for value in one.values}

        def worth(settings, worth_of=worth_of):
            lexical, fusion = settings.lexical, settings.fusion
            return worth_of["weight", fusion.weight] + worth_of["k1", lexical.k1] + worth_of["b", lexical.b]

        chosen = choose(Settings(), options, worth)
        best = sum(max(worth_of[one.key, value] for value in one.values) for one in options)
        assert worth(chosen) == pytest.approx(best, abs=0.004)


def test_a_step_too_small_to_matter_is_not_taken():
    """
    Settings stay as they are where no value is worth a thousandth more; otherwise they would wander.
    """
    worths = {None: 0.0, 0.0: 0.0009, 0.25: 0.0, 0.5: 0.0015, 0.75: 0.002, 1.0: 0.0024}
    assert choose(Settings(), [WEIGHT], lambda one: worths[one.fusion.weight]).fusion.weight == 0.5
    assert choose(Settings(), [WEIGHT], lambda one: worths[one.fusion.weight] / 3) == Settings()


def test_changes_name_what_differs():
    """
    Only options that differ are named, in their order, old and new.
    """
    new = replace(Settings(), fusion=replace(Settings().fusion, weight=0.3))
    assert changes_between(Settings(), new, OPTIONS) == (Change("fusion", "weight", None, 0.3),)


def test_a_question_is_encoded_once():
    """
    The second time, the vector comes from memory: the same one, and the encoder is not asked.
    """
    encoder = FakeEncoder()
    remembering = RememberingEncoder(encoder)
    asked = []
    plain = encoder.encode_query
    encoder.encode_query = lambda text: asked.append(text) or plain(text)
    first, again = remembering.encode_query("port strike"), remembering.encode_query("port strike")
    assert np.array_equal(first, again)
    assert np.array_equal(first, plain("port strike"))
    assert asked == ["port strike"]


def test_settings_are_changed_and_the_rest_is_kept(tmp_path):
    """
    A changed key has its new value, one changed to None is gone, and every other line stands as it was.
    """
    path = tmp_path / "searcher.toml"
    path.write_text("# ours\n[fusion]\nweight = 0.5  # too much\ndepth = 300\n")
    assert change_settings(tmp_path, {("fusion", "weight"): None, ("lexical", "k1"): 0.9}) == path
    assert tomllib.loads(path.read_text()) == {"fusion": {"depth": 300}, "lexical": {"k1": 0.9}}
    assert path.read_text().startswith("# ours\n[fusion]\n")
    assert load_settings(tmp_path).lexical.k1 == 0.9


def test_what_cannot_be_is_not_written(tmp_path):
    """
    A value out of its bounds is refused, and the file stands as it was, with nothing beside it.
    """
    path = tmp_path / "searcher.toml"
    path.write_text("[fusion]\nweight = 0.5\n")
    with pytest.raises(SettingsError, match="weight must lie between 0 and 1"):
        change_settings(tmp_path, {("fusion", "weight"): 7.0})
    assert path.read_text() == "[fusion]\nweight = 0.5\n"
    assert list(tmp_path.iterdir()) == [path]


def _words_only():
    settings = wanted()
    return replace(settings, fusion=replace(settings.fusion, weight=0.0))
