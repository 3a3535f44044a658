"""Which language is it written in? A given name or code made ISO 639-1, or the text's own, detected."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from searcher.text import fold

MIN_LETTERS = 40  # shorter texts are mostly names, and names have no language
READ_CHARS = 1_200  # detection costs in proportion; more text changes no answer on real news
MIN_CONFIDENCE = 0.4  # below it are tables of figures; above it one in 500 short wire items was wrong


def language_code(name: str) -> str | None:
    """Give the ISO 639-1 code of a language named as in the input ("en-US", "eng", "English"), or None."""
    codes = _codes()
    whole = fold(name)
    return codes.get(whole) or codes.get(whole.replace("_", "-").split("-", 1)[0].strip())


def language_name(code: str) -> str:
    """Give the English name of a language, `German` for `de`; of an unknown one the code itself."""
    return _names().get(code, code)


def detect_language(text: str) -> str | None:
    """Give the ISO 639-1 code of the language that `text` is written in, or None if it is short or unclear."""
    text = text[:READ_CHARS]
    if sum(map(str.isalpha, text)) < MIN_LETTERS:
        return None
    code, confidence = classify(text)
    return code if confidence >= MIN_CONFIDENCE else None


def classify(text: str) -> tuple[str, float]:
    """Give the likeliest language of `text` and how sure that is, 0 to 1. The first call loads the model: 1 s."""
    code, confidence = _identifier().classify(text)
    return str(code), float(confidence)


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    known = set(_codes().values())
    identifier.set_languages([code for code in identifier.labels if code in known])
    return identifier


@cache
def _codes() -> dict[str, str]:
    return {fold(name): row[0] for row in _rows() for name in row}


@cache
def _names() -> dict[str, str]:
    # Behind the codes, which are of two or three letters, the first name is the English one.
    return {
        row[0]: next(name for name in row[1:] if len(name) > 3 or name == row[-1]).title() for row in _rows()
    }


def _rows() -> list[list[str]]:
    lines = files("searcher.ingest").joinpath("languages.txt").read_text(encoding="utf-8").splitlines()
    return [line.split() for line in lines if line and not line.startswith("#")]
