"""Soft-Gated Warping-GAN (Dong et al., NeurIPS 2018), taken apart and put together again in notebooks.

Import the rooms by name, `from warpgan import data, geometry`: the package itself loads none of them.
"""

__version__ = "0.1.0"
