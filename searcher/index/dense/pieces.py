"""
What does the encoder see of a text? Its word pieces, from the model's own `tokenizer.json`, without
transformers.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from searcher.index.dense.word_pieces import TextCounter, WordCounter, WordReader, parts_at_spaces
from searcher.text import clean

if TYPE_CHECKING:
    from tokenizers import Tokenizer

# A piece is one word at most, and no tokenizer in use keeps words of more than 100 characters whole: what
# lies past this many characters a piece is past the window. Without it 10 MB of text take 15 s and 1.6 GB.
_MAX_CHARS_PER_PIECE = 100


def readable(text: str, *, window: int) -> str:
    """Give what an encoder of this window can read of `text`: one lone surrogate would cost its whole batch."""
    return clean(text[: window * _MAX_CHARS_PER_PIECE])


class Pieces:
    """
    Cuts texts into the pieces of one tokenizer.

    `window`: how many pieces are read, special ones included. `unknown`: the id of the unknown piece, or
    None.
    """

    def __init__(self, path: Path, *, window: int, unknown: int | None) -> None:
        self._path = path
        self._window = window
        self._unknown = unknown
        self._reader = _load(path)
        self._reader.enable_truncation(window)
        self._special = self._reader.num_special_tokens_to_add(False)

    def read(self, texts: Sequence[str], *, prompt: str = "") -> list[npt.NDArray[np.int64]]:
        """
        Give each text's piece ids, special pieces included, cut at the window, `prompt` put before each
        text.
        """
        prompted = [prompt + readable(text, window=self._window) for text in texts]
        return [np.asarray(encoding.ids, np.int64) for encoding in self._reader.encode_batch_fast(prompted)]

    def read_by_words(self, texts: Sequence[str], *, prompt: str = "") -> list[npt.NDArray[np.int64]]:
        """Give what `read` gives: with most tokenizers a tenth as slow, of words that were met before."""
        if self._words is None:
            return self.read(texts, prompt=prompt)
        return self._words.read([prompt + readable(text, window=self._window) for text in texts])

    def is_known(self, ids: npt.NDArray[np.int64], *, prompt_pieces: int = 0) -> bool:
        """
        Whether a text as given by `read` has a single known piece beside the special ones and the prompt's.
        """
        return self._known(ids) - prompt_pieces > 0

    def unknown_share(self, text: str) -> float:
        """Give which share of the text's pieces within the window is unknown; 1 for a text without pieces."""
        ids = self.read_by_words([text])[0]
        pieces = len(ids) - self._special
        return 1 - self._known(ids) / pieces if pieces > 0 else 1.0

    def count(self, texts: Sequence[str]) -> list[int]:
        """Count each text's pieces, without special ones, whatever the window."""
        return self._counter.count([clean(text) for text in texts])

    @property
    def vocabulary(self) -> int:
        """How many pieces the tokenizer knows, special ones included."""
        return self._reader.get_vocab_size()

    def special(self) -> npt.NDArray[np.int64]:
        """Give the ids that stand for no text: those that frame or fill up texts, and the unknown piece."""
        ids = {number for number, token in self._reader.get_added_tokens_decoder().items() if token.special}
        if self._unknown is not None:
            ids.add(self._unknown)
        return np.array(sorted(ids), np.int64)

    def frame(self) -> tuple[list[int], list[int]]:
        """Give the special pieces before and after each text."""
        read = self._reader.encode("a")
        inside = [place for place, special in enumerate(read.special_tokens_mask) if not special]
        if not inside:
            return [], []
        return read.ids[: inside[0]], read.ids[inside[-1] + 1 :]

    def of_prompt(self, prompt: str) -> int:
        """Count the pieces of a prompt. Most models have none, and need no second tokenizer to count it."""
        return self.count([prompt])[0] if prompt else 0

    @cached_property
    def _counter(self) -> WordCounter | TextCounter:
        # Its own object: truncation is a setting of the tokenizer, not of a call.
        tokenizer = _load(self._path)
        return WordCounter(tokenizer) if parts_at_spaces(tokenizer) else TextCounter(tokenizer)

    @cached_property
    def _words(self) -> WordReader | None:
        """What remembers the pieces of words, cut at the window; None where words do not add up to a text."""
        if not parts_at_spaces(self._reader):
            return None
        return WordReader(self._reader, self.frame(), room=self._window - self._special)

    def _known(self, ids: npt.NDArray[np.int64]) -> int:
        unknown = 0 if self._unknown is None else np.count_nonzero(ids == self._unknown)
        return len(ids) - self._special - int(unknown)


def _load(path: Path) -> Tokenizer:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
