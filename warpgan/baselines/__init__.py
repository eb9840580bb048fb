"""The systems that the Warping-GAN is compared with, two that learn nothing and several that do (notebook 07).

`simple` answers without training: a network that does not beat it has learned nothing. `systems` makes compact networks
of our own after published ones, trained like ours: a U-Net, pix2pix, PG2, Def-GAN and the paper's own ablations.
"""

from warpgan.baselines.deformable import Deformable
from warpgan.baselines.pg2 import PG2
from warpgan.baselines.pix2pix import Pix2Pix
from warpgan.baselines.resnet import ResNetGenerator
from warpgan.baselines.simple import copy_condition, paint_by_label
from warpgan.baselines.systems import build, matched, settings
from warpgan.baselines.unet import UNet

__all__ = [
    "PG2", "Deformable", "Pix2Pix", "ResNetGenerator", "UNet", "build", "copy_condition", "matched", "paint_by_label",
    "settings",
]
