"""The compared systems by name: made as large as the Warping-GAN's generator, with the losses that are theirs.

Numbers mean little between networks that differ in size, tuning or data; so `training.train("gan", ...)` trains all of
them on the same pairs with the same discriminator, rates and steps, and `matched` gives them as many parameters.
"""

from functools import lru_cache

import torch
from torch import nn

from warpgan.arguments import choose
from warpgan.baselines import deformable, pg2, pix2pix, resnet, unet
from warpgan.baselines.layers import depth_of
from warpgan.config import Config
from warpgan.config_rules import CHOICES
from warpgan.models import parameter_count, warping_generator
from warpgan.opponent import Palette

# Each one's own pixel-wise term; everything else is as configured. A U-Net and the paper's ablations have none.
PIXEL_TERMS = {
    "warping": {},
    "resnet": {},
    "resnet_pose": {},
    "unet": {},
    "pix2pix": {"pixel_loss": "person", "person_weight": 1.0},  # the plain mean difference, its section 3.1
    "pg2": {"pixel_loss": "pose_mask"},  # its section 3
    "deformable": {"pixel_loss": "nearest"},  # its section 3
}
# The published objectives have two terms, an adversarial one in the first GAN's form and the pixel-wise one. Def-GAN's
# weight of 0.01 is for features of VGG-19; for colours its code has pix2pix's 100.
_TWO_TERMS = {
    "adversarial": "cross_entropy", "adversarial_weight": 1.0, "adversarial_share": 1.0, "adversarial_from": 0,
    "hierarchy_weight": 0.0, "perceptual": "none", "perceptual_normalise": False,
}
PUBLISHED = {
    "pix2pix": _TWO_TERMS | {"pixel_weight": 100.0},  # of its experiments
    "pg2": _TWO_TERMS | {"pixel_weight": 10.0},  # of its code at 128x64; 50 at 256x256
    "deformable": _TWO_TERMS | {"pixel_weight": 100.0},
}


def settings(name: str, config: Config, *, published: bool = False) -> Config:
    """Return a configuration that trains a compared system, with its own pixel-wise loss.

    Args:
        name: one of `config.generator`'s choices.
        config: of the Warping-GAN that it is compared with; whatever is not the system's own stays as it is.
        published: True: the whole objective as published, without perceptual and hierarchy losses; the Warping-GAN, its
            ablations and a U-Net keep what is configured.

    Raises:
        ValueError: an unknown name.
    """
    choose("generator", name, CHOICES["generator"])
    return config.replace(generator=name, **PIXEL_TERMS[name], **(PUBLISHED.get(name, {}) if published else {}))


def build(config: Config) -> nn.Module:
    """Make the compared system that `config.generator` names, untrained.

    With `warping` off a "unet" or "pix2pix" has no warping-block and is otherwise the same network; the others have
    none. Of the generator's other fields those of the block and its level count, and for the paper's ablations those of
    depth and norm: width follows from the size of the pictures and from `matched`.

    Args:
        config: a configuration whose generator is not "warping".

    Raises:
        ValueError: an unknown name, or pictures whose sides cannot be halved.
    """
    network = _make(config, matched(config), warping=config.warping)
    network.palette = Palette(config.generator_colours)
    return network


def matched(config: Config) -> int:
    """Return how wide the smallest maps must be for a system to have as many parameters as the Warping-GAN's generator.

    Both are counted with their warping-block, so that taking it out changes nothing else.
    """
    return _matched(config.replace(warping=True, seed=0))


@lru_cache(maxsize=32)
def _matched(config: Config) -> int:
    with torch.device("meta"):  # sizes without numbers
        wanted = parameter_count(warping_generator(config))

        def count(deepest: int) -> int:
            return parameter_count(_make(config, deepest, warping=True))

        low, high = 1, 2
        while count(high) < wanted:
            low, high = high, 2 * high
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if count(middle) < wanted else (low, middle)
        return min((low, high), key=lambda deepest: abs(count(deepest) - wanted))


def _make(config: Config, deepest: int, *, warping: bool) -> nn.Module:
    block = {
        "warping": warping, "level": config.generator_downs, "residual": config.residual, "gate": config.gate,
    }
    if config.generator in ("resnet", "resnet_pose"):
        width = max(1, round(deepest / 2**config.generator_downs))
        options = {"downs": config.generator_downs, "norm": config.generator_norm}
        return resnet.ResNetGenerator(
            width, config.generator_blocks, **options, parsing=config.generator == "resnet"
        )
    if config.generator == "unet":
        return unet.UNet(deepest, depth=depth_of(config.size, unet.DEPTH), **block)
    if config.generator == "pix2pix":
        return pix2pix.Pix2Pix(deepest, depth=depth_of(config.size, pix2pix.DEPTH), **block)
    if config.generator == "pg2":
        return pg2.PG2(deepest, config.size, depth=depth_of(config.size, pg2.DEPTH, least_side=4))
    if config.generator == "deformable":
        return deformable.Deformable(deepest, depth=depth_of(config.size, deformable.DEPTH))
    raise ValueError(f"generator: expected a compared system, found {config.generator!r}")
