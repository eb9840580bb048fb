"""A gate of one's choice: held at 0 nothing is let in, as trained nothing differs; the numbers are the block's."""

import pytest
import torch
from scenes import Boxes, untrained
from torch import nn

from warpgan import gates, geometry, labels
from warpgan.batches import collate
from warpgan.metrics.registry import MEASURES
from warpgan.widgets.gate_scene import KEPT, OFFERED, TITLES, WHITE, GateScene, GateSetting


class Drawn(nn.Module):
    """A stage I that always draws trousers in some rows."""

    def __init__(self, rows=slice(16, 48)):
        super().__init__()
        self.rows = rows

    def forward(self, onehot, pose):
        logits = torch.zeros(len(onehot), labels.NUM_LABELS, 64, 32)
        logits[:, labels.BACKGROUND] = 1
        logits[:, labels.PANTS, self.rows] = 2
        return logits


class Shifted(nn.Module):
    """A matcher whose affine map moves a little down and whose spline moves a little aside."""

    def forward(self, condition, target):
        affine, tps = geometry.identity_affine(len(condition)), geometry.identity_tps(len(condition), 3)
        affine[:, 1, 2] += 0.25
        return affine, tps + torch.tensor([0.25, 0.0])


def networks(**changes):
    transfer = untrained(**changes)
    transfer.parser, transfer.matcher = Drawn(), Shifted()
    return transfer


def grid_of(found):
    return geometry.warp_grid(found.affine, found.tps, tuple(found.phi.shape[2:]))


@pytest.fixture(scope="module")
def scene():
    return GateScene(Boxes(8), networks())


def test_held_at_0_nothing_is_let_in_and_no_map_matters(scene):
    views = [scene.view(GateSetting(gate="forced", value=0.0, maps=maps)) for maps in ("both", "none")]
    for view in views:
        assert view.gate == view.let_in == 0 and view.difference > 0
        assert torch.equal(view.tiles[TITLES.index("features\nbefore")], view.tiles[TITLES.index("features\nafter")])
        assert not view.tiles[TITLES.index("gate")].any()
    assert torch.equal(views[0].tiles[5], views[1].tiles[5])


def test_as_trained_with_both_maps_it_is_the_transfers_picture(scene):
    view, batch = scene.view(GateSetting(pair=3)), collate([Boxes(8)[3]])
    answer = scene.transfer.batch(batch.condition_image, batch.condition_onehot, batch.pose_map)
    torch.testing.assert_close(view.tiles[5], answer.image[0])
    assert view.difference == pytest.approx(0, abs=1e-6) and view.name == batch.names[0]
    assert view.clothing == view.trained_clothing == pytest.approx(float(MEASURES["clothing_l1"](answer.image, batch)))
    assert view.gate == pytest.approx(float(gates.mean_over(answer.gate.mean(dim=1, keepdim=True), answer.parsing > 0)))


@pytest.mark.parametrize("maps", ["both", "affine", "tps", "none"])
def test_the_maps_that_are_chosen_act(scene, maps):
    found = scene._find(0)
    affine, tps = found.affine, found.tps
    if maps in ("tps", "none"):
        affine = None
    if maps in ("affine", "none"):
        tps = None
    options = {"affine": affine, "tps": tps, "forced_gate": 0.5}
    expected, _ = scene.transfer.generator.render(found.phi, found.context, **options)
    view = scene.view(GateSetting(gate="forced", value=0.5, maps=maps))
    torch.testing.assert_close(view.tiles[5], expected[0])
    others = {"both", "affine", "tps", "none"} - {maps}
    pictures = [scene.view(GateSetting(gate="forced", value=0.5, maps=other)).tiles[5] for other in others]
    assert all(not torch.allclose(view.tiles[5], other, atol=1e-5) for other in pictures)


def test_the_literal_gate_is_the_row_sums_of_the_maps(scene):
    view, found = scene.view(GateSetting(gate="literal", channel=2)), scene._find(0)
    grid = grid_of(found)
    sums = geometry.coverage(grid, tuple(found.phi.shape[2:]))
    shown = nn.functional.interpolate(sums, (64, 32), mode="nearest")[0, 0]
    torch.testing.assert_close(view.tiles[4], shown)
    assert 0 < sums.mean() < 1 and view.shown_gate is None
    held = scene.view(GateSetting(gate="forced", value=1.0))
    assert torch.equal(view.tiles[5], held.tiles[5])  # what arrives from outside is zero for every gate
    residual = geometry.warp(scene.block.residual(found.phi), grid)
    moved, _ = scene.transfer.generator.warp(
        found.phi, found.context, affine=found.affine, tps=found.tps, block=scene.literal
    )
    torch.testing.assert_close(moved, found.phi + residual)
    assert view.status().startswith("An experiment, as this generator was trained with the gate learned_channel. ")


