"""
What does a process do that helps to build an index? It prepares the pages it is given, one after the other.

Started by `helpers.py`: it takes a recipe, says that it is ready, and answers pages until its input ends, as it does
when the process that asks has died.
"""

from __future__ import annotations

import os
import pickle
import sys

from searcher.index.cutting import Recipe
from searcher.index.preparing import prepare


def main() -> None:
    """Answer pages, each with what it gives or with the exception that it raised."""
    # What anything prints here must not end up among the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
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
