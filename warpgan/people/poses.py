"""Random poses within the limits of the joints, and the views from which they are seen.

A pose is a dict bone name -> rotation about its joint in rest axes (x to the person's left, y back, z up). Limbs are
aimed: the wanted direction of a limb is drawn, and the smallest rotation that takes it there is computed, so that
every body shape can take every pose. Taught in notebook 01.
"""

import numpy as np

# (share, lowest and highest |yaw| in degrees): 0 looks at the camera, 180 away from it
VIEWS = {"front": (0.45, 0, 25), "three-quarter": (0.20, 25, 65), "side": (0.20, 65, 115), "back": (0.15, 145, 180)}
ARMS = {"down": 0.40, "bent": 0.20, "hips": 0.13, "side": 0.11, "raised": 0.09, "forward": 0.07}
LEGS = {"standing": 0.50, "walking": 0.35, "lifted": 0.15}


def axis_rotation(axis, degrees):
    """Rotation [3, 3] about a coordinate axis (0, 1 or 2), counter-clockwise, by an angle in degrees."""
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    after, last = (axis + 1) % 3, (axis + 2) % 3
    matrix = np.eye(3)
    matrix[after, after] = matrix[last, last] = cos
    matrix[last, after], matrix[after, last] = sin, -sin
    return matrix


def turn_about(axis, angle):
    """Rotation [3, 3] by `angle` radians about the unit vector `axis` (Rodrigues)."""
    x, y, z = axis
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


def aim(start, end):
    """The smallest rotation [3, 3] that takes direction `start` to direction `end`."""
    start, end = start / np.linalg.norm(start), end / np.linalg.norm(end)
    axis = np.cross(start, end)
    sine, cosine = np.linalg.norm(axis), start @ end
    if sine < 1e-6:
        return np.eye(3) if cosine > 0 else turn_about(_across(np.eye(3)[np.argmin(np.abs(start))], start), np.pi)
    return turn_about(axis / sine, np.arctan2(sine, cosine))


def _across(vector, direction):
    """The part of `vector` at right angles to the unit vector `direction`, of unit length."""
    rest = vector - (vector @ direction) * direction
    return rest / max(np.linalg.norm(rest), 1e-9)


def _limb_direction(side, abduction, flexion):
    # Hanging limb, moved outwards by the abduction, then forwards by the flexion (degrees).
    out = np.radians(abduction)
    return axis_rotation(0, -flexion) @ np.array([side * np.sin(out), 0.0, -np.cos(out)])


def _arm(rng, family, side, width):
    """Direction of the upper arm, the way in which the elbow bends, and by how many degrees."""
    forward, inward, up = np.array([0, -1.0, 0]), np.array([-side, 0, 0.0]), np.array([0, 0, 1.0])
    draw = rng.uniform
    if family == "down":
        return (_limb_direction(side, 9 + width + draw(0, 12), draw(-14, 16)),
                forward + draw(-0.3, 0.3) * inward, draw(6, 32))
    if family == "bent":
        return (_limb_direction(side, 12 + width + draw(0, 15), draw(-5, 30)),
                forward + draw(-0.3, 0.45) * inward + 0.3 * up, draw(55, 115))
    if family == "hips":
        return (_limb_direction(side, 42 + 0.5 * width + draw(-6, 6), draw(-22, -6)),
                inward + draw(0.15, 0.35) * forward, draw(78, 96) - 0.5 * width)
    if family == "side":
        return (_limb_direction(side, draw(40, 92), draw(-10, 20)), up + forward * draw(0.2, 1.5), draw(5, 75))
    if family == "raised":
        return (_limb_direction(side, draw(105, 158), draw(-5, 15)), up + 0.8 * inward + forward * 0.2, draw(10, 70))
    return _limb_direction(side, 12 + draw(0, 18), draw(45, 92)), up + draw(-0.2, 0.5) * inward, draw(10, 65)


def _leg(rng, family, leading):
    """Abduction and flexion of the thigh, flexion of the knee and pitch of the foot, in degrees."""
    draw = rng.uniform
    if family == "standing":
        return draw(1, 9), draw(-3, 6), draw(0, 8), 0.0
    if family == "walking":
        if leading:
            return draw(0, 4), draw(14, 30), draw(2, 14), draw(-12, 0)
        return draw(0, 4), draw(-24, -10), draw(8, 30), draw(20, 42)
    if leading:
        return draw(2, 12), draw(22, 55), draw(35, 85), draw(5, 30)
    return draw(1, 5), draw(-3, 3), draw(0, 6), 0.0


