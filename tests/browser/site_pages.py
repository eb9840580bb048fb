"""What can be wrong with a page of the site: what its file says, what a browser makes of it."""

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import nbformat

ROOT = Path(__file__).resolve().parents[2]
PHONE, DESK = {"width": 375, "height": 800}, {"width": 1280, "height": 900}
# Each says what is wrong as one line, in the page.
SCRIPTS = {
    "pictures": """() => [...document.images].flatMap(i =>
        (i.complete && i.naturalWidth ? [] : [`picture not loaded: ${i.src}`]).concat(
            i.alt.trim() ? [] : [`picture without a text: ${i.src}`]))""",
    "equations": """() => {
        const written = document.querySelectorAll("article .math").length;
        const drawn = document.querySelectorAll("article .math > mjx-container").length;
        return (written === drawn ? [] : [`${drawn} of ${written} equations drawn`]).concat(
            [...document.querySelectorAll("mjx-merror")].map(e => `equation in error: ${e.dataset.mjxError}`))}""",
    "dollars": """() => {
        const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
        while (texts.nextNode()) {
            const text = texts.currentNode;
            if (text.data.includes("$") && !text.parentElement.closest("pre, code, script, style, .math"))
                found.push(`a dollar beside an equation: ${text.data.trim().slice(0, 60)}`);
        }
        return found}""",
    "width": """() => {
        const boxes = [document.documentElement];  // and what holds the text, where it can scroll itself
        for (let box = document.querySelector("article"); box; box = box.parentElement)
            if (getComputedStyle(box).overflowX !== "visible") boxes.push(box);
        return boxes.filter(box => box.scrollWidth > box.clientWidth).map(
            box => `the page scrolls sideways: ${box.scrollWidth} of ${box.clientWidth} pixels`)}""",
}


class Reader(HTMLParser):
    """What a page points to, its places, its icon, and how many equations it writes."""

    def __init__(self, text: str):
        super().__init__()
        self.links, self.sources, self.places, self.equations, self.icon = [], [], set(), 0, None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        """Read one tag."""
        named = dict(attributes)
        self.places |= {named[key] for key in ("id", "name") if key in named}
        self.equations += "math" in (named.get("class") or "").split()
        if tag == "a" and "href" in named:
            self.links.append(named["href"])
        elif tag == "link" and named.get("rel") not in ("next", "prev", "index", "search", "canonical"):
            self.sources.append(named.get("href") or "")
            self.icon = named.get("href") if "icon" in (named.get("rel") or "").split() else self.icon
        elif tag in ("script", "img", "iframe", "source", "video", "audio"):
            self.sources += [named["src"]] if named.get("src") else []


def read(site: Path) -> dict[str, Reader]:
    """Read every page of a built site, by its path within."""
    return {p.relative_to(site).as_posix(): Reader(p.read_text(encoding="utf-8")) for p in site.rglob("*.html")}


def broken(site: Path, pages: dict[str, Reader], name: str, repository: str) -> list[str]:
    """Say which links and sources of a page lead nowhere. Other hosts are not asked, but nothing may come from them."""
    faults = []
    for link in pages[name].links + pages[name].sources:
        if link.startswith(repository + "/") and "/main/" in link:
            if not (ROOT / unquote(urldefrag(link.split("/main/")[1])[0])).exists():
                faults.append(f"not in the repository: {link}")
        elif urlsplit(link).scheme or link.startswith("//"):
            if link in pages[name].sources and not link.startswith("data:"):
                faults.append(f"comes from elsewhere: {link}")
        else:
            parts = urlsplit(urljoin(name, link))
            path = unquote(parts.path)
            if not (site / path).is_file():
                faults.append(f"no such file: {link}")
            elif parts.fragment and path in pages and unquote(parts.fragment) not in pages[path].places:
                faults.append(f"no such place: {link}")
    return faults


def equations_written(source: Path) -> int:
    """Count the equations in the Markdown of a notebook or of a text."""
    if source.suffix == ".ipynb":
        cells = nbformat.read(source, as_version=4).cells
        text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    else:
        text = source.read_text(encoding="utf-8")
    text = re.sub(r"^```.*?^```|(?<!`)`[^`]+`", "", text, flags=re.DOTALL | re.MULTILINE)
    return len(re.findall(r"\$\$.+?\$\$|(?<![\\$])\$[^$\n][^$]*?(?<!\\)\$", text, flags=re.DOTALL))


def visit(page, address: str) -> list[str]:
    """Open a page in the dark at a phone's width, then in the light at a desk's, and say what is wrong."""
    faults, host = [], urlsplit(address).netloc
    listeners = {
        "request": lambda r: urlsplit(r.url).netloc not in (host, "") and faults.append(f"asks elsewhere: {r.url}"),
        "requestfailed": lambda r: faults.append(f"request failed: {r.url}"),
        "response": lambda r: r.status >= 400 and faults.append(f"answer {r.status}: {r.url}"),
        "console": lambda m: m.type in ("error", "warning") and faults.append(f"console: {m.text} {m.location}"),
        "pageerror": lambda e: faults.append(f"script: {e}"),
    }
    for event, listener in listeners.items():
        page.on(event, listener)
    page.set_viewport_size(PHONE)
    page.emulate_media(color_scheme="dark")
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.evaluate("() => window.MathJax?.startup.promise")
    faults += page.evaluate(SCRIPTS["width"])
    page.set_viewport_size(DESK)
    page.emulate_media(color_scheme="light")
    for script in SCRIPTS.values():
        faults += page.evaluate(script)
    for event, listener in listeners.items():
        page.remove_listener(event, listener)
    return faults


def unreadable(page, contrast: bool = False) -> list[str]:
    """Say what axe finds serious on the open page; without contrast, and so without the colours of code, it is fast."""
    from axe_playwright_python.sync_playwright import Axe

    if not contrast:
        page.evaluate("() => document.querySelectorAll('pre').forEach(p => p.textContent = p.textContent)")
    options = {"rules": {"color-contrast": {"enabled": contrast}}, "resultTypes": ["violations"]}
    return [
        f"axe: {one['id']}: {node['html'][:200]}"
        for one in Axe().run(page, options=options).response["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]
