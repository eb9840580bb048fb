"""Every benchmark runs, at sizes that take seconds; how fast is not asked here."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
sys.path[:0] = [str(BENCHMARKS)]

import measuring  # noqa: E402

TINY = {
    "step": "--preset rendered --width 4 --steps 1 --batch 1",
    "geometry": "--size 32 --rounds 1",
    "waiting": "--people 2 --batch 2 --steps 2 --runs 1",
    "memory": "--people 2 --batch 2 --epoch 3 --width 4",
    "transfer": "--rounds 1 --calls 2 --threads 1",
    "panels": "--changes 4 --updates 20 --people 2",
}


@pytest.mark.parametrize("name", TINY)
def test_a_benchmark_runs_and_prints_its_bar_last(name, tmp_path):
    command = [sys.executable, str(BENCHMARKS / f"benchmark_{name}.py"), *TINY[name].split()]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert ran.returncode in (0, 1), ran.stderr
    last = ran.stdout.splitlines()[-1]
    number = r"-?[\d.e-]+( ms| %| MiB)?"
    assert re.search(rf": {number}, at (most|least) {number} (is asked for|was asked for: MISSED)$", last), last
    assert last.endswith("MISSED") == (ran.returncode == 1)
    assert not list(tmp_path.iterdir())


def test_convolutions_are_noted_with_the_gradients_that_were_asked_for():
    first, second = torch.nn.Conv2d(3, 4, 3, padding=1, padding_mode="reflect"), torch.nn.ConvTranspose2d(4, 2, 3)
    noted, image = measuring.Convolutions(), torch.rand(1, 3, 8, 8)
    with noted:
        second.requires_grad_(False)(first(image)).sum().backward()
        with torch.no_grad():
            first(image)
    forward = [function is torch.ops.aten.convolution.default for function, _ in noted.calls]
    assert forward == [True, True, False, False, True]
    # of the transposed convolution only its input's gradient, of the first one its weight's and its bias'
    assert [forms[-1] for _, forms in noted.calls[2:4]] == [(True, False, False), (False, True, True)]
    assert noted.calls[0][1][0][1] == (1, 3, 10, 10)  # the padding by reflection came before
    assert all(seconds >= 0 for seconds in noted.alone())
    assert str(noted) == "3 forward and 2 backward convolutions of 4 forms"


@pytest.mark.parametrize("value, least, status", [(1.0, False, 0), (3.0, False, 1), (1.0, True, 1), (3.0, True, 0)])
def test_the_verdict_is_the_exit_status(value, least, status, capsys):
    assert measuring.judge("something", value, 2.0, least=least) == status
    assert ("MISSED" in capsys.readouterr().out) == bool(status)
