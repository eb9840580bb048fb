"""The repository keeps its own rules: style, sizes, links, and a README whose commands exist."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SKIP = {
    ".git",
    ".venv",
    "runs",
    "build",
    "dist",
    ".ruff_cache",
    ".pytest_cache",
    ".hypothesis",
    "__pycache__",
    "_build",
}


def files(*suffixes):
    """The repository's own files with one of these suffixes."""
    found = [path for path in ROOT.rglob("*") if path.suffix in suffixes and path.is_file()]
    return sorted(p for p in found if not SKIP & set(p.relative_to(ROOT).parts))


def named(path):
    return str(path.relative_to(ROOT))


def test_style():
    result = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format=concise", "."],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("path", files(".py"), ids=named)
def test_a_file_can_be_read_in_one_sitting_and_says_what_it_is(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 260
    if text.strip() and path.name != "__init__.py":
        assert text.startswith(('"""', 'r"""')), "a file begins with its docstring"


@pytest.mark.parametrize("path", files(".py"), ids=named)
def test_nothing_is_left_unfinished_or_hidden(path):
    if path == Path(__file__):
        return
    text = path.read_text(encoding="utf-8")
    for pattern in (
        r"\bTODO\b|\bFIXME\b|\bXXX\b",
        r"raise NotImplementedError",
        r"except[^\n]*:\s*(?:\n\s*)?pass\b",
        r"^\s*(?:import|from) pickle\b",
        r"torch\.load\((?!.*weights_only=True)",
    ):
        assert not re.search(pattern, text, re.MULTILINE), pattern


def test_every_module_has_its_tests():
    tests = {path.stem.removeprefix("test_") for path in (ROOT / "tests").rglob("test_*.py")}
    modules = [p for p in (ROOT / "warpgan").glob("*.py") if p.name != "__init__.py"]
    assert modules
    assert sorted(p.stem for p in modules if p.stem not in tests) == []


def test_shipped_weights_stay_small():
    def size(folder):
        return sum(p.stat().st_size for p in folder.rglob("*.safetensors"))

    package = ROOT / "warpgan"
    sizes = {folder.name: size(folder) for folder in (package / "weights").iterdir() if folder.is_dir()}
    assert sizes.keys() == {"rendered", "human_parser"}
    assert max(sizes.values()) <= 8e6, sizes  # each is a model of its own
    assert size(package) <= (sum(sizes.values()) + 16e6)


def test_no_large_file_slips_in():
    limit = {".safetensors": 16e6, ".npz": 16e6, ".ipynb": 1.5e6}
    for path in ROOT.rglob("*"):
        if path.is_file() and not SKIP & set(path.relative_to(ROOT).parts):
            assert path.stat().st_size <= limit.get(path.suffix, 2e6), named(path)


@pytest.mark.parametrize("path", files(".md"), ids=named)
def test_links_and_pictures_in_texts_exist(path):
    text = path.read_text(encoding="utf-8")
    for alternative, target in re.findall(r"(!?\[[^\]]*\])\(([^)\s]+)[^)]*\)", text):
        assert not alternative.startswith("![]"), f"picture without alternative: {target}"
        file, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        assert not file or (path.parent / file).exists(), target
        if anchor and not file:
            headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
            slugs = [re.sub(r"[^\w\- ]", "", h.lower()).strip().replace(" ", "-") for h in headings]
            assert anchor in slugs, target


def test_the_commands_of_the_readme_exist():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    text = re.sub(r"```.*?```", "", text, flags=re.DOTALL)  # blocks of code, whose marks would pair with others
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named_there = set(re.findall(r"\bmake ([a-z]+)", "\n".join(re.findall(r"`[^`]+`|^make .+$", text, re.MULTILINE))))
    assert {"run", "test", "lab", "notebooks", "ablations"} <= named_there <= targets
    for script in re.findall(r"python ((?:notebooks|tests)/[\w/]+\.py)", text):
        assert (ROOT / script).is_file(), script
    for module in re.findall(r"python -m (warpgan[\w.]*)", text):
        assert (ROOT / (module.replace(".", "/") + ".py")).is_file(), module


def test_continuous_integration_calls_the_test_command_of_the_readme():
    script = ROOT / ".ci" / "run"
    assert script.read_text(encoding="utf-8").rstrip().endswith("\nmake test")
    assert subprocess.run(["bash", "-n", str(script)], check=False).returncode == 0
    assert "bash .ci/run" in (ROOT / ".github" / "workflows" / "tests.yml").read_text(encoding="utf-8")


def test_the_version_is_one():
    import warpgan

    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {warpgan.__version__}\n" in citation
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["dynamic"] == ["version"]
