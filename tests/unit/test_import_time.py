"""`import warpgan` costs nothing, and no module of it pulls in a heavy library before it is used."""

import json
import subprocess
import sys

import pytest

LIGHT = """
import sys, time
import torch
start = time.perf_counter()
import warpgan
print(time.perf_counter() - start)
"""
ALL = """
import importlib, json, sys
from pathlib import Path
import torch
before = set(sys.modules)
import warpgan
root = Path(warpgan.__path__[0])
# Kernels are made of warp, panels of ipywidgets, which brings IPython. Neither is imported before it is used.
left_out = {"warpgan.people.shader", "warpgan.people.kernels"}
for path in sorted(root.rglob("*.py")):
    name = ".".join(("warpgan", *path.relative_to(root).with_suffix("").parts)).removesuffix(".__init__")
    if name not in left_out and not name.startswith("warpgan.widgets"):
        importlib.import_module(name)
print(json.dumps(sorted({name.split(".")[0] for name in set(sys.modules) - before})))
"""
HEAVY = [
    "torchvision",
    "torchmetrics",
    "warp",
    "lightning_fabric",
    "tensorboard",
    "anny",
    "papermill",
    "pandas",
    "matplotlib",
    "nbclient",
    "IPython",
]


def python(code):
    """What the code prints in a new interpreter."""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.alone
def test_importing_the_package_takes_less_than_a_second_beyond_torch():
    assert float(python(LIGHT)) < 1


def test_no_module_imports_a_heavy_library_before_it_is_used():
    loaded = json.loads(python(ALL).splitlines()[-1])
    assert "warpgan" in loaded
    assert [name for name in HEAVY if name in loaded] == []
