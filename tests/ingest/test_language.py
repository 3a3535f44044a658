import pytest

from searcher.ingest.language import detect_language, language_code, language_name

TEXTS = {
    "en": "The president said on Tuesday that the talks would resume in Istanbul next week.",
    "de": "Der Präsident sagte am Dienstag, die Gespräche würden nächste Woche in Istanbul fortgesetzt.",
    "fr": "Le président a déclaré mardi que les pourparlers reprendraient la semaine prochaine à Istanbul.",
    "ru": "Президент заявил во вторник, что переговоры возобновятся на следующей неделе в Стамбуле.",
    "ja": "大統領は火曜日、来週イスタンブールで協議を再開すると述べた。関係者が記者団に明らかにした。",
}


@pytest.mark.parametrize("code", TEXTS)
def test_detects_the_language(code):
    """A sentence of news is enough to know its language."""
    assert detect_language(TEXTS[code]) == code


def test_short_or_wordless_texts_have_no_language():
    """Two names, or a table of figures, are in no language."""
    assert detect_language("Angela Merkel, Paris") is None
    assert detect_language("12 14 55\n" * 100) is None


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("en", "en"),
        ("en-US", "en"),
        ("EN_gb", "en"),
        ("English", "en"),
        ("deu", "de"),
        ("Français", "fr"),
        ("iw", "he"),
    ],
)
def test_given_names_become_codes(name, code):
    """Codes of two and three letters, with a country or without, and names are one code."""
    assert language_code(name) == code


@pytest.mark.parametrize("name", ["", "klingon", "xx", "english please"])
def test_unknown_names_are_none(name):
    """A language nobody knows is not passed on."""
    assert language_code(name) is None


@pytest.mark.parametrize(("code", "name"), [("de", "German"), ("ee", "Ewe"), ("mi", "Maori"), ("xx", "xx")])
def test_codes_have_names(code, name):
    """A language is said by its English name, an unknown code as it is."""
    assert language_name(code) == name
