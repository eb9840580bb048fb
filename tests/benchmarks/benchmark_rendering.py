"""How many pictures a second are rendered, all truths included: `python tests/benchmarks/benchmark_rendering.py`.

Prints pictures a second of new people on one and on two processes, and for a person in four poses the time of the whole
beside that of the bare body and casts: shape and skinning, building and refitting the ray structure, five rays a pixel
(one for the truths, four for the colours) and one for each place of a correspondence, with nothing labelled or shaded.
Reports, asserts nothing: the speed belongs to the machine and to whatever else runs on it.
"""

import argparse
import statistics
import tempfile
import time

import numpy as np

from warpgan.data import RenderedPeople
from warpgan.people import shader
from warpgan.people.body import load_body
from warpgan.people.figure import Figure
from warpgan.people.render import render_person
from warpgan.people.scene import SUBPIXELS, Scene
from warpgan.people.shards import person_seed
from warpgan.people.styles import style
from warpgan.people.wardrobe import random_person

SIZES, POSES, REPEATS = ((128, 64), (256, 256)), 4, 3
wp = shader.wp


@wp.kernel
def cast(mesh: wp.uint64, look: shader.Look, view: shader.View, offsets: wp.array(dtype=wp.vec2),
         face: wp.array(dtype=int)):
    """The triangle that each ray of a pixel meets first, and nothing about it."""
    pixel = wp.tid()
    x, y = float(pixel % view.width), float(pixel / view.width)
    for k in range(offsets.shape[0]):
        ray = shader.through(view, x + offsets[k][0], y + offsets[k][1])
        face[pixel] = shader.first(mesh, look, wp.vec3(0.0, -shader.DISTANCE, 0.0), ray).face


def rate(size: tuple[int, int], people: int, workers: int) -> float:
    """Pictures a second for new people, the start of the worker processes included."""
    with tempfile.TemporaryDirectory() as cache:
        start = time.perf_counter()
        data = RenderedPeople("train", size=size, people=people, cache=cache, workers=workers, progress=False)
        return data.num_pictures / (time.perf_counter() - start)


def whole(number: int, size: tuple[int, int]) -> float:
    """Seconds that a person takes with every truth that a data set keeps."""
    start = time.perf_counter()
    render_person(person_seed(0, "train", number), POSES, size)
    return time.perf_counter() - start


def bare(number: int, size: tuple[int, int], correspondences: bool = True) -> float:
    """Seconds of body and casts alone for a person in as many poses; whatever else a picture needs is made before."""
    chosen, rng = style("plain"), np.random.default_rng(number)
    figure = Figure(random_person(rng))
    poses = [figure.random_pose(rng)[0] for _ in range(POSES)]
    offsets = np.concatenate([np.zeros((1, 2)), SUBPIXELS])
    looks, views, shares = figure._looks(), [], []
    for pose in poses:
        points, _, joints, _ = figure.pose(pose)
        scene = figure.place_on(points)
        views.append(scene.view(chosen.frame(points.numpy()[figure.shown], joints, size, rng)))
    # a place of a correspondence is looked for where the target shows the person: here, on that share of the pixels
    rays, once = (wp.array(np.float32(which), dtype=wp.vec2) for which in (offsets, offsets[:1]))
    for view in views:
        face = wp.empty(size[0] * size[1], dtype=int)
        wp.launch(cast, dim=len(face), inputs=[scene._mesh.id, scene.look, view, once, face])
        shares.append(int((face.numpy() >= 0).sum()))
    start = time.perf_counter()
    load_body().shape(figure.person.phenotype)
    scene, posed = None, [figure.pose(pose)[0] for pose in poses]
    built = time.perf_counter()
    scene = Scene(posed[0], figure.faces, *looks)
    spent = built - start
    start = time.perf_counter()
    for points, view in zip(posed, views):
        scene.move(points)
        wp.launch(cast, dim=size[0] * size[1], inputs=[scene._mesh.id, scene.look, view, rays,
                                                       wp.empty(size[0] * size[1], dtype=int)])
    if correspondences:
        for points, view in zip(posed, views):
            scene.move(points)
            wp.launch(cast, dim=sum(shares), inputs=[scene._mesh.id, scene.look, view, once,
                                                     wp.empty(sum(shares), dtype=int)])
    return spent + time.perf_counter() - start + _building(posed[0], figure.faces)


def _building(points, faces):
    # The ray structure alone, without the textures that `Scene` takes to the device.
    indices = wp.array(np.ascontiguousarray(faces.ravel(), np.int32), dtype=int)
    start = time.perf_counter()
    wp.Mesh(points=points, indices=indices)
    return time.perf_counter() - start


def main() -> None:
    """Print medians of three repetitions."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--people", type=int, default=16, help="people a process renders for one repetition")
    people = parser.parse_args().people
    rate((128, 64), 2, 0)  # compiles the kernels where that has not been done
    bare(0, (32, 16))
    for size in SIZES:
        named = f"{size[0]}x{size[1]}"
        for processes in (1, 2):
            rates = [rate(size, people * processes, processes if processes > 1 else 0) for _ in range(REPEATS)]
            print(f"{named}, {people * processes} people x {POSES} poses, {processes} process{'es' * (processes > 1)}: "
                  f"{statistics.median(rates):.1f} ({min(rates):.1f} to {max(rates):.1f}) pictures a second")
        times = [statistics.median([call(number, size) for number in range(max(people // 2, REPEATS))])
                 for call in (whole, bare, lambda *one: bare(*one, correspondences=False))]
        print(f"{named}, a person in {POSES} poses: whole {1000 * times[0]:.0f} ms, body and casts "
              f"{1000 * times[1]:.0f} ms, ratio {times[0] / times[1]:.2f} (without the casts of correspondences "
              f"{1000 * times[2]:.0f} ms, ratio {times[0] / times[2]:.2f})")


if __name__ == "__main__":
    main()
