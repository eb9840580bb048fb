"""The warp scene: the true map misses by nothing, folds are counted, and numbers are those of the metrics."""

import pytest
import torch
from scenes import Boxes

from warpgan import geometry, metrics
from warpgan.widgets.warp_scene import WarpScene


class Answers(torch.nn.Module):
    """A matcher that answers one thing."""

    sees, tps_grid = "parsing", 5

    def __init__(self, affine, tps):
        super().__init__()
        self.maps = affine, tps

    def forward(self, condition_onehot, target_onehot):
        return tuple(one[None] for one in self.maps)


def matcher(shift: float = 0.0) -> Answers:
    affine = geometry.identity_affine(1)[0]
    affine[0, 2] = shift
    return Answers(affine, geometry.identity_tps(1, 5)[0])


@pytest.fixture
def pair():
    pairs = Boxes()
    return max((pairs[i] for i in range(len(pairs))), key=lambda one: moved(one).abs())


def moved(pair) -> torch.Tensor:
    """How many pixels further right the person is in the condition."""
    return pair["correspondence"][0, 0, 0]


@pytest.fixture
def scene(pair):
    return WarpScene(pair, matcher())


def test_the_true_map_misses_by_nothing(scene, pair):
    assert scene.unwarped.median == pytest.approx(moved(pair).abs().item(), abs=1e-4) and scene.unwarped.median >= 3
    x, y = scene.hand.points()[0]
    scene.hand.move(0, x + moved(pair).item(), y)
    warped = scene.warped(*scene.hand.acting())
    assert warped.fit.median == pytest.approx(0, abs=1e-4) and warped.fit.mean == pytest.approx(0, abs=1e-4)
    assert warped.fit.agreement == 1 and torch.equal(warped.parsing, pair["target_parsing"])
    assert torch.equal(warped.distance.isnan(), ~pair["correspondence_valid"])
    assert not warped.folds.any()


def test_the_matcher_is_measured_beside(pair):
    scene = WarpScene(pair, matcher(2 * moved(pair).item() / 32))
    assert scene.matched.mean == pytest.approx(0, abs=1e-4) and scene.unwarped.mean >= 3
    assert scene.hand.settings()["affine"] == [[1, 0, 0], [0, 1, 0]]  # nothing is moved yet
    said = scene.said(scene.warped(*scene.answer))
    far = moved(pair).abs().item()
    assert said.startswith(
        f"The map misses the truth by 0.0 pixels in the median, 0.0 in the mean (no map: {far:.1f} and {far:.1f}; "
        "the matcher: 0.0 and 0.0). It gives 100 % of the target's person the right label (no map: "
    )
    assert said.endswith("None of 1953 places folds.")


def test_numbers_are_those_of_the_metrics(scene, pair):
    maps = (
        geometry.random_affine(1, torch.Generator().manual_seed(1)),
        geometry.random_tps(1, 5, torch.Generator().manual_seed(2)),
    )
    warped = scene.warped(maps[0][0], maps[1][0])
    grid = geometry.warp_grid(*maps, (64, 32))
    truth = pair["correspondence"][None], pair["correspondence_valid"][None]
    assert warped.fit.mean == pytest.approx(metrics.correspondence_error(grid, *truth).item())
    assert warped.fit.median == pytest.approx(metrics.median_correspondence_error(grid, *truth).item())
    assert torch.equal(warped.image, geometry.warp(pair["condition_image"][None], grid, padding="border")[0])


def test_folds_are_counted_and_drawn(scene):
    plain = scene.picture(scene.warped(*scene.hand.acting()))
    scene.hand.move(3 + 12, 30.0, 32.0)  # the middle point beyond its neighbour
    warped = scene.warped(*scene.hand.acting())
    turned = int(warped.folds.sum())
    assert 0 < turned < 1953 and scene.said(warped).endswith(f"It folds at {turned} of 1953 places.")
    drawn = scene.picture(warped)
    assert drawn.size == plain.size and drawn.tobytes() != plain.tobytes()
    assert all(side % scene.scale == 0 for side in drawn.size)


def test_a_mirror_turns_every_place_over(scene):
    mirror = torch.tensor([[-1.0, 0, 0], [0, 1, 0]])
    assert scene.warped(mirror, scene.hand.tps).folds.all()


def test_a_pair_without_a_correspondence_has_labels_alone(pair):
    without = {name: value for name, value in pair.items() if not name.startswith("correspondence")}
    nowhere = pair | {"correspondence_valid": torch.zeros_like(pair["correspondence_valid"])}
    for one in (without, nowhere):
        scene = WarpScene(one, matcher())
        warped = scene.warped(*scene.hand.acting())
        assert (warped.distance, warped.fit.median, warped.fit.mean) == (None, None, None)
        assert scene.said(warped).startswith("It gives ") and "misses" not in scene.said(warped)
        assert scene.picture(warped).width > 0


@pytest.mark.parametrize(
    "change, said",
    [
        ({"target_image": None}, "pair: 'target_image' is missing"),
        ({"target_image": torch.zeros(3, 64, 31)}, r"target_image has shape \[3, 64, 31\]; expected \[3, 64, 32\]"),
        ({"condition_parsing": torch.zeros(1, 64, 32)}, r"condition_parsing has .* \[1, 64, 32\]; expected \[H, W\]"),
        ({"target_parsing": torch.zeros(64, 32).long()}, "target_parsing shows nobody"),
        ({"correspondence": torch.zeros(64, 32)}, r"correspondence has shape \[64, 32\]; expected \[64, 32, 2\]"),
    ],
)
def test_a_wrong_pair_is_told(pair, change, said):
    wrong = {name: value for name, value in (pair | change).items() if value is not None}
    with pytest.raises(ValueError, match=said):
        WarpScene(wrong, matcher())
