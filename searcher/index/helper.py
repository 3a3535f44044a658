"""
What does a process do that helps to build an index? It prepares the pages it is given, one after the other.

Started by `helpers.py`: it takes a recipe, says that it is ready, and answers pages until its input ends, as it does
when the process that asks has died.
"""

from __future__ import annotations

import pickle
import sys

from searcher.index.cutting import Recipe
from searcher.index.preparing import prepare
from searcher.processes import keep_for_answers


def main() -> None:
    """Answer pages, each with what it gives or with the exception that it raised."""
    answers = keep_for_answers()
    recipe: Recipe = pickle.load(sys.stdin.buffer)
    answer: object = None
    while True:
        try:
            pickle.dump(answer, answers, pickle.HIGHEST_PROTOCOL)
            answers.flush()
            texts = pickle.load(sys.stdin.buffer)
        except (EOFError, BrokenPipeError, pickle.UnpicklingError):  # Nobody asks any more.
            return
        try:
            answer = prepare(texts, recipe)
        except Exception as error:
            answer = error


if __name__ == "__main__":
    main()
