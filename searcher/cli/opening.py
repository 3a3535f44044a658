"""Which library does this command line mean, and with which encoder?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from searcher.settings import find_home, load_settings

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from searcher.evaluation import Collection
    from searcher.library import Library
    from searcher.settings import Settings


def given_home(context: typer.Context) -> str | None:
    """Give what `--home` said, None if it was not given."""
    home = context.obj
    return home if isinstance(home, str) else None


def settings_here(context: typer.Context, *, model: str | None = None) -> tuple[Path, Settings]:
    """Give the home of this command line and its settings; `model` overrules the encoder of its `searcher.toml`."""
    home = find_home(given_home(context))
    settings = load_settings(home)
    if model is not None:
        settings = replace(settings, encoder=replace(settings.encoder, model=model))
    return home, settings


def open_here(
    context: typer.Context,
    *,
    model: str | None = None,
    create: bool = False,
    writes: bool = False,
    ask_meaning: bool = False,
    once: bool = False,
) -> Library:
    """
    Open the library of this command line; with `create`, make it if there is none.

    `model` overrules the encoder of its `searcher.toml`. `writes`: indexes may be written, and those who ask go first.
    With `ask_meaning`, the encoder is opened meanwhile. `once`: as for `open_library`. Raises NoIndex when there is no
    library.
    """
    home, settings = settings_here(context, model=model)
    if writes:
        let_readers_go_first(home)
    if ask_meaning and (home / "indexes" / "CURRENT").exists():
        from searcher.index.dense.encoder import load_ahead

        load_ahead(settings.encoder)
    from searcher.library import open_library

    return open_library(home, create=create, settings=settings, once=once)


def let_readers_go_first(home: Path) -> None:
    """Give way, until this process ends, if another one answers from this home now. Never raises."""
    from searcher.index.generation import Indexes
    from searcher.processes import give_way

    if Indexes(home / "indexes").in_use():
        give_way()


def open_judged(
    collection: Collection, settings: Settings, *, now: datetime, body_only: bool, wait: float
) -> Library:
    """
    Open the library of a judged collection, read and indexed if need be, and say meanwhile how far it is. `wait`: up to
    so many seconds for another process that does so.
    """
    from searcher.cli.progress import reporting
    from searcher.evaluation import open_evaluation

    with reporting(waiting=f"opening {collection.name}") as progress:
        return open_evaluation(
            collection, settings=settings, now=now, body_only=body_only, wait_s=wait, progress=progress
        )
