"""Maps in one's hands: a point dragged somewhere is where the map then looks; what cannot be is a sentence."""

import json

import pytest
import torch

from warpgan import geometry
from warpgan.widgets.warp_maps import AXIS, FRAMES, MapsInHand

SIZE = (40, 20)
CONTROL = len(FRAMES)


@pytest.fixture
def hand():
    return MapsInHand(SIZE, 5)


def turned() -> torch.Tensor:
    return torch.tensor([[0.8, 0.3, 0.1], [-0.4, 1.1, -0.2]])


def looks_at(hand: MapsInHand, x: float, y: float) -> list[float]:
    affine, tps = hand.acting()
    place = geometry.affine_points(affine[None], geometry.tps_points(tps[None], torch.tensor([[[x, y]]])))
    return geometry.normalised_to_pixel(place, SIZE)[0, 0].tolist()


@pytest.mark.parametrize("maps", ["both", "tps"])
def test_a_dragged_control_point_is_where_the_map_looks(hand, maps):
    hand.take(turned(), hand.tps, maps)
    hand.move(CONTROL + 7, 12.5, 9.0)  # row 2, column 3
    assert hand.points()[CONTROL + 7] == pytest.approx([12.5, 9.0], abs=1e-4)
    assert looks_at(hand, 0.0, -0.5) == pytest.approx([12.5, 9.0], abs=1e-3)
    assert torch.equal(hand.affine, turned())
    assert hand.names[CONTROL + 7] == "control point, row 2 column 3"


@pytest.mark.parametrize("index, x, y", [(0, 0.0, 0.0), (1, AXIS, 0.0), (2, 0.0, AXIS)])
def test_a_dragged_end_of_the_affine_map_is_where_it_looks(hand, index, x, y):
    hand.take(turned(), hand.tps, "both")
    before = hand.points()
    hand.move(index, 3.0, 31.0)
    assert hand.points()[index] == pytest.approx([3.0, 31.0], abs=1e-4)
    assert looks_at(hand, x, y) == pytest.approx([3.0, 31.0], abs=1e-3)
    if index:  # the others stay; the centre takes them along
        assert hand.points()[0] == pytest.approx(before[0], abs=1e-4)
        assert hand.points()[3 - index] == pytest.approx(before[3 - index], abs=1e-4)
    else:
        assert torch.equal(hand.affine[:, :2], turned()[:, :2])


def test_points_of_a_map_that_does_not_act_are_not_shown(hand):
    shown = {}
    for maps in ("both", "affine", "tps", "none"):
        hand.take(turned(), hand.tps + 0.1, maps)
        shown[maps] = [at is not None for at in hand.points()]
    frames, control = [True] * 3 + [False] * 25, [False] * 3 + [True] * 25
    assert shown == {"both": [True] * 28, "affine": frames, "tps": control, "none": [False] * 28}
    assert all(torch.equal(one, still) for one, still in zip(hand.acting(), hand.identity(), strict=True))


def test_no_point_covers_another_at_first_but_the_one_in_the_middle(hand):
    places = torch.tensor(hand.points())
    near = torch.cdist(places, places).fill_diagonal_(99) < 1
    assert near.nonzero().tolist() == [[0, CONTROL + 12], [CONTROL + 12, 0]]
    left, top, right, bottom = hand.reach
    assert ((places >= torch.tensor([left, top])) & (places <= torch.tensor([right, bottom]))).all()


def test_lines_join_neighbours(hand):
    places = [torch.tensor(at) for at in hand.points()]
    assert len(hand.lines) == 2 + 2 * 4 * 5 and hand.lines[:2] == [[0, 1], [0, 2]]
    for a, b, kind in hand.lines[2:]:
        step = [round(value, 3) for value in (places[b] - places[a]).tolist()]
        assert kind == "dotted" and step in ([5, 0], [0, 10])


