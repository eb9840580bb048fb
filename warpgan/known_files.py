"""The published files that `downloads.fetch` knows: address, size, checksum and contents of each."""

from dataclasses import dataclass

MEBI = 1 << 20


@dataclass(frozen=True)
class File:
    """A published file.

    Attributes:
        url: where it is published.
        mebibytes: its size as its publisher states it, rounded to three decimals (1 MiB = 1,048,576 bytes).
        sha256: the first hexadecimal digits of its checksum, eight or more; torchvision publishes eight, at the end
            of the file's name.
        what: in a few words.
    """

    url: str
    mebibytes: float
    sha256: str
    what: str

    @property
    def filename(self) -> str:
        """The last part of the address."""
        return self.url.rsplit("/", 1)[-1]

    def fits(self, size: int) -> bool:
        """Say whether a file of so many bytes has the published size, which is rounded."""
        return abs(size / MEBI - self.mebibytes) < 0.00051


_TORCH = "https://download.pytorch.org/models/"
# Addresses, sizes and sums as torchvision 0.29 states them in its classes `..._Weights`; the tests compare them.
KNOWN = {
    "alexnet": File(f"{_TORCH}alexnet-owt-7be5be79.pth", 233.087, "7be5be79", "AlexNet, trained on ImageNet"),
    # Not torchvision's: torch-fidelity publishes it and puts eight digits of the sum into the name. Size and sum were
    # read off other people's copies, which agree.
    "inception_2015_12_05": File(
        "https://github.com/toshas/torch-fidelity/releases/download/v0.2.0/"
        "weights-inception-2015-12-05-6726825d.pth", 91.198,
        "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2",
        "Inception of 2015-12-05 as TensorFlow published it, for FID and the inception score",
    ),
    "keypointrcnn_resnet50_fpn": File(
        f"{_TORCH}keypointrcnn_resnet50_fpn_coco-fc266e95.pth", 226.054, "fc266e95",
        "Keypoint R-CNN, trained on COCO people",
    ),
    "mobilenet_v3_large_v1": File(
        f"{_TORCH}mobilenet_v3_large-8738ca79.pth", 21.114, "8738ca79", "MobileNetV3-large, trained on ImageNet"
    ),
    "resnet101": File(
        f"{_TORCH}resnet101-63fe2227.pth", 170.511, "63fe2227",
        "ResNet-101, trained on ImageNet (the older of torchvision's two, which cnngeometric_pytorch began with)",
    ),
    "vgg16": File(f"{_TORCH}vgg16-397923af.pth", 527.796, "397923af", "VGG-16, trained on ImageNet"),
    "vgg19": File(f"{_TORCH}vgg19-dcbb9e9d.pth", 548.051, "dcbb9e9d", "VGG-19, trained on ImageNet"),
}
"""Name -> the file that `fetch` gives."""
