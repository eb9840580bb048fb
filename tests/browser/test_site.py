"""The site, built as `make site` builds it and opened in a browser: every page whole, and nothing from elsewhere."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from playwright.sync_api import expect

sys.path.insert(0, str(Path(__file__).parent))

import site_pages
from conftest import PATIENCE, ROOT, Server, free_port

from docs import build

REPOSITORY = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]["Repository"]
SMALL = "notebooks/solutions/08_scaling_up.html"  # the page that faults are put into; it has equations
COLOURED = ("warpgan/weights/README.html", "notebooks/panels.html", SMALL)  # every kind of text
NOWHERE = "http://127.0.0.1:9"  # where nobody answers: what the building fetches fails


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Give the folder of the built site. MathJax must be there before, everything else happens without a network."""
    if shutil.which("npm") is None and not (build.BUILT / "npm" / "node_modules" / "mathjax").is_dir():
        text = "needs npm, to install MathJax: Debian's packages nodejs and npm"
        if os.environ.get("WARPGAN_BROWSER") == "required":
            pytest.fail(text)
        pytest.skip(text)
    build.mathjax()
    out = tmp_path_factory.mktemp("site")
    alone = os.environ | dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), NOWHERE)
    command = [sys.executable, str(ROOT / "docs" / "build.py"), "--out", str(out)]
    result = subprocess.run(command, env=alone, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    assert str(out / "html" / "index.html") in result.stdout
    return out / "html"


@pytest.fixture(scope="module")
def pages(folder):
    """Give what every page of the built site says, by its name."""
    return site_pages.read(folder)


@pytest.fixture(scope="module")
def site(chromium, folder):
    """Give a server of the built site."""
    port = free_port()
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(folder)]
    server = Server(command, f"http://127.0.0.1:{port}/", folder.parent / "server.log", ROOT)
    server.wait()
    yield server
    server.stop()


@pytest.fixture
def page(browser):
    """Give an empty page of the browser."""
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    yield page
    page.close()


def sources():
    """The files that are pages: their paths in the repository."""
    texts = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "warpgan").rglob("*.md")]
    notebooks = [*(ROOT / "notebooks").glob("*.ipynb"), *(ROOT / "notebooks" / "solutions").glob("*.ipynb")]
    return sorted(path.relative_to(ROOT) for path in texts + notebooks)


def test_every_text_and_notebook_is_a_page_with_all_its_equations(pages):
    made = {str(path.with_suffix(".html")): path for path in sources()}
    assert sorted(set(pages) - set(made)) == ["index.html", "search.html"]
    assert sorted(set(made) - set(pages)) == []
    written = {name: site_pages.equations_written(ROOT / path) for name, path in made.items()}
    assert {name: pages[name].equations for name in made} == written
    assert sum(count > 0 for count in written.values()) >= 8


def test_a_translated_page_names_its_language(folder):
    for name in sources():
        language = name.stem.partition(".")[2] or "en"
        head = (folder / name.with_suffix(".html")).read_text(encoding="utf-8")[:500]
        assert f' lang="{language}"' in head, name


def test_no_link_leads_nowhere_and_nothing_comes_from_elsewhere(folder, pages):
    faults = {name: site_pages.broken(folder, pages, name, REPOSITORY) for name in pages}
    assert {name: found for name, found in faults.items() if found} == {}


def test_every_page_has_an_icon_so_that_no_browser_asks_for_one_that_is_not_there(pages):
    icons = {name: page.icon or "" for name, page in pages.items()}
    assert icons.pop("index.html") == "data:,"  # it leads on before a file could be there
    assert [name for name, icon in icons.items() if not icon.endswith("_static/icon.svg")] == []


def test_every_page_is_whole_in_a_browser_at_two_widths(site, pages, page):
    faults = {}
    for name in pages:
        found = site_pages.visit(page, site.address + name)
        found += site_pages.unreadable(page)
        faults |= {name: found} if found else {}
    assert faults == {}