def test_where_it_was_trained_with_the_literal_gate_it_is_no_experiment():
    scene = GateScene(Boxes(2), networks(gate="grid"))
    own, literal = (scene.view(GateSetting(gate=gate)) for gate in ("learned", "literal"))
    assert torch.equal(own.tiles[5], literal.tiles[5]) and literal.status().startswith("Literal gate")


def test_before_and_after_have_one_scale_that_no_gate_changes(scene):
    held = [scene.view(GateSetting(gate="forced", value=value, channel=1)) for value in (0.0, 0.5, 1.0)]
    assert len({(view.low, view.high) for view in held}) == 1
    found, view = scene._find(0), held[2]
    phi, full = found.phi[0, 1], found.full[0, 1]
    assert view.low == float(min(phi.min(), full.min())) and view.high == float(max(phi.max(), full.max()))
    for tile, maps in ((2, phi), (3, full)):
        assert view.tiles[tile].min() >= 0 and view.tiles[tile].max() <= 1
        torch.testing.assert_close(view.tiles[tile][::4, ::4] * (view.high - view.low) + view.low, maps)


def test_a_channel_has_a_gate_of_its_own(scene):
    view, found = scene.view(GateSetting(channel=3)), scene._find(0)
    _, gate = scene.block(found.phi, grid_of(found), found.context)
    one = gate[:, 3, None]
    assert view.shown_gate == pytest.approx(float(gates.mean_over(one.detach(), found.person)), abs=1e-6)
    assert "(channel 3: " in view.status() and "features of channel 3" in view.alt()


def test_the_difference_is_shown_on_the_scale_that_is_stated(scene):
    view = scene.view(GateSetting(gate="forced", value=0.0))
    apart = (view.tiles[5] - scene._find(0).image[0]).abs().mean(dim=0)
    torch.testing.assert_close(view.tiles[6], apart / WHITE)
    assert view.difference == pytest.approx(float(apart.mean()), abs=1e-6)
    assert f"white {WHITE} or more" in view.alt()
    assert view.sheet().height >= 4 * 64


def test_few_pairs_are_kept_and_each_is_asked_for_once(monkeypatch):
    scene, asked = GateScene(Boxes(8), networks()), []
    prepare = scene.transfer.prepare
    monkeypatch.setattr(scene.transfer, "prepare", lambda *given: asked.append(1) or prepare(*given))
    for value in (0.0, 0.5, 1.0):
        scene.view(GateSetting(gate="forced", value=value, maps="affine"))
    assert len(asked) == 1
    for pair in range(8):
        scene.view(GateSetting(pair=pair))
    assert len(asked) == 8 and len(scene._found) == KEPT


def test_what_is_not_known_of_photos_and_empty_answers_is_said():
    pair = {name: value for name, value in Boxes(2)[0].items() if not name.startswith("correspondence")}
    transfer = networks()
    transfer.parser = Drawn(slice(0))
    view = GateScene([pair], transfer).view(GateSetting())
    assert "error over clothing not known" in view.status() and "stage I draws nobody" in view.status()
    assert "nan" not in view.status() + view.alt()


@pytest.mark.parametrize(
    "pairs, changes, said",
    [
        ([], {}, "found no pair at all"),
        ([{"name": "one"}], {}, "pair 0 has no condition_image; it has name"),
        (Boxes(2), {"warping": False}, "this generator has no warping-block"),
    ],
)
def test_what_has_no_gate_to_look_at_is_refused(pairs, changes, said):
    with pytest.raises(ValueError, match=said):
        GateScene(pairs, networks(**changes))


def test_a_pair_of_another_size_is_refused_and_a_long_dataset_is_cut():
    transfer = networks()
    assert len(GateScene(Boxes(OFFERED + 5), transfer).names) == OFFERED
    transfer.size = (128, 64)
    with pytest.raises(ValueError, match=r"pair 0 \(box-0_0-1\) is 64x32 \(height x width\); .* at 128x64"):
        GateScene(Boxes(2), transfer)


@pytest.mark.parametrize(
    "change, said",
    [
        ({"gate": "open"}, "state: gate is 'open'; expected one of learned, literal, forced"),
        ({"gate": ["forced"]}, "state: gate is ['forced']"),
        ({"maps": None}, "state: maps is None; expected one of both, affine, tps, none"),
        ({"pair": 8}, "state: pair is 8; expected a whole number from 0 to 7"),
        ({"pair": True}, "state: pair is True"),
        ({"value": 1.5}, "state: value is 1.5; expected a number from 0 to 1"),
        ({"value": float("nan")}, "state: value is nan"),
        ({"value": False}, "state: value is False"),
        ({"channel": 99}, "state: channel is 99; expected null or a whole number from 0 to"),
        ({"channel": 1.0}, "state: channel is 1.0"),
    ],
)
def test_a_wrong_setting_is_named(scene, change, said):
    good = {"pair": 0, "gate": "learned", "value": 0.5, "maps": "both", "channel": None}
    assert scene.check(good) == GateSetting()
    with pytest.raises(ValueError) as error:
        scene.check(good | change)
    assert str(error.value).startswith(said)
