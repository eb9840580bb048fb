"""The presets `deepfashion` and `market` are the paper's networks, layer by layer, measured on the meta device."""

import pytest
import torch
from torch import nn

from warpgan import config, models

SIZES = {"deepfashion": (256, 256), "market": (128, 64)}
STAGE_ONE = 45_756_436
IDENTITY_RESIDUAL, TWO_CONV = 179_454_787, 184_174_403
DISCRIMINATORS = {"parser_discriminator": 2_821_057, "discriminator": 2_827_201}  # 58 and 64 channels


def build(name, **changes):
    with torch.device("meta"):
        return models.build(config.preset(name, **changes))


def layers(module, *given):
    """Every layer that computes something, in the order in which it does, with the shape of what comes out."""
    seen = []
    for part in module.modules():
        if not list(part.children()) and not isinstance(part, nn.Identity):
            part.register_forward_hook(lambda part, given, out: seen.append((named(part), tuple(out.shape[1:]))))
    with torch.no_grad():
        module(*given)
    return seen


def named(part):
    if isinstance(part, nn.ConvTranspose2d):
        (padding, extra), stride = (part.padding[0], part.output_padding[0]), part.stride[0]
        return f"convT{part.kernel_size[0]} s{stride} p{padding}" + (f" o{extra}" if extra else "")
    if isinstance(part, nn.Conv2d):
        assert part.bias is not None
        kind = " reflect" if part.padding_mode == "reflect" else ""
        return f"conv{part.kernel_size[0]} s{part.stride[0]} p{part.padding[0]}{kind}"
    if isinstance(part, nn.InstanceNorm2d):
        assert not part.affine and not part.track_running_stats
        return "IN"
    if isinstance(part, nn.LeakyReLU):
        return f"LReLU {part.negative_slope}"
    return type(part).__name__


def unit(kind, shape, *after):
    return [(kind, shape)] + [(name, shape) for name in after]


class Table:
    """The layer tables, for pictures of one size."""

    def __init__(self, name):
        self.height, self.width = SIZES[name]

    def at(self, channels, part):
        return channels, self.height // part, self.width // part

    def encoder(self):
        out = unit("conv7 s1 p3 reflect", self.at(64, 1), "IN", "ReLU")
        for channels, part in ((128, 2), (256, 4), (512, 8)):
            out += unit("conv3 s2 p1", self.at(channels, part), "IN", "ReLU")
        return out

    def residual(self, channels):
        place = self.at(channels, 8)
        return unit("conv3 s1 p1 reflect", place, "IN", "ReLU") + unit("conv3 s1 p1 reflect", place, "IN")

    def ups(self, *channels):
        out = []
        for count, part in zip(channels, (4, 2, 1), strict=True):
            out += unit("convT3 s2 p1 o1", self.at(count, part), "IN", "ReLU")
        return out

    def last(self, channels):
        return unit("conv7 s1 p3 reflect", self.at(channels, 1))

    def discriminator(self):
        out, (height, width) = [], (self.height, self.width)
        for channels, stride in ((64, 2), (128, 2), (256, 2), (512, 1), (1, 1)):
            height, width = height // stride + 1, width // stride + 1
            after = {64: ["LReLU 0.2"], 1: []}.get(channels, ["IN", "LReLU 0.2"])
            out += unit(f"conv4 s{stride} p2", (channels, height, width), *after)
        return out


def maps(name, *channels):
    return [torch.empty(1, count, *SIZES[name], device="meta") for count in channels]


@pytest.mark.parametrize("name", SIZES)
def test_stage_one(name):
    networks, table = build(name), Table(name)
    assert models.parameter_count(networks["parser"]) == STAGE_ONE
    expected = table.encoder() + 9 * table.residual(512) + table.ups(256, 128, 64) + table.last(20)
    assert layers(networks["parser"], *maps(name, 20, 18)) == expected


@pytest.mark.parametrize("name", SIZES)
@pytest.mark.parametrize("residual, count", [("identity", IDENTITY_RESIDUAL), ("two_conv", TWO_CONV)])
def test_stage_two(name, residual, count):
    generator, table = build(name, residual=residual)["generator"], Table(name)
    assert models.parameter_count(generator) == count
    expected = 2 * table.encoder() + (table.residual(512) if residual == "two_conv" else [])
    expected += 9 * table.residual(1024) + table.ups(512, 256, 128)
    expected += unit("convT3 s1 p1", table.at(64, 1), "IN", "ReLU") + table.last(3)
    affine, tps = torch.empty(1, 2, 3, device="meta"), torch.empty(1, 9, 2, device="meta")
    assert layers(generator, *maps(name, 3, 20, 20, 18), affine, tps) == expected
    assert generator.condition_encoder.stages[0][0].in_channels == 23
    assert generator.target_encoder.stages[0][0].in_channels == 38
    assert generator.warping.gate == "grid"


