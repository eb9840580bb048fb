"""The geometric matcher of Rocco et al. 2017 ("GEO"), which the paper builds on: published features, two regressors.

Label maps are shown in the paper's colours to a frozen VGG-16 or ResNet-101; the features' correlation is read by an
affine and a thin-plate-spline network. The paper trains it (section 3.1.2), the authors' code takes Rocco et al.'s
weights, which `warpgan.cnngeometric` loads. Notebook 04 explains matching.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from warpgan.arguments import choose
from warpgan.downloads import KNOWN, load
from warpgan.labels import LABEL_COLOURS
from warpgan.models.matching import Matcher, correlate
from warpgan.models.mobilenet import DEVIATION, MEAN

SIDE = 240  # pixels of the square at which label maps are compared: the regressors fit its 15 x 15 places alone
PLACES = 15
BACKBONES = ("vgg16", "resnet101")
_CHILDREN = ("conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3")  # of torchvision's ResNet, in order


class GeoRegressor(nn.Module):
    """Read a few numbers off a correlation volume of 15 x 15 places with 15 x 15 places; zero before training.

    Layers and names are those of Rocco et al., with batch normalisation. Their last layer starts at random; ours at
    zero, so that an untrained matcher moves nothing.

    Args:
        outputs: how many numbers.
    """

    def __init__(self, outputs: int):
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(PLACES**2, 128, 7),  # [B, 128, 9, 9]
            nn.BatchNorm2d(128),
            nn.ReLU(inplace=True),
            nn.Conv2d(128, 64, 5),  # [B, 64, 5, 5]
            nn.BatchNorm2d(64),
            nn.ReLU(inplace=True),
        )
        self.linear = nn.Linear(64 * 5 * 5, outputs)
        nn.init.zeros_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)

    def forward(self, correlation: Tensor) -> Tensor:
        """Map [B, 225, 15, 15] to [B, outputs]."""
        return self.linear(self.conv(correlation).flatten(1))


class GeoMatcher(Matcher):
    """The matcher on published features: the same maps, in the same form, as `GeometricMatcher` gives.

    Any size of label map is brought to 240 x 240 pixels; the maps are resolution free. Nothing bounds them, as nothing
    does in Rocco et al., but a sample without a person, or whose answer is not finite, gets the identity. While it
    trains, batch normalisation makes a pair's map depend on its batch; afterwards it does not.

    Args:
        backbone: "vgg16", up to its fourth pooling (512 channels), or "resnet101", up to its third stage (1024).
        weights: "imagenet" for torchvision's features, which must have been fetched; None for random ones, to be
            loaded from a checkpoint.

    Raises:
        ValueError: another backbone or other weights, or a damaged file of weights.
        FileNotFoundError: the weights have not been fetched; says how to.
    """

    tps_grid = 3

    def __init__(self, backbone: str = "vgg16", *, weights: str | None = None):
        super().__init__()
        self.backbone = choose("backbone", backbone, BACKBONES)
        self.extractor = _extractor(backbone)
        if weights is not None:
            choose("weights", weights, ("imagenet",))
            _load_imagenet(self.extractor, backbone)
        self.extractor.requires_grad_(False).eval()
        self.affine_regressor = GeoRegressor(6)
        self.tps_regressor = GeoRegressor(2 * self.tps_grid**2)
        for name, values in (("colours", LABEL_COLOURS), ("mean", MEAN), ("deviation", DEVIATION)):
            self.register_buffer(name, torch.tensor(values, dtype=torch.float32), persistent=False)

    def picture(self, onehot: Tensor) -> Tensor:
        """Return a label map as the features see it.

        Args:
            onehot: [B, 20, H, W].

        Returns:
            [B, 3, 240, 240]: the paper's colours in [0, 1], resized, by ImageNet's mean and deviation. What a warp
            left empty is background, black; Rocco et al. pad after normalising, with ImageNet's mean colour.
        """
        image = torch.einsum("blhw,lc->bchw", onehot, self.colours / 255)
        image = F.interpolate(image, (SIDE, SIDE), mode="bilinear", align_corners=False)
        return (image - self.mean.view(1, 3, 1, 1)) / self.deviation.view(1, 3, 1, 1)

    def features(self, onehot: Tensor) -> Tensor:
        """Return features of unit length: [B, 20, H, W] to [B, 512 or 1024, 15, 15]; no gradient passes."""
        with torch.no_grad():
            return _unit(self.extractor(self.picture(onehot)))

    def correlation(self, condition_onehot: Tensor, target_onehot: Tensor) -> Tensor:
        """Return positive similarities of unit length over the condition's places, [B, 225, 15, 15].

        The condition's places become channels row by row, where Rocco et al. have them column by column.
        """
        return _unit(F.relu(correlate(self.features(condition_onehot), self.features(target_onehot))))

    def train(self, mode: bool = True) -> "GeoMatcher":
        """Train the regressors alone: the features' normalisation stays as it was published."""
        super().train(mode)
        self.extractor.eval()
        return self


def _unit(x: Tensor) -> Tensor:
    # Rocco et al.'s way to a length of one: all zeros stay zeros.
    return x / (x.square().sum(dim=1, keepdim=True) + 1e-6).sqrt()


def _extractor(backbone: str) -> nn.Sequential:
    from torchvision.models import resnet101
    from torchvision.models.vgg import cfgs, make_layers

    if backbone == "vgg16":
        layers = make_layers(cfgs["D"])[:24]
        for part in layers:
            if isinstance(part, nn.Conv2d):  # torchvision's first weights, which `make_layers` leaves out
                nn.init.kaiming_normal_(part.weight, mode="fan_out", nonlinearity="relu")
                nn.init.zeros_(part.bias)
        return layers
    whole = resnet101(weights=None)
    return nn.Sequential(*(getattr(whole, name) for name in _CHILDREN))


def _load_imagenet(extractor: nn.Sequential, backbone: str) -> None:
    found = load(backbone, "features." if backbone == "vgg16" else "")
    if backbone == "resnet101":
        places = {name: str(place) for place, name in enumerate(_CHILDREN)}
        pairs = ((key.partition("."), value) for key, value in found.items())
        found = {f"{places[first]}.{rest}": value for (first, _, rest), value in pairs if first in places}
    wanted = extractor.state_dict()
    found = with_counts(found, wanted)
    for key, value in wanted.items():
        if key not in found or found[key].shape != value.shape:
            raise ValueError(f"{KNOWN[backbone].filename}: no tensor {key} of shape {tuple(value.shape)}")
    extractor.load_state_dict({key: found[key] for key in wanted})  # the file goes deeper than we do


def with_counts(found: dict[str, Tensor], wanted: dict[str, Tensor]) -> dict[str, Tensor]:
    """Add to weights what files from before torch 0.4.1 lack: the steps that batch normalisation has counted.

    Args:
        found: name -> tensor, as read.
        wanted: the same of the network that they go into, whose counts are taken. Nobody reads them.
    """
    return {key: value for key, value in wanted.items() if key.endswith("num_batches_tracked")} | found
