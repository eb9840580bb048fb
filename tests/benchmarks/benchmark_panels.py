"""From a control's change to the new picture: `python tests/benchmarks/benchmark_panels.py`, with the shipped weights.

For each panel the 95th percentile over 100 changes at 128x64: in the kernel at most 120 ms where only the gate or the
warp changes, 200 ms for a new pose and for each variant of the ablation panel, and with `--browser` at most 150 ms
more until the page shows the picture. Then the memory of 1,000 updates. These bars are absolute ones, of two quiet
cores; the load of the machine is printed with them.
"""

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from itertools import cycle, islice
from pathlib import Path

import nbformat
import torch

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent), str(ROOT / "tests" / "browser")]

from measuring import judge  # noqa: E402

from warpgan import data, widgets  # noqa: E402
from warpgan.transfer import PoseTransfer  # noqa: E402
from warpgan.widgets.panel import Panel  # noqa: E402
from warpgan.widgets.picture import Picture  # noqa: E402

LIGHT, POSE, PAGE, GROWTH = 120.0, 200.0, 150.0, 16.0  # milliseconds three times; MiB

PAGE_CODE = """
import torch
torch.set_num_threads(1)
from warpgan import data, widgets
from warpgan.transfer import PoseTransfer
transfer = PoseTransfer.from_pretrained("rendered")
widgets.GatePanel(data.RenderedPeople("test", transfer.size, people=1, poses=2, progress=False), transfer)
"""
WATCH = """() => {
  const image = document.querySelector(".warpgan-panel img"), slider = document.querySelector("input[type=range]");
  window.times = [];
  slider.addEventListener("input", () => { window.pressed = performance.now(); });
  image.addEventListener("load", () => {
    window.times.push(performance.now() - window.pressed - Number(image.dataset.took));
  });
}"""


def percentile(values: Iterable[float]) -> float:
    """The 95th."""
    return statistics.quantiles(values, n=20)[-1]


def took(panel: Panel, changes: Iterable[Callable[[], None]]) -> list[float]:
    """Milliseconds in the kernel of each change of a panel, as the panel itself has noted them."""
    found = []
    for change in changes:
        panel.picture.took = -1.0
        change()
        if panel.picture.took < 0:
            raise RuntimeError(f"a change showed nothing new: {panel.picture.status}")
        found.append(panel.picture.took)
    return found[1:]  # the first fills caches


def settings(control, values: Iterable) -> Iterator[Callable[[], None]]:
    """Changes that give a control one value after the other."""
    for value in values:
        yield lambda value=value: setattr(control, "value", value)


def drags(canvas: Picture, changes: int, index: int, x: float, y: float) -> Iterator[Callable[[], None]]:
    """Changes that move a point to the right, a tenth of a pixel each."""
    for step in range(changes):
        moved = {"index": index, "x": x + 0.1 * step, "y": y, "serial": step + 1, "stroke": step}
        yield lambda moved=moved: setattr(canvas, "moved", moved)


def new_pairs(panel: widgets.AblationPanel) -> Iterator[Callable[[], None]]:
    """Changes that show one pair after the other, person by person."""
    for person in list(panel.person.options)[1:]:
        yield from settings(panel.person, [person])
        yield from settings(panel.pair, [value for _, value in panel.pair.options[1:]])


def kernel(transfer: PoseTransfer, pairs: data.RenderedPeople, changes: int) -> dict[str, tuple[list[float], float]]:
    """For each kind of change its times and its bar."""
    pair = pairs[0]
    gate, warp = widgets.GatePanel(pairs, transfer), widgets.WarpPanel(pair, transfer.matcher)
    person = pair["condition_image"], pair["condition_parsing"]
    editor = widgets.PoseEditor(pair["target_keypoints"], transfer.size, transfer, *person)
    skeleton = widgets.PoseEditor(pair["target_keypoints"], transfer.size)
    ablation = widgets.AblationPanel(pairs)
    ablation.apply(ablation.state | {"variants": ["weights"]})
    levels = [step / changes for step in range(changes)]
    maps = islice(cycle(["none", "affine", "tps", "both"]), changes)
    return {
        "gate: another value": (took(gate, settings(gate.value, levels)), LIGHT),
        "gate: other maps": (took(gate, settings(gate.maps, maps)), LIGHT),
        "warp: a point": (took(warp, drags(warp.picture, changes, 8, 20.0, 50.0)), LIGHT),
        "pose: a joint, with the person": (took(editor, drags(editor.canvas, changes, 4, 30.0, 60.0)), POSE),
        "pose: a joint, skeleton alone": (took(skeleton, drags(skeleton.canvas, changes, 4, 30.0, 60.0)), LIGHT),
        "ablations: a new pair, one variant": (took(ablation, islice(new_pairs(ablation), changes)), POSE),
    }


