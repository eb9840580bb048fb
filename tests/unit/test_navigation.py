"""What the navigation tool writes: rows in notebooks, the maps of README.md and docs/, a sentence for every file."""

import re
import tomllib
from pathlib import Path

import contents
import navigation
import nbformat
import package_files
import pytest
import reading

from warpgan.series import Entry, read_series

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT = '[project]\nname = "p"\n[project.urls]\nRepository = "https://github.com/a/b"\n'


def book(*cells):
    """A notebook of (kind or tag, source) pairs; `text` is Markdown, everything else a tag of a code cell."""
    made = []
    for number, (tag, source) in enumerate(cells):
        new = nbformat.v4.new_markdown_cell if tag == "text" else nbformat.v4.new_code_cell
        made.append(new(source, id=f"c{number}", metadata={"tags": [tag]} if tag not in ("text", "") else {}))
    return nbformat.v4.new_notebook(cells=made)


@pytest.fixture
def root(tmp_path):
    """A repository of two notebooks and a package of two files."""
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "docs").mkdir()
    (tmp_path / "warpgan" / "inner").mkdir(parents=True)
    for name, title in (("00_one", "00 · One"), ("01_two", "01 · Two")):
        notebook = book(("text", f"# {title}\n\nA promise\nin two lines.\n\nMore."), ("", "import x"), ("", "x = 1"))
        nbformat.write(notebook, tmp_path / "notebooks" / f"{name}.ipynb")
    series = '[[notebook]]\nname = "00_one"\nseconds = 7\n[[notebook]]\nname = "01_two"\nneeds = ["00_one"]\n'
    (tmp_path / "notebooks" / "series.toml").write_text(series)
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    (tmp_path / "README.md").write_text("before\n<!-- notebooks -->\n<!-- /notebooks -->\nafter\n")
    for page in ("contents", "files"):
        (tmp_path / "docs" / f"{page}.md").write_text("before\n<!-- written -->\n<!-- /written -->\nafter\n")
    (tmp_path / "docs" / "contents.toml").write_text('[00_one]\npaper = "section 3"\n[01_two]\npaper = "figure 2"\n')
    (tmp_path / "warpgan" / "a.py").write_text('"""What a does (notebook 01).\n\nAfter somebody. Notebook 00 too."""\n')
    (tmp_path / "warpgan" / "inner" / "b.py").write_text('"""What b does: this and that."""\n')
    return tmp_path


def written(root):
    """Write everything and give both notebooks."""
    for path, text in navigation.render(root).items():
        path.write_text(text)
    return [nbformat.read(root / "notebooks" / f"{name}.ipynb", as_version=4) for name in ("00_one", "01_two")]


def test_rows_link_the_notebooks_and_writing_them_twice_changes_nothing(root):
    assert len(navigation.stale(root)) == 5
    one, two = written(root)
    assert navigation.stale(root) == []
    assert "Next: [01 · Two](01_two.ipynb)" in one.cells[-1].source and "Previous" not in one.cells[-1].source
    assert "Previous: [00 · One](00_one.ipynb)" in two.cells[-1].source and "Next" not in two.cells[-1].source
    assert [cell.id for cell in one.cells] == ["c0", "badges", "facts", "setup", "c1", "c2", "navigation"]
    assert "**Running** 7 s" in one.cells[2].source and "[00](00_one.ipynb)" in two.cells[2].source
    text = (root / "README.md").read_text()
    assert text.startswith("before\n") and text.endswith("after\n")
    assert "| [00 · One](notebooks/00_one.ipynb) | A promise in two lines. |" in text


def test_a_changed_title_makes_its_neighbours_stale(root):
    written(root)
    path = root / "notebooks" / "00_one.ipynb"
    path.write_text(path.read_text().replace("00 · One", "00 · Uno"))
    assert [p.name for p in navigation.stale(root)] == ["01_two.ipynb", "README.md", "contents.md"]


def test_a_cell_that_was_moved_is_put_back(root):
    written(root)
    path = root / "notebooks" / "00_one.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(notebook.cells.pop(1))  # the badges to the end
    notebook.cells.insert(5, notebook.cells.pop(2))  # the set-up below the imports
    nbformat.write(notebook, path)
    assert [cell.id for cell in written(root)[0].cells] == ["c0", "badges", "facts", "setup", "c1", "c2", "navigation"]


def test_a_prerequisite_must_be_in_the_series():
    with pytest.raises(ValueError, match="needs 09_none"):
        navigation.facts_row(Entry("00_one", needs=("09_none",)), [Entry("00_one")], book(("", "x")))


def counted(*counts):
    """A notebook of code cells with these execution counts, the first with a value."""
    notebook = book(*[("", f"x{number}") for number in range(len(counts))])
    for cell, count in zip(notebook.cells, counts):
        cell.execution_count = count
    value = nbformat.v4.new_output("execute_result", data={"text/plain": "1"}, execution_count=counts[0])
    notebook.cells[0].outputs = [value]
    return notebook


