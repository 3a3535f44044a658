"""Do the documents describe what is here?"""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from searcher.settings import Settings, load_settings

ROOT = Path(__file__).parents[1]
PAGES = [
    ROOT / "README.md",
    ROOT / "ARCHITECTURE.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").glob("*.md")),
]
IN_CODE = re.compile(r"`((?:searcher|tests|scripts|docs|indexes)/[\w./-]*)`")
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
COMMAND = re.compile(r"^ {4}(?:\$ )?searcher ([a-z]+)", re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_exists(page):
    """Each path that a page names in code or links to is in the checkout."""
    text = page.read_text(encoding="utf-8")
    named = {ROOT / path for path in IN_CODE.findall(text)}
    named |= {page.parent / path for path in LINK.findall(text)}
    made_by_use = {ROOT / "indexes" / name for name in ("CURRENT", "generations", "segments", "journal")}
    assert [path for path in sorted(named - made_by_use) if not path.exists()] == []


def test_architecture_names_every_room():
    """Each folder of the package stands in ARCHITECTURE.md."""
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rooms = [path for path in (ROOT / "searcher").rglob("*/") if (path / "__init__.py").exists()]
    assert len(rooms) > 8
    assert [room.name for room in rooms if f"`{room.relative_to(ROOT).as_posix()}/`" not in text] == []


def test_every_command_in_the_readme_exists():
    """What README tells people to type is a command of the program, and it shows the three things people do."""
    import typer

    from searcher.cli.app import app

    known = set(typer.main.get_command(app).commands)
    told = COMMAND.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    assert {"search", "similar", "add"} <= set(told) <= known


def test_modules_refer_to_documents_that_exist():
    """A docstring that sends the reader to docs/ sends them to a page."""
    named = {
        ROOT / path
        for module in (ROOT / "searcher").rglob("*.py")
        for path in re.findall(r"\bdocs/[\w-]+\.md", module.read_text(encoding="utf-8"))
    }
    assert named
    assert [path for path in named if not path.exists()] == []


def test_every_setting_is_told_with_its_default():
    """docs/settings.md has a line for each key of searcher.toml, and its default; and no other line."""
    rows = re.findall(
        r"^\| `(\w+)` \| `(\w+)` \| ([^|]*) \|",
        (ROOT / "docs" / "settings.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    told = {(section, key): default.strip("`") for section, key, default in rows}
    assert len(told) == len(rows)
    settings = Settings()
    assert told == {
        (section.name, key.name): _as_toml(getattr(getattr(settings, section.name), key.name))
        for section in fields(settings)
        for key in fields(getattr(settings, section.name))
    }


def test_the_example_of_settings_is_one(tmp_path):
    """What docs/settings.md shows can be read."""
    example = re.search(r"```toml\n(.*?)```", (ROOT / "docs" / "settings.md").read_text("utf-8"), re.DOTALL)
    (tmp_path / "searcher.toml").write_text(example[1], encoding="utf-8")
    assert load_settings(tmp_path).lexical.stemmer == "german"


def _as_toml(value):
    if value is None or value == ():
        return "none"
    return f'"{value}"' if isinstance(value, str) else str(value).lower()
