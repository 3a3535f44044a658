"""
How is another process of this program started, and spoken to? A module is run beside this one, with a pipe each way.

Plain processes, not those of `multiprocessing`, which import the caller's main module anew: a program without a guard
around its main part would start itself again and again. A process ends when its input does, as it does when this one
has died.
"""

from __future__ import annotations

import logging
import os
import pickle
import subprocess
import sys
import threading
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, BinaryIO

_log = logging.getLogger(__name__)


def start(module: str, *, stderr: int | None = None) -> subprocess.Popen[bytes]:
    """Start `python -m module`, with pipes to it and from it. Raises OSError where that cannot be."""
    return subprocess.Popen(
        # -P: a file called numpy.py in the current directory is none of ours.
        [sys.executable, "-P", "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        process_group=0,  # Ctrl-C is for us: it ends when we do, for then its pipe does.
    )


def cores() -> int:
    """How many cores this process may use: more processes beside it would only wait for each other."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def keep_for_answers() -> BinaryIO:
    """Give the pipe to the process that started this one: what anything prints must not end up among the answers."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


def give_way() -> None:
    """
    Let this thread, and what it starts from now on (threads and processes), come after all others that want the
    processor. Never raises.
    """
    with suppress(OSError):
        os.nice(10)


def questions() -> SimpleQueue[Any]:
    """
    Give what this process is asked, as it comes. When its input ends, so does the process, whatever it is doing: who
    asked is gone.
    """
    asked: SimpleQueue[Any] = SimpleQueue()
    threading.Thread(target=_listen, args=(asked,), daemon=True).start()
    return asked


def _listen(asked: SimpleQueue[Any]) -> None:
    try:
        while True:
            asked.put(pickle.load(sys.stdin.buffer))
    except EOFError:
        pass
    except Exception:
        _log.exception("What this process was asked cannot be read.")
    finally:  # Whatever came: who waits for what is asked would wait for ever.
        os._exit(0)


def as_answer(error: Exception) -> Exception:
    """Give this exception, or one that says the same where pickle cannot carry it to who asked."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


class Gone(Exception):
    """The process that was asked is gone, or speaks nonsense."""


class Piped:
    """A process that is asked one thing at a time. What goes through its pipes is pickled: both ends are us."""

    def __init__(self, module: str, first: bytes) -> None:
        """`first`: what it is to have before all else, pickled."""
        self.process = start(module)
        assert self.process.stdin is not None and self.process.stdout is not None
        self._asked, self._answers = self.process.stdin, self.process.stdout
        self._asked.write(first)

    def ask(self, question: object) -> Any:
        """Ask, and wait for the answer. Raises Gone, or the exception that is the answer."""
        try:
            pickle.dump(question, self._asked, pickle.HIGHEST_PROTOCOL)
            answer = self.receive()
        except (OSError, EOFError, ValueError, pickle.UnpicklingError) as error:
            raise Gone(str(error)) from error
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def receive(self) -> Any:
        """Wait for what it says next. Raises OSError, EOFError or UnpicklingError where nothing comes."""
        self.flush()
        return pickle.load(self._answers)

    def flush(self) -> None:
        """Send what is still to be sent. Raises OSError if the process is gone."""
        self._asked.flush()

    def end(self) -> None:
        """End it, whatever it is doing. Returns when it is gone."""
        self.process.kill()
        self.process.wait()
        for pipe in (self._asked, self._answers):
            with suppress(OSError):
                pipe.close()
