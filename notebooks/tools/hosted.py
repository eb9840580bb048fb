"""What a notebook needs on a machine that somebody lends: badges that open it there, and a cell that installs us.

Both follow from one address, `[project.urls] Repository` in pyproject.toml. Neither was tried on Colab or Binder; the
tests run the cell against stand-ins of both.
"""

import tomllib
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[2]
BRANCH = "main"

SET_UP = '''\
# On Colab and Binder this installs the project; where it is installed, as after `make lab`, it does nothing.
import importlib.util
import os
import subprocess
import sys

colab = "google.colab" in sys.modules
found = importlib.util.find_spec("warpgan")  # of a mere folder with this name the origin is None
if (colab or "BINDER_SERVICE_HOST" in os.environ) and (found is None or found.origin is None):
    project = "/content/warpgan-project" if colab else os.path.abspath("..")
    if not os.path.isdir(project):
        subprocess.run(["git", "clone", "--depth", "1", "{address}", project], check=True)
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--editable", project], check=True)
    sys.path.insert(0, project)  # this kernel is older than the installation
if colab:
    from google.colab import output

    import warpgan

    os.chdir(os.path.join(os.path.dirname(warpgan.__file__), "..", "notebooks"))  # where the notebooks' files lie
    output.enable_custom_widget_manager()  # for the panels'''


def repository(root: Path = ROOT) -> str:
    """The public address of the project, without a slash at its end.

    Raises:
        ValueError: pyproject.toml has no such address, or it is not one of GitHub.
    """
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    address = project.get("urls", {}).get("Repository", "").rstrip("/")
    if not address.startswith("https://github.com/") or address.count("/") != 4:
        raise ValueError(f"pyproject.toml: [project.urls] Repository is {address!r}; expected https://github.com/A/B")
    return address


def colab(address: str, name: str) -> str:
    """The address at which Colab opens a notebook of the repository."""
    path = address.removeprefix("https://github.com/")
    return f"https://colab.research.google.com/github/{path}/blob/{BRANCH}/notebooks/{name}.ipynb"


def binder(address: str, name: str) -> str:
    """The address at which Binder builds the environment and opens a notebook in JupyterLab."""
    path = address.removeprefix("https://github.com/")
    return f"https://mybinder.org/v2/gh/{path}/{BRANCH}?labpath={quote(f'notebooks/{name}.ipynb', safe='')}"


def badge_row(address: str, name: str) -> str:
    """The two badges of a notebook, in Markdown; their pictures are `figures/badges.py`'s."""
    badges = (("Open in Colab", "colab", colab(address, name)), ("Open in Binder", "binder", binder(address, name)))
    return " ".join(f"[![{words}](../figures/badge_{what}.svg)]({link})" for words, what, link in badges)


def set_up_source(address: str) -> str:
    """The source of the set-up cell."""
    return SET_UP.format(address=address)
