"""What a page of the site does otherwise than GitHub does with the same file.

Links to files of the repository that are no pages lead to the repository, pictures from other hosts become their
texts, pictures that cells made get the alternative that stands beneath them, and the set-up cell is folded away.
"""

import posixpath
import re
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

VERBS = ("Show", "Hide")
HERALD = "Picture:"  # the word in italics with which the text beneath a picture begins


class RepositoryLinks(SphinxTransform):
    """Let links to what is no page of the site lead to the repository: package files, tests, folders."""

    default_priority = 300

    def target(self, node: nodes.Element) -> Path | None:
        """The file or folder that a relative link means, if it is no page; None for everything else."""
        here = self.env.doc2path(self.env.docname).parent
        if isinstance(node, addnodes.download_reference):
            return here / node["reftarget"]
        if node.get("reftype") != "myst" or node["reftarget"] in self.env.found_docs:
            return None
        if node.get("refdomain") == "doc":  # a text that the site leaves out; the name has lost its ending
            names = [self.env.srcdir / (node["reftarget"] + suffix) for suffix in self.config.source_suffix]
            return next((path for path in names if path.is_file()), None)
        return here / node["reftarget"].partition("#")[0]

    def apply(self) -> None:
        """Replace the links of one page."""
        wanted = (addnodes.pending_xref, addnodes.download_reference)
        for node in list(self.document.findall(lambda n: isinstance(n, wanted))):
            path = self.target(node)
            if path is None or not path.exists():
                continue  # Sphinx says what is wrong with it
            place = posixpath.relpath(path.resolve().as_posix(), Path(self.env.srcdir).resolve().as_posix())
            kind = "tree" if path.is_dir() else "blob"
            address = f"{self.config.repository_url}/{kind}/{self.config.repository_branch}/{place}"
            node.replace_self(nodes.reference("", "", *node.children, refuri=address, internal=False))


class Pictures(SphinxTransform):
    """Fetch no picture from another host: its alternative takes its place. All others lead to themselves, to zoom."""

    default_priority = 300

    def apply(self) -> None:
        """Change the pictures of one page."""
        for image in list(self.document.findall(nodes.image)):
            if "://" in image["uri"]:
                image.replace_self(nodes.Text(image.get("alt", "")))
            else:
                image["scale"] = 100  # Sphinx links what is scaled to its file, and writes its width and height


class PictureTexts(SphinxTransform):
    """Give the pictures of a code cell an alternative: the first sentence of the text beneath, which says the rest."""

    default_priority = 300

    def apply(self) -> None:
        """Describe the pictures of one page."""
        for cell in self.document.findall(nodes.container):
            if cell.get("nb_element") != "cell_code":
                continue
            pictures = list(cell.findall(nodes.image))
            text = cell.next_node(descend=False, siblings=True)
            if not pictures or text is None or not text.astext().startswith(HERALD):
                continue
            first = re.split(r"(?<=[.!?])\s+(?=[A-Z*])", " ".join(text.astext().removeprefix(HERALD).split()))[0]
            for number, picture in enumerate(pictures, 1):
                which = f"Picture {number} of {len(pictures)}: " if len(pictures) > 1 else ""
                picture["alt"] = which + first


class FoldSetup(SphinxTransform):
    """Fold the cell away that installs the project on Colab and Binder: readers of the site do not run it."""

    default_priority = 300

    def apply(self) -> None:
        """Fold the cells with this tag on one page; myst-nb does the rest."""
        for cell in self.document.findall(nodes.container):
            if "setup" in cell.get("cell_metadata", {}).get("tags", []):
                cell["hide_mode"] = "all"
                cell["prompt_show"], cell["prompt_hide"] = (f"{verb} the set-up for Colab and Binder" for verb in VERBS)


def finish(app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document | None) -> None:
    """Say the language of a translated page, and of which level the headings of the contents are."""
    translated = re.fullmatch(r".*\.([a-z]{2})", page)
    if translated:
        context["language"] = translated.group(1)
    for part in ("body", "furo_navigation_tree"):
        context[part] = context.get(part, "").replace('role="heading"', 'role="heading" aria-level="2"')


def front_door(app: Sphinx, error: Exception | None) -> None:
    """Lead from the site's own address to the first page."""
    if error is None and app.builder.format == "html":
        target, title = app.builder.get_target_uri(app.config.root_doc), app.config.html_title
        # Without an icon a browser may ask for /favicon.ico, which is not there; an empty one asks for nothing.
        text = (
            f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>\n'
            '<link rel="icon" href="data:,">\n'
            f'<meta http-equiv="refresh" content="0; url={target}"><a href="{target}">{title}</a></html>\n'
        )
        (Path(app.outdir) / "index.html").write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Tell Sphinx."""
    app.add_config_value("repository_url", "", "env", types=[str])
    app.add_config_value("repository_branch", "main", "env", types=[str])
    for transform in (RepositoryLinks, Pictures, PictureTexts, FoldSetup):
        app.add_transform(transform)
    app.connect("html-page-context", finish, priority=900)  # after the theme
    app.connect("build-finished", front_door)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
