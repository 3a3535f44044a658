"""
Which values of a command line need no validator? Typer builds one of pydantic's for each option, given or not, and
importing pydantic takes a tenth of a second, as long as a search.

What is evidently right is taken as it is: defaults, texts, a number within its limits, one of the named words.
Everything else goes to Typer, which knows what to say about it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Literal, get_args, get_origin

import typer
from typer.core import TyperCommand, TyperGroup


class QuickCommand(TyperCommand):
    """A command whose evident values are taken without pydantic. The others are treated as ever."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Give its parameters, `--help` too."""
        return _quickened(super().get_params(ctx))


class QuickGroup(TyperGroup):
    """The same for what stands before a command, such as `--home`."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Give its parameters, `--help` too."""
        return _quickened(super().get_params(ctx))


class _NotEvident(Exception):
    """Only Typer knows what this value is."""


def _quickened(parameters: Sequence[Any]) -> list[Any]:
    for parameter in parameters:
        # An older Typer has no pydantic, and describes its types otherwise.
        if hasattr(parameter, "type_descriptor"):
            parameter.process_value = partial(_process, parameter)
    return list(parameters)


def _process(parameter: Any, context: typer.Context, value: Any) -> Any:
    """Give the value of a parameter, as its own `process_value` does."""
    try:
        evident = _evident(value, parameter.type_descriptor, parameter)
    except _NotEvident:
        return type(parameter).process_value(parameter, context, value)
    return evident if parameter.callback is None else parameter.callback(context, parameter, evident)


def _evident(value: Any, kind: Any, parameter: Any) -> Any:
    several = parameter.multiple or parameter.nargs == -1
    if value is None and not parameter.required:
        return () if several else None
    if several:
        if value and get_args(kind.annotation) == (str,) and all(isinstance(one, str) for one in value):
            return list(value)
        raise _NotEvident
    if isinstance(value, str):
        return _of_text(value, kind)
    # No text, so no person gave it: it is the default, or a flag.
    if type(value) is kind.annotation:
        return value
    raise _NotEvident


def _of_text(text: str, kind: Any) -> Any:
    wanted, limits = kind.annotation, kind.parameter_info
    if wanted is str:
        return text
    if get_origin(wanted) is Literal and text in get_args(wanted):
        return text
    if wanted is int and text.isascii() and text.isdigit():
        number = int(text[:19])
        if (limits.min or 0) <= number <= (number if limits.max is None else limits.max) and len(text) < 19:
            return number
    raise _NotEvident
