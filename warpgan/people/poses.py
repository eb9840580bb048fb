"""Random poses within the limits of the joints, free of collisions, and the views from which they are seen.

A pose is a dict bone name -> rotation about its joint in rest axes (x to the person's left, y back, z up). Limbs are
aimed: the wanted directions of a limb's parts are drawn, or found from the place that the hand is to reach on the
person's own trunk, and rotations that take it there are computed, so that every body shape can take every pose. A limb
that would touch what it must not is opened or drawn again. Taught in notebook 01.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from warpgan.people.chance import pick
from warpgan.people.clearance import CLOTHES, TOUCH, fits, room_of, spare_room
from warpgan.people.contact import LEG, Bulk, sphere_gap
from warpgan.people.joints import NECK, SIDES, SPINE
from warpgan.people.limbs import WRIST, Arm, Leg, Reach, limb_direction
from warpgan.people.turns import across, axis_rotation, toward, unit

if TYPE_CHECKING:
    from warpgan.people.body import Body

# (share, lowest and highest |yaw| in degrees): 0 looks at the camera, 180 away from it
VIEWS = {"front": (0.45, 0, 25), "three-quarter": (0.20, 25, 65), "side": (0.20, 65, 115), "back": (0.15, 145, 180)}
# families of one arm, and of both arms; the shares of `ARMS` are those of an arm that is not in a pair
PAIRS = {"alike": 0.40, "each": 0.52, "crossed": 0.08}
ARMS = {"down": 0.34, "bent": 0.15, "pocket": 0.12, "hips": 0.15, "side": 0.08, "raised": 0.09, "forward": 0.07}
LEGS = {"standing": 0.25, "leaning": 0.27, "walking": 0.33, "lifted": 0.15}
GAZES = {"ahead": 0.7, "aside": 0.3}
HANDS = {"relaxed": 0.5, "open": 0.3, "fist": 0.2}
TRIES = 6
OPENINGS = (0, 5, 10, 16)  # degrees by which an arm that touches is opened
AHEAD, UP = np.array([0, -1.0, 0]), np.array([0, 0, 1.0])


def _arm(rng, family, arm, bulk, upright, width, attempt=0):
    """Draw where an arm goes (`limbs.Reach`) and how far hand and forearm keep from the trunk.

    `upright` [3, 3] takes directions of the standing person into the rest frame of the chest.
    """
    side, draw, inward = arm.side, rng.uniform, np.array([-arm.side, 0, 0.0])
    free, away = CLOTHES, 0.008 * attempt
    arm.shrug(-2.0)
    if family == "down":
        upper = limb_direction(side, width + draw(4, 17), draw(-14, 14))
        reach = arm.along(upper, AHEAD + draw(-0.2, 0.3) * inward, draw(6, 30), inward - draw(-0.2, 0.6) * AHEAD)
    elif family == "bent":
        upper = limb_direction(side, width + draw(10, 28), draw(-15, 28))
        reach = arm.along(upper, AHEAD + draw(-0.2, 0.45) * inward + 0.3 * UP, draw(50, 115),
                          inward + draw(-1.2, 0.8) * UP)
    elif family == "side":
        upper = limb_direction(side, draw(35, 85), draw(-8, 20))
        arm.shrug(8.0)
        bend = AHEAD + draw(0, 0.7) * UP + draw(-0.2, 0.3) * inward
        reach = arm.along(upper, bend, draw(5, 70), AHEAD - draw(0, 1) * UP)
    elif family == "raised":
        upper = limb_direction(side, draw(105, 158), draw(0, 20))
        arm.shrug(draw(15, 26))
        bend = UP + draw(0.3, 0.9) * inward + draw(0, 0.4) * AHEAD
        reach = arm.along(upper, bend, draw(10, 75), AHEAD + draw(0, 1) * inward)
    elif family == "forward":
        upper = limb_direction(side, draw(6, 25), draw(45, 90))
        reach = arm.along(upper, UP + draw(0, 0.5) * inward, draw(8, 60), inward - draw(0, 1.5) * UP)
    elif family == "hips":
        free = TOUCH
        height = arm.low + draw(0.10, 0.16) * arm.stretch
        place, outward = bulk.surface(height, side * np.radians(draw(85, 110)))
        return arm.to(place + (draw(0.050, 0.062) + away) * outward, -inward - draw(0.3, 0.9) * AHEAD,
                      -outward - 0.4 * UP, 0.1 * inward + AHEAD - draw(0.1, 0.6) * UP), free
    else:
        free = TOUCH
        height = arm.low + draw(-0.02, 0.03) * arm.stretch
        place, outward = bulk.surface(height, side * np.radians(draw(45, 85)))
        return arm.to(place + (draw(0.042, 0.052) + away) * outward, -inward - draw(0.8, 2.0) * AHEAD,
                      -outward, -UP + draw(0.0, 0.3) * AHEAD + draw(0, 0.2) * inward), free
    reach.hand = unit(reach.fore + draw(-0.3, 0.3) * reach.palm + draw(-0.15, 0.15) * reach.bend)
    return reach.turned(upright), free


def _crossed(rng, arms, bulk, attempt):
    """Both arms in front of the chest: one forearm on the waist, the other one folded above and before it."""
    draw, first = rng.uniform, int(rng.integers(2))
    found, height, away = [None, None], draw(0.20, 0.25), 0.012 * attempt
    for layer, one in enumerate((first, 1 - first)):
        arm = arms[one]
        arm.shrug(0.0)
        level = arm.low + (height + (0.128 + 0.01 * attempt) * layer) * arm.stretch
        place, outward = bulk.surface(level, -arm.side * np.radians(draw(18, 28)))
        target = place + (0.124 + 0.005 * layer + away) * outward
        upper = limb_direction(arm.side, draw(17, 24), draw(14, 20) + (22 + 3 * attempt) * layer)
        fore = unit(target - arm.shoulder - arm.lengths[0] * upper)
        inward = np.array([-arm.side, 0.0, 0.0])
        hand = toward(fore, inward + 0.1 * UP + draw(-0.1, 0.1) * AHEAD, WRIST)
        found[one] = Reach(upper, fore, across(fore, upper), hand, -AHEAD + 0.4 * UP)
    return found


def _place_arms(rng, arms, room, upright, width):
    """Both arms' reaches, free of what they must not touch, and how near to the trunk each may come."""
    bulk = room[0]
    pair = pick(rng, PAIRS)
    if pair == "crossed":
        for attempt in range(TRIES):
            found = _crossed(rng, arms, bulk, attempt)
            if (spare_room(arms[0], found[0], TOUCH, room) > 0
                    and spare_room(arms[1], found[1], TOUCH, room, arms[0].spheres(found[0])) > 0
                    and all(fits(arm, reach, TOUCH, room) for arm, reach in zip(arms, found, strict=True))):
                return [(reach, TOUCH) for reach in found]
    families = [pick(rng, ARMS)]
    families.append(families[0] if pair == "alike" else pick(rng, ARMS))
    found, other = [], None
    for arm, family in zip(arms, families, strict=True):
        found.append(_place_arm(rng, arm, family, room, upright, width, other))
        other = arm.spheres(found[-1][0])
    return found


