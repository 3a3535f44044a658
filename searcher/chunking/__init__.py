"""
"Where may it be cut?"

An article's body becomes chunks: whole sentences packed to about 100 words, spans that tile the body. A short
text around one thought is nearer to a question than a whole article is, and it is what fits the encoder.

- `chunks`: sentences packed to chunks; `sentences`: where sentences end; `cuts`: a stretch without a border
cut at the best place there is.

Everything here is a pure function of its input, and takes time in proportion to the text, whatever the text.
"""

from searcher.chunking.chunks import chunk_article, fingerprint
from searcher.chunking.sentences import split_sentences

__all__ = ["chunk_article", "fingerprint", "split_sentences"]
