"""What the ablations of notebook 07 switch: which maps, features or pixels, where the block stands, what is matched."""

import pytest
import torch
from scenes import Boxes
from test_generator import inputs, small
from test_paper_options import STEP, different_sets, straight  # noqa: F401
from test_training import TINY, train

from warpgan import config, geometry, losses, models, opponent, training
from warpgan.batches import collate
from warpgan.models import GeometricMatcher, find_maps
from warpgan.models.matching import seen


def matcher(**options):
    """A matcher that no longer answers the identity."""
    torch.manual_seed(0)
    made = GeometricMatcher(8, (32, 16), tps_grid=3, **options).eval()
    for regressor in (made.affine_regressor, made.tps_regressor):
        torch.nn.init.normal_(regressor.last.weight, std=0.05)
    return made


def test_each_choice_of_maps_is_the_identity_but_for_what_it_names():
    net, (_, condition, target, _) = matcher(), inputs(2)
    still = geometry.identity_affine(2), geometry.identity_tps(2, 3)
    both = find_maps(net, condition, target)
    assert not any(torch.allclose(found, identity, atol=1e-3) for found, identity in zip(both, still, strict=True))
    affine, no_spline = find_maps(net, condition, target, "affine")
    assert torch.equal(affine, both[0]) and torch.equal(no_spline, still[1])
    no_affine, alone = find_maps(net, condition, target, "tps")
    assert torch.equal(no_affine, still[0]) and torch.equal(alone, net.tps(condition, target))
    assert not torch.allclose(alone, both[1], atol=1e-4)  # not the spline that finishes the affine map
    assert all(torch.equal(*pair) for pair in zip(find_maps(net, condition, target, "none"), still, strict=True))
    with pytest.raises(ValueError, match="maps: expected one of both, affine, tps, none, found 'homography'"):
        find_maps(net, condition, target, "homography")


def test_warped_pixels_reach_the_encoder_where_the_map_says():
    generator = small(warped="pixels")
    image, condition, target, pose = inputs(1)
    given = []
    generator.condition_encoder.register_forward_pre_hook(lambda module, args: given.append(args[0]))
    two_right = torch.tensor([[[1.0, 0.0, -4 / 16], [0.0, 1.0, 0.0]]])  # source = output - two columns
    picture, gate = generator(image, condition, target, pose, two_right, None)
    assert gate is None and generator.warping is None and picture.isfinite().all()
    seen_image, seen_labels = given[0][:, :3], given[0][:, 3:]
    torch.testing.assert_close(seen_image[..., 2:], image[..., :-2], atol=1e-5, rtol=0)
    torch.testing.assert_close(seen_labels[..., 2:], condition[..., :-2], atol=1e-5, rtol=0)
    assert not seen_image[..., :2].any() and (seen_labels[:, 0, :, :2] == 1).all()  # grey, and background


def test_with_nothing_moved_warped_pixels_are_the_network_without_the_block():
    pixels, bare, given = small(warped="pixels"), small(warping=False), inputs(2)
    assert set(pixels.state_dict()) == set(bare.state_dict())
    maps = geometry.identity_affine(2), geometry.identity_tps(2, 5)
    torch.testing.assert_close(pixels(*given, *maps)[0], bare(*given)[0], atol=1e-4, rtol=0)
    assert torch.equal(pixels(*given)[0], bare(*given)[0])


