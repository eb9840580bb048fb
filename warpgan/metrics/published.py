"""Scores by published networks: LPIPS by AlexNet or VGG-16, FID and the inception score by Inception (notebook 07).

Their weights are fetched through `downloads` when the caller says so and never otherwise; torchmetrics, which has the
networks, would fetch them by itself. Without them: `parser_features`.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

import torch
from torch import Tensor, nn

from warpgan.arguments import choose
from warpgan.downloads import fetch
from warpgan.metrics.distributions import classes_score, frechet_distance, statistics
from warpgan.metrics.pictures import as_bytes, check_pair

INSTEAD = (
    "without it, compare methods by metrics.human_parser_frechet_distance, whose network comes with the project and "
    "whose figures no paper has"
)
LPIPS_FILES = {"alex": "alexnet", "vgg": "vgg16"}
"""Name of LPIPS' backbone -> the file of `downloads.KNOWN` with its weights."""


class LPIPS(nn.Module):
    """Learned perceptual distance (Zhang et al. 2018), version 0.1: torchmetrics' network and linear heads.

    Args:
        net: "alex", which GFLA and its successors report, or "vgg".
        download: whether the backbone's weights may be downloaded (233 MiB, VGG-16 528 MiB).
        folder: where they lie; by default where torchvision keeps its own.

    Raises:
        ValueError: another net.
        FileNotFoundError, ConnectionError: the weights are not there; says what to do.
    """

    def __init__(self, net: str = "alex", *, download: bool = False, folder: str | Path | None = None):
        super().__init__()
        path = _fetched(LPIPS_FILES[choose("net", net, LPIPS_FILES)], "LPIPS", "", download, folder)
        from torchmetrics.functional.image.lpips import _NoTrainLpips

        weights = torch.load(path, map_location="cpu", weights_only=True)
        self.network = _NoTrainLpips(net=net, pnet_rand=True)  # pnet_rand: nothing is downloaded
        self.network.net.load_state_dict(_in_slices(weights, self.network.net))
        self.requires_grad_(False).eval()

    def forward(self, image: Tensor, target: Tensor) -> Tensor:
        """Return `[B]`, 0 where nothing differs, of pictures `[B, 3, H, W]` in [-1, 1], not rounded."""
        check_pair(image, target, window=32)
        return self.network(image, target).flatten()


class InceptionFeatures(nn.Module):
    """The Inception network of 2015-12-05 that FID and the inception score are defined by, as torch-fidelity ports it.

    Pictures are rounded to 8 bits and resized to 299x299 bilinearly as TensorFlow 1 did, without antialiasing. A
    torchvision Inception gives other figures.

    Args:
        layer: "2048", the pooled features of FID, or "logits_unbiased", the 1008 logits of the inception score.
        download: whether the weights (91 MiB) may be downloaded.
        folder: where they lie; by default where torchvision keeps its own.

    Raises:
        ImportError: torch-fidelity is not installed; says what to do.
        FileNotFoundError, ConnectionError: the weights are not there; says what to do.
    """

    def __init__(self, layer: str = "2048", *, download: bool = False, folder: str | Path | None = None):
        super().__init__()
        choose("layer", layer, ("2048", "logits_unbiased"))
        if find_spec("torch_fidelity") is None:
            raise ImportError(
                f"FID and the inception score need torch-fidelity (pip install torch-fidelity), which has the network; "
                f"{INSTEAD}"
            )
        path = _fetched("inception_2015_12_05", "FID and the inception score", INSTEAD, download, folder)
        from torchmetrics.image.fid import NoTrainInceptionV3

        self.network = NoTrainInceptionV3("inception-v3-compat", [layer], str(path), antialias=False)

    def forward(self, images: Tensor) -> Tensor:
        """Return `[B, 2048]` or `[B, 1008]` of pictures `[B, 3, H, W]` in [-1, 1]."""
        check_pair(images, images)
        device = next(self.network.parameters()).device
        return self.network(as_bytes(images.to(device)).byte())


def fid(
    images: Iterable[Tensor],
    real: Iterable[Tensor],
    *,
    features: nn.Module | None = None,
    download: bool = False,
) -> float:
    """Frechet inception distance.

    In this field the real set is that of the training pictures, and pictures are 256x256 or padded to it with white:
    say which, and how many, beside the figure.

    Args:
        images: generated pictures, batches `[B, 3, H, W]` in [-1, 1].
        real: true pictures.
        features: an `InceptionFeatures("2048")` already built; None builds it.
        download: as for `InceptionFeatures`.

    Raises:
        ImportError, FileNotFoundError, ConnectionError: as `InceptionFeatures`.
        ValueError: fewer than two pictures in a set.
    """
    features = InceptionFeatures(download=download) if features is None else features
    return frechet_distance(statistics(images, features), statistics(real, features))


def inception_score(
    images: Iterable[Tensor], *, splits: int = 10, features: nn.Module | None = None, download: bool = False
) -> tuple[float, float]:
    """Inception score, mean and deviation over splits in the order of the pictures (`classes_score`).

    Args:
        images: batches `[B, 3, H, W]` in [-1, 1]; on DeepFashion the papers' have white borders.
        splits: 10 in the papers.
        features: an `InceptionFeatures("logits_unbiased")` already built; None builds it.
        download: as for `InceptionFeatures`.

    Raises:
        ImportError, FileNotFoundError, ConnectionError: as `InceptionFeatures`.
        ValueError: fewer pictures than splits.
    """
    features = InceptionFeatures("logits_unbiased", download=download) if features is None else features
    with torch.no_grad():
        return classes_score(torch.cat([features(batch).cpu().softmax(dim=1) for batch in images]), splits)


def _fetched(name: str, measure: str, instead: str, download: bool, folder: str | Path | None) -> Path:
    try:
        return fetch(name, download=download, folder=folder)
    except (FileNotFoundError, ConnectionError) as error:
        raise type(error)(f"{measure}: {error}" + (f". Or, {instead}" if instead else "")) from None


def _in_slices(weights: dict[str, Tensor], network: nn.Module) -> dict[str, Tensor]:
    # torchvision's `features.3.weight` is the slice's `slice2.3.weight`.
    return {name: weights["features." + name.split(".", 1)[1]] for name in network.state_dict()}
