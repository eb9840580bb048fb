"""What a ray sees: the first surface it meets, whose cloth shows there, its label and its colour.

Warp-lang kernels, the same for CPU and GPU; import this module only where something is rendered. A surface has a cut
field: where the field, interpolated over the hit triangle, is not positive, the cloth has ended and the ray goes on.
Hems and necklines are therefore clean curves whatever the triangles are. Taught in notebook 01.
"""

from warpgan import labels
from warpgan.people import camera
from warpgan.people.charts import EYES, FACE, LEFT_ARM, LEFT_LEG, OWN, RIGHT_ARM, RIGHT_LEG, SCALP, TRUNK
from warpgan.people.quiet import quiet_warp

wp = quiet_warp()
wp.set_module_options({"enable_backward": False})

DISTANCE = wp.constant(camera.DISTANCE)  # metres from the camera to the person
MISS = wp.constant(-1)
SKIN = wp.constant(-1)  # number of bare skin, beside the garments' 0, 1, ...
EYE = wp.constant(-2)  # number of the eyeballs

# Names of labels and charts as the kernels' constants.
BACKGROUND, TORSO, FACE_LABEL, HAIR = (wp.constant(getattr(labels, name)) for name in (
    "BACKGROUND", "TORSO_SKIN", "FACE", "HAIR"))
ARM_L, ARM_R, LEG_L, LEG_R, SHOE_L, SHOE_R = (wp.constant(getattr(labels, f"{side}_{part}")) for part in (
    "ARM", "LEG", "SHOE") for side in ("LEFT", "RIGHT"))
ON_TRUNK, ON_SCALP, ON_FACE, ON_EYES, ON_OWN = (wp.constant(chart) for chart in (TRUNK, SCALP, FACE, EYES, OWN))
FIRST_ARM, LAST_ARM, FIRST_LEG, LAST_LEG = (wp.constant(chart) for chart in (LEFT_ARM, RIGHT_ARM, LEFT_LEG, RIGHT_LEG))


@wp.struct
class Look:
    """A dressed person as the kernels read it: V vertices, F triangles, G garments and, in row G, the skin."""

    faces: wp.array(dtype=int)  # [3F]
    number: wp.array(dtype=int)  # [F] whose surface a triangle is: a garment's, SKIN or EYE
    chart: wp.array(dtype=int)  # [F] the limb (or OWN) on which its cloth can be charted, TRUNK where none
    trunk_uv: wp.array(dtype=wp.vec2)  # [3F] its corners laid flat round the trunk, in metres
    limb_uv: wp.array(dtype=wp.vec2)  # [3F] and on that limb
    cut: wp.array(dtype=float)  # [V]
    place: wp.array(dtype=wp.vec3)  # [V] on the average body
    arm: wp.array(dtype=float)  # [V] 0 shoulder, 1 elbow, 2 wrist, below 0 off the arm
    armness: wp.array(dtype=float)  # [V] share of the arm's bones
    regions: wp.array2d(dtype=float)  # [V, G] metres inside a garment's hem
    trims: wp.array2d(dtype=float)  # [V, G] positive where its trim is
    label: wp.array(dtype=int)  # [G]
    lining: wp.array(dtype=float)  # [G] metres inside its hem from which skin wears the garment
    seam: wp.array(dtype=float)  # [G] the same for an inner garment
    colour: wp.array(dtype=wp.vec3)  # [G + 1]
    trim: wp.array(dtype=wp.vec3)  # [G + 1]
    start: wp.array2d(dtype=int)  # [levels * (G + 1), charts] first texel of the texture, negative where there is none
    rows: wp.array2d(dtype=int)  # [levels * (G + 1), charts]; each level has half of the rows before
    columns: wp.array2d(dtype=int)  # [levels * (G + 1), charts]
    texels: wp.array(dtype=wp.vec3)
    extent: wp.array(dtype=wp.vec4)  # [charts] u from, u to, v from, v to
    garments: int


