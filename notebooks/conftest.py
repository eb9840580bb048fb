"""How pytest compares the committed notebooks (nbval): stderr is not compared."""


def pytest_collectstart(collector):
    """Warnings differ between versions of libraries; a hygiene test keeps them out of what we commit."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("stderr",)
