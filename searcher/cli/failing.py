"""
What is said, and which code is given, when something goes wrong?

One line on standard error for each failure, without a traceback; with `--json` also one object on standard output:
`{"error": message, "code": n}`. The codes are those of `EXIT_CODES`, which the help prints.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import typer

from searcher.errors import IndexUnusable, InputError, SearcherError
from searcher.text import one_line

FINE, ERROR, USAGE, NO_INDEX, SOME_REJECTED, INTERRUPTED = 0, 1, 2, 3, 4, 130

EXIT_CODES = f"""\
Exit codes: {FINE} fine · {ERROR} error · {USAGE} wrong usage or an empty query · {NO_INDEX} no or outdated index ·
{SOME_REJECTED} some inputs were rejected, the rest is kept · {INTERRUPTED} interrupted"""

_KEPT = "What was acknowledged is kept."
_FREE = f". {_KEPT} Free some space, and run it again."
_ALLOW = ". Check its permissions, and run it again."
_NEXT_STEPS = {
    errno.ENOSPC: _FREE,
    errno.EDQUOT: _FREE,
    errno.EACCES: _ALLOW,
    errno.EPERM: _ALLOW,
    errno.EROFS: _ALLOW,
    errno.EIO: f". {_KEPT} Check the disk, then run: searcher doctor",
    errno.EMFILE: ". Close other programs or allow more open files (ulimit -n 4096), and run it again.",
    errno.ENFILE: ". Close other programs, and run it again.",
    errno.ENOMEM: ". Close other programs, and run it again.",
}

# Typer has a UsageError of its own in new versions and that of Click in old ones; both are the base of this one.
_UsageError: type[Exception] = typer.BadParameter.__mro__[1]


class Interrupted(KeyboardInterrupt):
    """Ctrl-C during work of which something remains; its text says what."""


def run(app: typer.Typer, arguments: Sequence[str]) -> int:
    """Run one command line; give its exit code. Says what went wrong, and never raises."""
    _never_fail_at_printing()
    arguments = home_first(arguments)
    try:
        command = typer.main.get_command(app)
        with command.make_context("searcher", list(arguments)) as context:
            command.invoke(context)
        sys.stdout.flush()
    except typer.Exit as exit_:
        return _flushed(exit_.exit_code)
    except BrokenPipeError:
        return _reader_left()
    except (Exception, KeyboardInterrupt) as error:
        return _flushed(tell(error, as_json="--json" in _options(arguments)))
    return FINE


def tell(error: BaseException, *, as_json: bool = False) -> int:
    """Say what went wrong, as one line on standard error; give the exit code that it means."""
    code = exit_code(error)
    message = _message(error)
    if isinstance(error, _UsageError) and hasattr(error, "show"):
        error.show()  # With the usage of the command before it.
        if message.startswith("No such option: -") and _command_of(error) == "search":
            print(
                "To leave a word out, put -- before the query: searcher search -- strike -port",
                file=sys.stderr,
            )
    else:
        print(message if code == INTERRUPTED else f"Error: {message}", file=sys.stderr)
    if as_json:
        from searcher.cli.machine import as_document

        with suppress(OSError):  # Where the disk under standard output is full, that is what was said above.
            print(as_document({"error": message, "code": code}), flush=True)
    if _is_bug(error) and os.environ.get("SEARCHER_DEBUG"):
        import traceback

        traceback.print_exception(error)
    return code


def exit_code(error: BaseException) -> int:
    """Give the exit code that an error means."""
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED
    # A plain InputError is about what was typed; its subclasses are about files, ids and settings.
    if isinstance(error, _UsageError) or type(error) is InputError:
        return USAGE
    return NO_INDEX if isinstance(error, IndexUnusable) else ERROR


def home_first(arguments: Sequence[str]) -> list[str]:
    """Give the arguments with `--home DIRECTORY` in front, wherever it was written: it belongs to all commands."""
    front: list[str] = []
    rest = list(arguments)
    end = len(_options(rest))
    at = 0
    while at < end:
        if rest[at] == "--home" and at + 1 < end:
            front += rest[at : at + 2]
            del rest[at : at + 2]
            end -= 2
        elif rest[at].startswith("--home="):
            front.append(rest.pop(at))
            end -= 1
        else:
            at += 1
    return front + rest


def _options(arguments: Sequence[str]) -> Sequence[str]:
    """The arguments before `--`: those that may be options."""
    return arguments[: list(arguments).index("--")] if "--" in arguments else arguments


def _message(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return str(error) or "Interrupted."
    if isinstance(error, _UsageError) and hasattr(error, "format_message"):
        return one_line(error.format_message())
    if isinstance(error, SearcherError):
        return one_line(str(error))
    if isinstance(error, OSError):
        where = f": {error.filename}" if error.filename else ""
        return one_line(f"{error.strerror or error}{where}{_NEXT_STEPS.get(error.errno or 0, '')}")
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return one_line(
        f"Unexpected {what}. Please report this line and what you typed; SEARCHER_DEBUG=1 shows where it happened."
    )


def _command_of(error: BaseException) -> str | None:
    """The name of the command whose options a usage error is about."""
    return getattr(getattr(error, "ctx", None), "info_name", None)


def _is_bug(error: BaseException) -> bool:
    return not isinstance(error, SearcherError | OSError | KeyboardInterrupt | _UsageError)


def _never_fail_at_printing() -> None:
    """A terminal that lacks a character gets another in its place."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            with suppress(OSError):  # A stream that cannot be asked is taken as it is.
                stream.reconfigure(errors="replace")


def _flushed(code: int) -> int:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        return _reader_left()
    except OSError:
        return code or ERROR
    return code


def _reader_left() -> int:
    """Whoever read our output (`| head`) has had enough: that is fine. Python must not flush to it again."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(Path(os.devnull), os.O_WRONLY), sys.stdout.fileno())
    return FINE
