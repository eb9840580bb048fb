"""Datasets that keep one pair contract: a condition, a target pose, and the target to compare with.

`RenderedPeople` needs nobody's permission and is made on this machine. Importing this package imports neither the
renderer nor anny. Taught in notebook 01.
"""

from .layouts import export
from .rendered import RenderedPeople

__all__ = ["RenderedPeople", "export"]
