"""Panels: the parts of the method under your hands, in a notebook or a Voila page.

Each panel is a widget whose controls have names, whose picture has a text alternative, and which leaves a still picture
where no kernel runs. What a panel computes lies in a class of its own that knows nothing of widgets.
"""
