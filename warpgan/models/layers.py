"""The few layers that every network here is made of: encoder, residual block, decoder.

All are the layers of the pix2pixHD generator that the paper adapts (sections 3.1.1 and 3.1.2, figure 2):
instance normalisation without parameters, reflection padding where the kernel does not stride, weights from
N(0, 0.02). Notebook 03 builds a network from them.
"""

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from warpgan.labels import NUM_KEYPOINTS, NUM_LABELS

NORMAL_STD = 0.02


def initialise(module: nn.Module, *, normalised: bool = True) -> nn.Module:
    """Draw the weights of every convolution in `module` afresh and set its biases to 0.

    Args:
        module: any module; changed in place.
        normalised: True: from N(0, 0.02), as the paper does; the normalisation that follows sets the scale.
            False: from N(0, 2 / fan-in), which keeps the scale where nothing follows (He et al. 2015).

    Returns:
        The same module.
    """
    for part in module.modules():
        if isinstance(part, nn.Conv2d | nn.ConvTranspose2d):
            if normalised:
                nn.init.normal_(part.weight, 0.0, NORMAL_STD)
            else:
                nn.init.kaiming_normal_(part.weight)
            if part.bias is not None:
                nn.init.zeros_(part.bias)
    return module


def feature_maps(stages: Iterable[nn.Module], x: Tensor) -> list[Tensor]:
    """Return the answer of each stage to that of the one before.

    Args:
        stages: modules that follow each other.
        x: what the first one is given.
    """
    maps = []
    for stage in stages:
        x = stage(x)
        maps.append(x)
    return maps


def check_generator_maps(multiple: int, image: Tensor, condition: Tensor, target: Tensor, pose: Tensor) -> None:
    """Refuse what no generator takes: `check_maps` of the condition's picture, both parsings and the pose map.

    Args:
        multiple: see `check_maps`.
        image: the condition's, to be [B, 3, H, W].
        condition: its one-hot parsing, to be [B, 20, H, W].
        target: one-hot parsing, to be [B, 20, H, W].
        pose: the target's pose map, to be [B, 18, H, W].
    """
    check_maps(
        multiple,
        condition_image=(image, 3),
        condition_onehot=(condition, NUM_LABELS),
        target_onehot=(target, NUM_LABELS),
        pose_map=(pose, NUM_KEYPOINTS),
    )


def check_maps(multiple: int, /, **maps: tuple[Tensor, int]) -> None:
    """Refuse inputs that are not maps of one batch and one size, or that cannot be halved and doubled again.

    Args:
        multiple: 2 ** (number of halvings); height and width must be multiples of it, at least two times it.
        **maps: name = (tensor, number of channels expected).

    Raises:
        ValueError: naming the map, what was expected and what was found.
    """
    first_name, first = None, None
    for name, (tensor, channels) in maps.items():
        found = tuple(tensor.shape)
        if tensor.dim() != 4 or tensor.shape[1] != channels:
            raise ValueError(f"{name}: expected [B, {channels}, H, W], found {found}")
        if not tensor.is_floating_point():
            raise ValueError(f"{name}: expected floating point values, found {tensor.dtype}")
        if first is None:
            first_name, first = name, found
        elif (found[0], *found[2:]) != (first[0], *first[2:]):
            raise ValueError(f"{name}: expected the batch and size of {first_name} {first}, found {found}")
        if any(side % multiple or side < 2 * multiple for side in found[2:]):
            raise ValueError(
                f"{name}: expected height and width to be multiples of {multiple}, at least {2 * multiple}, "
                f"found {found[2]} x {found[3]}"
            )


def activated(convolution: nn.Module, channels: int, *, norm: bool = True) -> nn.Sequential:
    """Return convolution - norm - ReLU, the unit that encoders and decoders are made of.

    Args:
        convolution: any layer that gives `channels` maps.
        channels: of its output.
        norm: False leaves out the instance normalisation.
    """
    between = [nn.InstanceNorm2d(channels)] if norm else []
    return nn.Sequential(convolution, *between, nn.ReLU(inplace=True))


def residual_branch(channels: int) -> nn.Sequential:
    """Return conv3 - norm - ReLU - conv3 - norm, the two layer boxes R of the paper's figure 4.

    Args:
        channels: channels in and out.
    """
    return nn.Sequential(
        nn.Conv2d(channels, channels, 3, padding=1, padding_mode="reflect"),
        nn.InstanceNorm2d(channels),
        nn.ReLU(inplace=True),
        nn.Conv2d(channels, channels, 3, padding=1, padding_mode="reflect"),
        nn.InstanceNorm2d(channels),
    )