def memory(transfer: PoseTransfer, pairs: data.RenderedPeople, updates: int) -> float:
    """MiB that the process grows by over so many changes of the gate, after a tenth of them as a start."""
    gate = widgets.GatePanel(pairs, transfer)

    def resident() -> float:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    levels = [(step % 97) / 97 for step in range(1, updates + 1)]
    took(gate, settings(gate.value, levels[: updates // 10 + 1]))
    before = resident()
    took(gate, settings(gate.value, levels))
    return resident() - before


def page(changes: int) -> list[float]:
    """Milliseconds from a key on the gate's slider to the picture, less those of the kernel."""
    from conftest import CHROMIUM, FLAGS, PATIENCE, Server, free_port
    from playwright.sync_api import sync_playwright

    chromium = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if chromium is None:
        raise SystemExit("error: --browser needs chromium")
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        cell = nbformat.v4.new_code_cell(PAGE_CODE)
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata=kernel), folder / "gate.ipynb")
        command = [sys.executable, "-m", "voila", str(folder / "gate.ipynb"), "--no-browser", f"--port={port}"]
        server = Server(command, f"http://127.0.0.1:{port}/", folder / "log", ROOT)
        try:
            server.wait("voila/static/favicon.ico")
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
                view = browser.new_page()
                view.goto(server.address, timeout=PATIENCE)
                slider = view.get_by_role("slider", name="Held gate")
                slider.focus(timeout=PATIENCE)
                view.evaluate(WATCH)
                for step in range(changes):
                    view.keyboard.press("ArrowRight" if step // 10 % 2 else "ArrowLeft")
                    view.wait_for_function("count => window.times.length > count", arg=step, timeout=PATIENCE)
                times = json.loads(view.evaluate("() => JSON.stringify(window.times)"))
                browser.close()
        finally:
            server.stop()
    return times[1:]


def main(arguments: list[str] | None = None) -> int:
    """Print the figures and the bars; returns the exit status."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--browser", action="store_true", help="also until the page shows it; needs chromium")
    options.add_argument("--changes", type=int, default=101, help="of each control; the first is not counted")
    options.add_argument("--updates", type=int, default=1000, help="of which the memory is measured")
    options.add_argument("--people", type=int, default=11, help="whose pairs the ablation panel shows")
    chosen = options.parse_args(arguments)
    torch.set_num_threads(1)
    transfer = PoseTransfer.from_pretrained("rendered")
    pairs = data.RenderedPeople("test", transfer.size, people=chosen.people, poses=4, progress=False)
    print(f"load of the machine: {', '.join(f'{load:.1f}' for load in os.getloadavg())}")
    asked = []
    for what, (times, bar) in kernel(transfer, pairs, chosen.changes).items():
        print(f"{what}: median {statistics.median(times):.0f} ms of {len(times)}")
        asked.append((f"{what}, 95th percentile", percentile(times), bar, " ms"))
    growth = memory(transfer, pairs, chosen.updates)
    asked.append((f"memory of {chosen.updates} updates", growth, GROWTH, " MiB"))
    if chosen.browser:
        times = page(chosen.changes)
        print(f"in the page, beside the kernel: median {statistics.median(times):.0f} ms of {len(times)}")
        asked.append(("in the page, 95th percentile", percentile(times), PAGE, " ms"))
    missed = 0
    for what, value, bar, unit in sorted(asked, key=lambda one: one[1] / one[2]):  # what misses most is told last
        missed |= judge(what, value, bar, unit=unit)
    return missed


if __name__ == "__main__":
    sys.exit(main())
