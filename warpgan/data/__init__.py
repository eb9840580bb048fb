"""Datasets that keep one pair contract: a condition, a target pose, and the target to compare with.

`RenderedPeople` needs nobody's permission and is made on this machine. Importing this package imports neither the
renderer nor anny. Taught in notebook 01.
"""

from .deepfashion import DeepFashion
from .human_parsing import HumanParsing
from .layouts import export
from .market import Market1501
from .pairs import make_pairs
from .rendered import RenderedPeople

__all__ = ["DeepFashion", "HumanParsing", "Market1501", "RenderedPeople", "export", "make_pairs"]
