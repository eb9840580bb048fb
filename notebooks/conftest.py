"""How pytest compares the committed notebooks (nbval): one process a notebook, stderr not compared."""

import pytest


def pytest_collectstart(collector):
    """Warnings on stderr differ between library versions; a hygiene test keeps them out of what we commit."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("stderr",)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Cells share a kernel, so xdist must not spread them."""
    for item in items:
        if item.path.suffix == ".ipynb":
            item.add_marker(pytest.mark.xdist_group(item.path.name))
