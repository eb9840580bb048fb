"""The networks of the Soft-Gated Warping-GAN, and `build`, which makes them all from one configuration.

Paper sections 3.1 and 3.2; `layers` holds what they share. Notebooks 02 to 06 explain them in this order.
"""

from typing import Any

from torch import nn

from warpgan.labels import NUM_KEYPOINTS, NUM_LABELS
from warpgan.models import painting
from warpgan.models.discriminator import PyramidDiscriminator
from warpgan.models.generator import WarpingGenerator
from warpgan.models.geo_matcher import GeoMatcher
from warpgan.models.human_parser import HumanParser
from warpgan.models.layers import parameter_count
from warpgan.models.matcher import GeometricMatcher
from warpgan.models.matching import Matcher, correlate, find_maps, warp_onehot
from warpgan.models.parser import PoseGuidedParser
from warpgan.models.warping_block import SoftGatedWarpingBlock

__all__ = [
    "GeoMatcher",
    "GeometricMatcher",
    "HumanParser",
    "Matcher",
    "PoseGuidedParser",
    "PyramidDiscriminator",
    "SoftGatedWarpingBlock",
    "WarpingGenerator",
    "build",
    "build_human_parser",
    "correlate",
    "find_maps",
    "matcher_size",
    "painting",
    "parameter_count",
    "warp_onehot",
    "warping_generator",
]

PARSER_PAIR_CHANNELS = NUM_LABELS + NUM_KEYPOINTS + NUM_LABELS  # 58: condition parsing, pose, target parsing
PICTURE_PAIR_CHANNELS = 3 + NUM_LABELS + NUM_LABELS + NUM_KEYPOINTS + 3  # 64: figure 5
POSE_PAIR_CHANNELS = 3 + NUM_KEYPOINTS + 3  # 24: the paper's ablation without parsing


def matcher_size(height: int, width: int) -> tuple[int, int]:
    """Return the size at which parsings of a size are matched: at most 128 a side, multiples of 8.

    Args:
        height: of the pictures, pixels.
        width: of the pictures, pixels.
    """
    scale = min(1.0, 128 / max(height, width))
    return max(8, round(height * scale / 8) * 8), max(8, round(width * scale / 8) * 8)


def build(config: Any, *, begin: bool = False) -> dict[str, nn.Module]:
    """Make every network that a configuration asks for, untrained.

    The generator is made last: switching its warping-block on or off changes no other network's first
    weights.

    Args:
        config: anything with the fields of `warpgan.config.Config` that name sizes and variants.
        begin: with the features of VGG-16 or ResNet-101 as `matcher_weights` says; False: random ones, for weights
            that are loaded. Nothing else depends on it.

    Returns:
        dict with `parser`, `parser_discriminator`, `matcher`, `generator`, `discriminator`.

    Raises:
        FileNotFoundError, ValueError: with `begin`, the features' weights have not been fetched, or are damaged.
    """
    discriminator = {"width": config.discriminator_width, "layers": config.discriminator_layers}
    networks: dict[str, nn.Module] = {
        "parser": PoseGuidedParser(
            config.parser_width,
            config.parser_blocks,
            downs=config.downs,
            output=config.parser_output,
            sees_image=config.parser_sees_image,
        ),
        "parser_discriminator": PyramidDiscriminator(PARSER_PAIR_CHANNELS, **discriminator),
        "matcher": _matcher(config, begin),
        "discriminator": PyramidDiscriminator(
            POSE_PAIR_CHANNELS if config.generator == "resnet_pose" else PICTURE_PAIR_CHANNELS, **discriminator
        ),
    }
    networks["generator"] = _generator(config)
    return networks


def _generator(config: Any) -> nn.Module:
    if config.generator == "warping":
        return warping_generator(config)
    from warpgan import baselines  # made of these layers: it imports this module

    return baselines.build(config)


def warping_generator(config: Any) -> WarpingGenerator:
    """Make the Warping-GAN's generator of a configuration's widths and variants, whatever its `generator` is."""
    return WarpingGenerator(
        config.generator_width,
        config.generator_blocks,
        merge=config.merge,
        residual=config.residual,
        gate=config.gate,
        warping=config.warping,
        downs=config.generator_downs,
        norm=config.generator_norm,
        passes=config.warp_passes,
        block_level=None if config.block_level < 0 else config.block_level,
        warped=config.warped,
        colours=config.generator_colours,
        decoder_sees_target=config.decoder_sees_target,
    )


def _matcher(config: Any, begin: bool) -> Matcher:
    if config.matcher == "light":
        size = matcher_size(config.height, config.width)
        return GeometricMatcher(config.matcher_width, size, tps_grid=config.tps_grid, sees=config.matcher_sees)
    weights = config.matcher_weights if begin and config.matcher_weights != "random" else None
    return GeoMatcher(config.matcher, weights=weights)


def build_human_parser(config: Any, *, begin: bool = False) -> HumanParser:
    """Make the human parser that a configuration asks for, untrained.

    Args:
        config: anything with `human_width`, `human_decoder` and `human_backbone` of `warpgan.config.Config`.
        begin: with the backbone's first weights as configured; False: random ones, for weights that are loaded.

    Raises:
        ValueError, FileNotFoundError: the configured first weights do not fit or have not been fetched.
    """
    weights = config.human_backbone if begin and config.human_backbone != "random" else None
    return HumanParser(config.human_width, config.human_decoder, weights=weights)
