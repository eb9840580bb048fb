"""The tools that write into notebooks: solutions in the places of exercises, clean outputs."""

import base64
import io

import clean
import nbformat
import numpy as np
import pytest
import splice
from PIL import Image

from warpgan import plots
from warpgan.labels import LABEL_COLOURS, PANTS, SCARF


def book(*cells):
    """A notebook of (tag, source) pairs."""
    made = []
    for number, (tag, source) in enumerate(cells):
        new = nbformat.v4.new_markdown_cell if tag == "text" else nbformat.v4.new_code_cell
        made.append(new(source, id=f"c{number}", metadata={"tags": [tag]} if tag else {}))
    return nbformat.v4.new_notebook(cells=made)


def test_a_solution_takes_the_place_of_its_exercise_and_nothing_else_changes():
    notebook = book(
        ("", "a = 1"), ("exercise-1", "b = None"), ("check-1", "print(b)"), ("exercise-2", "c = None")
    )
    solved = splice.splice(notebook, book(("solution-2", "c = 3"), ("text", "why"), ("solution-1", "b = 2")))
    assert [cell.source for cell in solved.cells] == ["a = 1", "b = 2", "print(b)", "c = 3"]
    assert [cell.id for cell in solved.cells] == [cell.id for cell in notebook.cells]
    assert notebook.cells[1].source == "b = None"


def test_every_exercise_needs_its_solution():
    with pytest.raises(ValueError, match=r"exercises \[1, 2\] but solutions \[1\]"):
        splice.splice(book(("exercise-1", ""), ("exercise-2", "")), book(("solution-1", "")))
    with pytest.raises(ValueError, match="two cells are tagged 'exercise-1'"):
        splice.splice(book(("exercise-1", ""), ("exercise-1", "")), book(("solution-1", "")))


def test_cleaning_keeps_what_readers_need_and_drops_what_machines_add():
    notebook = book(("checkpoint", "1"))
    notebook.metadata.update(
        widgets={"state": {}}, papermill={"duration": 1}, language_info={"version": "3.11"}
    )
    cell = notebook.cells[0]
    cell.metadata.update(execution={"iopub.execute_input": "12:00"}, papermill={"status": "completed"})
    cell.execution_count = 1
    cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text="one\n")]
    cleaned = clean.clean(notebook)
    assert sorted(cleaned.metadata) == ["kernelspec", "language_info"]
    assert cleaned.metadata.language_info == {"name": "python"}
    assert cell.metadata == {"tags": ["checkpoint"]} and cell.execution_count == 1
    assert cell.outputs[0].text == "one\n"
    nbformat.validate(cleaned)


def test_execution_fills_in_outputs_and_tells_of_warnings(write_notebook):
    path = write_notebook(
        "loud", ("", "print('a')\nprint('b')\n40 + 2"), ("", "import sys\nsys.stderr.write('hm')")
    )
    executed = clean.execute(path)
    outputs = executed.cells[0].outputs
    assert outputs[0].text == "a\nb\n" and outputs[1].data["text/plain"] == "42"
    assert executed.cells[0].execution_count == 1
    assert len(clean.complaints(executed)) == 1 and "hm" in clean.complaints(executed)[0]


def test_pictures_are_packed_without_changing_small_ones_and_hardly_changing_large_ones():
    def png(array):
        buffer = io.BytesIO()
        Image.fromarray(array).save(buffer, "PNG", compress_level=1)
        return buffer.getvalue()

    ramp = np.linspace(0, 255, 60 * 40 * 3).reshape(60, 40, 3).astype(np.uint8)
    opaque = np.dstack([ramp, np.full((60, 40), 255, np.uint8)])
    packed = clean.pack(png(opaque))
    assert len(packed) < len(png(opaque))
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(packed)).convert("RGB")), ramp)
    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3), dtype=np.uint8)
    packed = clean.pack(png(noise))
    assert len(packed) < len(png(noise)) / 2
    changed = np.asarray(Image.open(io.BytesIO(packed)).convert("RGB")).astype(float) - noise
    assert np.abs(changed).mean() < 25
    assert clean.pack(packed) == packed  # a second cleaning changes nothing


def test_the_colours_of_labels_and_joints_survive_beside_a_photo():
    generator = np.random.default_rng(0)
    photo = generator.integers(0, 256, (160, 200, 3), dtype=np.uint8)
    kept = [(255, 85, 0), (255, 255, 0), (52, 170, 221), LABEL_COLOURS[PANTS], LABEL_COLOURS[SCARF]]
    photo[:10, :50] = np.repeat(np.repeat(np.array(kept, np.uint8), 10, axis=0)[None], 10, axis=0)  # 100 pixels each
    packed = clean.few_colours(Image.fromarray(photo))
    assert len(packed.getcolors()) <= clean.COLOURS
    assert np.array_equal(np.asarray(packed.convert("RGB"))[:10, :50], photo[:10, :50])
    alone = clean.few_colours(Image.fromarray(photo[:10, :50]))
    assert np.array_equal(np.asarray(alone.convert("RGB")), photo[:10, :50])


def test_a_colour_of_few_shades_is_not_lost_in_a_large_ground():
    y, x = np.mgrid[0:300, 0:300]
    ground = np.stack([200 + x // 12, 200 + y // 12, 220 - (x + y) // 20], axis=-1)
    ground = ground + np.random.default_rng(0).integers(-9, 10, ground.shape)
    purple = np.array([78, 70, 140]) + np.random.default_rng(1).integers(-6, 7, (20, 20, 3))
    ground[:20, :20] = purple
    packed = np.asarray(clean.few_colours(Image.fromarray(ground.astype(np.uint8))).convert("RGB")).astype(int)
    assert np.abs(packed[:20, :20] - purple).max() < 12


def test_an_animation_keeps_all_its_pictures():
    moving = plots.Animation([Image.new("RGB", (300, 200), colour) for colour in ("red", "green", "blue")])
    packed = clean.pack(moving._repr_png_())
    assert Image.open(io.BytesIO(packed)).n_frames == 3


def test_of_a_panel_its_picture_stays_and_its_view_goes():
    picture = io.BytesIO()
    Image.new("RGB", (4, 4)).save(picture, "PNG")
    data = {"image/png": base64.b64encode(picture.getvalue()).decode(), "text/plain": "<Panel>"}
    data["application/vnd.jupyter.widget-view+json"] = {"model_id": "1"}
    notebook = book(("", "panel"))
    notebook.cells[0].outputs = [nbformat.v4.new_output("display_data", data=data)]
    assert set(clean.clean(notebook).cells[0].outputs[0].data) == {"image/png", "text/plain"}
