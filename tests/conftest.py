"""What all tests share: the real samples, if this machine has them, and the golden numbers."""

import json
import os
from pathlib import Path

import nbformat
import pytest
from hypothesis import settings

# Shared machines stall now and then: a slow example is not a wrong one. Every run tries the same examples.
settings.register_profile("warpgan", deadline=None, derandomize=True, database=None, max_examples=40)
settings.load_profile("warpgan")


@pytest.fixture(scope="session")
def realdata() -> Path:
    """Give the folder of real samples, or skip."""
    folder = os.environ.get("WARPGAN_REALDATA")
    if not folder:
        pytest.skip("needs real samples: set WARPGAN_REALDATA to the folder that holds them")
    if not Path(folder).is_dir():
        pytest.fail(f"WARPGAN_REALDATA is {folder}, which is not a folder")
    return Path(folder)


@pytest.fixture(scope="session")
def golden():
    """Give a reader of tests/golden/NAME.json."""
    return lambda name: json.loads((Path(__file__).parent / "golden" / f"{name}.json").read_text())


@pytest.fixture
def write_notebook(tmp_path):
    """Give a function that writes a notebook into a folder of its own: name, (tag, source) of each cell."""

    def write(name: str, *cells: tuple[str, str]) -> Path:
        made = []
        for number, (tag, source) in enumerate(cells):
            new = nbformat.v4.new_markdown_cell if tag == "text" else nbformat.v4.new_code_cell
            metadata = {"tags": [tag]} if tag not in ("text", "") else {}
            made.append(new(source, id=f"cell-{number}", metadata=metadata))
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        path = tmp_path / "notebooks" / f"{name}.ipynb"
        path.parent.mkdir(exist_ok=True)
        nbformat.write(nbformat.v4.new_notebook(cells=made, metadata=kernel), path)
        return path

    return write


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Spread files over processes, and whole runs of notebooks one by one: each of these takes long."""
    from xdist.scheduler import LoadScopeScheduling

    class Files(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            file = nodeid.split("::")[0]
            return nodeid if file.startswith(("tests/papermill/", "tests/notebooks/")) else file

    return Files(config, log) if config.getvalue("dist") == "loadscope" else None
