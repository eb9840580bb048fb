"""Every symbol in the equations of the notebooks stands in the glossary, and is used nowhere before it is explained."""

import re
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from symbols import RUNNING, Symbol, equations, symbols

from warpgan.series import read_series

ROOT = Path(__file__).resolve().parents[2]
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (\$[^|]+\$) \| (.+) \| \[(\d\d) · ([a-z0-9-]+)\]\(\.\./notebooks/(\d\d_\w+)\.ipynb\) \|$")
TERM = re.compile(r"^\*\*([^*]+)\*\*: (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Row:
    """A line of one of the two tables; `local` are those of the second."""

    symbol: Symbol
    notebook: str
    cell: str
    local: bool


def read_rows(text=GLOSSARY):
    """The rows of both tables, in order."""
    first, second = text.split("### In one notebook")
    rows = []
    for part, local in ((first, False), (second.split("\n## ")[0], True)):
        for line in part.splitlines():
            if line.startswith("| $"):
                match = ROW.match(line)
                assert match, f"not a row of the glossary: {line}"
                latex, meaning, number, cell, name = match.groups()
                (symbol,) = symbols(latex)
                assert name.startswith(number) and len(meaning) > 3, line
                rows.append(Row(symbol, name, cell, local))
    return rows


def read_cells():
    """(notebook, cell, Markdown) of the series and of the two pages beside it, in the order of reading."""
    names = [entry.name for entry in read_series()] + ["panels", "training_run"]
    read = {name: nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4) for name in names}
    return [(name, cell.id, cell.source) for name in names for cell in read[name].cells if cell.cell_type == "markdown"]


def covers(row, symbol):
    """Whether a row explains a symbol, as itself or as one of those that it counts: x_k explains x_1."""
    if row.symbol.base != symbol.base:
        return False
    return row.symbol.sub == symbol.sub or (symbol.running and (not row.symbol.sub or row.symbol.running))


def faults(cells, rows):
    """Sentences, one for each symbol that nothing explains where it stands and for each row that explains nothing."""
    places = {(notebook, cell): number for number, (notebook, cell, _) in enumerate(cells)}
    found = [
        f"the glossary names {row.notebook} {row.cell} for ${row.symbol}$, and there is no such cell"
        for row in rows
        if (row.notebook, row.cell) not in places
    ]
    rows = [row for row in rows if (row.notebook, row.cell) in places]
    used = {place: symbols(cells[place][2]) for place in range(len(cells))}
    found += [
        f"the glossary says that {row.notebook} {row.cell} explains ${row.symbol}$, which it lacks"
        for row in rows
        if row.symbol not in used[places[row.notebook, row.cell]]
    ]

    def explained(symbol, notebook, place):
        fitting = [row for row in rows if covers(row, symbol) and (not row.local or row.notebook == notebook)]
        if any(places[row.notebook, row.cell] <= place for row in fitting):
            return ""
        base = Symbol(symbol.base)
        if symbol.sub and not symbol.running and symbol.inner and not fitting:  # \mu_x is explained by \mu and x
            parts = [part for part in symbol.inner if part.sub or part.base not in RUNNING]
            if not any(explained(part, notebook, place) for part in (base, *parts)):
                return ""
        if fitting:
            return f"is used before {fitting[0].notebook} {fitting[0].cell} explains it"
        return "is not in the glossary"

    return found + [
        f"{notebook} {cell}: ${symbol}$ {fault}"
        for place, (notebook, cell, _) in enumerate(cells)
        for symbol in used[place]
        if (fault := explained(symbol, notebook, place))
    ]


CELLS, ROWS = read_cells(), read_rows()


def test_every_symbol_is_explained_before_it_is_used():
    assert faults(CELLS, ROWS) == []


def test_no_row_stands_twice():
    assert len(set(ROWS)) == len(ROWS) > 100


@pytest.mark.parametrize("addition", [r"\Psi", r"S_q", r"\tilde I", r"I'_c", r"\mathrm{cut}(I_c)", r"\mathbf{c}"])
@pytest.mark.parametrize("where", ["$", "$$"])
def test_an_unknown_symbol_in_an_equation_is_found(addition, where):
    place = next(i for i, (notebook, cell, _) in enumerate(CELLS) if (notebook[:2], cell) == ("03", "channels"))
    notebook, cell, text = CELLS[place]
    changed = [*CELLS[:place], (notebook, cell, f"{text}\n\n{where}{addition} = 2{where}"), *CELLS[place + 1 :]]
    (fault,) = set(faults(changed, ROWS)) - set(faults(CELLS, ROWS))
    assert fault.startswith(f"{notebook} channels: $") and fault.endswith("is not in the glossary")


MADE = [
    ("00_a", "one", r"Let $x_k$ be a place and $T$ a map."),
    ("00_a", "two", r"$$y = \sum_k T(x_k) + x_1$$"),
    ("01_b", "three", r"Here $x$ is a colour. $$\mu_x = T(x)$$ with a mean $\mu$."),
]
TABLE = [
    Row(Symbol("x", "k"), "00_a", "one", True), Row(Symbol("T"), "00_a", "one", False),
    Row(Symbol("y"), "00_a", "two", True), Row(Symbol("x"), "01_b", "three", True),
    Row(Symbol(r"\mu"), "01_b", "three", True),
]  # fmt: skip