@pytest.mark.parametrize("level", [0, 1, 2])
def test_the_block_stands_after_so_many_halvings(level):
    generator, given = small(block_level=level), inputs(2)
    phi, context = generator.encode(*given)
    assert phi.shape == context.shape == (2, 4 * 2**level, 32 // 2**level, 16 // 2**level)
    maps = {"affine": geometry.random_affine(2), "tps": None}
    image, gate = generator(*given, maps["affine"])
    assert gate.shape == phi.shape and image.shape == (2, 3, 32, 16)
    assert torch.equal(image, generator.render(phi, context, **maps)[0])
    bare = small(warping=False)
    shut = generator(*given, maps["affine"], forced_gate=0.0)[0]
    torch.testing.assert_close(shut, bare(*given)[0])  # a shut block is no block, wherever it stands


def test_opponent_colours_are_the_same_network_in_other_axes():
    plain, turned, given = small(), small(colours="opponent"), inputs(2)
    assert set(plain.state_dict()) == set(turned.state_dict())
    turned.load_state_dict(plain.state_dict())
    # Weights that undo the turn: the stem reads, and the last layer paints, what they would in red, green and blue.
    stem, last = turned.condition_encoder.stages[0][0], turned.decoder[-1]
    with torch.no_grad():
        back = opponent.from_opponent(torch.eye(3).view(3, 3, 1, 1))[..., 0, 0]  # rows: axes in colours
        stem.weight[:, :3] = torch.einsum("ij,ojhw->oihw", back, stem.weight[:, :3].clone())
        there = opponent.to_opponent(torch.eye(3).view(3, 3, 1, 1))[..., 0, 0]  # rows: colours in axes
        last.weight.copy_(torch.einsum("ci,cohw->iohw", there, last.weight.clone()))
        last.bias.copy_(last.bias.clone() @ there)
    torch.testing.assert_close(turned(*given)[0], plain(*given)[0], atol=1e-4, rtol=0)


@pytest.mark.parametrize("merge, reach", [("conv", 1 + 3), ("concat", 1 + 1 + 3)])  # of its last convolutions
def test_a_decoder_that_sees_the_target_begins_as_one_that_does_not_and_then_sees_each_pixel(merge, reach):
    options, given = {"norm": "blocks", "merge": merge}, inputs(2)
    plain, seeing = small(**options), small(decoder_sees_target=True, **options)
    torch.testing.assert_close(seeing(*given)[0], plain(*given)[0], atol=1e-5, rtol=0)
    with torch.no_grad():
        seeing.reminders[-1][0].weight.add_(0.1)  # the one at full size
    target = torch.cat(given[2:], dim=1)
    touched = target.clone()
    touched[0, :, 10, 5] = 1 - touched[0, :, 10, 5]
    phi, context = seeing.encode(*given)
    one, other = (seeing.decode(phi, context, maps) for maps in (target, touched))
    changed = (one != other).any(dim=1).nonzero()
    assert (changed[:, 0] == 0).all() and len(changed)
    assert (changed[:, 1:] - torch.tensor([10, 5])).abs().max() == reach
    with pytest.raises(ValueError, match="target: this generator's decoder sees the target's parsing and pose"):
        seeing.decode(phi, context)


def test_levels_that_there_are_not_are_refused():
    with pytest.raises(ValueError, match="block_level: expected 0 to 2, the halvings of the encoders, found 3"):
        small(block_level=3)
    with pytest.raises(ValueError, match="block_level is 3; encoders with generator_downs 2 have the levels 0 to 2"):
        config.preset("quick", block_level=3)
    with pytest.raises(ValueError, match="block_level is -2; expected -1 or more"):
        config.preset("quick", block_level=-2)
    built = models.build(TINY.replace(block_level=1))["generator"]
    assert built.block_level == 1 and models.build(TINY)["generator"].block_level == TINY.generator_downs


@pytest.mark.parametrize(
    "change",
    [{"maps": "affine"}, {"maps": "tps"}, {"maps": "none"}, {"warped": "pixels"}, {"block_level": 1},
     {"generator_colours": "opponent"}, {"chroma_weight": 1.0}, {"self_pairs": 0.5},
     {"decoder_sees_target": True}],
)
def test_each_option_changes_what_stage_two_becomes(change, straight, tmp_path):  # noqa: F811
    other = train("gan", tmp_path, STEP.replace(**change), frozen=straight["gan"].folder.parent)
    assert different_sets(other, straight["gan"])


def test_a_trained_network_is_used_with_the_maps_that_it_was_trained_with(straight, tmp_path):  # noqa: F811
    from warpgan.transfer import PoseTransfer

    for stage in ("parser", "matcher"):
        train(stage, tmp_path, STEP)
    train("gan", tmp_path, STEP.replace(maps="none"))
    person = Boxes()[0]
    answer = PoseTransfer.from_pretrained(tmp_path)(
        person["condition_image"], person["condition_parsing"], person["target_keypoints"]
    )
    assert torch.equal(answer.affine[None], geometry.identity_affine(1))
    assert torch.equal(answer.tps[None], geometry.identity_tps(1, STEP.tps_grid))


def test_a_matcher_of_pictures_learns_from_the_pictures_and_serves_no_stage_two(tmp_path):
    settings = STEP.replace(matcher_sees="picture", matcher_map_steps=2, matcher_pair_steps=2)
    run = train("matcher", tmp_path, settings)
    net, batch = run.modules["matcher"], collate([Boxes()[0], Boxes()[2]])
    assert seen(net, batch)[0] is batch.condition_image
    affine, tps = net(*seen(net, batch))
    assert affine.shape == (2, 2, 3) and not torch.equal(tps, geometry.identity_tps(2, STEP.tps_grid))
    assert not torch.allclose(net(-batch.condition_image, batch.target_image)[0], affine, atol=1e-6)
    assert run.metrics["after"]["label_agreement"] > 0
    with pytest.raises(ValueError, match=r"condition_image: expected \[B, 3, H, W\]"):
        net(batch.condition_onehot, batch.target_onehot)
    train("parser", tmp_path, settings)
    with pytest.raises(ValueError, match="this matcher compares pictures, and the target's is what stage II is asked"):
        train("gan", tmp_path, settings)
    with pytest.raises(ValueError, match="matcher_sees is 'picture'; the matcher 'vgg16' sees parsings"):
        config.preset("market", matcher_sees="picture")


def test_a_picture_that_is_not_finite_moves_nothing_and_harms_no_other():
    net, (image, *_) = matcher(sees="picture"), inputs(2)
    broken = image.clone()
    broken[0, 1, 3, 3] = torch.nan
    affine, tps = net(broken, image.flip(-1))
    assert torch.equal(affine[:1], geometry.identity_affine(1)) and torch.equal(tps[:1], geometry.identity_tps(1, 3))
    torch.testing.assert_close(affine[1:], net(image, image.flip(-1))[0][1:])


def test_the_distance_to_the_truth_is_nothing_there_and_known_elsewhere():
    size, batch = (16, 8), 3
    grid = geometry.identity_grid(batch, size)
    here = geometry.normalised_to_pixel(grid, size)
    valid = torch.ones(batch, *size, dtype=torch.bool)
    assert losses.correspondence(grid, here, valid) < 1e-3
    there = here + torch.tensor([3.0, 4.0])
    assert losses.correspondence(grid, there, valid).item() == pytest.approx(5 / 16, abs=1e-5)
    valid[0] = False  # nothing is known of the first
    there[1, :8] += 1000  # nor of the upper half of the second
    valid[1, :8] = False
    assert losses.correspondence(grid, there, valid).item() == pytest.approx(2 / 3 * 5 / 16, abs=1e-5)
    grid.requires_grad_()
    losses.correspondence(grid, here, valid).backward()
    assert grid.grad.isfinite().all() and not grid.grad[0].any()


def test_the_truth_teaches_the_matcher_where_data_know_it(tmp_path):
    blind, told = STEP.replace(correspondence_weight=0.0), STEP.replace(correspondence_weight=10.0)
    runs = [train("matcher", tmp_path / str(i), settings) for i, settings in enumerate((blind, told))]
    one, other = (run.modules["matcher"].state_dict() for run in runs)
    assert any(not torch.equal(one[key], other[key]) for key in one)
    photos = [{k: v for k, v in Boxes()[i].items() if not k.startswith("correspondence")} for i in range(4)]
    unknown = [
        training.train("matcher", settings, tmp_path / f"photos{i}", data=photos, unseen=photos)
        for i, settings in enumerate((blind, told))
    ]
    one, other = (run.modules["matcher"].state_dict() for run in unknown)
    assert all(torch.equal(one[key], other[key]) for key in one)
