"""Stage II: condition features arrive where the map says; without the block it is the same network."""

from types import SimpleNamespace

import pytest
import torch
from torch.nn import functional as F

from warpgan import config, geometry, models
from warpgan.models import WarpingGenerator


def inputs(batch=1, height=32, width=16, seed=0):
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(0, 20, (2 * batch, height, width), generator=generator)
    onehot = F.one_hot(labels, 20).permute(0, 3, 1, 2).float()
    image = 2 * torch.rand(batch, 3, height, width, generator=generator) - 1
    return image, onehot[:batch], onehot[batch:], torch.rand(batch, 18, height, width, generator=generator)


def small(**options):
    torch.manual_seed(0)
    return WarpingGenerator(4, 1, **{"downs": 2, **options})


def test_what_the_decoder_sees_of_the_condition_lies_where_the_map_says():
    generator = small(residual="identity", gate="grid")
    phi, context = torch.zeros(1, 16, 8, 4), torch.zeros(1, 16, 8, 4)
    phi[0, 3, 5, 1] = 1.0
    seen = []
    generator.merge.register_forward_hook(lambda module, given, result: seen.append(given[0]))
    one_right = torch.tensor([[[1.0, 0.0, -2 / 4], [0.0, 1.0, 0.0]]])  # source = output - one column
    generator.render(phi, context, affine=one_right, tps=None)
    expected = phi.clone()
    expected[0, 3, 5, 2] = 1.0
    torch.testing.assert_close(seen[0], torch.cat([context, expected], dim=1), atol=1e-6, rtol=0)


def test_forward_is_render_after_encode_and_uses_both_maps():
    generator, given = small(), inputs(2)
    affine, tps = geometry.random_affine(2), geometry.random_tps(2, 3)
    image, gate = generator(*given, affine, tps)
    phi, context = generator.encode(*given)
    again, shown = generator.render(phi, context, affine=affine, tps=tps)
    assert torch.equal(image, again) and torch.equal(gate, shown)
    assert image.shape == (2, 3, 32, 16) and image.abs().max() <= 1
    assert gate.shape == (2, 16, 8, 4)
    for other in ((None, None), (affine, None), (None, tps)):
        assert not torch.allclose(generator(*given, *other)[0], image, atol=1e-5)


def test_no_map_means_the_identity():
    generator, given = small(), inputs(2)
    still = generator(*given, geometry.identity_affine(2), geometry.identity_tps(2, 5))[0]
    torch.testing.assert_close(generator(*given)[0], still, atol=1e-4, rtol=0)


def test_with_gate_0_the_map_has_no_effect():
    generator, given = small(), inputs()
    one, two = (generator(*given, geometry.random_affine(1), None, forced_gate=0.0)[0] for _ in range(2))
    assert torch.equal(one, two)


@pytest.mark.parametrize("merge", ["concat", "conv"])
@pytest.mark.parametrize("gate", ["learned_channel", "learned_pixel", "grid", "none"])
def test_without_the_block_it_is_the_same_network_from_the_same_seed(merge, gate):
    full, bare = small(merge=merge, gate=gate), small(merge=merge, warping=False)
    shared = bare.state_dict()
    assert {k for k in full.state_dict() if not k.startswith("warping.")} == set(shared)
    assert all(torch.equal(full.state_dict()[k], v) for k, v in shared.items())
    given = inputs()
    image, shown = bare(*given, geometry.random_affine(1), geometry.random_tps(1, 3))
    assert shown is None
    torch.testing.assert_close(image, full(*given, forced_gate=0.0)[0])


def test_a_learned_gate_is_shown_the_target():
    generator, given = small(gate="learned_pixel"), inputs()
    other = (*given[:3], inputs(seed=1)[3])
    assert not torch.allclose(generator(*given)[1], generator(*other)[1])
    grid = small(gate="grid")
    assert torch.equal(grid(*given)[1], grid(*other)[1])


@pytest.mark.parametrize(
    "options, count",
    [
        ({"residual": "identity", "gate": "grid"}, 179_454_787),
        ({"residual": "identity", "gate": "none"}, 179_454_787),
        ({"gate": "grid"}, 184_174_403),
        ({"gate": "grid", "merge": "conv"}, 56_763_203),
        ({"warping": False}, 179_454_787),
    ],
)
def test_it_has_the_papers_parameters(options, count):
    with torch.device("meta"):
        assert models.parameter_count(WarpingGenerator(**options)) == count


@pytest.mark.parametrize("height, width", [(256, 256), (128, 64)])
def test_its_layers_have_the_papers_sizes(height, width):
    with torch.device("meta"):
        generator = WarpingGenerator(gate="grid")
        condition = generator.condition_encoder.features(torch.empty(1, 23, height, width))
        target = generator.target_encoder.features(torch.empty(1, 38, height, width))
        x = torch.cat([condition[-1], target[-1]], dim=1)
        sizes = [tuple(generator.blocks(x).shape[1:])]
        for layer in generator.decoder:
            x = layer(x)
            sizes.append(tuple(x.shape[1:]))

    def at(channels, part):
        return channels, height // part, width // part

    encoded = [at(64, 1), at(128, 2), at(256, 4), at(512, 8)]
    assert [tuple(m.shape[1:]) for m in condition] == encoded == [tuple(m.shape[1:]) for m in target]
    assert sizes == [at(1024, 8), at(512, 4), at(256, 2), at(128, 1), at(64, 1), at(3, 1)]
    assert len(generator.blocks) == 9


