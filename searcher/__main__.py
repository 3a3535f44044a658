"""`python -m searcher` is the `searcher` command."""

import sys

from searcher.cli import main

if __name__ == "__main__":
    sys.exit(main())