@wp.struct
class Hit:
    """Where a ray met a surface: triangle (MISS if none), weights of its corners, depth along y in metres."""

    face: int
    weights: wp.vec3
    depth: float


@wp.func
def blend(values: wp.array(dtype=float), look: Look, hit: Hit):
    """A scalar of the vertices, interpolated at a hit."""
    i = 3 * hit.face
    return (hit.weights[0] * values[look.faces[i]] + hit.weights[1] * values[look.faces[i + 1]]
            + hit.weights[2] * values[look.faces[i + 2]])


@wp.func
def blend(values: wp.array(dtype=wp.vec3), look: Look, hit: Hit):  # noqa: F811 - one name for every kind
    """A vector of the vertices, interpolated at a hit."""
    i = 3 * hit.face
    return (hit.weights[0] * values[look.faces[i]] + hit.weights[1] * values[look.faces[i + 1]]
            + hit.weights[2] * values[look.faces[i + 2]])


@wp.func
def blend(values: wp.array2d(dtype=float), garment: int, look: Look, hit: Hit):  # noqa: F811
    """A garment's scalar of the vertices, interpolated at a hit."""
    i = 3 * hit.face
    return (hit.weights[0] * values[look.faces[i], garment] + hit.weights[1] * values[look.faces[i + 1], garment]
            + hit.weights[2] * values[look.faces[i + 2], garment])


@wp.func
def first(mesh: wp.uint64, look: Look, origin: wp.vec3, direction: wp.vec3):
    """The first surface that a ray meets where its cloth has not ended."""
    hit = Hit()
    hit.face = MISS
    start = float(0.0)  # noqa: UP018 - to warp a bare number is a constant
    for _ in range(24):
        query = wp.mesh_query_ray(mesh, origin + start * direction, direction, 100.0)
        if not query.result:
            break
        start = start + query.t
        hit.face = query.face
        hit.weights = wp.vec3(query.u, query.v, 1.0 - query.u - query.v)
        hit.depth = start
        if blend(look.cut, look, hit) > 0.0:
            return hit
        hit.face = MISS
        start = start + 1.0e-4
    return hit


@wp.func
def worn(look: Look, hit: Hit):
    """Number of the garment that a hit shows: its own, or an outer one in whose region it lies."""
    number = look.number[hit.face]
    shown = number
    for i in range(look.garments):
        outer = look.garments - 1 - i
        if number < 0 or number > outer:
            # Skin just inside a sleeve or a skirt is seen from its open end; hair and socks have no such end.
            margin = wp.where(number < 0, look.lining[outer], look.seam[outer])
            if blend(look.regions, outer, look, hit) > margin:
                shown = outer
    return shown


@wp.func
def between(value: float, low: float, high: float, one: float, other: float):
    """Linear from `one` at `low` to `other` at `high`, constant beyond."""
    return one + (other - one) * wp.clamp((value - low) / (high - low), 0.0, 1.0)


@wp.func
def label_of(look: Look, hit: Hit, shown: int):
    """Parsing label of a hit that shows a garment or skin; left and right are the person's own."""
    place = blend(look.place, look, hit)
    left = place[0] > 0.0
    if shown >= 0:
        label = look.label[shown]
        return wp.where(label == SHOE_L and not left, SHOE_R, label)
    chin = wp.where(place[1] < -0.09, between(place[1], -0.14, -0.09, 0.785, 0.775),
                    wp.where(place[1] < -0.05, between(place[1], -0.09, -0.05, 0.775, 0.80),
                             between(place[1], -0.05, 0.03, 0.80, 0.83)))
    if blend(look.armness, look, hit) > 0.2 or (wp.abs(place[0]) > 0.155 and place[2] > 0.2 and place[2] < 0.72):
        return wp.where(left, ARM_L, ARM_R)
    if place[2] < 0.2:
        return wp.where(left, LEG_L, LEG_R)
    return wp.where(place[2] > chin, FACE_LABEL, TORSO)


