"""The geometric matcher: random maps first, then pairs (paper section 3.1.2 after Rocco et al. 2017; notebook 04)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch.utils.data import Dataset

from warpgan import evaluation, geometry, losses
from warpgan.config import Config
from warpgan.machine import Machine
from warpgan.models.matching import seen
from warpgan.records import StageRun, linear_decay
from warpgan.stages.common import Terms, adam, colours


def train_matcher(
    networks: dict, config: Config, machine: Machine, data: Dataset, unseen: Dataset, folder: Path, **book: Any
) -> StageRun:
    """Train `matcher` of the networks; arguments as for `train_parser`."""
    matcher = networks["matcher"]
    adam_m = adam(matcher, config, config.matcher_learning_rate, beta1=0.9)
    map_steps, steps = config.matcher_map_steps, config.matcher_map_steps + config.matcher_pair_steps

    def rate(step: int) -> float:
        if step < map_steps:
            return 1.0
        return 0.3 * linear_decay(step - map_steps, config.matcher_pair_steps, config.decay)

    run = StageRun("matcher", config, folder, {"matcher": matcher}, {"matcher": adam_m}, steps, rate, machine, **book)
    run.measured("before", lambda: evaluation.matcher(matcher, unseen, config.evaluation_pairs, machine.device))
    match, optimiser = machine.learner(matcher), machine.optimiser(adam_m)

    for step, parts in run.loop(data):
        terms = Terms()
        on_maps = step < map_steps  # random maps first: their answer is known exactly
        maps = _random_maps(config, machine, step) if on_maps else [None] * len(parts)
        for part, known in zip(machine.in_turn(match, parts), maps, strict=True):
            if on_maps:
                loss, shown = _random_maps_loss(match, part, *known)
            else:
                loss, shown = _pair_loss(match, part, config)
            machine.backward(loss)
            terms.add(loss=loss)
        machine.update(optimiser)
        run.log(phase=1 if on_maps else 2, **terms.means())
        run.sample(*(maps if maps.shape[1] == 3 else colours(maps.argmax(dim=1)) for maps in shown))
    run.measured("after", lambda: evaluation.matcher(matcher, unseen, config.evaluation_pairs, machine.device))
    return run


def _random_maps(config: Config, machine: Machine, step: int) -> list:
    # For both pictures of every pair of the whole batch, so that they do not depend on how it is shared out.
    generator = torch.Generator().manual_seed((config.seed + 1) * 1_000_003 + step)
    batch = machine.config.batch
    affine = geometry.random_affine(2 * batch, generator).unflatten(0, (batch, 2))
    tps = geometry.random_tps(2 * batch, config.tps_grid, generator).unflatten(0, (batch, 2))
    return list(zip(machine.mine(affine), machine.mine(tps), strict=True))


# The transformed-grid loss of GEO: a parsing is moved by a map that we drew, so the answer is known exactly.
def _random_maps_loss(match, part, affine, tps):
    source = torch.stack(seen(match.module, part), dim=1).flatten(0, 1)  # [2B, 20, H, W], or 3 of pictures
    affine, tps = affine.flatten(0, 1), tps.flatten(0, 1)
    warp = match.module.warp_seen
    moved_affine, moved_tps = warp(source, affine, None), warp(source, None, tps)
    found_affine, found_tps = match(source, moved_affine, only="affine"), match(source, moved_tps, only="tps")
    loss = losses.transformed_grid(found_affine, affine) + losses.transformed_grid(found_tps, tps)
    return loss, (source, moved_tps, warp(source, None, found_tps))


def _pair_loss(match, part, config: Config):
    source, target = part.condition_onehot, part.target_onehot
    affine, tps = match(*seen(match.module, part))
    warp = match.module.warp_parsing
    # The affine map must fit by itself, or the spline ends up undoing it with huge bends.
    alone, both = warp(source, affine, None), warp(source, affine, tps)
    loss = losses.pyramid_parsing(both, target) + losses.pyramid_parsing(alone, target)
    loss = loss + config.bending_weight * losses.bending(tps)
    if config.correspondence_weight and part.correspondence is not None:  # photos do not know it
        for maps in ((affine, None), (affine, tps)):
            grid = geometry.warp_grid(*maps, target.shape[2:])
            off = losses.correspondence(grid, part.correspondence, part.correspondence_valid)
            loss = loss + config.correspondence_weight * off
    return loss, (source, target, both)
