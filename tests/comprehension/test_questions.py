"""Five questions about why for each notebook, and the cells whose own words answer them.

`NN_name.toml` belongs to notebooks/NN_name.ipynb. A question has `ask`, `answer` (two to four sentences), `cells`
(ids of the cells that answer it) and `words`: short phrases that carry the answer and stand in these cells, in what
they say or in the text that they print.
"""

import re
import tomllib
from pathlib import Path

import nbformat
import pytest

from warpgan.series import read_series

HERE = Path(__file__).resolve().parent
NOTEBOOKS = HERE.parents[1] / "notebooks"
FIELDS = {"ask": str, "answer": str, "cells": list, "words": list}
LEAST = 5  # questions a notebook


def collapsed(text):
    """A text with single spaces."""
    return " ".join(text.split())


def says(cell):
    """What a reader finds in a cell: its source, and the text that it printed or showed."""
    parts = [cell.source]
    for output in cell.get("outputs", []):
        parts.append(output.get("text", ""))
        data = output.get("data", {})
        parts += [re.sub(r"<[^>]+>", " ", data.get("text/html", "")), data.get("text/plain", "")]
    return collapsed("\n".join(parts))


def faults(questions, notebook):
    """Sentences, one for each thing that is wrong with the questions of a notebook."""
    found = []
    cells = {cell.id: says(cell) for cell in notebook.cells}
    if len(questions) < LEAST:
        found.append(f"{len(questions)} questions where {LEAST} are wanted")
    asked = [question.get("ask") for question in questions]
    for number, question in enumerate(questions, 1):
        if {name: type(value) for name, value in question.items()} != FIELDS:
            found.append(f"question {number}: {sorted(question)}, wanted are texts and lists named {sorted(FIELDS)}")
            continue
        ask, answer = question["ask"], collapsed(question["answer"])
        if not ask.endswith("?") or not re.search(r"\bwhy\b", ask, re.IGNORECASE):
            found.append(f"question {number}: does not ask why: {ask}")
        if asked.count(ask) > 1:
            found.append(f"question {number}: stands twice: {ask}")
        sentences = len(re.findall(r"[.!?](?=\s|$)", answer))
        if not 2 <= sentences <= 4:
            found.append(f"question {number}: an answer of {sentences} sentences where 2 to 4 are wanted")
        missing = [cell for cell in question["cells"] if cell not in cells]
        if missing or not question["cells"]:
            found.append(f"question {number}: no such cells: {missing}" if missing else f"question {number}: no cells")
            continue
        there = " ".join(cells[cell] for cell in question["cells"])
        if not question["words"]:
            found.append(f"question {number}: no words")
        found += [
            f"question {number}: {question['cells']} do not say: {phrase}"
            for phrase in question["words"]
            if len(collapsed(phrase)) < 4 or collapsed(phrase) not in there
        ]
        found += [
            f"question {number}: no words of the answer stand in {cell}"
            for cell in question["cells"]
            if not any(collapsed(phrase) in cells[cell] for phrase in question["words"])
        ]
    return found


@pytest.mark.parametrize("name", [entry.name for entry in read_series()])
def test_five_questions_are_answered_by_the_notebook_alone(name):
    path = HERE / f"{name}.toml"
    assert path.is_file(), f"tests/comprehension/{name}.toml: {LEAST} questions about notebook {name} are wanted"
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    assert set(content) == {"question"}, sorted(content)
    assert faults(content["question"], nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)) == []


def test_no_questions_are_left_over():
    assert {path.stem for path in HERE.glob("*.toml")} <= {entry.name for entry in read_series()}


def made():
    """A made-up notebook of two cells and five good questions about it."""
    text = nbformat.v4.new_markdown_cell("A map runs\nfrom output to source: **no holes**.", id="direction")
    output = nbformat.v4.new_output("stream", text="every pixel gets  one value: True\n")
    code = nbformat.v4.new_code_cell("look_up(x)", id="check", outputs=[output])
    question = {
        "answer": "So that each pixel gets one value. There are no holes.",
        "cells": ["direction", "check"],
        "words": ["from output to source", "gets one value"],
    }
    questions = [{"ask": f"Why is it so, number {number}?", **question} for number in range(5)]
    return questions, nbformat.v4.new_notebook(cells=[text, code])


def test_good_questions_have_no_faults():
    assert faults(*made()) == []


@pytest.mark.parametrize(
    "change, fault",
    [
        ({"ask": "How is it?"}, "does not ask why"),
        ({"ask": "Why is it so"}, "does not ask why"),
        ({"ask": "Why is it so, number 1?"}, "stands twice"),
        ({"answer": "Because."}, "an answer of 1 sentences"),
        ({"answer": "It. Is. Too. Long. Now."}, "an answer of 5 sentences"),
        ({"cells": ["direction", "nowhere"]}, "no such cells: ['nowhere']"),
        ({"cells": []}, "no cells"),
        ({"words": []}, "no words"),
        ({"words": ["from source to output", "gets one value"]}, "do not say: from source to output"),
        ({"words": ["from output to source"]}, "no words of the answer stand in check"),
        ({"words": ["a", "from output to source", "one value"]}, "do not say: a"),
        ({"words": "from output to source"}, "wanted are texts and lists"),
        ({"hint": "x"}, "wanted are texts and lists"),
    ],
)
def test_each_fault_of_a_question_is_told(change, fault):
    questions, notebook = made()
    questions[2] = {**questions[2], **change}
    found = faults(questions, notebook)
    assert found and all(fault in one or "stands twice" in one or "no words" in one for one in found), found
    assert any("question 3" in one and fault in one for one in found), found


def test_too_few_questions_are_told():
    questions, notebook = made()
    assert faults(questions[:4], notebook) == ["4 questions where 5 are wanted"]
