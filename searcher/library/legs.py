"""
What do both legs find for a question, and how well does it answer? Asked under one mask, judged, and fused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from searcher.errors import EncoderUnavailable, IndexDamaged, IndexOutdated, InputError
from searcher.index.admitted import Admitted
from searcher.index.dense.encoder import Encoder
from searcher.index.lexical.leg import Scored
from searcher.index.lexical.scores import QuestionScores
from searcher.index.numbers import distinct
from searcher.index.reader import Reader
from searcher.library.question import Question
from searcher.ranking.fusion import Candidates, Fused, adaptive_weight, fuse
from searcher.ranking.naming import named_days, named_outlets
from searcher.ranking.verdict import LEAST_COSINE, judge, least_cosine
from searcher.records import Query, Ranking
from searcher.records.answers import Verdict

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]
Longs = npt.NDArray[np.int64]

DENSE_WINDOW = 1_000
"""Articles that a dense-only question can be paged through: everything has some likeness to everything."""


@dataclass(frozen=True, slots=True)
class Found:
    """
    What both legs found. `worthy`: bool[n candidates], which of them are more than noise.

    `scores`: the lexical leg's, of everything; `vector`: float32[dim], the question's. None for a leg that was not
    asked or could not answer; `degraded` then says why. `dense_weight`: what `fuse` was given.
    """

    fused: Fused
    worthy: Mask
    verdict: Verdict
    scores: QuestionScores | None
    vector: Floats | None
    dense_weight: float
    degraded: str | None


def ask_legs(
    question: Question,
    query: Query,
    wanted: Sequence[Scored],
    reader: Reader,
    admitted: Admitted,
    encoder: Callable[[], Encoder],
    *,
    before: Found | None = None,
) -> Found:
    """
    Ask both legs for the best of the admitted articles. `wanted`: what scores in the query; `before`: what was found
    for the same words among other articles, so that they are not scored and encoded again.

    Raises InputError and what the dense leg raises if only that is asked.
    """
    lexical, scores = _ask_words(question, query, wanted, reader, admitted, before)
    dense, vector, degraded = _ask_meaning(question, query, reader, admitted, encoder, before)
    candidates = gather(
        reader,
        lexical,
        dense,
        lexical_scores=None if scores is None else scores.of_chunks,
        dense_vector=vector,
    )
    # How much of the query the best article by words holds, and in how many articles the rarest of its words stands.
    coverage, rarest = 0.0, 0
    if scores is not None and lexical is not None and len(lexical):
        coverage, rarest = scores.evidence(int(lexical.articles[0]))
    if lexical is None or dense is None:
        weight = 1.0 if lexical is None else 0.0
    elif question.weight is not None:
        weight = question.weight
    else:
        weight = 0.5 if question.fusion == "rrf" else adaptive_weight(len(wanted), coverage)
    fused = fuse(candidates, method=question.fusion, dense_weight=weight)
    if query.scored:  # What an operator asked for is an answer.
        everything = np.ones(len(candidates), dtype=bool)
        return Found(fused, everything, "strong", scores, vector, weight, degraded)
    cosine = (float(dense.scores[0]) if len(dense) else 0.0) if dense is not None else None
    verdict = judge(cosine, coverage if lexical is not None else None, rarest)
    return Found(fused, _worthy(candidates, scores), verdict, scores, vector, weight, degraded)


def gather(
    reader: Reader,
    lexical: Ranking | None,
    dense: Ranking | None,
    *,
    lexical_scores: Callable[[Longs], Floats] | None,
    dense_vector: Floats | None,
) -> Candidates:
    """
    Join the chunks of both rankings, each leg's exact score filled in for what only the other gave.

    `lexical_scores`: gives those of chunks; `dense_vector`: float32[dim]; None for a leg that was not asked.
    """
    rankings = [ranking for ranking in (lexical, dense) if ranking is not None]
    chunks = distinct(np.concatenate([np.zeros(0, np.int64), *(ranking.chunks for ranking in rankings)]))
    articles = reader.table.chunk_article[chunks].astype(np.int64)
    nothing = np.zeros(len(chunks))
    return Candidates(
        chunks=chunks,
        articles=articles,
        lexical=nothing if lexical_scores is None else lexical_scores(chunks).astype(np.float64),
        dense=nothing
        if dense_vector is None or dense is None
        else _cosines(reader, dense, dense_vector, chunks).astype(np.float64),
        lexical_rank=_ranks(articles, lexical),
        dense_rank=_ranks(articles, dense),
    )


def _cosines(reader: Reader, dense: Ranking, vector: Floats, chunks: Longs) -> Floats:
    """Give the cosine of each of these chunks, which rise: computed for those that the leg did not give."""
    cosines = np.empty(len(chunks), dtype=np.float32)
    given = np.searchsorted(chunks, dense.chunks)
    cosines[given] = dense.scores
    others = np.ones(len(chunks), dtype=bool)
    others[given] = False
    cosines[others] = reader.dense.scores(vector, chunks[others])
    return cosines


def _ask_words(
    question: Question,
    query: Query,
    wanted: Sequence[Scored],
    reader: Reader,
    admitted: Admitted,
    before: Found | None,
) -> tuple[Ranking | None, QuestionScores | None]:
    if question.mode == "dense":
        return None, None
    scores = before.scores if before else None
    if scores is None:
        scores = reader.lexical.score(wanted, _named(query.text, reader))
    # The newest match may be the worst.
    depth = None if question.sort == "date" else question.depth
    return scores.rank(admitted, depth), scores


def _named(text: str, reader: Reader) -> list[Mask]:
    """Give the articles of each outlet and day that the question names."""
    table = reader.table
    if reader.lexical.settings.named_weight == 0:
        return []
    days = [dates for day in named_days(text) if (dates := day.dates(table.years))]
    outlets = named_outlets(text, table.outlets)
    return [*map(table.from_outlet, outlets), *map(table.published_on, days)]


def _ask_meaning(
    question: Question,
    query: Query,
    reader: Reader,
    admitted: Admitted,
    encoder: Callable[[], Encoder],
    before: Found | None,
) -> tuple[Ranking | None, Floats | None, str | None]:
    """
    Rank by meaning, as (ranking, the question's vector, None). Where that cannot be done in hybrid mode, the third says
    why, and the words answer alone.
    """
    if question.mode == "lexical":
        return None, None, None
    try:
        opened = encoder()
        if not query.text or opened.unknown_share(query.text) > 0.5:
            if question.mode == "dense":
                raise InputError(
                    "The encoder cannot read this query (its script is unknown to it). Try: --mode lexical"
                )
            return None, None, None
        vector = before.vector if before else None
        if vector is None:
            vector = opened.encode_query(query.text)
        return reader.dense.rank(vector, admitted.mask, _dense_depth(question, admitted)), vector, None
    except IndexOutdated:
        raise
    except (EncoderUnavailable, IndexDamaged, ImportError) as error:
        if question.mode == "dense":
            raise
        return None, None, f"Only words were searched, not meaning: {error}"


def _dense_depth(question: Question, admitted: Admitted) -> int:
    """A narrow filter finds everything it admits; otherwise the pool is fixed."""
    if question.mode == "dense":
        return max(DENSE_WINDOW, question.depth)
    return admitted.count if admitted.count <= DENSE_WINDOW else question.depth


def _worthy(candidates: Candidates, scores: QuestionScores | None) -> Mask:
    """Which candidates are not noise: their article holds a word of the query, or they are near in meaning."""
    if scores is None:
        near: Mask = candidates.dense >= LEAST_COSINE
        return near
    holding = scores.article_sums[candidates.articles] > 0
    near = candidates.dense >= least_cosine(any_words=bool(holding.any()))
    return holding | near


def _ranks(articles: Longs, ranking: Ranking | None) -> Longs:
    """
    Give the rank in the ranking, from 1, of the article that each candidate belongs to; 0 where it is not in it.
    `articles` rise, and those of the ranking are all among them.
    """
    ranks = np.zeros(len(articles), dtype=np.int64)
    if ranking is None:
        return ranks
    ranks[np.searchsorted(articles, ranking.articles)] = np.arange(1, len(ranking) + 1)
    # So far the first candidate of each article has it.
    return ranks[np.searchsorted(articles, articles)]
