"""Stage II: the generator and its discriminator, in turn (paper sections 3.1.2 and 3.2; notebook 06)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.utils.data import Dataset

from warpgan import evaluation, losses, parsing
from warpgan.batches import Batch, with_itself
from warpgan.config import Config
from warpgan.machine import Machine
from warpgan.models import find_maps, painting
from warpgan.modes import frozen_weights
from warpgan.perceptual import Perceptual
from warpgan.pixel_losses import chroma, pixel_term
from warpgan.records import StageRun
from warpgan.stages.common import Terms, adam
from warpgan.transfer import PoseTransfer


@dataclass
class Given:
    """What stage II is given of a pair, made by the frozen parser and matcher: no gradient flows into it."""

    batch: Batch
    target_onehot: torch.Tensor  # [B, 20, H, W]
    affine: torch.Tensor  # [B, 2, 3]
    tps: torch.Tensor  # [B, K, 2]
    parsing_judged: bool = True  # False: the paper's ablation without parsing

    def for_generator(self) -> tuple[torch.Tensor, ...]:
        """The generator's arguments."""
        batch, condition = self.batch, (self.batch.condition_image, self.batch.condition_onehot)
        return *condition, self.target_onehot, batch.pose_map, self.affine, self.tps

    def painted(self, generator: nn.Module) -> torch.Tensor:
        """The picture that a generator makes of it, [B, 3, H, W]."""
        joints = self.batch.condition_keypoints
        return painting.ask(generator, *self.for_generator(), condition_keypoints=joints)[0]

    def with_image(self, image: torch.Tensor) -> torch.Tensor:
        """What the discriminator judges: the picture together with everything it was made from, [B, 64, H, W]."""
        batch = self.batch
        parsings = (batch.condition_onehot, self.target_onehot) if self.parsing_judged else ()
        return torch.cat([batch.condition_image, *parsings, batch.pose_map, image], dim=1)


@torch.no_grad()
def given(batch: Batch, parser: nn.Module, matcher: nn.Module, config: Config, machine: Machine) -> Given:
    """Draw the target parsing and find the map to it, as at test time, when there is no true target parsing.

    Args:
        batch: pairs.
        parser: trained, frozen.
        matcher: trained, frozen.
        config: `stage2_parsing`, `maps` and `generator`.
        machine: in whose precision the parser is asked.
    """
    target_onehot = batch.target_onehot
    if config.stage2_parsing == "synthesised":
        with machine.half():
            logits = parser(batch.condition_onehot, batch.pose_map, batch.condition_image)
        target_onehot = parsing.one_hot(logits.argmax(dim=1))
    maps = find_maps(matcher, batch.condition_onehot, target_onehot, config.maps)
    return Given(batch, target_onehot, *maps, parsing_judged=config.generator != "resnet_pose")


def train_gan(
    networks: dict, config: Config, machine: Machine, data: Dataset, unseen: Dataset, folder: Path, **book: Any
) -> StageRun:
    """Train `generator` and `discriminator` of the networks, whose `parser` and `matcher` are trained and frozen.

    Arguments as for `train_parser`.
    """
    parser, matcher = (networks[name].eval().requires_grad_(False) for name in ("parser", "matcher"))
    generator, discriminator = networks["generator"], networks["discriminator"]
    modules = {"generator": generator, "discriminator": discriminator}
    rates = {"rate": config.generator_learning_rate, "beta1": config.generator_beta1}
    optimisers = {"generator": adam(generator, config, **rates), "discriminator": adam(discriminator, config)}
    run = StageRun("gan", config, folder, modules, optimisers, config.gan_steps, machine=machine, **book)
    transfer = PoseTransfer(parser, matcher, generator, maps=config.maps).eval()
    run.measured("before", lambda: evaluation.pictures(transfer, unseen, config.evaluation_pairs, machine.device))
    perceptual_loss = Perceptual(config.perceptual, parser=parser, normalise=config.perceptual_normalise)
    perceptual_loss = perceptual_loss.to(machine.device)
    paint, judge = machine.learner(generator), machine.learner(discriminator)
    adam_g, adam_d = (machine.optimiser(optimiser) for optimiser in optimisers.values())

    generator.train()  # a compared system may have dropout
    for step, parts in run.loop(data):
        parts = [with_itself(part, config.self_pairs, step) for part in parts]
        parts = [given(part, parser, matcher, config, machine) for part in parts]
        judged = step >= config.adversarial_from
        terms, fakes, truths = Terms(), [], []
        for part in machine.in_turn(judge, parts):  # the discriminator's step
            with torch.set_grad_enabled(len(parts) == 1):  # of several parts no graph is kept, they are painted again
                fakes.append(part.painted(paint))  # [B, 3, H, W]
            if judged:
                real_score, real_features = judge(part.with_image(part.batch.target_image))
                fake_score, _ = judge(part.with_image(fakes[-1].detach()))
                truths.append([features.detach() for features in real_features])
                d_loss = losses.adversarial_discriminator(real_score, fake_score, config.adversarial)
                machine.backward(d_loss)
                terms.add(discriminator=d_loss)
        if judged:
            machine.update(adam_d)

        with frozen_weights(discriminator):  # the generator's step
            for i, part in enumerate(machine.in_turn(paint, parts)):
                fake = fakes[i] if len(parts) == 1 else part.painted(paint)
                real = part.batch.target_image
                pictures = (fake, *getattr(generator, "coarse", ()))  # PG2's first picture has a loss of its own
                pixel = sum(pixel_term(picture, part.batch, config) for picture in pictures)
                with machine.half():
                    perceptual = perceptual_loss(fake, real, part.target_onehot, part.batch.pose_map)
                g_loss = config.pixel_weight * pixel + config.perceptual_weight * perceptual
                if config.chroma_weight:
                    hue = chroma(fake, real, part.batch.target_parsing, person_weight=config.person_weight)
                    g_loss = g_loss + config.chroma_weight * hue
                    terms.add(chroma=hue)
                d_loss = adversarial = hierarchy = fake.new_zeros(())
                if judged:
                    fake_score, fake_features = judge(part.with_image(fake))
                    adversarial = losses.adversarial_generator(fake_score, config.adversarial)
                    hierarchy = losses.pyramidal_hierarchy(fake_features, truths[i], maps=config.hierarchy_maps)
                    verdict = config.adversarial_weight * adversarial + config.hierarchy_weight * hierarchy
                    g_loss = g_loss + config.adversarial_share * verdict
                else:
                    terms.add(discriminator=d_loss)
                machine.backward(g_loss)
                terms.add(adversarial=adversarial, pixel=pixel, perceptual=perceptual, hierarchy=hierarchy)
        machine.update(adam_g)

        run.log(**terms.means())
        run.sample(parts[0].batch.condition_image, parts[0].batch.target_image, fakes[0])
    run.measured("after", lambda: evaluation.pictures(transfer, unseen, config.evaluation_pairs, machine.device))
    return run