class ResidualBlock(nn.Module):
    """x + R(x): the block that stands nine times in the middle of each generator.

    Set its attribute `recompute` to keep no maps of the branch for the gradient, but to compute them anew then:
    less memory, one more pass.

    Args:
        channels: channels in and out.
    """

    def __init__(self, channels: int):
        super().__init__()
        self.branch = residual_branch(channels)
        self.recompute = False

    def forward(self, x: Tensor) -> Tensor:
        """Map [B, C, h, w] to [B, C, h, w]."""
        if self.recompute and torch.is_grad_enabled():
            return x + checkpoint(self.branch, x, use_reentrant=False)
        return x + self.branch(x)


class Encoder(nn.Module):
    """A 7x7 stem at full size, then `downs` strided convolutions that halve the size and double the channels.

    Args:
        in_channels: channels of the input.
        width: channels after the stem (64 in the paper).
        downs: number of halvings (3 in the paper).
        norm: normalise after each convolution (the paper does).
    """

    def __init__(self, in_channels: int, width: int, *, downs: int = 3, norm: bool = True):
        super().__init__()
        stem = nn.Conv2d(in_channels, width, 7, padding=3, padding_mode="reflect")
        stages = [activated(stem, width, norm=norm)]
        for i in range(downs):
            channels = width * 2**i
            down = nn.Conv2d(channels, 2 * channels, 3, stride=2, padding=1)
            stages.append(activated(down, 2 * channels, norm=norm))
        self.stages = nn.ModuleList(stages)
        self.out_channels = width * 2**downs

    def features(self, x: Tensor) -> list[Tensor]:
        """Return the maps after the stem and after each halving, shallow to deep.

        Args:
            x: [B, in_channels, H, W].

        Returns:
            List of downs + 1 maps, map i of shape [B, width * 2**i, H / 2**i, W / 2**i].
        """
        return feature_maps(self.stages, x)

    def forward(self, x: Tensor, start: int = 0, stop: int | None = None) -> Tensor:
        """Map [B, in_channels, H, W] to [B, width * 2**downs, H / 2**downs, W / 2**downs].

        Args:
            x: [B, in_channels, H, W], or what the stage before `start` returned.
            start: the first stage, 0 is the stem.
            stop: the stage before which to stop; None: none is left out.
        """
        for stage in self.stages[start:stop]:
            x = stage(x)
        return x


class Decoder(nn.Sequential):
    """`downs` transposed convolutions that double the size and halve the channels, then a 7x7 convolution.

    Where the channels are not yet down to `width` after them, one transposed convolution of stride 1 follows:
    the layer 128 -> 64 of the paper's stage II generator. No activation at the end.

    Args:
        in_channels: channels of the input.
        width: channels before the last convolution (64 in the paper).
        out_channels: channels of the output.
        downs: number of doublings (3 in the paper).
        norm: normalise after each convolution but the last (the paper does).
    """

    def __init__(
        self, in_channels: int, width: int, *, out_channels: int, downs: int = 3, norm: bool = True
    ):
        layers = []
        channels = in_channels
        for _ in range(downs):
            up = nn.ConvTranspose2d(channels, channels // 2, 3, stride=2, padding=1, output_padding=1)
            channels //= 2
            layers.append(activated(up, channels, norm=norm))
        if channels != width:
            layers.append(activated(nn.ConvTranspose2d(channels, width, 3, padding=1), width, norm=norm))
        layers.append(nn.Conv2d(width, out_channels, 7, padding=3, padding_mode="reflect"))
        super().__init__(*layers)


def parameter_count(module: nn.Module) -> int:
    """Return the number of trainable and frozen parameters of a module (works on the meta device)."""
    return sum(parameter.numel() for parameter in module.parameters())


def coordinate_channels(like: Tensor) -> Tensor:
    """Return the x and y position of each pixel centre in [-1, 1] as two channels.

    Args:
        like: [B, C, H, W]; gives batch, size, device and dtype.

    Returns:
        [B, 2, H, W], x first.
    """
    batch, _, height, width = like.shape
    options = {"device": like.device, "dtype": like.dtype}
    x = (2 * torch.arange(width, **options) + 1) / width - 1
    y = (2 * torch.arange(height, **options) + 1) / height - 1
    y, x = torch.meshgrid(y, x, indexing="ij")
    return torch.stack([x, y]).expand(batch, 2, height, width)