def _place_arm(rng, arm, family, room, upright, width, other):
    for attempt in range(TRIES):
        reach, touch = _arm(rng, family, arm, room[0], upright, width, attempt)
        for opening in OPENINGS:
            opened = reach.turned(axis_rotation(1, -arm.side * opening)) if opening else reach
            if spare_room(arm, opened, touch, room, other) > 0 and fits(arm, opened, touch, room):
                return opened, touch
    # a straight arm, held away from the trunk as far as it takes: beyond 45 degrees nothing is in its way
    for opening in range(14, 60, 6):
        reach = arm.along(limb_direction(arm.side, opening, 4), AHEAD, 8, np.array([-arm.side, 0, 0.0]))
        if spare_room(arm, reach, CLOTHES, room, other) > 0:
            break
    return reach, CLOTHES


def _legs(rng, legs, bulk):
    """Rotations of both legs, by bone name, and the way in which the hips sway (degrees)."""
    draw, family, first = rng.uniform, pick(rng, LEGS), int(rng.integers(2))
    sway = draw(2, 8) if family == "leaning" else 0.0
    drawn = []
    for number in range(2):
        leading = number == first
        if family == "standing":
            angles = draw(-3, 6), draw(-2, 4), draw(0, 6), 0.0
        elif family == "leaning" and leading:
            angles = -sway, draw(-2, 2), draw(0, 3), 0.0
        elif family == "leaning":
            knee = draw(8, 32)
            angles = sway + draw(3, 8), draw(0.5, 0.9) * knee, knee, draw(0, 12)
        elif family == "walking":
            angles = ((draw(-4, 2), draw(14, 28), draw(2, 14), draw(-12, 0)) if leading
                      else (draw(-4, 2), draw(-22, -8), draw(8, 28), draw(20, 40)))
        else:
            angles = ((draw(3, 12), draw(22, 60), draw(35, 90), draw(5, 30)) if leading
                      else (draw(-3, 3), draw(-3, 3), draw(0, 5), 0.0))
        drawn.append((*angles, draw(-3, 16)))
    for apart in (0, 3, 6, 9, 12):
        found = [leg.rotations(abduction + apart, *rest) for leg, (abduction, *rest) in zip(legs, drawn, strict=True)]
        points = [leg.spheres(pose) for leg, pose in zip(legs, found, strict=True)]
        radii = LEG * bulk.legs
        if sphere_gap(points[0][1:], radii[1:], points[1][1:], radii[1:]) > CLOTHES:
            break
    pose = {name + leg.end: turn for leg, pose in zip(legs, found, strict=True) for name, turn in pose.items()}
    return pose, (sway if first == 0 else -sway)