def test_a_flat_affine_map_lets_no_control_point_be_moved(hand):
    hand.move(1, *hand.points()[0])  # the end of the x axis onto the centre
    before = hand.settings()
    with pytest.raises(ValueError, match="the affine map has no inverse: .*; pull the ends of its axes apart first"):
        hand.move(CONTROL, 5, 5)
    assert hand.settings() == before
    hand.move(1, 15, 20)
    hand.move(CONTROL, 5, 5)
    assert hand.points()[CONTROL] == pytest.approx([5, 5], abs=1e-4)


@pytest.mark.parametrize("index", [0, 1, 2, CONTROL, CONTROL + 24])
@pytest.mark.parametrize("place", [(900.0, 5.0), (5.0, -900.0)])
def test_a_number_beyond_four_is_refused(hand, index, place):
    before = hand.settings()
    with pytest.raises(ValueError, match=r"would have the number \d+\.?\d*; expected at most 4, where 1 is"):
        hand.move(index, *place)
    assert hand.settings() == before
    with pytest.raises(ValueError, match="nothing to undo"):
        hand.undo()


def test_undo_takes_back_a_drag_as_one_and_every_other_change(hand):
    states = [hand.settings()]
    for step in range(5):
        hand.move(CONTROL + 3, 10 + step, 12, begins=step == 0)
    states.append(hand.settings())
    hand.take(hand.affine, hand.tps, "tps")
    states.append(hand.settings())
    hand.use_settings(states[0])
    for state in reversed(states):
        hand.undo()
        assert hand.settings() == state
    with pytest.raises(ValueError, match="nothing to undo"):
        hand.undo()


def test_a_state_comes_back(hand):
    hand.take(turned(), geometry.random_tps(1, 5, torch.Generator().manual_seed(0))[0], "affine")
    other = MapsInHand(SIZE, 5)
    other.use_settings(json.loads(json.dumps(hand.settings())))
    assert other.settings() == hand.settings()
    assert (other.tps - hand.tps).abs().max() < 1e-5 and other.affine.dtype == torch.float32


FLAT = [[1, 0, 0], [0, 1, 0]]


@pytest.mark.parametrize(
    "change, said",
    [
        ({"affine": FLAT[:1]}, "state: affine has 1 rows of 3; expected 2 rows of 3 numbers"),
        ({"affine": [[1, 0], [0, 1, 0]]}, "state: affine has 2 rows of 2 or 3; expected"),
        ({"affine": []}, "state: affine has 0 rows of 0; expected"),
        ({"affine": "ones"}, "state: affine is 'ones'; expected 2 rows of 3 numbers"),
        ({"affine": [1, 2]}, r"state: affine is '\[1, 2\]'; expected"),
        ({"affine": [[1, 0, float("nan")], [0, 1, 0]]}, "state: affine has 'nan'; expected numbers from -4 to 4"),
        ({"affine": [[1, 0, float("inf")], [0, 1, 0]]}, "state: affine has 'inf'; expected"),
        ({"affine": [[1, 0, 4.01], [0, 1, 0]]}, "state: affine has '4.01'; expected"),
        ({"affine": [[1, 0, 10**400], [0, 1, 0]]}, "state: affine has '1000"),
        ({"affine": [[1, 0, "0"], [0, 1, 0]]}, "state: affine has '0'; expected"),
        ({"affine": [[1, 0, True], [0, 1, 0]]}, "state: affine has 'True'; expected"),
        ({"affine": [[1, 0, None], [0, 1, 0]]}, "state: affine has 'None'; expected"),
        ({"tps": [[0, 0]] * 9}, "state: tps has 9 rows of 2; expected 25 rows of 2 numbers"),
        ({"maps": "all"}, "state: maps: expected one of both, affine, tps, none, found 'all'"),
        ({"maps": ["both"]}, r"state: maps: expected one of .*, found \['both'\]"),
    ],
)
def test_a_wrong_state_changes_nothing(hand, change, said):
    hand.take(turned(), hand.tps + 0.2, "affine")
    before = hand.settings()
    with pytest.raises(ValueError, match=said):
        hand.use_settings({"affine": FLAT, "tps": [[0, 0]] * 25, "maps": "both"} | change)
    assert hand.settings() == before
