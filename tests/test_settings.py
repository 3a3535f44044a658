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


@pytest.mark.parametrize(
    "line",
    [
        f"k1 = {10**400}",
        f"k1 = {'9' * 5000}",
        f"k1 = {'[' * 3000}",
        "k1 = 1979-05-27",
        "k1 = '1'",
        "k1 = [1]",
        "k1 = true",
        "[k1]\nk1 = 1",
        "\x00",
    ],
)
def test_nothing_in_the_file_is_more_than_an_error_of_ours(tmp_path, line):
    """
    Numbers without end, nesting without end, other types, no TOML at all: each is refused with the file's name.
    """
    with pytest.raises(SettingsError, match=r"searcher\.toml"):
        load(tmp_path, line)


@pytest.mark.parametrize("line", [f"[chunks]\nwords = {10**400}", f"[ingest]\nmax_body_chars = -{10**400}"])
def test_whole_numbers_are_in_range_too(tmp_path, line):
    """
    Of any length.
    """
    with pytest.raises(SettingsError, match=r"searcher\.toml"):
        load(tmp_path, line)


def test_a_home_that_is_a_file_is_named(tmp_path):
    """
    Also where the library would lie below it.
    """
    (tmp_path / "file").touch()
    for home in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(SettingsError, match=rf"{home} is a file, or lies below one.*--home"):
            load_settings(home)


def test_the_idf_is_one_that_is_known(tmp_path):
    """
    Lucene's idf by default, Whoosh's by name, no other.
    """
    assert LexicalSettings().idf == "lucene"
    assert load(tmp_path, 'idf = "whoosh"') == LexicalSettings(idf="whoosh")
    with pytest.raises(SettingsError, match=r"\[lexical\] idf must be one of lucene, whoosh"):
        load(tmp_path, 'idf = "robertson"')


def test_the_precision_is_one_that_is_known(tmp_path):
    """
    float32 by default, bfloat16 by name, no other: what is computed in fewer bits differs from batch to batch.
    """
    file = tmp_path / "searcher.toml"
    assert load_settings(tmp_path).encoder.precision == "float32"
    file.write_text('[encoder]\nprecision = "bfloat16"\n')
    assert load_settings(tmp_path).encoder.precision == "bfloat16"
    file.write_text('[encoder]\nprecision = "int8"\n')
    with pytest.raises(SettingsError, match=r"\[encoder\] precision must be one of float32, bfloat16"):
        load_settings(tmp_path)


@pytest.mark.parametrize("value", ["0", "-1", "nan"])
def test_an_answer_may_take_some_time(tmp_path, value):
    """
    A deadline that is over before it begins is refused.
    """
    (tmp_path / "searcher.toml").write_text(f"[search]\ndeadline_s = {value}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"\[search\] deadline_s must be positive"):
        load_settings(tmp_path)
