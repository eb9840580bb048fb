"""How deep a posed body reaches into itself, measured on its skin: the judge of poses, too slow to draw them with.

The skinned mesh is cut into trunk, arms and legs; winding numbers say which vertices of one part lie inside another.
"""

from functools import lru_cache

import numpy as np

from warpgan.people.contact import LIMB_BONES as LIMBS
from warpgan.people.quiet import quiet_warp

HAND, LEG = LIMBS[3:], ("upperleg", "lowerleg", "foot", "toe")
REACH = 0.5  # metres: vertices farther from a part than this count as this far


def overlaps(body, rest, heads, pose):
    """Clear space between the parts of a posed body.

    Args:
        body: `Body`. rest: [V, 3] rest vertices, metres. heads: [bones, 3] rest joints, metres. pose: rotations.

    Returns:
        dict of the least distance in metres, negative where one lies inside the other: `trunk`, of forearms and hands
        to everything but the arms; `arms`, of the left forearm and hand to the right arm; `legs`, of either leg
        below the knee to the other leg.
    """
    transforms, (trunk, arm, leg, hands, shanks) = body.pose(heads, pose), _parts(body)
    points = body.skin @ transforms.reshape(len(transforms), 12)
    points = np.einsum("vij,vj->vi", points.reshape(-1, 3, 4)[..., :3], rest) + points.reshape(-1, 3, 4)[..., 3]
    both = np.concatenate([hands[".L"], hands[".R"]])
    return {"trunk": _distance(points, trunk, both), "arms": _distance(points, arm[".R"], hands[".L"]),
            "legs": min(_distance(points, leg[".R"], shanks[".L"]), _distance(points, leg[".L"], shanks[".R"]))}


@lru_cache(maxsize=1)
def _parts(body):
    # Faces of trunk, arms and legs, and the vertices of hands (with forearms) and of shanks (with feet).
    names, faces = list(body.bones), body.faces["body"]

    def weight(words, end=""):
        return body.skin[:, [name.startswith(words) and name.endswith(end) for name in names]].sum(1)

    used = np.unique(faces)
    trunk = faces[(weight(LIMBS)[faces] < 0.5).all(1)]
    arm, leg, hands, shanks = {}, {}, {}, {}
    for end in (".L", ".R"):
        arm[end] = faces[(weight(LIMBS[2:], end) > 0.5)[faces].all(1)]
        leg[end] = faces[(weight(LEG, end) > 0.5)[faces].all(1)]
        hands[end] = np.intersect1d(used, np.flatnonzero(weight(HAND, end) > 0.5))
        shanks[end] = np.intersect1d(used, np.flatnonzero(weight(LEG[1:], end) > 0.5))
    return trunk, arm, leg, hands, shanks


def _distance(points, faces, vertices):
    wp, kernel = _kernel()
    mesh = wp.Mesh(wp.array(points.astype(np.float32), dtype=wp.vec3, device="cpu"),
                   wp.array(np.ascontiguousarray(faces, np.int32).ravel(), dtype=int, device="cpu"),
                   support_winding_number=True)
    found = wp.zeros(len(vertices), dtype=float, device="cpu")
    asked = wp.array(points[vertices].astype(np.float32), dtype=wp.vec3, device="cpu")
    wp.launch(kernel, len(vertices), inputs=[mesh.id, asked, REACH, found], device="cpu")
    return float(found.numpy().min())


@lru_cache(maxsize=1)
def _kernel():
    wp = quiet_warp()

    @wp.kernel(enable_backward=False, module="unique")
    def distance(mesh: wp.uint64, points: wp.array(dtype=wp.vec3), reach: float, found: wp.array(dtype=float)):
        i = wp.tid()
        hit = wp.mesh_query_point_sign_winding_number(mesh, points[i], reach)
        found[i] = reach
        if hit.result:
            found[i] = hit.sign * wp.length(wp.mesh_eval_position(mesh, hit.face, hit.u, hit.v) - points[i])

    return wp, distance
