"""The perceptual loss: the distance of two pictures as a network sees them that has learned to see.

Paper section 3.2 after Johnson et al. 2016; the authors' code takes VGG-19. Which one is used is a configured
choice, never what happens to lie in a cache. Notebook 06 explains it.
"""

import copy

import torch
from torch import Tensor, nn

from warpgan.arguments import choose
from warpgan.downloads import load
from warpgan.labels import NUM_KEYPOINTS, NUM_LABELS
from warpgan.models.layers import feature_maps
from warpgan.models.mobilenet import DEVIATION, MEAN

VGG_SLICES = (2, 7, 12, 21, 30)  # ends of relu1_1, relu2_1, relu3_1, relu4_1, relu5_1 in torchvision's VGG-19
VGG_WEIGHTS = (1 / 32, 1 / 16, 1 / 8, 1 / 4, 1.0)
KINDS = ("parser", "vgg19", "none")


class Perceptual(nn.Module):
    """The weighted distance of two pictures' feature maps F_i in a frozen network: sum_i w_i mean |F_i(a) - F_i(b)|.

    - `vgg19`, as in the authors' code: VGG-19 trained on ImageNet, its layers relu1_1 .. relu5_1 with the weights 1/32,
      1/16, 1/8, 1/4 and 1, pictures in [-1, 1] as they are, or normalised. Its weights (548 MiB) must have been
      fetched.
    - `parser`, ours, where nothing can be downloaded: the encoder of the trained stage I parser. It reads
      label maps, so the picture is handed to it as one: each pixel's brightness stands in the channel of its
      target label. A parser that sees images is given the picture there as well.
    - `none`: 0.

    Args:
        kind: "parser", "vgg19" or "none".
        parser: the trained `PoseGuidedParser` for kind "parser"; its encoder is copied and frozen.
        normalise: bring pictures from [-1, 1] to the mean and deviation that VGG-19 was trained with. The authors'
            code does not, so False is the default.

    Raises:
        ValueError: for another kind, "parser" without a parser, or `normalise` for another kind than "vgg19".
        RuntimeError: if VGG-19's weights have not been fetched; says how to.
    """

    def __init__(self, kind: str = "parser", parser: nn.Module | None = None, *, normalise: bool = False):
        super().__init__()
        choose("perceptual", kind, KINDS)
        if kind == "parser" and parser is None:
            raise ValueError("perceptual: the kind 'parser' needs the trained stage I parser, found None")
        if normalise and kind != "vgg19":
            raise ValueError(f"perceptual: pictures are normalised for 'vgg19' alone, found normalise with {kind!r}")
        self.kind, self.normalise = kind, normalise
        self.sees_image = kind == "parser" and getattr(parser, "sees_image", False)
        slices: list[nn.Module] = []
        self.layer_weights: tuple[float, ...] = ()
        if kind == "parser":
            slices = list(copy.deepcopy(parser.encoder).stages)
            # 1/8, 1/4, 1/2, 1 for the stem and three halvings.
            self.layer_weights = tuple(2.0 ** (i - len(slices) + 1) for i in range(len(slices)))
        elif kind == "vgg19":
            slices, self.layer_weights = slice_vgg(_vgg19_features()), VGG_WEIGHTS
        self.slices = nn.ModuleList(slices).requires_grad_(False).eval()

    def forward(
        self, fake: Tensor, real: Tensor, target_onehot: Tensor | None = None, pose_map: Tensor | None = None
    ) -> Tensor:
        """Return the weighted sum of the mean absolute differences of the feature maps.

        Args:
            fake: [B, 3, H, W] in [-1, 1]; gradient flows into it.
            real: [B, 3, H, W] in [-1, 1].
            target_onehot: [B, 20, H, W], needed by "parser".
            pose_map: target pose [B, 18, H, W], needed by "parser".

        Returns:
            Scalar.
        """
        if fake.shape != real.shape:
            raise ValueError(f"real: expected fake's shape {tuple(fake.shape)}, found {tuple(real.shape)}")
        if self.kind == "none":
            return fake.new_zeros(())
        if self.kind == "parser":
            if target_onehot is None or pose_map is None:
                raise ValueError("perceptual: the kind 'parser' needs target_onehot and pose_map")
            painted = [paint_labels(image, target_onehot, pose_map=pose_map) for image in (fake, real)]
            if self.sees_image:
                painted = [torch.cat(pair, dim=1) for pair in zip(painted, (fake, real), strict=True)]  # [B, 41, H, W]
            fake, real = painted
        if self.normalise:
            mean, deviation = (fake.new_tensor(values).view(1, 3, 1, 1) for values in (MEAN, DEVIATION))
            fake, real = (((image + 1) / 2 - mean) / deviation for image in (fake, real))
        with torch.no_grad():
            real_maps = feature_maps(self.slices, real)
        pairs = zip(self.layer_weights, feature_maps(self.slices, fake), real_maps, strict=True)
        return torch.stack([weight * (a - b).abs().mean() for weight, a, b in pairs]).sum()

    def train(self, mode: bool = True) -> "Perceptual":  # noqa: ARG002 - whatever is asked for
        """Stay in evaluation mode: the features are a fixed yardstick."""
        return super().train(False)


def paint_labels(image: Tensor, onehot: Tensor, *, pose_map: Tensor) -> Tensor:
    """Return a picture as the stage I parser reads it: brightness, sorted by label, and the pose.

    Args:
        image: [B, 3, H, W] in [-1, 1].
        onehot: parsing [B, 20, H, W].
        pose_map: [B, 18, H, W].

    Returns:
        [B, 38, H, W]; the ones of `onehot` replaced by the mean of the colours, in [0, 1].
    """
    for name, tensor, channels in (("onehot", onehot, NUM_LABELS), ("pose_map", pose_map, NUM_KEYPOINTS)):
        if tensor.shape[1] != channels or tensor.shape[2:] != image.shape[2:]:
            expected = f"[B, {channels}, {image.shape[2]}, {image.shape[3]}]"
            raise ValueError(f"{name}: expected {expected}, found {tuple(tensor.shape)}")
    brightness = (image.mean(dim=1, keepdim=True) + 1) / 2  # [B, 1, H, W]
    return torch.cat([onehot * brightness, pose_map], dim=1)


def slice_vgg(features: nn.Sequential) -> list[nn.Sequential]:
    """Cut torchvision's VGG-19 `features` after relu1_1, relu2_1, relu3_1, relu4_1 and relu5_1."""
    starts = (0, *VGG_SLICES[:-1])
    return [features[start:stop] for start, stop in zip(starts, VGG_SLICES, strict=True)]


def _vgg19_features() -> nn.Sequential:
    from torchvision.models.vgg import cfgs, make_layers

    try:
        weights = load("vgg19", "features.")
    except (OSError, ValueError) as error:
        raise RuntimeError(
            f"perceptual='vgg19' needs VGG-19's ImageNet weights: {error}; or choose perceptual='parser' or "
            "perceptual='none' instead"
        ) from error
    features = make_layers(cfgs["E"])
    features.load_state_dict(weights)
    return features
