"""One flat, frozen, strict configuration for the networks, the losses and the three trainings.

Flat, because papermill hands over scalars one by one; strict, because a mistyped parameter that is silently
ignored costs a night. The paper's values are the `deepfashion` preset (`market` for 128x64); the other
presets say where they are smaller. Notebook 06 explains each field where it is first used.
"""

from __future__ import annotations

import dataclasses
import difflib
import math
from dataclasses import dataclass
from typing import Any

from warpgan.config_rules import CHOICES, RANGES, SCHEDULE
from warpgan.presets import PRESETS


@dataclass(frozen=True)
class Config:
    """Everything that a training run depends on.

    Sizes are pixels, weights are factors of loss terms averaged over pixels, steps are optimiser steps.
    The defaults are the `quick` preset: it exists to see every part move within minutes on two cores.

    Raises:
        ValueError: a field has another type than annotated, or a value outside its choices or range.
    """

    preset: str = "quick"
    seed: int = 0  # of weights, data order and random maps

    # pictures
    height: int = 128
    width: int = 64
    people: int = 64  # rendered people in the training split
    poses: int = 4  # pictures of each; pairs are all ordered pairs of one person
    data_seed: int = 0

    # networks (paper: width 64, 9 blocks, 3 downs)
    downs: int = 3  # of the parser
    parser_width: int = 12
    parser_blocks: int = 4
    parser_output: str = "logits"  # "tanh" is the authors' code's
    parser_sees_image: bool = False  # the condition's colours go into stage I too, as the paper's text can be read
    matcher: str = "light"  # "vgg16" and "resnet101": frozen features of that network, as in Rocco et al. 2017
    matcher_weights: str = "imagenet"  # of those features: torchvision's, fetched before; "random" is for tests
    matcher_sees: str = "parsing"  # "picture": to be measured alone, the light one; stage II cannot use it
    matcher_width: int = 24  # of the light one
    tps_grid: int = 5  # control points a side
    generator: str = "warping"  # the paper's; else one of as many parameters to compare it with, see `baselines`
    generator_width: int = 12
    generator_blocks: int = 4
    generator_downs: int = 2  # maps of 32x16 in the middle of a 128x64 picture; the paper's 256x256 has 32x32
    generator_norm: str = "blocks"  # "everywhere" is the paper's
    generator_colours: str = "rgb"  # "opponent": it reads and paints in axes of equal spread, see `warpgan.opponent`
    decoder_sees_target: bool = False  # its parsing and pose go into the decoder again, at each size; ours
    merge: str = "conv"  # of the two streams: "concat" is the paper's, "conv" merges to half the channels
    residual: str = "two_conv"  # R of equation 1: "two_conv" as in Fig. 4, "identity"
    gate: str = "learned_channel"
    maps: str = "both"  # that the block warps by: "affine" or "tps" alone, "none" is the identity
    warped: str = "features"  # "pixels": no block, the condition's picture itself is warped and fed in
    block_level: int = -1  # halvings of the encoders after which the block stands; -1: all, as in the paper
    warp_passes: str = "one"  # "two": by the affine map, then by the spline, as the authors' code samples
    warping: bool = True  # False: the same network without the warping-block
    discriminator_width: int = 16
    discriminator_layers: int = 3

    # losses
    adversarial: str = "least_squares"  # form of the adversarial loss; "cross_entropy": the first GAN's
    parser_adversarial_weight: float = 1.0  # of stage I; the next five are stage II's
    parser_hierarchy_weight: float = 10.0
    adversarial_weight: float = 1.0
    adversarial_from: int = 0  # first step of stage II at which the discriminator takes part
    adversarial_share: float = 1.0  # factor of both of its terms (adversarial, hierarchy) in stage II
    hierarchy_weight: float = 10.0
    hierarchy_maps: int = 3
    pixel_weight: float = 10.0
    pixel_loss: str = "person"  # "pose_mask" is PG2's, "nearest" Def-GAN's: `pixel_losses`
    person_weight: float = 5.0  # of a pixel of the person in the pixel loss, beside 1 for one of the background
    chroma_weight: float = 0.0  # beside the pixel loss: squared error of the colours without their brightness
    perceptual: str = "parser"
    perceptual_weight: float = 10.0
    perceptual_normalise: bool = False  # pictures by ImageNet's mean and deviation before VGG-19
    parsing_weight: float = 10.0  # of stage I's pixel-wise softmax loss; the code's run has 0
    bending_weight: float = 0.1  # keeps the matcher's thin plate stiff
    correspondence_weight: float = 10.0  # of the matcher's distance to the truth, which rendered people alone know
    self_pairs: float = 0.0  # share of a batch of stage II whose target is the condition itself
    stage2_parsing: str = "synthesised"  # what stage II sees: stage I's answer, or the truth

    # optimisation, by Adam
    batch: int = 8  # pairs of an optimiser step, whatever the number of processes
    parser_batch: int = 0  # the same of stage I, and
    matcher_batch: int = 0  # of the matcher; 0: `batch`
    learning_rate: float = 4e-4  # of the parser and both discriminators; the paper's presets: 2e-4
    generator_learning_rate: float = 1e-3
    matcher_learning_rate: float = 1e-3  # on random maps; three tenths of it on pairs
    beta1: float = 0.5  # of the parser and both discriminators
    generator_beta1: float = 0.9  # the paper's presets: 0.5
    beta2: float = 0.999
    decay: float = 0.5  # share of the steps, at the end, over which the rate falls linearly to zero
    parser_steps: int = 60
    matcher_map_steps: int = 100
    matcher_pair_steps: int = 60
    gan_steps: int = 60

    # the human parser (`human_parsing`), which stands before the method
    human_width: float = 0.5  # of its MobileNetV3; 1 is torchvision's
    human_backbone: str = "random"  # its first weights; imagenet: torchvision's, for human_width 1, fetched before
    human_decoder: int = 24  # channels
    human_styles: str = "plain"  # of the rendered people, `people` of each, joined by "+"; one named twice counts twice
    human_small: float = 0.5  # share of the steps, at the beginning, that sees pictures of half the size
    human_balance: float = 0.5  # label weights are (share of pixels) ** -balance: 0 none, 1 all labels alike
    human_structure: float = 1.0  # factor of LIP's structure term; 0: the plain softmax loss
    human_guess: float = 0.4  # factor of the losses of the coarse guess and of the turn
    human_learning_rate: float = 2e-3
    human_steps: int = 60

    # how it is computed: the same training, but for rounding
    precision: str = "32"  # of the networks' passes: "bf16" and "fp16" are mixed precision, weights stay in 32 bits
    accumulate: int = 1  # parts of a process' batch that go through the networks one after the other
    recompute: bool = False  # residual blocks compute their maps anew for the gradient instead of keeping them
    compile: bool = False  # networks through torch.compile: minutes before the first step
    loaders: int = 2  # threads that read the coming batches; 0: read when it is needed

    # what is written, and when to stop
    explosion: float = 100.0  # a loss of so many times the median of its first logged rows ends the run
    tensorboard: bool = False  # event files beside log.csv
    log_every: int = 10
    sample_every: int = 200
    checkpoint_every: int = 100
    evaluation_pairs: int = 48  # unseen pairs measured before and after

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = _typed(field.name, getattr(self, field.name), TYPES[field.name])
            object.__setattr__(self, field.name, value)
        for name, choices in CHOICES.items():
            if getattr(self, name) not in choices:
                raise ValueError(f"{name} is {getattr(self, name)!r}; expected one of {', '.join(choices)}")
        for names, fits, expected in RANGES:
            for name in names.split():
                if not fits(getattr(self, name)):
                    raise ValueError(f"{name} is {getattr(self, name)}; expected {expected}")
        if not 1 <= self.hierarchy_maps <= self.discriminator_layers + 1:
            raise ValueError(
                f"hierarchy_maps is {self.hierarchy_maps}; a discriminator of {self.discriminator_layers} "
                f"strided layers has 1 to {self.discriminator_layers + 1} feature maps"
            )
        if self.matcher != "light" and self.tps_grid != 3:
            raise ValueError(f"tps_grid is {self.tps_grid}; the matcher {self.matcher!r} has 3 control points a side")
        if self.matcher != "light" and self.matcher_sees != "parsing":
            raise ValueError(f"matcher_sees is {self.matcher_sees!r}; the matcher {self.matcher!r} sees parsings")
        if self.perceptual_normalise and self.perceptual != "vgg19":
            raise ValueError(f"perceptual_normalise is for perceptual 'vgg19'; expected False with {self.perceptual!r}")
        if self.block_level > self.generator_downs:
            raise ValueError(
                f"block_level is {self.block_level}; encoders with generator_downs {self.generator_downs} "
                f"have the levels 0 to {self.generator_downs}"
            )
        downs = max(self.downs, self.generator_downs)
        step = 2**downs
        if self.height % step or self.width % step:
            raise ValueError(
                f"size {self.height}x{self.width} (height x width) cannot be halved {downs} times: "
                f"expected multiples of {step}"
            )

    def batch_of(self, stage: str) -> int:
        """Pairs of an optimiser step of `parser`, `matcher` or `gan`."""
        return {"parser": self.parser_batch, "matcher": self.matcher_batch}.get(stage, 0) or self.batch

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) in pixels."""
        return self.height, self.width

    def replace(self, **changes: Any) -> Config:
        """A copy with some fields changed; unknown names and wrong types are errors."""
        return from_dict(dataclasses.asdict(self) | changes)

    def to_dict(self) -> dict[str, Any]:
        """Plain values by field name, as `config.json` holds them."""
        return dataclasses.asdict(self)


TYPES: dict[str, type] = {
    field.name: {"str": str, "int": int, "float": float, "bool": bool}[str(field.type)]
    for field in dataclasses.fields(Config)
}


def preset(name: str, **changes: Any) -> Config:
    """The named configuration, with some fields changed.

    Args:
        name: `quick` (minutes on two cores), `rendered` (the shipped weights), `market` and `deepfashion` (the paper's
            widths and depths at 128x64 and 256x256), `human_parser` (the shipped human parser at 256x176).
        **changes: fields of `Config`.

    Raises:
        ValueError: an unknown preset or field, or a value of the wrong type or range.
    """
    if name not in PRESETS:
        raise ValueError(f"unknown preset {name!r}; expected one of {', '.join(PRESETS)}")
    return from_dict({"preset": name} | PRESETS[name] | changes)


def from_dict(values: dict[str, Any], source: str = "configuration") -> Config:
    """A configuration from plain values; fields that are not named keep the `quick` defaults.

    Args:
        values: field name to value.
        source: named in errors, for instance the file that the values came from.

    Raises:
        ValueError: an unknown field (the nearest known names are suggested) or a wrong value.
    """
    for name in values:
        if name not in TYPES:
            near = difflib.get_close_matches(str(name), TYPES, n=2)
            hint = f"; did you mean {' or '.join(near)}?" if near else ""
            raise ValueError(f"{source}: unknown field {name!r}{hint}")
    try:
        return Config(**values)
    except ValueError as error:
        raise ValueError(f"{source}: {error}") from None


def changes(one: Config) -> dict[str, Any]:
    """Fields in which a configuration differs from its preset, with its own values."""
    return {name: value for name, value in one.to_dict().items() if value != getattr(preset(one.preset), name)}


def differences(one: Config, other: Config) -> dict[str, tuple[Any, Any]]:
    """Fields that change what is computed and differ: name to (value in one, value in other)."""
    return {
        name: (getattr(one, name), getattr(other, name))
        for name in TYPES
        if name not in SCHEDULE and getattr(one, name) != getattr(other, name)
    }


# An int may stand for a float; nothing else is converted, so that "1e-3" or True never passes for a number.
def _typed(name: str, value: Any, kind: type) -> Any:
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind:
        raise ValueError(f"{name} is {value!r} ({type(value).__name__}); expected {kind.__name__}")
    if kind is float and not math.isfinite(value):
        raise ValueError(f"{name} is {value}; expected a finite number")
    return value
