"""The three trainings: pose-guided parser, geometric matcher, warping GAN (paper sections 3.1 and 3.2).

Each loop reads from top to bottom as the method does: batch, networks, discriminator step, generator step, log.
Book-keeping is in `records.py`, batches in `batches.py`, losses in `losses.py`. Notebooks 03, 04 and 06 train with
these functions.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch.utils.data import Dataset

from . import evaluation, geometry, losses, models, parsing
from .batches import Batch, batch_at
from .config import Config
from .perceptual import Perceptual
from .records import StageRun, linear_decay
from .transfer import PoseTransfer, find, load_network

STAGES = ("parser", "matcher", "gan")


def train(
    stage: str,
    config: Config,
    out: str | Path,
    *,
    data: Dataset | None = None,
    unseen: Dataset | None = None,
    frozen: str | Path | None = None,
    start: str | Path | None = None,
    device: torch.device | str = "cpu",
    progress: bool = False,
) -> StageRun:
    """Train one stage into the folder `out/<stage>`, going on from the checkpoint that it may hold.

    Args:
        stage: `parser`, `matcher` or `gan`.
        config: networks, losses and steps.
        out: run folder, shared by the three stages.
        data: training pairs; None: rendered people, as the configuration says.
        unseen: pairs of other people, measured before and after training; None: rendered people of the
            validation split.
        frozen: where stage II finds the trained parser and matcher: a run folder or the name of shipped weights;
            None: `out`.
        start: run folder or shipped weights that the stage's network begins with; None: random weights.
        device: where to train.
        progress: show a progress bar.

    Returns:
        The record of the stage, with its metrics, log and folder.

    Raises:
        ValueError: unknown stage; `out` holds this stage trained with another configuration; `start` has another form.
        FileNotFoundError: stage II without a trained parser or matcher; no weights at `start`.
    """
    if stage not in STAGES:
        raise ValueError(f"unknown stage {stage!r}; expected one of {', '.join(STAGES)}")
    data = data if data is not None else rendered(config, "train", progress)
    unseen = unseen if unseen is not None else rendered(config, "val", progress)
    torch.manual_seed(config.seed)
    networks = {name: module.to(device) for name, module in models.build(config).items()}
    book = {"progress": progress, "start": None if start is None else find(start) / stage}
    if stage == "parser":
        return _train_parser(networks, config, out, data, unseen, device, book)
    if stage == "matcher":
        return _train_matcher(networks, config, out, data, unseen, device, book)
    for name in ("parser", "matcher"):
        networks[name] = load_network(name, frozen if frozen is not None else out).to(device)
    return _train_gan(networks, config, out, data, unseen, device, book)


def rendered(config: Config, split: str, progress: bool = False) -> Dataset:
    """The rendered people that a configuration trains on (`train`) or is measured on (`val`, `test`)."""
    from .data import RenderedPeople

    people = config.people if split == "train" else None
    return RenderedPeople(split, config.size, people, config.poses, config.data_seed, progress=progress)


def _train_parser(networks, config, out, data, unseen, device, book) -> StageRun:
    parser, discriminator = networks["parser"], networks["parser_discriminator"]
    adam = {"parser": _adam(parser, config), "parser_discriminator": _adam(discriminator, config)}
    modules = {"parser": parser, "parser_discriminator": discriminator}
    run = StageRun("parser", config, Path(out) / "parser", modules, adam, config.parser_steps, **book)
    _measure(run, "before", lambda: evaluation.parser(parser, unseen, config.evaluation_pairs, device))
    for step in run.loop():
        batch = batch_at(data, step, batch=config.batch, seed=config.seed, device=device)
        logits = parser(batch.condition_onehot, batch.pose_map)  # [B, 20, H, W]
        fake = logits.softmax(dim=1)
        given = torch.cat([batch.condition_onehot, batch.pose_map], dim=1)  # [B, 38, H, W]
        pair_fake, pair_real = torch.cat([given, fake], dim=1), torch.cat([given, batch.target_onehot], dim=1)

        real_score, real_features = discriminator(pair_real)
        d_loss = losses.adversarial_discriminator(real_score, discriminator(pair_fake.detach())[0])
        _update(adam["parser_discriminator"], d_loss)

        with frozen_weights(discriminator):
            fake_score, fake_features = discriminator(pair_fake)
            adversarial = losses.adversarial_generator(fake_score)
            hierarchy = losses.pyramidal_hierarchy(fake_features, real_features, maps=config.hierarchy_maps)
            cross_entropy = losses.parsing_cross_entropy(logits, batch.target_parsing)
            g_loss = (
                config.adversarial_weight * adversarial
                + config.hierarchy_weight * hierarchy
                + config.parsing_weight * cross_entropy
            )
            _update(adam["parser"], g_loss)

        run.log(
            discriminator=d_loss, adversarial=adversarial, hierarchy=hierarchy, cross_entropy=cross_entropy
        )
        run.sample(
            *(_colours(p) for p in (batch.condition_parsing, batch.target_parsing, logits.argmax(dim=1)))
        )
    _measure(run, "after", lambda: evaluation.parser(parser, unseen, config.evaluation_pairs, device))
    return run


def _train_matcher(networks, config, out, data, unseen, device, book) -> StageRun:
    matcher = networks["matcher"]
    adam = {"matcher": _adam(matcher, config, config.matcher_learning_rate, beta1=0.9)}
    map_steps, steps = config.matcher_map_steps, config.matcher_map_steps + config.matcher_pair_steps

    def rate(step: int) -> float:
        if step < map_steps:
            return 1.0
        return 0.3 * linear_decay(step - map_steps, config.matcher_pair_steps, config.decay)

    run = StageRun("matcher", config, Path(out) / "matcher", {"matcher": matcher}, adam, steps, rate, **book)
    _measure(run, "before", lambda: evaluation.matcher(matcher, unseen, config.evaluation_pairs, device))
    for step in run.loop():
        batch = batch_at(data, step, batch=config.batch, seed=config.seed, device=device)
        if step < map_steps:  # known random maps first: on pairs alone the matcher never leaves the identity
            loss, source, target, warped = _random_maps_loss(matcher, batch, config)
        else:
            source, target = batch.condition_onehot, batch.target_onehot
            affine, tps = matcher(source, target)
            warped = matcher.warp_parsing(source, affine, tps)
            # The affine map must fit by itself, or the spline ends up undoing it with huge bends.
            alone = matcher.warp_parsing(source, affine, None)
            loss = losses.pyramid_parsing(warped, target) + losses.pyramid_parsing(alone, target)
            loss = loss + config.bending_weight * losses.bending(tps)
        _update(adam["matcher"], loss)
        run.log(phase=1 if step < map_steps else 2, loss=loss)
        run.sample(*(_colours(onehot.argmax(dim=1)) for onehot in (source, target, warped)))
    _measure(run, "after", lambda: evaluation.matcher(matcher, unseen, config.evaluation_pairs, device))
    return run


# The transformed-grid loss of GEO: a parsing is moved by a map that we drew, so the answer is known exactly.
def _random_maps_loss(matcher, batch: Batch, config: Config):
    source = torch.cat([batch.condition_onehot, batch.target_onehot])  # [2B, 20, H, W]
    affine = geometry.random_affine(len(source)).to(source.device)
    tps = geometry.random_tps(len(source), config.tps_grid).to(source.device)
    moved_affine = matcher.warp_parsing(source, affine, None)
    moved_tps = matcher.warp_parsing(source, None, tps)
    found_affine, found_tps = matcher.affine(source, moved_affine), matcher.tps(source, moved_tps)
    loss = losses.transformed_grid(found_affine, affine) + losses.transformed_grid(found_tps, tps)
    return loss, source, moved_tps, matcher.warp_parsing(source, None, found_tps)


def _train_gan(networks, config, out, data, unseen, device, book) -> StageRun:
    parser, matcher = networks["parser"].eval(), networks["matcher"].eval()
    generator, discriminator = networks["generator"], networks["discriminator"]
    adam = {
        "generator": _adam(generator, config, config.generator_learning_rate, config.generator_beta1),
        "discriminator": _adam(discriminator, config),
    }
    modules = {"generator": generator, "discriminator": discriminator}
    perceptual_loss = Perceptual(config.perceptual, parser=parser).to(device)
    run = StageRun("gan", config, Path(out) / "gan", modules, adam, config.gan_steps, **book)
    transfer = PoseTransfer(parser, matcher, generator)
    _measure(run, "before", lambda: evaluation.pictures(transfer, unseen, config.evaluation_pairs, device))
    for step in run.loop():
        batch = batch_at(data, step, batch=config.batch, seed=config.seed, device=device)
        with torch.no_grad():
            target_onehot = batch.target_onehot
            if config.stage2_parsing == "synthesised":  # at test time there is no true target parsing
                target_onehot = parsing.one_hot(parser(batch.condition_onehot, batch.pose_map).argmax(dim=1))
            affine, tps = matcher(batch.condition_onehot, target_onehot)
        fake, _ = generator(
            batch.condition_image, batch.condition_onehot, target_onehot, batch.pose_map, affine, tps
        )  # [B, 3, H, W]
        pixel = losses.pixel(fake, batch.target_image, batch.target_parsing, person_weight=config.person_weight)
        perceptual = perceptual_loss(fake, batch.target_image, target_onehot, batch.pose_map)
        g_loss = config.pixel_weight * pixel + config.perceptual_weight * perceptual
        d_loss = adversarial = hierarchy = fake.new_zeros(())
        if step >= config.adversarial_from:
            given = torch.cat([batch.condition_image, batch.condition_onehot, target_onehot, batch.pose_map], dim=1)
            pair_fake = torch.cat([given, fake], dim=1)  # [B, 64, H, W]
            pair_real = torch.cat([given, batch.target_image], dim=1)
            real_score, real_features = discriminator(pair_real)
            d_loss = losses.adversarial_discriminator(real_score, discriminator(pair_fake.detach())[0])
            _update(adam["discriminator"], d_loss)

            with frozen_weights(discriminator):
                fake_score, fake_features = discriminator(pair_fake)
            adversarial = losses.adversarial_generator(fake_score)
            hierarchy = losses.pyramidal_hierarchy(fake_features, real_features, maps=config.hierarchy_maps)
            judged = config.adversarial_weight * adversarial + config.hierarchy_weight * hierarchy
            g_loss = g_loss + config.adversarial_share * judged
        _update(adam["generator"], g_loss)

        run.log(
            discriminator=d_loss,
            adversarial=adversarial,
            pixel=pixel,
            perceptual=perceptual,
            hierarchy=hierarchy,
        )
        run.sample(batch.condition_image, batch.target_image, fake)
    _measure(run, "after", lambda: evaluation.pictures(transfer, unseen, config.evaluation_pairs, device))
    return run


def _adam(module: torch.nn.Module, config: Config, rate: float | None = None, beta1: float | None = None):
    betas = (config.beta1 if beta1 is None else beta1, config.beta2)
    return torch.optim.Adam(module.parameters(), lr=rate or config.learning_rate, betas=betas)


def _update(optimiser: torch.optim.Optimizer, loss: torch.Tensor) -> None:
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    optimiser.step()


@contextmanager
def frozen_weights(module: torch.nn.Module) -> Iterator[None]:
    """Within the block gradients pass through a module to its input, but its own weights collect none."""
    module.requires_grad_(False)
    try:
        yield
    finally:
        module.requires_grad_(True)


# Measured once each: a resumed run keeps what it measured before, and `after` belongs to the last step.
def _measure(run: StageRun, when: str, measure) -> None:
    noted = run.metrics.get(when)
    if noted is None or (when == "after" and noted.get("step") != run.step):
        run.measured(when, measure() | {"step": run.step})


def _colours(labels: torch.Tensor) -> torch.Tensor:
    return parsing.colourise(labels).permute(0, 3, 1, 2) / 127.5 - 1  # [B, 3, H, W] in [-1, 1]
