"""
The `searcher` command: what a person types becomes one call of the library, and its answer becomes text.

- `app`: the commands as a whole; `keeping`, `building`, `asking`, `looking`, `serving`, `evaluating`, `tuning`, `demo`:
  each of them, one call each;
- `options`: what the options mean; `quick`: values that need no validator; `opening`: which library;
  `outside`: an article that is not in it;
- `console`, `show_results`, `show_article`, `show_reports`: for a person; `machine`: for a program;
- `progress`: how far; `failing`: messages and exit codes; `process`: how the command's process begins and ends.

This room alone knows the clock, the terminal and the environment. Engines are imported inside commands, so that
`searcher --help` answers at once.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line (`None`: that of this process); give the exit code. Never raises."""
    from searcher.cli.app import app
    from searcher.cli.failing import run

    return run(app, sys.argv[1:] if arguments is None else list(arguments))
