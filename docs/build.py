"""Build the site: `python docs/build.py --out FOLDER` makes FOLDER/html; `make site` calls this.

First MathJax is installed from the npm package that docs/package-lock.json pins, by version and checksum; nothing else
is fetched, and nothing at all once it is there. Then Sphinx builds, with every warning an error.
"""

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parent
BUILT = DOCS / "_build"
LOCKED = ("package.json", "package-lock.json", ".npmrc")
# Of MathJax: TeX in, HTML and its fonts out, and what the menu of an equation may load (speech, exploring by keys).
PARTS = ("es5/tex-chtml-full.js", "es5/output/chtml/fonts", "es5/a11y", "es5/sre", "es5/ui", "LICENSE")


def mathjax(folder: Path = BUILT / "npm") -> Path:
    """Give the folder of the pinned MathJax package, installed there if it is not yet.

    Raises:
        RuntimeError: npm is missing, or could not install the package.
    """
    package = folder / "node_modules" / "mathjax"
    pinned = json.loads((DOCS / "package.json").read_text(encoding="utf-8"))["dependencies"]["mathjax"]
    described = package / "package.json"
    if described.is_file() and json.loads(described.read_text(encoding="utf-8"))["version"] == pinned:
        return package
    npm = shutil.which("npm")
    if npm is None:
        raise RuntimeError(
            "the site needs npm, once, to install MathJax: install Node.js (Debian: apt install nodejs npm)"
        )
    folder.mkdir(parents=True, exist_ok=True)
    for name in LOCKED:
        shutil.copy(DOCS / name, folder)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if result.returncode:
        raise RuntimeError(f"npm could not install mathjax {pinned}:\n{result.stdout}{result.stderr}")
    return package


def build(out: Path, package: Path) -> Path:
    """Build the site into `out`/html from the repository and an installed MathJax; return that folder.

    Raises:
        RuntimeError: Sphinx warned of something, or failed; what it said stands above.
    """
    html = out / "html"
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-c", str(DOCS), "-d", str(out / "doctrees"),
               "--fresh-env", "--write-all", "--fail-on-warning", "--quiet", str(DOCS.parent), str(html)]  # fmt: skip
    if subprocess.run(command, check=False).returncode:
        raise RuntimeError("Sphinx found faults in the sources of the site; they stand above")
    for part in PARTS:
        source, target = package / part, html / "_static" / "mathjax" / part.removeprefix("es5/")
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        else:
            shutil.copy(source, target)
    return html


def main() -> None:
    """Build, and say where the site is."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=BUILT, help="folder for the site and what making it leaves")
    out = parser.parse_args().out.resolve()
    try:
        html = build(out, mathjax())
    except RuntimeError as error:
        sys.exit(f"error: {error}")
    print(f"The site is in {html}; open {html / 'index.html'}, or serve it: python -m http.server -d {html}")


if __name__ == "__main__":
    main()
