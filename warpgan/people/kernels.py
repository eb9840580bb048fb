"""The kernels of the renderer: every pixel of a picture, single rays, correspondences, and skinning.

They put together what `shader` says of one ray; the same for CPU and GPU. Import this module only where something is
rendered. Taught in notebook 01.
"""

from warpgan.people.shader import (
    BACKGROUND,
    DISTANCE,
    MISS,
    Hit,
    Look,
    blend,
    colour_of,
    first,
    label_of,
    normal_of,
    worn,
    wp,
)

wp.set_module_options({"enable_backward": False})

GRAZING = wp.constant(0.25)  # cosine of the steepest view of a surface in which its points still count as seen
BIAS = wp.constant(0.02)  # metres off a surface at which a ray towards the light starts


@wp.struct
class View:
    """A camera that looks along +y, and the light."""

    width: int
    height: int
    level: float  # how often textures are halved, so that a texel is not much smaller than a pixel
    focal: float  # pixels
    x: float  # principal point, pixels
    y: float
    light: wp.vec3  # unit, towards the light
    ambient: wp.vec3
    diffuse: wp.vec3
    shadow: float  # share of the diffuse light that a shadow takes away


@wp.func
def through(view: View, x: float, y: float):
    """Direction of the ray through a place of the picture in pixels; its y is 1, so its parameter is the depth."""
    return wp.vec3((x - view.x) / view.focal, 1.0, (view.y - y) / view.focal)


@wp.func
def lit(mesh: wp.uint64, look: Look, view: View, normals: wp.array(dtype=wp.vec3), hit: Hit, direction: wp.vec3,
        colour: wp.vec3):
    """A colour under the view's light; what stands between a place and the light takes a share of it away."""
    normal = normal_of(normals, look, hit, direction)
    cosine = wp.max(wp.dot(normal, view.light), 0.0)
    if view.shadow > 0.0 and cosine > 0.0:
        place = wp.vec3(0.0, -DISTANCE, 0.0) + hit.depth * direction
        blocked = first(mesh, look, place + BIAS * normal, view.light)
        if blocked.face != MISS:
            cosine = cosine * (1.0 - view.shadow)
    return wp.cw_mul(colour, view.ambient + cosine * view.diffuse)


@wp.kernel
def see(mesh: wp.uint64, look: Look, view: View, normals: wp.array(dtype=wp.vec3), offsets: wp.array(dtype=wp.vec2),
        ground: wp.array(dtype=wp.vec3), face: wp.array(dtype=int), weights: wp.array(dtype=wp.vec3),
        depth: wp.array(dtype=float), label: wp.array(dtype=wp.uint8), picture: wp.array(dtype=wp.vec3),
        unlit: wp.array(dtype=wp.vec3), normal: wp.array(dtype=wp.vec3), pure: wp.array(dtype=wp.uint8)):
    """A pixel: label, place, depth and normal of the ray through its centre, the first; colours of all rays."""
    pixel = wp.tid()
    mine = int(BACKGROUND)
    bright, plain, same = wp.vec3(0.0, 0.0, 0.0), wp.vec3(0.0, 0.0, 0.0), wp.uint8(1)
    for k in range(offsets.shape[0]):
        x, y = float(pixel % view.width) + offsets[k][0], float(pixel / view.width) + offsets[k][1]
        ray = through(view, x, y)
        hit = first(mesh, look, wp.vec3(0.0, -DISTANCE, 0.0), ray)
        label_here = int(BACKGROUND)
        colour = 1.0 * ground[pixel]  # a copy: it may be replaced
        light = 1.0 * ground[pixel]
        if hit.face != MISS:
            shown = worn(look, hit)
            label_here = label_of(look, hit, shown)
            colour = colour_of(look, hit, shown, label_here, view.level)
            light = lit(mesh, look, view, normals, hit, ray, colour)
        plain = plain + colour
        bright = bright + light
        if k == 0:
            mine = label_here
            label[pixel] = wp.uint8(mine)
            face[pixel] = hit.face
            if hit.face != MISS:
                weights[pixel] = hit.weights
                depth[pixel] = hit.depth
                normal[pixel] = normal_of(normals, look, hit, ray)
        if label_here != mine:
            same = wp.uint8(0)
    picture[pixel] = bright / float(offsets.shape[0])
    unlit[pixel] = plain / float(offsets.shape[0])
    pure[pixel] = same


