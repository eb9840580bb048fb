"""The loops of the three trainings, a file each, that one reads from top to bottom; `training.train` calls them."""

from warpgan.stages.gan import train_gan
from warpgan.stages.matcher import train_matcher
from warpgan.stages.parser import train_parser

__all__ = ["train_gan", "train_matcher", "train_parser"]
