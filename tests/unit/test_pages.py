"""The pages around the notebooks: links and anchors, commands, code, cells that are named, and three languages."""

import ast
import contextlib
import importlib
import io
import re
import shlex
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *(ROOT / "warpgan").rglob("*.md")])
LANGUAGES = ("README.md", "README.ja.md", "README.zh.md")
COMMAND = re.compile(r"(?:^    |^\| `|`)python -m (warpgan[^\n`]*)", re.MULTILINE)
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def text_of(page):
    return page.read_text(encoding="utf-8")


def slugs(markdown):
    """The anchors that GitHub gives to the headings of a text."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", markdown, flags=re.DOTALL), re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings]


@every_page
def test_anchors_of_other_pages_exist(page):
    for target in re.findall(r"\]\(([^)\s]+#[^)\s]+)\)", text_of(page)):
        file, _, anchor = target.partition("#")
        if file and not re.match(r"[a-z]+:", target):
            assert (page.parent / file).suffix == ".md", f"{target}: anchors of {file} are not checked"
            assert anchor in slugs(text_of(page.parent / file)), target


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").rglob("*.ipynb")), ids=lambda path: path.stem)
def test_links_of_notebooks_lead_somewhere_anchors_too(path):
    for cell in nbformat.read(path, as_version=4).cells:
        for target in re.findall(r"\]\(([^)\s]+)\)", cell.source if cell.cell_type == "markdown" else ""):
            file, _, anchor = target.partition("#")
            if file and not re.match(r"[a-z]+:", target):
                assert (path.parent / file).exists(), (cell.id, target)
                if anchor:
                    assert anchor in slugs(text_of(path.parent / file)), (cell.id, target)


@every_page
def test_nothing_points_at_a_page_that_only_we_have(page):
    for address in re.findall(r"https?://[^\s)>`\"']+", text_of(page)):
        assert not re.search(r"localhost|127\.0\.0\.1(?!:8866)|file:", address), address


def options_of(module, arguments):
    """What `python -m module --help` says."""
    subcommand = arguments[:1] if module == "warpgan.human_parsing" else []
    told = io.StringIO()
    with contextlib.redirect_stdout(told), pytest.raises(SystemExit) as stopped:
        importlib.import_module(module).main([*subcommand, "--help"])
    assert stopped.value.code == 0
    return told.getvalue()


@every_page
def test_commands_exist_and_have_their_options(page):
    for command in COMMAND.findall(text_of(page)):
        module, *arguments = shlex.split(command.rstrip("\\").replace("...", ""))
        wanted = {argument.split("=")[0] for argument in arguments if argument.startswith("--")} - {"--help"}
        if wanted:
            told = options_of(module, arguments)
            assert [option for option in wanted if option not in told] == [], command
        else:
            assert (ROOT / (module.replace(".", "/") + ".py")).is_file(), command


@every_page
def test_code_names_what_the_package_has(page):
    for block in re.findall(r"```python\n(.*?)```", text_of(page), re.DOTALL):
        tree, names = ast.parse(block), {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] == "warpgan":
                for alias in node.names:
                    with contextlib.suppress(ModuleNotFoundError):
                        importlib.import_module(f"{node.module}.{alias.name}")
                    names[alias.name] = getattr(importlib.import_module(node.module), alias.name)
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in names:
                assert hasattr(names[node.value.id], node.attr), ast.unparse(node)


@every_page
def test_cells_that_are_named_exist(page):
    named = re.findall(r"\[(\d\d) · ([a-z0-9-]+)\]\((?:\.\./)?notebooks/(\w+)\.ipynb\)", text_of(page))
    for number, cell, notebook in named:
        cells = nbformat.read(ROOT / "notebooks" / f"{notebook}.ipynb", as_version=4).cells
        assert notebook.startswith(number) and cell in [one.id for one in cells], (number, cell)


def first_screen(name):
    """What stands before the results, or the whole of a translation but its last paragraph."""
    text = text_of(ROOT / name)
    return text.split("<!-- results -->")[0] if name == "README.md" else text.rstrip("\n").rsplit("\n\n", 1)[0]


def links(text):
    """Targets of links and pictures, without those to other languages."""
    return sorted(t for t in re.findall(r"\]\(([^)\s]+)\)", text) if not t.startswith("README"))


def numbers(text):
    """All numbers that a reader sees."""
    return sorted(re.findall(r"\d+(?:\.\d+)?", re.sub(r"\]\([^)]*\)", "]", text)))


@pytest.mark.parametrize("name", LANGUAGES[1:])
def test_the_translations_say_what_the_first_screen_says(name):
    ours, theirs = first_screen("README.md"), first_screen(name)
    assert re.findall(r"^    .+$|`[^`]+`", ours, re.MULTILINE)[:2] == re.findall(r"^    .+$", theirs, re.MULTILINE) == [
        "    make run", "    make lab"
    ]  # fmt: skip
    assert links(ours) == links(theirs)
    assert numbers(ours) == numbers(theirs)
    assert len(re.findall(r"^\S", ours, re.MULTILINE)) and theirs.count("\n\n") == ours.rstrip("\n").count("\n\n")


@pytest.mark.parametrize("name", LANGUAGES)
def test_each_language_links_to_the_others_at_its_top(name):
    line = text_of(ROOT / name).split("\n")[2]
    assert sorted(re.findall(r"\]\((README[.\w]*)\)", line)) == sorted(other for other in LANGUAGES if other != name)


def test_a_translation_is_in_its_language():
    assert len(re.findall(r"[\u3040-\u30ff]", text_of(ROOT / "README.ja.md"))) > 200  # kana
    chinese = text_of(ROOT / "README.zh.md")
    assert len(re.findall(r"[\u4e00-\u9fff]", chinese)) > 200
    assert not re.search(r"[\u3040-\u30ff]", chinese.replace("日本語", ""))


def test_the_first_screen_is_one_screen():
    lines = [line for line in first_screen("README.md").split("\n") if line.strip()]
    assert len(lines) <= 24 and sum(len(line.split()) for line in lines) <= 260
    assert "![" in first_screen("README.md")


def test_the_first_picture_is_the_one_that_notebook_00_shows(tmp_path):
    from figures import steps

    steps.main(tmp_path)
    made, kept = (folder / "steps.png" for folder in (tmp_path, ROOT / "figures"))
    assert made.read_bytes() == kept.read_bytes(), "run python -m figures.steps"


def test_the_lab_serves_what_notebooks_link_to():
    makefile = text_of(ROOT / "Makefile")
    (line,) = [line for line in makefile.split("\n") if "jupyterlab" in line]
    assert "--ServerApp.root_dir=." in line and "--LabApp.default_url=/lab/tree/notebooks" in line