def test_the_set_up_cell_is_folded_away_and_can_be_opened(site, page):
    page.goto(site.address + "notebooks/00_quickstart.html")
    code = page.locator(".cell_input", has_text="BINDER_SERVICE_HOST")
    expect(code).to_be_hidden()
    page.get_by_text("Show the set-up for Colab and Binder").click()
    expect(code).to_be_visible()


def test_a_word_is_found_without_a_server_of_ours(site, page):
    page.goto(site.address + "search.html?q=tartan")
    expect(page.locator("#search-results a[href*='notebooks/01_people']").first).to_be_visible(timeout=PATIENCE)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_is_enough_in_the_light_and_in_the_dark(site, page, scheme):
    page.emulate_media(color_scheme=scheme)
    for name in COLOURED:
        page.goto(site.address + name)
        page.wait_for_load_state("networkidle")
        assert site_pages.unreadable(page, contrast=True) == [], name


def test_a_picture_of_a_cell_has_the_text_beneath_it_and_leads_to_its_file(site, page):
    page.goto(site.address + "notebooks/panels.html")
    pictures = page.locator(".cell_output img")
    assert pictures.count() == 5
    for picture in pictures.all():
        beneath = picture.locator("xpath=ancestor::div[contains(@class, 'cell ')]/following-sibling::p[1]")
        assert beneath.inner_text().startswith("Picture: " + picture.get_attribute("alt"))
        assert picture.locator("xpath=parent::a").get_attribute("href") == picture.get_attribute("src")


WRITTEN = {
    '<a href="gone.html">x</a>': "no such file",
    '<a href="../00_quickstart.html#gone">x</a>': "no such place",
    f'<a href="{REPOSITORY}/blob/main/gone.py">x</a>': "not in the repository",
    '<img src="https://example.org/x.png" alt="x">': "comes from elsewhere",
    '<script src="//example.org/x.js"></script>': "comes from elsewhere",
}
SEEN = {
    '<img src="gone.png" alt="a picture">': "picture not loaded",
    '<img src="../../_static/icon.svg" alt="">': "picture without a text",
    '<script src="http://localhost:9/x.js"></script>': "asks elsewhere",
    '<link rel="stylesheet" href="gone.css">': "answer 404",
    "<script>console.error('oh')</script>": "console: oh",
    "<script>throw new Error('oh')</script>": "script: oh",
    '<p class="math">an equation that is not drawn</p>': "equations drawn",
    r'<span class="math">\(\unknown\)</span>': "equation in error: Undefined control sequence",
    '<p>is $<span class="math"><mjx-container>x</mjx-container></span>$ y</p>': "a dollar beside an equation: is $",
    '<div style="width: 600px">x</div>': "the page scrolls sideways",
    "<button></button>": "axe: button-name",
    '<p style="color: #999; background: #fff">pale</p>': "axe: color-contrast",
}


@pytest.fixture
def spoil(folder):
    """Give a function that writes a page with a fault into the site for one test, and returns its name."""
    name = SMALL.replace(".html", "-with-a-fault.html")

    def write(fault: str) -> str:
        text = (folder / SMALL).read_text(encoding="utf-8")
        assert text.count("</article>") == 1
        (folder / name).write_text(text.replace("</article>", fault + "</article>"), encoding="utf-8")
        return name

    yield write
    (folder / name).unlink()


@pytest.mark.parametrize("fault", WRITTEN)
def test_each_check_of_what_is_written_can_fail(folder, pages, spoil, fault):
    name = spoil(fault)
    spoilt = pages | {name: site_pages.Reader((folder / name).read_text(encoding="utf-8"))}
    (found,) = site_pages.broken(folder, spoilt, name, REPOSITORY)
    assert found.startswith(WRITTEN[fault])


@pytest.mark.parametrize("fault", SEEN)
def test_each_check_in_the_browser_can_fail(site, page, spoil, fault):
    expected = SEEN[fault]
    found = site_pages.visit(page, site.address + spoil(fault))
    if expected.startswith("axe"):
        found += site_pages.unreadable(page, contrast="color" in expected)
    assert any(expected in line for line in found), found