def test_the_set_up_cell_of_an_executed_notebook_is_counted():
    notebook = counted(1, 2, 3)
    navigation.place_set_up(notebook, "first")
    navigation.place_set_up(notebook, "first again")
    assert [cell.execution_count for cell in notebook.cells] == [1, 2, 3, 4]
    assert notebook.cells[0].source == "first again" and notebook.cells[1].outputs[0].execution_count == 2


@pytest.mark.parametrize("counts", [(1, 3, 2), (1, None, 2), (None, None, None), (1, 2, 4)])
def test_counts_out_of_order_are_not_made_to_look_right(counts):
    notebook = counted(*counts)
    navigation.place_set_up(notebook, "first")
    assert [cell.execution_count for cell in notebook.cells] == [None, *counts]


def test_what_the_tool_writes_does_not_count_as_reading():
    plain = book(("text", "# 00 · One\n\n" + "word " * 900), ("", "x = 1"))
    with_rows = book(*[("text" if cell.cell_type == "markdown" else "", cell.source) for cell in plain.cells])
    navigation.place(with_rows, "facts", "word " * 900, 1)
    navigation.place_set_up(with_rows, "y = 1\n" * 60)
    assert reading.reading_minutes(plain) == reading.reading_minutes(with_rows) == 10


def test_every_file_of_the_package_has_its_sentence_and_links_to_its_notebooks(root):
    written(root)
    text = (root / "docs" / "files.md").read_text()
    notebooks = "[00](../notebooks/00_one.ipynb) [01](../notebooks/01_two.ipynb)"
    assert f"| [`a.py`](../warpgan/a.py) | What a does. | {notebooks} |" in text
    assert "## warpgan/inner" in text and "| [`b.py`](../warpgan/inner/b.py) | What b does: this and that. |  |" in text
    (root / "warpgan" / "inner" / "c.py").write_text('"""What c does."""\n')
    assert [path.name for path in navigation.stale(root)] == ["files.md"]
    (root / "warpgan" / "inner" / "c.py").write_text('"""What c does goes on\nin the next line."""\n')
    with pytest.raises(ValueError, match="c.py: does not begin with a line that is a sentence"):
        navigation.render(root)


@pytest.mark.parametrize(
    "line, rest",
    [
        ("Losses (notebook 07).", "Losses."),
        ("Stage II (paper section 3.2; notebook 06).", "Stage II (paper section 3.2)."),
        ("A walk and a turn. Taught in notebook 01.", "A walk and a turn."),
        ("Buttons; and shoes. Notebook 01.", "Buttons; and shoes."),
        ("One line for each way to train (notebook 07 compares them).", None),
        ("A row of notebooks.", None),
    ],
)
def test_the_notebook_at_the_end_of_a_sentence_goes_into_its_column(tmp_path, line, rest):
    (tmp_path / "a.py").write_text(f'"""{line}"""\n')
    assert package_files.sentence(tmp_path / "a.py") == (rest or line)


def test_the_page_of_files_names_all_that_is_in_the_package():
    text = (ROOT / "docs" / "files.md").read_text(encoding="utf-8")
    linked = set(re.findall(r"\]\(\.\./(warpgan/[^)]+)\)", text))
    assert linked == {path.relative_to(ROOT).as_posix() for path in package_files.package(ROOT)}
    assert len(linked) > 100


def test_what_needs_what_is_drawn_from_the_series():
    entries = [Entry("00_a"), Entry("01_b", needs=("00_a",)), Entry("02_c", needs=("00_a", "01_b")),
               Entry("03_d", needs=("00_a",))]  # fmt: skip
    titles = {entry.name: entry.name.upper() for entry in entries}
    assert contents.tree(entries, titles) == ["00_A", "├─ 01_B", "│  └─ 02_C", "└─ 03_D"]


def test_the_contents_say_of_each_notebook_what_its_files_and_the_paper_say(root):
    written(root)
    text = (root / "docs" / "contents.md").read_text()
    assert "| [01](../notebooks/01_two.ipynb) | [`a.py`](../warpgan/a.py) | figure 2 | 5 min | 0 s |" in text
    (root / "docs" / "contents.toml").write_text("")
    with pytest.raises(ValueError, match="docs/contents.toml: 00_one is missing"):
        navigation.render(root)


@pytest.mark.parametrize("entry", read_series(), ids=lambda entry: entry.name)
def test_the_sections_of_the_paper_are_those_that_the_notebook_names(entry):
    told = tomllib.loads((ROOT / "docs" / "contents.toml").read_text(encoding="utf-8"))[entry.name]["paper"]
    notebook = nbformat.read(ROOT / "notebooks" / f"{entry.name}.ipynb", as_version=4)
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    for number in re.findall(r"(?<![\d.])\d(?:\.\d)*(?![\d.]*\d)", told):
        assert re.search(rf"(sections?|figures?|equation|and|,) {re.escape(number)}(?![\d.]*\d)", text), number


def test_a_page_without_its_marks_is_refused(root):
    (root / "docs" / "files.md").write_text("nothing\n")
    with pytest.raises(ValueError, match="files.md: the lines <!-- written -->"):
        navigation.render(root)
