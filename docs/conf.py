"""How Sphinx and myst-nb make the site: `make site`, which calls `docs/build.py`.

The source folder is the repository itself, so that every relative link and picture means here what it means on
GitHub. Notebooks are shown as they are committed: nothing runs, and nothing is fetched.
"""

import sys
import tomllib
from pathlib import Path

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
sys.path.insert(0, str(DOCS))  # for pages.py

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

project = PROJECT["name"]
author = "The warpgan authors"
project_copyright = "the warpgan authors, Apache-2.0"
extensions = ["myst_nb", "pages"]
repository_url = PROJECT["urls"]["Repository"]
repository_branch = "main"

root_doc = "docs/index"
include_patterns = [
    "*.md",
    "docs/*.md",
    "notebooks/*.ipynb",
    "notebooks/solutions/*.ipynb",
    "warpgan/**.md",
]
# The rest is not walked through: an environment alone holds tens of thousands of files.
exclude_patterns = [p.name for p in ROOT.iterdir() if p.is_dir() and p.name not in ("docs", "notebooks", "warpgan")]
exclude_patterns += ["docs/_build"]

nb_execution_mode = "off"
nb_ipywidgets_js = {}  # what panels show here is the picture in their output; their scripts would come from a CDN
nb_merge_streams = True
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4
suppress_warnings = ["misc.highlighting_failure"]  # a block of Python with a notebook's ! and % is still coloured

smartquotes = False  # --option stays --option

# The files lie in _static/mathjax, where build.py puts them; all of TeX's extensions are in the one script.
mathjax_path = "mathjax/tex-chtml-full.js"
# An unknown command is an error that the tests find, instead of red text that nobody may see.
mathjax3_config = {"tex": {"packages": {"[-]": ["noundefined"]}}}

html_theme = "furo"
html_title = project
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = [("site.js", {"defer": "defer"})]
html_favicon = "_static/icon.svg"
html_use_index = False
html_copy_source = False
html_theme_options = {"top_of_page_buttons": []}  # they would show a notebook as JSON
