"""Execute the committed notebooks from top to bottom and keep only what belongs into the repository.

`make notebooks` runs this for all; `python notebooks/tools/clean.py 04 06` for some. A notebook in which
a cell raises or writes to stderr is left as it was. Kept: sources, tags, outputs, counts. Removed: widget
states, papermill's notes, execution times, the interpreter's version. Pictures are packed smaller.
"""

import argparse
import base64
import io
import sys
import time
from pathlib import Path

import nbformat
import numpy as np
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from PIL import Image

from warpgan.files import atomic
from warpgan.labels import LABEL_COLOURS
from warpgan.runs import current_kernel_manager

NOTEBOOKS = Path(__file__).resolve().parents[1]
LARGE = 15_000  # bytes of a picture from which on fewer colours must do
COLOURS, EXACT = 256, 48  # of such a picture; of these, at most so many that are kept as they are
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def execute(path: Path) -> nbformat.NotebookNode:
    """A notebook with fresh outputs; it works in its own folder, with this interpreter."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        kernel_manager_class=current_kernel_manager(),
        resources={"metadata": {"path": str(path.parent)}},
        store_widget_state=False,
        coalesce_streams=True,
    )
    client.execute()
    return notebook


def clean(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Drop everything that changes from machine to machine or from one execution to the next; in place."""
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNEL, "language_info": {"name": "python"}})
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})
        for output in cell.get("outputs", []):
            if "metadata" in output:
                output.metadata = nbformat.from_dict({})
            if "image/png" in output.get("data", {}):
                output.data.pop("image/jpeg", None)  # a Pillow image shows itself as both; one is enough
                # A panel without its kernel is its picture, everywhere; a view of it would be an error message.
                output.data.pop("application/vnd.jupyter.widget-view+json", None)
            if "image/png" in output.get("data", {}):
                packed = pack(base64.b64decode(output.data["image/png"]))
                output.data["image/png"] = base64.b64encode(packed).decode()
    return notebook


def pack(png: bytes) -> bytes:
    """A PNG in fewer bytes: no alpha if it is opaque, well compressed; a large one in fewer colours.

    One that moves is left as it is: it is packed where it is made (`plots.Animation`).
    """
    picture = Image.open(io.BytesIO(png))
    if getattr(picture, "is_animated", False):
        return png
    if picture.mode == "RGBA" and picture.getextrema()[3] == (255, 255):
        picture = picture.convert("RGB")
    packed = _png(picture)
    if len(packed) > LARGE and picture.mode == "RGB":
        packed = _png(few_colours(picture))
    return min(png, packed, key=len)


def few_colours(picture: Image.Image) -> Image.Image:
    """An RGB picture in `COLOURS` colours; those of labels, and vivid ones that many pixels share, stay exact.

    Median cut alone would mix them with the thousands of shades of the photos beside them, and would spend most
    colours on the grounds; so the others count with the root of their pixels, and the means of k-means replace cuts.
    """
    pixels = np.asarray(picture).reshape(-1, 3).astype(np.int64)
    codes, place, count = np.unique(pixels @ [65536, 256, 1], return_inverse=True, return_counts=True)
    found = np.stack([codes >> 16, codes >> 8 & 255, codes & 255], axis=1)  # [N, 3] the colours that occur
    own = np.isin(codes, np.array(LABEL_COLOURS) @ [65536, 256, 1])  # some of these are not vivid
    vivid = count * (((np.ptp(found, axis=1) > 100) | own) & (count >= 40))
    exact = np.argsort(-vivid, kind="stable")[: min(EXACT, np.count_nonzero(vivid))]
    mixed = np.setdiff1d(np.arange(len(found)), exact)
    palette = found[exact]
    if len(mixed):
        weight = np.ceil(np.sqrt(count[mixed])).astype(int)
        others = Image.fromarray(np.repeat(found[mixed], weight, axis=0)[None].astype(np.uint8))
        few = others.quantize(COLOURS - len(exact), kmeans=1).getpalette()[: 3 * (COLOURS - len(exact))]
        palette = np.concatenate([palette, np.reshape(few, (-1, 3))])
    blocks = np.array_split(found, len(found) // 4096 + 1)  # a few at a time: the differences need memory
    nearest = np.concatenate([((b[:, None] - palette) ** 2).sum(axis=2).argmin(axis=1) for b in blocks])
    packed = Image.fromarray(nearest[place.ravel()].reshape(picture.height, picture.width).astype(np.uint8), "P")
    packed.putpalette(palette.astype(np.uint8).tobytes())
    return packed


def _png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def complaints(notebook: nbformat.NotebookNode) -> list[str]:
    """What a reader should not see: warnings and other lines on stderr."""
    found = []
    for cell in notebook.cells:
        found += [
            f"cell {cell.id} writes to stderr: {output.text.strip()[:300]}"
            for output in cell.get("outputs", [])
            if output.output_type == "stream" and output.name == "stderr"
        ]
    return found


def main() -> int:
    """Execute and clean the notebooks named; exit code 1 if one of them failed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", help="numbers or names; all by default")
    parser.add_argument("--keep-outputs", action="store_true", help="only clean, do not execute")
    options = parser.parse_args()
    paths = sorted(NOTEBOOKS.glob("*.ipynb"))
    for name in options.names:
        if not any(path.name.startswith(name) for path in paths):
            sys.exit(f"error: no notebook begins with {name!r}")
    failed = False
    for path in paths:
        if options.names and not path.name.startswith(tuple(options.names)):
            continue
        start = time.monotonic()
        try:
            notebook = nbformat.read(path, as_version=4) if options.keep_outputs else execute(path)
            faults = complaints(notebook)
        except CellExecutionError as error:
            faults = [str(error)]
        if faults:
            print(f"{path.name}: left as it was\n  " + "\n  ".join(faults), file=sys.stderr)
            failed = True
            continue
        with atomic(path) as part:
            nbformat.write(clean(notebook), part)
        size = path.stat().st_size / 1000
        print(f"{path.name}: {time.monotonic() - start:.0f} s, {size:.0f} KB", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