@wp.func
def texel(look: Look, row: int, chart: int, i: int, j: int):
    """One texel; rows end at the edge, columns go round a limb."""
    height, width = look.rows[row, chart], look.columns[row, chart]
    i = wp.clamp(i, 0, height - 1)
    if chart > LAST_LEG and chart != ON_SCALP:
        j = wp.clamp(j, 0, width - 1)
    else:
        j = (j % width + width) % width
    return look.texels[look.start[row, chart] + i * width + j]


@wp.func
def bilinear(look: Look, row: int, chart: int, uv: wp.vec2, level: int):
    """Bilinear colour of a texture, halved `level` times, at chart coordinates."""
    extent, scale = look.extent[chart], 1.0 / float(1 << level)
    x = (uv[0] - extent[0]) / (extent[1] - extent[0]) * float(look.columns[row, chart]) * scale - 0.5
    y = (extent[3] - uv[1]) / (extent[3] - extent[2]) * float(look.rows[row, chart]) * scale - 0.5
    row = row + level * (look.garments + 1)
    i, j = int(wp.floor(y)), int(wp.floor(x))
    b, a = y - float(i), x - float(j)
    return ((1.0 - b) * ((1.0 - a) * texel(look, row, chart, i, j) + a * texel(look, row, chart, i, j + 1))
            + b * ((1.0 - a) * texel(look, row, chart, i + 1, j) + a * texel(look, row, chart, i + 1, j + 1)))


@wp.func
def lookup(look: Look, row: int, chart: int, uv: wp.vec2, level: float):
    """Colour of a texture at chart coordinates, between those of the two nearest levels."""
    below = int(level)
    share = level - float(below)
    fine = bilinear(look, row, chart, uv, below)
    if share == 0.0:
        return fine
    return (1.0 - share) * fine + share * bilinear(look, row, chart, uv, below + 1)


@wp.func
def corners(uv: wp.array(dtype=wp.vec2), hit: Hit):
    """Chart coordinates of a hit from those of its triangle's corners."""
    i = 3 * hit.face
    return hit.weights[0] * uv[i] + hit.weights[1] * uv[i + 1] + hit.weights[2] * uv[i + 2]


@wp.func
def colour_of(look: Look, hit: Hit, shown: int, label: int, level: float):
    """Colour without light of a hit, from textures halved `level` times."""
    place = blend(look.place, look, hit)
    skin = look.garments
    if shown < 0:
        flat = wp.vec2(place[0], place[2])
        if look.number[hit.face] == EYE and look.start[skin, ON_EYES] >= 0:
            return lookup(look, skin, ON_EYES, flat, wp.min(level + 2.0, 3.0))  # texels of 1 mm, not of 4
        if label == FACE_LABEL and place[1] < -0.04 and look.start[skin, ON_FACE] >= 0:
            return lookup(look, skin, ON_FACE, flat, wp.min(level + 1.0, 3.0))  # of 2 mm
        return look.colour[skin]
    if blend(look.trims, shown, look, hit) > 0.0:
        return look.trim[shown]
    chart = look.chart[hit.face]
    arm = chart >= FIRST_ARM and chart <= LAST_ARM and blend(look.arm, look, hit) > 0.0
    leg = chart >= FIRST_LEG and chart <= LAST_LEG and place[2] < 0.1
    if (arm or leg or chart == ON_SCALP or chart == ON_OWN) and look.start[shown, chart] >= 0:
        return lookup(look, shown, chart, corners(look.limb_uv, hit), level)
    if look.start[shown, ON_TRUNK] >= 0:
        return lookup(look, shown, ON_TRUNK, corners(look.trunk_uv, hit), level)
    return look.colour[shown]


@wp.func
def normal_of(normals: wp.array(dtype=wp.vec3), look: Look, hit: Hit, direction: wp.vec3):
    """Unit normal of a hit, turned towards the camera: the inside of a skirt is lit from its own side."""
    normal = wp.normalize(blend(normals, look, hit))
    return wp.where(wp.dot(normal, direction) > 0.05, -normal, normal)
