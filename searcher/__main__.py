"""`python -m searcher` is the `searcher` command."""

from searcher.cli.process import run_process

if __name__ == "__main__":
    run_process()
