"""
Runs rows of docs/resilience.md for as long as wanted: `scripts/soak kill --count 3000 --seed 7`.

Without a row it lists them. The seed of a run is printed with its figures: the same seed tries the same things.
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from pathlib import Path

import pytest

from tests.resilience.trials import ROWS


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/soak", description=__doc__)
    parser.add_argument("row", nargs="*", metavar="ROW", help="of the table; 'all' runs each in turn")
    parser.add_argument("--count", type=int, help="instead of the soak's own")
    parser.add_argument("--seed", type=int, help="of an earlier run, to try the same again")
    given = parser.parse_args()
    rows = list(ROWS) if given.row == ["all"] else given.row
    if not rows or (unknown := set(rows) - set(ROWS)):
        if rows:
            print(f"There is no row {', '.join(sorted(unknown))}.", file=sys.stderr)
        for name, row in ROWS.items():
            print(f"{name:14} gate {row.gate:>6,}   soak {row.soak:>8,}   {row.unit}")
        return 2
    seed = given.seed if given.seed is not None else secrets.randbelow(1_000_000)
    failed = 0
    for row in rows:
        os.environ["SEARCHER_TRIALS"] = str(given.count or ROWS[row].soak)
        os.environ["SEARCHER_SEED"] = str(seed)
        test = Path(__file__).with_name(f"test_{row}.py")
        failed |= pytest.main([str(test), "-p", "no:cacheprovider", "-rs"])
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
