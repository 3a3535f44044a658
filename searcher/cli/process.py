"""
How does the process of one command begin and end? As quickly as one that answers once may.

The collector of cycles walks all that Python has imported again and again, and finds nothing: a tenth of the time of a
search by words. Taking the interpreter apart at the end, object by object, is another tenth, and more once the encoder
is open. What is promised at the end of a process (threads that end their work, files that are closed, what modules
registered with `atexit`) is done all the same.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
import threading
from contextlib import suppress
from typing import NoReturn

ONCE = frozenset({"search", "similar", "show", "status"})
"""Commands that answer once, within a second: what they leave in cycles goes with their process."""


def run_process() -> NoReturn:
    """Be the `searcher` command: run the command line of this process, and end it."""
    gc.disable()
    # Numpy's threads would spin for 60 ms of a processor before they find that there is nothing to do for them.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from searcher.cli import main

    end(main())


def collect_again(command: str | None) -> None:
    """Let cycles be collected as ever, if this command may work for long."""
    if command not in ONCE:
        gc.enable()


def end(code: int) -> NoReturn:
    """End this process as `sys.exit` does, but let the system take back its memory in one piece."""
    # What Python itself begins its end with, and what multiprocessing calls before it ends a process like this.
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # Closed, or read by nobody: `failing` has dealt with that.
            stream.flush()
    os._exit(code)