def test_pictures_stay_within_their_range_and_weights_start_small():
    generator = small()
    assert abs(generator.blocks[0].branch[0].weight.std() - 0.02) < 2e-3
    generator.decoder[-1].bias.data.fill_(9.0)
    assert 0.99 < generator(*inputs())[0].mean() <= 1


def test_a_picture_twice_as_bright_stays_so_only_where_nothing_divides_it_away():
    one = 2 * torch.rand(1, 23, 32, 16, generator=torch.Generator().manual_seed(1))
    divided, kept = (small(norm=norm).condition_encoder for norm in ("everywhere", "blocks"))
    torch.testing.assert_close(divided(2 * one), divided(one), atol=1e-3, rtol=0)
    torch.testing.assert_close(kept(2 * one), 2 * kept(one))


def test_where_nothing_is_normalised_the_first_weights_keep_the_scale():
    generator = small(merge="conv", norm="blocks")
    norms = {name for name, part in generator.named_modules() if isinstance(part, torch.nn.InstanceNorm2d)}
    assert norms and all(name.startswith(("blocks.", "warping.residual.")) for name in norms)
    phi, context = generator.encode(*inputs(height=64, width=32))
    decoded = torch.nn.Sequential(*list(generator.decoder)[:-1])(generator.merge(torch.cat([phi, context], dim=1)))
    assert all(0.03 < x.std() < 3 for x in (phi, context, decoded))
    assert abs(generator.blocks[0].branch[0].weight.std() - 0.02) < 2e-3
    assert abs(generator.decoder[-1].weight.std() - 0.02) < 2e-3


@pytest.mark.parametrize("norm", ["everywhere", "blocks"])
def test_every_parameter_learns(norm):
    generator, given = small(merge="conv", norm=norm), inputs()
    generator(*given, geometry.random_affine(1), None)[0].square().sum().backward()
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in generator.parameters())
    assert all(p.grad.any() for name, p in generator.named_parameters() if name.endswith("weight"))


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: small(norm="batch"), "norm: expected one of everywhere, blocks, found 'batch'"),
        (lambda: small(merge="add"), "merge: expected one of concat, conv, found 'add'"),
        (lambda: small()(*inputs(height=30)), "condition_image: .* multiples of 4"),
        (lambda: small()(*inputs()[:3], torch.zeros(1, 17, 32, 16)), r"pose_map: expected \[B, 18, H, W\]"),
        (lambda: small()(*inputs()[:2], *inputs(2)[2:]), "target_onehot: expected the batch"),
    ],
)
def test_unfit_arguments_are_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def configuration(**changes):
    fields = {
        "height": 32,
        "width": 16,
        "downs": 2,
        "parser_width": 4,
        "parser_blocks": 1,
        "parser_output": "logits",
        "parser_sees_image": False,
        "matcher": "light",
        "matcher_width": 4,
        "tps_grid": 3,
        "generator": "warping",
        "generator_width": 4,
        "generator_blocks": 1,
        "generator_downs": 2,
        "generator_norm": "everywhere",
        "merge": "conv",
        "residual": "two_conv",
        "gate": "learned_channel",
        "warping": True,
        "warp_passes": "one",
        "block_level": -1,
        "warped": "features",
        "generator_colours": "rgb",
        "decoder_sees_target": False,
        "matcher_sees": "parsing",
        "discriminator_width": 4,
        "discriminator_layers": 2,
    }
    return SimpleNamespace(**{**fields, **changes})


def test_build_makes_networks_that_fit_together():
    networks = models.build(configuration())
    assert set(networks) == {"parser", "parser_discriminator", "matcher", "generator", "discriminator"}
    image, condition, _, pose = inputs(2)
    target = networks["parser"](condition, pose).softmax(dim=1)
    maps = networks["matcher"](condition, target)
    assert maps[1].shape == (2, 9, 2)
    fake, gate = networks["generator"](image, condition, target, pose, *maps)
    assert gate.shape == (2, 16, 8, 4)
    score, features = networks["discriminator"](torch.cat([image, condition, target, pose, fake], dim=1))
    assert score.shape[1] == 1 and len(features) == 3
    assert networks["parser_discriminator"](torch.cat([condition, pose, target], dim=1))[0].isfinite().all()


def test_build_gives_both_sides_of_a_comparison_the_same_start():
    started = []
    for warping in (True, False):
        torch.manual_seed(3)
        started.append(models.build(configuration(warping=warping)))
    for name in ("parser", "parser_discriminator", "matcher", "discriminator"):
        one, other = (networks[name].state_dict() for networks in started)
        assert all(torch.equal(one[key], other[key]) for key in other), name


@pytest.mark.parametrize("name", ["deepfashion", "market"])
def test_the_papers_presets_build_the_papers_networks(name):
    with torch.device("meta"):
        networks = models.build(config.preset(name, residual="identity"))
    counts = {key: models.parameter_count(network) for key, network in networks.items() if key != "matcher"}
    assert counts == {
        "parser": 45_756_436,
        "parser_discriminator": 2_821_057,
        "generator": 179_454_787,
        "discriminator": 2_827_201,
    }
