"""HTML from templates, in whichever process: there is one place that escapes."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from searcher import __version__
from searcher.web.assets import shipped
from searcher.web.parts import said

TEMPLATES = Path(__file__).parent / "templates"


def render(template: str, **values: Any) -> str:
    """Give the HTML of a template of `templates/`."""
    return _environment().get_template(template).render(here=template, **values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        auto_reload=False,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(asset=shipped().url, said=said, version=__version__)
    return environment
