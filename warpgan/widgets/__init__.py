"""Panels: the parts of the method under your hands, in a notebook or a Voila page.

Each panel is a widget whose controls have names, whose picture has a text alternative, and which leaves a still picture
where no kernel runs. What a panel computes lies in a class of its own that knows nothing of widgets.
"""

from warpgan.widgets.ablation import AblationPanel
from warpgan.widgets.gate import GatePanel
from warpgan.widgets.pose import PoseEditor
from warpgan.widgets.study import PreferenceStudy
from warpgan.widgets.study_log import summary
from warpgan.widgets.study_trials import Trial, trials_of
from warpgan.widgets.warp import WarpPanel

__all__ = [
    "AblationPanel", "GatePanel", "PoseEditor", "PreferenceStudy", "Trial", "WarpPanel", "summary", "trials_of",
]
