"""
Who else is asked? Other engines, each optional: one that is missing is left out, with a line that says how to get it.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType

INSTALL = "pip install -c scripts/constraints.txt -e '.[bench]'"


def peer(module: str) -> ModuleType | None:
    """Import another engine, or say on standard error how to install it and give None."""
    try:
        return import_module(module)
    except ImportError as error:
        print(f"Without {module} ({error}). To compare with it: {INSTALL}", file=sys.stderr)
        return None
