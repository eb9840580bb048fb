"""How many pictures a second are rendered, all truths included: `python tests/benchmarks/benchmark_rendering.py`.

Prints pictures a second of new people on one and on two processes, and for a person in four poses the time of the whole
beside that of the bare body and casts: shape and skinning, building and refitting the ray structure, the rays of every
pixel, and a ray for each place of a correspondence; nothing is dressed, posed, labelled or shaded in that time.
Reports, asserts nothing: the speed belongs to the machine and to whatever else runs on it.
"""

import argparse
import statistics
import tempfile
import time

import numpy as np

from warpgan.data import RenderedPeople
from warpgan.people import kernels, shader
from warpgan.people.body import load_body
from warpgan.people.figure import Figure
from warpgan.people.render import render_person
from warpgan.people.scene import RAYS
from warpgan.people.shards import person_seed
from warpgan.people.styles import style
from warpgan.people.wardrobe import random_person

SIZES, POSES, REPEATS = ((128, 64), (256, 256)), 4, 3
wp = shader.wp


@wp.kernel
def cast(mesh: wp.uint64, look: shader.Look, view: kernels.View, pixels: wp.array(dtype=int),
         offsets: wp.array(dtype=wp.vec2), face: wp.array(dtype=int)):
    """The triangle that each ray of a pixel meets first, and nothing about it."""
    i = wp.tid()
    x, y = float(pixels[i] % view.width), float(pixels[i] / view.width)
    for k in range(offsets.shape[0]):
        ray = kernels.through(view, x + offsets[k][0], y + offsets[k][1])
        face[i] = shader.first(mesh, look, wp.vec3(0.0, -shader.DISTANCE, 0.0), ray).face


def rate(size: tuple[int, int], people: int, workers: int) -> float:
    """Pictures a second for new people, the start of the worker processes included."""
    with tempfile.TemporaryDirectory() as cache:
        start = time.perf_counter()
        data = RenderedPeople("train", size=size, people=people, cache=cache, workers=workers, progress=False)
        return data.num_pictures / (time.perf_counter() - start)


def whole(number: int, size: tuple[int, int]) -> float:
    """Seconds of processor time that a person takes with every truth that a data set keeps."""
    start = time.process_time()
    render_person(person_seed(0, "train", number), POSES, size)
    return time.process_time() - start


def bare(number: int, size: tuple[int, int]) -> tuple[float, float]:
    """Seconds of processor time of body and casts alone for such a person, without and with the correspondences."""
    chosen, rng = style("plain"), np.random.default_rng(number)
    figure = Figure(random_person(rng))
    poses = [figure.random_pose(rng)[0] for _ in range(POSES)]
    every = np.arange(size[0] * size[1])
    centre, rays = (wp.array(np.float32(which), dtype=wp.vec2) for which in (np.zeros((1, 2)), RAYS))

    def launch(view, pixels, offsets):
        face = wp.empty(len(pixels), dtype=int)
        wp.launch(cast, dim=len(pixels), inputs=[scene._mesh.id, scene.look, view, wp.array(pixels, dtype=int), offsets,
                                                 face])
        return face.numpy()

    views, seen = [], []
    for pose in poses:
        points, _, joints, _ = figure.pose(pose)
        scene = figure.place_on(points)
        views.append(scene.view(chosen.frame(points.numpy()[figure.shown], joints, size, rng)))
        seen.append(np.flatnonzero(launch(views[-1], every, centre) >= 0))
    indices = wp.array(np.ascontiguousarray(figure.faces.ravel(), np.int32), dtype=int)

    start = time.process_time()
    load_body().shape(figure.person.phenotype)
    posed = [figure.pose(pose)[0] for pose in poses]
    wp.Mesh(points=wp.clone(posed[0]), indices=indices)
    for points, view in zip(posed, views):
        scene.move(points)
        launch(view, every, rays)
    middle = time.process_time()
    for own, (points, view) in enumerate(zip(posed, views)):  # as many rays as other pictures have body pixels
        scene.move(points)
        launch(view, np.concatenate([other for i, other in enumerate(seen) if i != own]), centre)
    return middle - start, time.process_time() - start


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
        numbers = range(max(people // 2, REPEATS))
        full = statistics.median(whole(number, size) for number in numbers)
        casts, more = np.median([bare(number, size) for number in numbers], axis=0)
        print(f"{named}, a person in {POSES} poses, processor time: whole {1000 * full:.0f} ms; body and casts "
              f"{1000 * more:.0f} ms, ratio {full / more:.2f}; body and casts without those of correspondences "
              f"{1000 * casts:.0f} ms, ratio {full / casts:.2f}")


if __name__ == "__main__":
    main()
