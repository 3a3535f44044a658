"""
Who ranks best? Ours, as `searcher search` and `searcher similar` answer by default, and others, on judged collections.

Every engine gets the same articles; those that take chunks and vectors get ours, of the same encoder.

    scripts/bench_ranking.py                        the collections beside the checkout, where they are
    scripts/bench_ranking.py DIR... --body-only bbc
    scripts/bench_ranking.py DIR --measure AP --json
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
from benchmarks.corpora import DATA
from benchmarks.rankers import RANKERS, material_of

from searcher.evaluation import MEASURES, Collection, evaluate, measure_run, open_evaluation, read_collection
from searcher.evaluation.statistics import LEVEL, RESAMPLES, SEED, PairedTest, paired_test
from searcher.settings import Settings

Floats = npt.NDArray[np.float64]

OURS = "searcher"
COLLECTIONS = ("multihop-rag", "checkthat2022-2a", "bbc", "ecbplus")


def main() -> None:
    """Measure, and print."""
    options = _options()
    directories = options.directories or [DATA / name for name in COLLECTIONS if (DATA / name).is_dir()]
    if not directories:
        sys.exit("No collection: name directories with corpus.jsonl, queries.jsonl and qrels.tsv.")
    found = {}
    for directory in directories:
        collection = read_collection(directory)
        print(f"asking {collection.name}", file=sys.stderr, flush=True)
        found[collection.name] = _scores(
            collection,
            measure=options.measure,
            body_only=collection.name in options.body_only,
            limit=options.limit_queries,
        )
    if options.json:
        print(json.dumps(_as_json(found, options.measure), indent=1))
    else:
        _show(found, options.measure)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("directories", metavar="DIR", nargs="*", type=Path)
    parser.add_argument("--measure", choices=MEASURES, default="nDCG@10")
    parser.add_argument(
        "--body-only",
        metavar="NAME",
        nargs="*",
        default=["bbc"],
        help="collections whose headlines are the questions, and so are left out of the indexes",
    )
    parser.add_argument("--limit-queries", metavar="N", type=int)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def _scores(collection: Collection, *, measure: str, body_only: bool, limit: int | None) -> dict[str, Floats]:
    """Give each engine's scores, float64[n topics], the same topics in the same order."""
    now = datetime.now(UTC)
    with open_evaluation(collection, settings=Settings(), now=now, body_only=body_only) as library:
        ours = evaluate(library, collection, now=now, modes=["hybrid"], limit_topics=limit).modes[0]
        material = material_of(library)
        scores = {OURS: ours.scores.of(measure)}
        asked = {one: collection.qrels[one] for one in ours.scores.topics}
        topics = {one.topic_id: one for one in collection.topics if one.topic_id in asked}
        for name, make in RANKERS.items():
            if (rank := make(material)) is not None:
                print(f"  {name}", file=sys.stderr, flush=True)
                run = {topic_id: rank(topic) for topic_id, topic in topics.items()}
                scores[name] = measure_run(asked, run).of(measure)
    return scores


def _show(found: dict[str, dict[str, Floats]], measure: str) -> None:
    engines = list(dict.fromkeys(engine for scores in found.values() for engine in scores))
    wide = max(map(len, engines)) + 2
    print(f"{measure:<{wide}}" + "".join(f"{name:<18}" for name in found) + "mean")
    for engine in engines:
        cells = [float(scores[engine].mean()) for scores in found.values()]
        print(
            f"{engine:<{wide}}"
            + "".join(f"{cell:<18.4f}" for cell in cells)
            + f"{sum(cells) / len(cells):.4f}"
        )
    print("\nours minus theirs (95 % interval; p by randomisation)")
    for engine in engines[1:]:
        for name, scores in found.items():
            test = paired_test(scores[engine], scores[OURS])
            print(f"{engine:<{wide}}{name:<18}{_said(test)}  p {test.randomisation_p:.4f}")
        mean, low, high = mean_difference([(scores[engine], scores[OURS]) for scores in found.values()])
        print(f"{engine:<{wide}}{'mean':<18}{mean:+.4f} ({low:+.4f} to {high:+.4f})")


def mean_difference(pairs: list[tuple[Floats, Floats]], *, seed: int = SEED) -> tuple[float, float, float]:
    """
    Give by how much the second of each pair is above the first, collections counting alike, with its 95 % interval.

    Percentile bootstrap, topics drawn anew within each collection.
    """
    random = np.random.default_rng(seed)
    differences = [ours - theirs for theirs, ours in pairs]
    drawn = np.mean(
        [
            [one[random.integers(0, len(one), len(one))].mean() for _ in range(RESAMPLES)]
            for one in differences
        ],
        axis=0,
    )
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return float(np.mean([one.mean() for one in differences])), float(low), float(high)


def _as_json(found: dict[str, dict[str, Floats]], measure: str) -> dict[str, object]:
    return {
        "measure": measure,
        "collections": {
            name: {
                engine: {
                    "mean": float(values.mean()),
                    **({} if engine == OURS else _difference(paired_test(values, scores[OURS]))),
                }
                for engine, values in scores.items()
            }
            for name, scores in found.items()
        },
    }


def _difference(test: PairedTest) -> dict[str, float]:
    return {
        "ours_minus_theirs": test.difference.mean,
        "low": test.difference.low,
        "high": test.difference.high,
        "p_randomisation": test.randomisation_p,
    }


def _said(test: PairedTest) -> str:
    return f"{test.difference.mean:+.4f} ({test.difference.low:+.4f} to {test.difference.high:+.4f})"


if __name__ == "__main__":
    main()