@wp.kernel
def probe(mesh: wp.uint64, look: Look, view: View, pixels: wp.array(dtype=wp.vec2), face: wp.array(dtype=int),
          weights: wp.array(dtype=wp.vec3), depth: wp.array(dtype=float), label: wp.array(dtype=int)):
    """What the rays through given places of the picture meet."""
    i = wp.tid()
    hit = first(mesh, look, wp.vec3(0.0, -DISTANCE, 0.0), through(view, pixels[i][0], pixels[i][1]))
    face[i] = hit.face
    label[i] = BACKGROUND
    if hit.face != MISS:
        weights[i] = hit.weights
        depth[i] = hit.depth
        label[i] = label_of(look, hit, worn(look, hit))


@wp.kernel
def find(mesh: wp.uint64, look: Look, view: View, points: wp.array(dtype=wp.vec3), normals: wp.array(dtype=wp.vec3),
         labels_there: wp.array(dtype=wp.uint8), face: wp.array(dtype=int), weights: wp.array(dtype=wp.vec3),
         labels_here: wp.array(dtype=wp.uint8), found: wp.array(dtype=wp.vec2)):
    """Where the body points that the target's pixels show lie in the condition, (-1, -1) where they are hidden there.

    `face`, `weights` and `labels_here` are the target's, all else is the condition's.
    """
    pixel = wp.tid()
    found[pixel] = wp.vec2(-1.0, -1.0)
    if face[pixel] == MISS:
        return
    hit = Hit()
    hit.face = face[pixel]
    hit.weights = weights[pixel]
    place = blend(points, look, hit)
    ray = (place + wp.vec3(0.0, DISTANCE, 0.0)) / (place[1] + DISTANCE)
    x, y = view.x + view.focal * ray[0], view.y - view.focal * ray[2]
    column, row = int(wp.round(x)), int(wp.round(y))
    if x < -0.5 or y < -0.5 or column < 0 or row < 0 or column >= view.width or row >= view.height:
        return
    if labels_there[row * view.width + column] != labels_here[pixel]:
        return
    # A surface seen from its edge shows several centimetres in one pixel: no pixel there shows the point.
    slant = wp.dot(wp.normalize(blend(normals, look, hit)), wp.normalize(ray))
    if wp.abs(slant) < GRAZING:
        return
    there = first(mesh, look, wp.vec3(0.0, -DISTANCE, 0.0), ray)
    if there.face == MISS or there.depth < place[1] + DISTANCE - 0.02:
        return
    if look.number[there.face] != look.number[hit.face]:
        return
    if wp.length(blend(look.place, look, there) - blend(look.place, look, hit)) < 0.03:
        found[pixel] = wp.vec2(wp.max(x, 0.0), wp.max(y, 0.0))


@wp.kernel
def skin(points: wp.array(dtype=wp.vec3), normals: wp.array(dtype=wp.vec3), bones: wp.array2d(dtype=int),
         weights: wp.array2d(dtype=float), transforms: wp.array(dtype=wp.mat44), moved: wp.array(dtype=wp.vec3),
         turned: wp.array(dtype=wp.vec3)):
    """Linear blend skinning of points and normals by their bones' transforms."""
    i = wp.tid()
    place, normal = wp.vec3(0.0, 0.0, 0.0), wp.vec3(0.0, 0.0, 0.0)
    for k in range(bones.shape[1]):
        matrix = transforms[bones[i, k]]
        place = place + weights[i, k] * wp.transform_point(matrix, points[i])
        normal = normal + weights[i, k] * wp.transform_vector(matrix, normals[i])
    moved[i] = place
    turned[i] = wp.normalize(normal)
