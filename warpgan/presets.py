"""The presets of `config.preset`: which fields differ from the defaults of `config.Config`, which are `quick`."""

from typing import Any

# Narrow enough that the three networks take less than 8 MB in half precision and learn within three hours on a core;
# narrow networks bear more than the paper's rate. The discriminator joins late and with a tenth of its weight: in
# so few steps the paper's weights buy noise instead of texture. Without opponent axes and a loss of hue so short a
# training paints every cloth orange, blue or grey. Pairs that are their own target were to teach it patterns; the
# ablations of notebook 07 see nothing of that.
_RENDERED = dict(
    people=2000, poses=4, parser_width=16, parser_blocks=4, generator_width=24, generator_blocks=4,
    matcher_width=32, discriminator_width=16, batch=4, matcher_batch=8, learning_rate=4e-4,
    residual="identity", block_level=1, generator_colours="opponent", chroma_weight=1.0, self_pairs=0.3,
    adversarial_from=4300, adversarial_share=0.1,
    parser_steps=11000, matcher_map_steps=1500, matcher_pair_steps=6000, gan_steps=5000, log_every=20,
    sample_every=500, checkpoint_every=250, evaluation_pairs=96,
)
# The paper's networks, losses and batches; what it leaves open is as its figures have it (two_conv, three hierarchy
# maps), then as the authors' code has it (weights, batches, rates, no decay), notebook 06 lists which. The steps are
# 100 epochs of stage I and 40 of stage II, of 1,000 and 5,000 steps. The data are still rendered people until a
# folder of photos is given; VGG-16's and VGG-19's weights are fetched once (`downloads.fetch`).
_PAPER = dict(
    people=5000, poses=6, learning_rate=2e-4, generator_learning_rate=2e-4, generator_beta1=0.5, decay=0.0,
    parser_batch=50, parser_width=64, parser_blocks=9,
    matcher="vgg16", matcher_weights="imagenet", matcher_batch=16, tps_grid=3,
    correspondence_weight=0.0,
    generator_width=64, generator_blocks=9, generator_downs=3, generator_norm="everywhere", merge="concat",
    residual="two_conv", gate="grid", warp_passes="one", discriminator_width=64, hierarchy_maps=3,
    person_weight=1.0, perceptual="vgg19", perceptual_normalise=False,
    parser_steps=100_000, matcher_map_steps=50_000, matcher_pair_steps=50_000, gan_steps=200_000,
    log_every=100, sample_every=2000, checkpoint_every=2000, evaluation_pairs=512,
)
# About two hours of a shared core; 4 MB in half precision.
_HUMAN_PARSER = dict(
    height=256, width=176, people=800, human_styles="plain+deepfashion", human_width=0.75, human_decoder=40,
    human_balance=0.3, human_small=0.3,
    human_steps=11000, log_every=20, sample_every=500, checkpoint_every=100, evaluation_pairs=96,
)
PRESETS: dict[str, dict[str, Any]] = {
    "quick": {},
    "rendered": _RENDERED,
    "market": _PAPER | dict(height=128, width=64, batch=20),
    "deepfashion": _PAPER | dict(height=256, width=256, batch=12),
    "human_parser": _HUMAN_PARSER,
}
