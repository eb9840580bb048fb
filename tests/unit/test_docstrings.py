"""What is public says what it is: files in one sentence, functions with every argument and its type."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = sorted((ROOT / "warpgan").rglob("*.py"))
FILES = [*PACKAGE, *(path for folder in ("figures", "notebooks", "tests") for path in (ROOT / folder).rglob("*.py"))]
KERNELS = ("kernels.py", "shader.py")  # their arguments have warp's own types and are told once, for all of them
ELSEWHERE = re.compile(r"\bas (for|in|of)\b|\b[Ss]ee\b|\bas `|\bArguments\b|\barguments (as|and)\b")


def public(tree):
    # Yields (function, its name with that of its class, whose docstring counts for __init__).
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield node, node.name, ""
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            for method in node.body:
                if isinstance(method, ast.FunctionDef) and (method.name == "__init__" or method.name[0] != "_"):
                    told = ast.get_docstring(node) if method.name == "__init__" else ""
                    yield method, f"{node.name}.{method.name}", told or ""


def arguments(function):
    given = function.args
    found = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    return [one for one in found if one is not None and one.arg not in ("self", "cls") and one.arg[0] != "_"]


def named(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", FILES, ids=named)
def test_files_say_in_one_sentence_what_they_are(path):
    first = (ast.get_docstring(ast.parse(path.read_text("utf8"))) or "").splitlines()[:1]
    assert first, "no docstring"
    assert first[0].endswith("."), first[0]
    assert not re.search(r"[.?!] [A-Z]", first[0]), f"more than one sentence: {first[0]}"


@pytest.mark.parametrize("path", PACKAGE, ids=named)
def test_public_functions_tell_their_arguments(path):
    if path.name in KERNELS:
        return
    tree = ast.parse(path.read_text("utf8"))
    page = ast.get_docstring(tree) or ""
    for function, name, of_class in public(tree):
        given = arguments(function)
        assert not [one.arg for one in given if one.annotation is None], f"{name}: arguments without a type"
        text = f"{ast.get_docstring(function) or ''} {of_class}"
        if len(given) < 3 or ELSEWHERE.search(text):
            continue
        untold = {one.arg for one in given} - set(re.findall(r"\w+", f"{text} {page}"))
        assert not untold, f"{name} says nothing of {', '.join(sorted(untold))}"