def _hand(rng, arm, touches):
    """Finger rotations of a hand: relaxed, open or nearly closed; one that touches the body lies flat on it."""
    draw, kind = rng.uniform, "open" if touches else pick(rng, HANDS)
    low, high = {"relaxed": (14, 30), "open": (-4, 8), "fist": (52, 68)}[kind]
    base, step = draw(low, high), draw(0, 5) if kind != "open" else 0.0
    curl = base + step * np.arange(-2, 3)
    curl[0] = {"relaxed": draw(0, 15), "open": draw(-10, 5), "fist": draw(25, 40)}[kind]
    return arm.close(curl, draw(-9, -5) if touches else draw(-6, 1))


def wide(weight: float) -> float:
    """Degrees by which people of a phenotype's weight, 0 to 1, hold their arms further out."""
    return 8.0 * max(weight - 0.3, 0.0)


def random_pose(
    rng: np.random.Generator, body: Body, heads: np.ndarray, weight: float = 0.5, rest: np.ndarray | None = None
) -> dict[str, np.ndarray]:
    """Draw one pose for a body with the given joints.

    Args:
        rng: numpy random generator.
        body: `Body`, for the names of its bones.
        heads: [bones, 3] rest joints of the person, metres.
        weight: the phenotype's weight, 0 to 1; heavier people hold their arms further out.
        rest: [V, 3] the person's rest vertices, metres, from which limbs keep away; None: the average person's.

    Returns:
        dict bone name -> rotation [3, 3] for `Body.pose`, with the root still facing the camera. Joints stay within
        `LIMITS`; arms keep out of trunk, thighs, head and each other, legs out of each other.
    """
    draw, bulk = rng.uniform, Bulk(body, heads, rest)
    arms = [Arm(body, heads, side) for side, _ in SIDES]
    legs = [Leg(body, heads, side) for side, _ in SIDES]
    for arm in arms:
        arm.low, span = heads[0, 2], heads[body.bones["spine01"], 2] - heads[0, 2]
        arm.stretch = span / (body.mean_heads[body.bones["spine01"], 2] - body.mean_heads[0, 2])
    pose, sway = _legs(rng, legs, bulk)
    lean = axis_rotation(2, draw(-4, 4)) @ axis_rotation(1, draw(-2, 2) + 0.25 * sway) @ axis_rotation(0, draw(-1, 2.5))
    pose.update(dict.fromkeys(SPINE, lean))
    aside = draw(20, 56) * (1 if rng.random() < 0.5 else -1) if pick(rng, GAZES) == "aside" else draw(-18, 18)
    nod = axis_rotation(2, aside / 4) @ axis_rotation(1, draw(-2.5, 2.5)) @ axis_rotation(0, draw(-2.5, 4))
    pose.update(dict.fromkeys(NECK, nod))

    room, upright = room_of(body, heads, pose, bulk)
    placed = _place_arms(rng, arms, room, upright, wide(weight))
    for arm, (reach, touch) in zip(arms, placed, strict=True):
        turns, _, _ = arm.rotations(reach)
        pose.update({name + arm.end: turn for name, turn in turns.items()})
        pose.update(_hand(rng, arm, touch < CLOTHES))
    return pose


def random_view(rng: np.random.Generator) -> tuple[np.ndarray, str]:
    """Draw the root rotation [3, 3] of a view in the shares of `VIEWS`, and the view's name."""
    name = pick(rng, {view: share for view, (share, *_) in VIEWS.items()})
    _, low, high = VIEWS[name]
    yaw = rng.uniform(low, high) * (1 if rng.random() < 0.5 else -1)
    return axis_rotation(0, rng.uniform(-2, 7)) @ axis_rotation(2, yaw), name
