"""
How many word pieces has this text? Of most tokenizers a text has as many as its words have, one by one: then each
distinct word is cut once, and a text costs one dictionary look-up a word, a tenth of cutting it anew.

Counting was two thirds of the time of an index built from known vectors.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_MOST_WORDS = 500_000
"""Words remembered at a time: a stranger's random ones must not fill the memory."""
_LONGEST_WORD = 100
"""Characters up to which a word is remembered."""
_BLOCK = 1024
"""Texts cut at once: a tokenizer's answers are large objects."""


def parts_at_spaces(tokenizer: Tokenizer) -> bool:
    """
    Whether a text's pieces are those of its words, whatever stands beside them.

    So it is where the words are parted at white space before anything looks across it: BERT's way, and that of its
    many children. Others (SentencePiece, byte-level BPE) make white space part of a piece.
    """
    from tokenizers.models import WordPiece
    from tokenizers.normalizers import BertNormalizer
    from tokenizers.pre_tokenizers import BertPreTokenizer

    added = tokenizer.get_added_tokens_decoder().values()
    return (
        isinstance(tokenizer.model, WordPiece)
        and isinstance(tokenizer.normalizer, BertNormalizer)
        and isinstance(tokenizer.pre_tokenizer, BertPreTokenizer)
        and not any(character.isspace() for token in added for character in token.content)
    )


class TextCounter:
    """Counts whole texts, with any tokenizer."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer

    def count(self, texts: Sequence[str]) -> list[int]:
        """Give the number of pieces of each text, special ones left out. Texts must be `clean`."""
        counts: list[int] = []
        for start in range(0, len(texts), _BLOCK):
            block = list(texts[start : start + _BLOCK])
            counts += map(len, self._tokenizer.encode_batch_fast(block, add_special_tokens=False))
        return counts


class WordCounter:
    """Counts word by word, with a tokenizer that `parts_at_spaces`. Usable from several threads at once."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._counts = _WordCounts(tokenizer)

    def count(self, texts: Sequence[str]) -> list[int]:
        """Give the number of pieces of each text, special ones left out. Texts must be `clean`."""
        pieces = self._counts.__getitem__
        return [sum(map(pieces, text.split())) for text in texts]


class _WordCounts(dict[str, int]):
    """Word -> number of its pieces. Fills itself."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        super().__init__()
        self._tokenizer = tokenizer

    def __missing__(self, word: str) -> int:
        count = len(self._tokenizer.encode(word, add_special_tokens=False))
        if len(word) <= _LONGEST_WORD:
            if len(self) >= _MOST_WORDS:
                self.clear()
            self[word] = count
        return count
