"""Still pictures: what is drawn is what was given, at the right place and in the right colour."""

import base64
import io
import os
import subprocess
import sys
from pathlib import Path

import clean
import nbformat
import numpy as np
import pandas
import pytest
from PIL import Image

from warpgan import plots


def test_a_sheet_holds_every_tile_enlarged_and_in_its_place():
    red, blue = np.zeros((8, 6, 3), np.uint8), np.zeros((8, 6, 3), np.uint8)
    red[..., 0] = blue[..., 2] = 255
    assert (np.array(plots.sheet([[red, None], [blue, red]], scale=3, gap=5))[5:29, 28:46] == 255).all()
    bare = np.array(plots.sheet([[red, blue], [blue, red]], scale=3, gap=5))
    assert bare.shape == (5 + 2 * (24 + 5), 5 + 2 * (18 + 5), 3)
    for y, x, tile in ((5, 5, red), (5, 28, blue), (34, 5, blue), (34, 28, red)):
        assert np.array_equal(bare[y : y + 24, x : x + 18], tile.repeat(3, 0).repeat(3, 1))
    assert (bare[:5] == 255).all() and (bare[:, 23:28] == 255).all()


def test_captions_are_drawn_and_not_cut():
    tile = np.full((40, 10, 3), 255, np.uint8)
    sheet = plots.sheet([[tile, tile]], ["someone"], column_titles=["condition", "the target"], scale=1)
    titled = np.array(sheet)
    dark = (titled.min(axis=-1) < 128).any(axis=0)
    assert dark.any() and not dark[0] and not dark[-1]
    top = (titled[:18].min(axis=-1) < 128).any(axis=0).nonzero()[0]
    assert np.diff(top).max() > 4 and top.max() > titled.shape[1] / 2  # two titles apart from each other
    with pytest.raises(ValueError, match="a sheet of 2 column_titles got 1"):
        plots.sheet([[tile, tile]], column_titles=["condition"])
    with pytest.raises(ValueError, match="at least one picture"):
        plots.sheet([[None]])


def test_curves_show_the_log(tmp_path):
    table = pandas.DataFrame({"step": range(0, 500, 10), "pixel": 0.5, "parser_loss": np.linspace(3, 1, 50)})
    table.to_csv(tmp_path / "log.csv", index=False)
    figure = plots.curves(tmp_path / "log.csv", ["parser_loss"])
    logged, _ = figure.axes[0].lines
    assert np.allclose(logged.get_ydata(), table["parser_loss"])
    assert figure.axes[0].get_title() == "parser loss"
    assert len(plots.curves(table).axes) == 2
    shown = Image.open(io.BytesIO(figure._repr_png_()))
    assert shown.format == "PNG" and min(shown.size) > 100
    with pytest.raises(ValueError, match="no column 'matcher'; it has step, pixel, parser_loss"):
        plots.curves(table, ["matcher"])


@pytest.mark.parametrize("rows, window", [(3, 1), (12, 3), (50, 10)])
def test_the_running_mean_of_a_short_log_still_moves(rows, window):
    table = pandas.DataFrame({"step": range(rows), "pixel": np.arange(rows) ** 2.0})
    _, mean = plots.curves(table).axes[0].lines
    middle = slice(window // 2, rows - (window - 1) // 2)  # where a window is whole
    assert np.allclose(mean.get_ydata()[middle], table["pixel"].rolling(window, center=True).mean().dropna())


def test_the_test_picture_differs_from_its_mirror_images():
    picture = plots.checker((40, 30))
    assert picture.shape == (3, 40, 30) and picture.abs().max() <= 1
    for turned in (picture.flip(-1), picture.flip(-2), picture.flip(-1, -2)):
        assert (turned - picture).abs().mean() > 0.1


LOOP = """from types import SimpleNamespace
import pandas
from warpgan import plots

live = plots.LiveCurves(every=0.0)
run = SimpleNamespace(steps=4, finished=False)
for run.step in range(4):
    rows = range(run.step + 1)
    run.losses = lambda: pandas.DataFrame({"step": rows, "pixel": [0.5 - step / 10 for step in rows]})
    live(run)
print("done")"""


def test_live_curves_keep_the_last_picture_and_survive_nbval(write_notebook):
    path = write_notebook("live", ("", LOOP), ("", "run.step = 3\nplots.curves(run.losses())"))
    notebook = clean.clean(clean.execute(path))
    nbformat.write(notebook, path)
    curves, line = notebook.cells[0].outputs
    assert (curves.data["text/plain"], line.text) == ("<curves of the training>", "done\n")
    last = notebook.cells[1].outputs[0]

    def pixels(output):
        return np.array(Image.open(io.BytesIO(base64.b64decode(output.data["image/png"]))).convert("RGB"))

    assert np.array_equal(pixels(curves), pixels(last))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, "--nbval",
               "--nbval-current-env", str(path)]
    root = str(Path(plots.__file__).parents[1])
    result = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | {"PYTHONPATH": root})
    assert result.returncode == 0 and "2 passed" in result.stdout, result.stdout


def test_live_curves_draw_the_last_row_and_wait_before_the_others(monkeypatch, tmp_path):
    drawn = []
    monkeypatch.setattr(plots, "curves", lambda log, columns, smooth: drawn.append(log))
    monkeypatch.setattr(plots, "_png", lambda figure: b"")
    run = type("Run", (), {"steps": 5, "step": 0, "finished": False, "losses": lambda self: self.step})()
    plots.LiveCurves()(run)
    assert not drawn  # no notebook
    monkeypatch.setattr(plots, "_in_notebook", lambda: True)
    live = plots.LiveCurves(every=100.0)
    for run.step in range(5):
        live(run)
    assert drawn == [0, 4]