@pytest.mark.parametrize("name", SIZES)
def test_the_warping_block_stands_where_the_picture_is_an_eighth(name):
    generator, seen = build(name)["generator"], []
    generator.warping.register_forward_hook(lambda part, given, out: seen.append((given[0].shape, out[0].shape)))
    generator(*maps(name, 3, 20, 20, 18))
    height, width = SIZES[name]
    assert seen == [((1, 512, height // 8, width // 8),) * 2]


@pytest.mark.parametrize("name", SIZES)
def test_the_two_streams_merge_by_concatenation_or_in_the_small_variant_by_a_3x3_convolution(name):
    generator, table = build(name, merge="conv")["generator"], Table(name)
    assert models.parameter_count(generator) == 56_763_203
    expected = 2 * table.encoder() + table.residual(512)
    expected += unit("conv3 s1 p1 reflect", table.at(512, 8), "IN", "ReLU")
    expected += 9 * table.residual(512) + table.ups(256, 128, 64) + table.last(3)
    assert layers(generator, *maps(name, 3, 20, 20, 18)) == expected
    whole = build(name)["generator"]
    assert isinstance(whole.merge, nn.Identity) and whole.blocks[0].branch[0].in_channels == 1024


@pytest.mark.parametrize("name", SIZES)
@pytest.mark.parametrize("network, channels", [("parser_discriminator", 58), ("discriminator", 64)])
def test_the_discriminators(name, network, channels):
    made, table = build(name)[network], Table(name)
    assert models.parameter_count(made) == DISCRIMINATORS[network]
    assert layers(made, *maps(name, channels)) == table.discriminator()


def test_the_sizes_are_those_of_the_tables():
    """Written out once, so that the formulas above cannot be wrong in the same way as the networks."""
    big, small = Table("deepfashion"), Table("market")
    assert big.at(512, 8) == (512, 32, 32) and small.at(512, 8) == (512, 16, 8)
    side = [shape[1] for name, shape in big.discriminator() if name.startswith("conv")]
    assert side == [129, 65, 33, 34, 35]
    places = [shape[1:] for name, shape in small.discriminator() if name.startswith("conv")]
    assert places == [(65, 33), (33, 17), (17, 9), (18, 10), (19, 11)]


@pytest.mark.parametrize("name", SIZES)
def test_the_matcher(name):
    matcher = build(name)["matcher"]
    assert matcher.backbone == "vgg16" and matcher.tps_grid == 3
    counts = [models.parameter_count(part) for part in (matcher.affine_regressor, matcher.tps_regressor)]
    assert counts == [1_626_182, 1_645_394]
    for regressor, outputs in ((matcher.affine_regressor, 6), (matcher.tps_regressor, 18)):
        assert layers(regressor, torch.empty(1, 225, 15, 15, device="meta")) == [
            ("conv7 s1 p0", (128, 9, 9)), ("BatchNorm2d", (128, 9, 9)), ("ReLU", (128, 9, 9)),
            ("conv5 s1 p0", (64, 5, 5)), ("BatchNorm2d", (64, 5, 5)), ("ReLU", (64, 5, 5)), ("Linear", (outputs,)),
        ]
    picture = matcher.picture(*maps(name, 20))
    pools = [shape for kind, shape in layers(matcher.extractor, picture) if kind == "MaxPool2d"]
    assert pools == [(64, 120, 120), (128, 60, 60), (256, 30, 30), (512, 15, 15)]
    affine, tps = matcher.eval()(*maps(name, 20, 20))
    assert affine.shape == (1, 2, 3) and tps.shape == (1, 9, 2)


def test_the_matcher_on_resnet():
    matcher = build("deepfashion", matcher="resnet101")["matcher"]
    picture = torch.empty(1, 3, 240, 240, device="meta")
    assert [tuple(part(torch.empty(1, *shape, device="meta")).shape[1:]) for part, shape in (
        (matcher.extractor[4], (64, 60, 60)), (matcher.extractor[5], (256, 60, 60)),
        (matcher.extractor[6], (512, 30, 30)),
    )] == [(256, 60, 60), (512, 30, 30), (1024, 15, 15)]
    assert matcher.extractor(picture).shape == (1, 1024, 15, 15)
    assert models.parameter_count(matcher.affine_regressor) == 1_626_182


@pytest.mark.parametrize("name, batch", [("deepfashion", 12), ("market", 20)])
def test_the_losses_and_the_optimiser_are_the_papers_where_it_speaks_else_the_authors_codes(name, batch):
    made = config.preset(name)
    assert made.size == SIZES[name]
    weights = {field: getattr(made, field) for field in made.to_dict() if field.endswith("_weight")}
    assert weights.pop("correspondence_weight") == 0  # photos do not know it
    assert weights.pop("chroma_weight") == 0 and made.self_pairs == 0 and made.generator_colours == "rgb"  # ours
    del weights["bending_weight"]  # of the light matcher's kind of training, ours
    assert weights == {
        "adversarial_weight": 1, "pixel_weight": 10, "perceptual_weight": 10, "hierarchy_weight": 10,
        "person_weight": 1, "parsing_weight": 10, "parser_adversarial_weight": 1, "parser_hierarchy_weight": 10,
    }
    assert (made.adversarial, made.hierarchy_maps, made.perceptual) == ("least_squares", 3, "vgg19")
    assert (made.adversarial_from, made.adversarial_share, made.perceptual_normalise) == (0, 1, False)
    assert made.learning_rate == made.generator_learning_rate == 2e-4 and made.decay == 0
    assert (made.beta1, made.generator_beta1, made.beta2) == (0.5, 0.5, 0.999)
    assert [made.batch_of(stage) for stage in ("parser", "matcher", "gan")] == [50, 16, batch]
    assert made.stage2_parsing == "synthesised" and not made.parser_sees_image and made.parser_output == "logits"
