"""Datasets that keep one pair contract: a condition, a target pose, and the target to compare with.

`RenderedPeople` needs nobody's permission and is made on this machine; `motion_clip` lets one of them walk or turn.
Importing this package imports neither the renderer nor anny. `check` tells what a folder of downloaded data holds and
what is wrong with it. Taught in notebooks 01 and 02.
"""

from warpgan.data.clips import motion_clip
from warpgan.data.deepfashion import DeepFashion
from warpgan.data.exporting import export
from warpgan.data.human_parsing import HumanParsing
from warpgan.data.inspection import check
from warpgan.data.market import Market1501
from warpgan.data.pairs import make_pairs
from warpgan.data.rendered import RenderedPeople

__all__ = ["DeepFashion", "HumanParsing", "Market1501", "RenderedPeople", "check", "export", "make_pairs",
           "motion_clip"]
