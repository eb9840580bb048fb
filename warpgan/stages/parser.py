"""Stage I: the pose-guided parser learns to draw the target's label map (paper section 3.1.1; notebook 03)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch.utils.data import Dataset

from warpgan import evaluation, losses
from warpgan.config import Config
from warpgan.machine import Machine
from warpgan.modes import frozen_weights
from warpgan.records import StageRun
from warpgan.stages.common import Terms, adam, colours


def train_parser(
    networks: dict, config: Config, machine: Machine, data: Dataset, unseen: Dataset, folder: Path, **book: Any
) -> StageRun:
    """Train `parser` and `parser_discriminator` of the networks.

    Args:
        networks: what `models.build` made.
        config: weights of the losses, rates and steps.
        machine: where it is trained.
        data: training pairs.
        unseen: pairs of other people, measured before and after.
        folder: of the stage.
        book: further arguments of `StageRun`.
    """
    parser, discriminator = networks["parser"], networks["parser_discriminator"]
    modules = {"parser": parser, "parser_discriminator": discriminator}
    optimisers = {name: adam(module, config) for name, module in modules.items()}
    run = StageRun("parser", config, folder, modules, optimisers, config.parser_steps, machine=machine, **book)
    run.measured("before", lambda: evaluation.parser(parser, unseen, config.evaluation_pairs, machine.device))
    draw, judge = machine.learner(parser), machine.learner(discriminator)
    adam_g, adam_d = (machine.optimiser(optimiser) for optimiser in optimisers.values())

    for _, parts in run.loop(data):
        terms, given, logits, truths = Terms(), [], [], []
        for part in machine.in_turn(judge, parts):  # the discriminator's step
            given.append(torch.cat([part.condition_onehot, part.pose_map], dim=1))  # [B, 38, H, W]
            with torch.set_grad_enabled(len(parts) == 1):  # of several parts no graph is kept, they are drawn again
                logits.append(draw(part.condition_onehot, part.pose_map, part.condition_image))  # [B, 20, H, W]
            fake = parser.shown(logits[-1].detach())  # [B, 20, H, W] in [0, 1]
            real_score, real_features = judge(torch.cat([given[-1], part.target_onehot], dim=1))
            fake_score, _ = judge(torch.cat([given[-1], fake], dim=1))
            truths.append([features.detach() for features in real_features])
            d_loss = losses.adversarial_discriminator(real_score, fake_score, config.adversarial)
            machine.backward(d_loss)
            terms.add(discriminator=d_loss)
        machine.update(adam_d)

        with frozen_weights(discriminator):  # the parser's step
            for i, part in enumerate(machine.in_turn(draw, parts)):
                if len(parts) > 1:
                    logits[i] = draw(part.condition_onehot, part.pose_map, part.condition_image)
                fake_score, fake_features = judge(torch.cat([given[i], parser.shown(logits[i])], dim=1))
                adversarial = losses.adversarial_generator(fake_score, config.adversarial)
                hierarchy = losses.pyramidal_hierarchy(fake_features, truths[i], maps=config.hierarchy_maps)
                cross_entropy = losses.parsing_cross_entropy(logits[i], part.target_parsing)
                machine.backward(
                    config.parser_adversarial_weight * adversarial
                    + config.parser_hierarchy_weight * hierarchy
                    + config.parsing_weight * cross_entropy
                )
                terms.add(adversarial=adversarial, hierarchy=hierarchy, cross_entropy=cross_entropy)
        machine.update(adam_g)

        run.log(**terms.means())
        run.sample(*map(colours, (parts[0].condition_parsing, parts[0].target_parsing, logits[0].argmax(dim=1))))
    run.measured("after", lambda: evaluation.parser(parser, unseen, config.evaluation_pairs, machine.device))
    return run