def made_rows():
    """The rows of the made-up table, each with what the reader finds of its symbol."""
    return [Row(symbols(f"${row.symbol}$")[0], row.notebook, row.cell, row.local) for row in TABLE]


def test_a_table_that_fits_has_no_faults():
    assert faults(MADE, made_rows()) == []


@pytest.mark.parametrize(
    "change, fault",
    [
        (lambda rows: rows[1:], ["00_a one: $x_k$ is not in the glossary", "00_a two: $x_k$ is", "00_a two: $x_1$ is"]),
        (lambda rows: rows[:3] + rows[4:], ["01_b three: $x$ is not", r"01_b three: $\mu_x$ is not"]),
        (
            lambda rows: [rows[0], Row(rows[1].symbol, "01_b", "three", False), *rows[2:]],
            ["00_a one: $T$ is used before 01_b three explains it", "00_a two: $T$ is used before"],
        ),
        (
            lambda rows: [rows[0], Row(rows[1].symbol, "00_a", "one", True), *rows[2:]],
            ["01_b three: $T$ is not in the glossary"],
        ),
        (
            lambda rows: [*rows, Row(Symbol("z"), "00_a", "one", True), Row(Symbol("y"), "00_a", "four", True)],
            ["the glossary names 00_a four for $y$, and there is no", "the glossary says that 00_a one explains $z$"],
        ),
    ],
    ids=["missing", "missing in its notebook", "explained too late", "of another notebook", "rows that lie"],
)
def test_each_way_not_to_fit_is_told(change, fault):
    found = faults(MADE, change(made_rows()))
    assert len(found) == len(fault) and all(one.startswith(start) for one, start in zip(found, fault)), found


@pytest.mark.parametrize(
    "latex, expected",
    [
        (r"\hat S_t = G_\mathrm{I}(S_c, P_t)", [r"\hat S_t", "G_I", "S_c", "P_t"]),
        (r"\hat{S}_{t}", [r"\hat S_t"]),
        (r"L_{adv} = \operatorname{mean}\,(D(x, \hat p) - 1)^2", ["L_{adv}", r"\mathrm{mean}", "D", "x", r"\hat p"]),
        (r"T(p) = a_0 + \sum_{k=1}^K w_k\, U(\lVert p - c_k\rVert)", ["T", "p", "a_0", "K", "w_k", "U", "c_k"]),
        (r"p_k = e^{z_k} / \sum_j e^{z_j}", ["p_k", "z_k", "z_j"]),
        (r"\ln \sum_j e^{z_{ij}} - z_{i y_i}", ["z_{ij}", "z_{iy_i}"]),
        (r"\iint \tfrac{\partial^2 T}{\partial x^2} \,dx\,dy", ["T", "x", "y"]),
        (r"d = \tfrac{x - c_x}{f}", ["d", "x", "c_x", "f"]),
        (r"\mathrm{IN}(x)_{bchw} = x_{bchw} - \sigma^2_{bc}", [r"\mathrm{IN}", "x", "x_{bchw}", r"\sigma_{bc}"]),
        (r"\operatorname{mean}_{p\ \mathrm{visible}}\,\lVert T_\theta(p)\rVert", [r"\mathrm{mean}", r"T_{\theta}"]),
        (r"x' = R_b\,x", ["x'", "R_b", "x"]),
        (r"\operatorname*{arg\,max}_k z_k", ["z_k"]),
        (r"\text{picture} = \text{unlit}\cdot a", ["a"]),
        (r"10^{-4},\; 65504,\; 2 \times 3", []),
        (r"\mathbb R^{(20+18)\times H}", ["H", r"\mathbb R"]),
        (r"\begin{pmatrix} U & P \\ P^\top & 0 \end{pmatrix}", ["U", "P"]),
    ],
)
def test_the_reader_finds_the_symbols_of_an_equation(latex, expected):
    assert sorted(map(str, symbols(f"${latex}$"))) == sorted(expected)


def test_an_unknown_command_is_an_error_and_not_overlooked():
    with pytest.raises(ValueError, match=r"unknown command \\foo"):
        symbols(r"$\foo x$")


def test_code_holds_no_equations():
    assert equations("costs `$x$` and $y$\n\n```\n$z$\n```\n\n$$a\n= b$$ end") == ["y", "a\n= b"]


def test_a_letter_counts_only_where_it_is_a_subscript_of_the_same_text():
    assert [str(s) for s in symbols("joint $j$ at $k_j$")] == ["k_j"]
    assert [str(s) for s in symbols("joint $j$ at $k$")] == ["j", "k"]


def test_terms_are_in_order_and_their_notebooks_speak_of_them():
    terms = TERM.findall(GLOSSARY.split("\n## Words")[1])
    names = [name for name, _ in terms]
    assert len(names) > 60 and names == sorted(names, key=str.casefold)
    for name, meaning in terms:
        links = re.findall(r"\]\(\.\./notebooks/(\w+)\.ipynb\)", meaning)
        assert links, f"{name}: no notebook explains it"
        for link in links:
            text = " ".join(source for notebook, _, source in CELLS if notebook == link).casefold()
            words = [word for word in re.split(r"[^\w-]+", name.casefold()) if len(word) > 3] or [name.casefold()]
            assert any(word.removesuffix("s") in text for word in words), f"{name}: notebook {link} does not use it"
