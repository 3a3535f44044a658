"""What may stand in `searcher.toml`?"""

import pytest

from searcher.errors import SettingsError
from searcher.settings import LexicalSettings, load_settings


def load(home, line):
    (home / "searcher.toml").write_text(f"[lexical]\n{line}\n", encoding="utf-8")
    return load_settings(home).lexical


@pytest.mark.parametrize("key", ["k1", "b", "title_weight", "facts_weight", "article_weight"])
@pytest.mark.parametrize("value", ["inf", "-inf", "nan", "-1.0", "101"])
def test_numbers_of_the_formula_are_finite_and_in_range(tmp_path, key, value):
    """
    Each number of the lexical score that is none, endless, negative or too large is refused, by its name.
    """
    with pytest.raises(SettingsError, match=rf"\[lexical\] {key} must lie between"):
        load(tmp_path, f"{key} = {value}")


@pytest.mark.parametrize("key", ["title_weight", "facts_weight"])
def test_no_field_weighs_nothing(tmp_path, key):
    """
    A title or facts of weight 0 would never be found by their words: refused, where the article's own share is not.
    """
    with pytest.raises(SettingsError, match=f"{key} must lie between 0.01 and 100"):
        load(tmp_path, f"{key} = 0")
    assert load(tmp_path, f"{key} = 0.01\narticle_weight = 0") == LexicalSettings(
        **{key: 0.01, "article_weight": 0.0}
    )


def test_the_idf_is_one_that_is_known(tmp_path):
    """
    Lucene's idf by default, Whoosh's by name, no other.
    """
    assert LexicalSettings().idf == "lucene"
    assert load(tmp_path, 'idf = "whoosh"') == LexicalSettings(idf="whoosh")
    with pytest.raises(SettingsError, match=r"\[lexical\] idf must be 'lucene' or 'whoosh'"):
        load(tmp_path, 'idf = "robertson"')