def _choice(rng, shares):
    names = list(shares)
    weights = np.array([shares[name] if np.isscalar(shares[name]) else shares[name][0] for name in names])
    return names[int(np.searchsorted(np.cumsum(weights / weights.sum()), rng.random(), side="right"))]


def random_pose(rng, body, heads, weight=0.5):
    """Draw one pose for a body with the given joints.

    Args:
        rng: numpy random generator.
        body: `Body`, for the names of its bones.
        heads: [bones, 3] rest joints of the person, metres.
        weight: the phenotype's weight, 0 to 1; heavier people hold their arms further out.

    Returns:
        dict bone name -> rotation [3, 3] for `Body.pose`, with the root still facing the camera.
    """
    draw, pose = rng.uniform, {}
    joint = {name: heads[index] for name, index in body.bones.items()}
    lean = axis_rotation(2, draw(-4, 4)) @ axis_rotation(1, draw(-2, 2)) @ axis_rotation(0, draw(-3, 2))
    for spine in ("spine05", "spine04", "spine03", "spine02", "spine01"):
        pose[spine] = lean
    nod = axis_rotation(2, draw(-8, 8)) @ axis_rotation(1, draw(-2.5, 2.5)) @ axis_rotation(0, draw(-2.5, 4))
    for neck in ("neck01", "neck02", "neck03", "head"):
        pose[neck] = nod

    width = 8.0 * max(weight - 0.3, 0.0) / 0.7
    families = [_choice(rng, ARMS)]
    families.append(families[0] if rng.random() < 0.45 else _choice(rng, ARMS))
    for side, end, family in ((1, ".L", families[0]), (-1, ".R", families[1])):
        direction, bend, angle = _arm(rng, family, side, width)
        lift = max(np.degrees(np.arcsin(np.clip(direction[2], -1, 1))), -20)
        shrug = axis_rotation(1, -side * (0.25 * lift + 5))
        pose["clavicle" + end] = shrug
        upper = joint["lowerarm01" + end] - joint["upperarm01" + end]
        fore = joint["wrist" + end] - joint["lowerarm01" + end]
        swing = aim(upper, shrug.T @ direction)
        axis = shrug.T @ direction
        wanted = _across(shrug.T @ bend, axis)
        hinge = _across(swing @ fore, axis)  # twist the upper arm until the elbow bends the wanted way
        twist = np.arctan2(np.cross(hinge, wanted) @ axis, hinge @ wanted)
        pose["upperarm01" + end] = turn_about(axis, 0.5 * twist) @ swing
        unit = upper / np.linalg.norm(upper)
        pose["upperarm02" + end] = turn_about(unit, 0.5 * twist)
        turned = turn_about(axis, twist) @ swing
        target = np.cos(np.radians(angle)) * axis + np.sin(np.radians(angle)) * wanted
        pose["lowerarm01" + end] = aim(fore, turned.T @ target)
        pose["wrist" + end] = axis_rotation(0, draw(-12, 12)) @ axis_rotation(1, draw(-12, 12))

    family, first = _choice(rng, LEGS), rng.integers(2)
    for side, end in ((1, ".L"), (-1, ".R")):
        abduction, flexion, knee, pitch = _leg(rng, family, leading=(side > 0) == bool(first))
        thigh = joint["lowerleg01" + end] - joint["upperleg01" + end]
        shank = joint["foot" + end] - joint["lowerleg01" + end]
        upper = aim(thigh, _limb_direction(side, abduction, flexion))
        lower = aim(shank, upper.T @ _limb_direction(side, abduction, flexion - knee))
        pose["upperleg01" + end], pose["lowerleg01" + end] = upper, lower
        foot = axis_rotation(2, side * draw(-4, 10)) @ axis_rotation(0, pitch)
        pose["foot" + end] = (upper @ lower).T @ foot
    return pose


def random_view(rng):
    """Draw the root rotation [3, 3] of a view in the shares of `VIEWS`, and the view's name."""
    name = _choice(rng, VIEWS)
    _, low, high = VIEWS[name]
    yaw = rng.uniform(low, high) * (1 if rng.random() < 0.5 else -1)
    return axis_rotation(0, rng.uniform(-2, 7)) @ axis_rotation(2, yaw), name
