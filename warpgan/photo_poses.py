"""The joints of a person in one's own photo: from a file, from a detector, or pointed at by hand.

The detector is torchvision's Keypoint R-CNN (He et al. 2017, "Mask R-CNN", section 5). Its weights are fetched only
when the caller says so. Reached through `warpgan.photos`; notebook 02 walks through it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TypeAlias

import torch
import torch.nn.functional as F
from torch import Tensor

from warpgan import keypoints as joints
from warpgan.downloads import fetch
from warpgan.files import read_json
from warpgan.keypoint_files import read_openpose_people
from warpgan.keypoint_sets import largest, read_keypoints
from warpgan.labels import KEYPOINTS, LEFT_SHOULDER, NECK, NUM_KEYPOINTS, RIGHT_SHOULDER
from warpgan.photo_files import Photo

DETECTOR = "keypointrcnn_resnet50_fpn"
LONGEST = 1333  # pixels: to this side the detector shrinks a picture itself, so no larger one is carried there
Source: TypeAlias = Tensor | str | Path | Iterable[tuple[str, float, float]]
"""What `find_keypoints` takes."""

Detector = Callable[[list[Tensor]], list[dict[str, Tensor]]]


@dataclass(frozen=True)
class Person:
    """A person that a detector found.

    Attributes:
        keypoints: [18, 3] in pixels of the photo as the file has it.
        box: left, top, right, bottom in the same pixels.
        score: 0..1, how sure the detector is that this is a person.
    """

    keypoints: Tensor
    box: tuple[float, float, float, float]
    score: float


def keypoints_by_hand(points: Iterable[tuple[str, float, float]]) -> Tensor:
    """Make keypoints of joints that somebody pointed at.

    Args:
        points: (name, x, y) in pixels of the photo, the centre of the first pixel being 0, 0. Names are those of
            `labels.KEYPOINTS`; left and right are the person's own. Joints that are not given are missing.

    Returns:
        [18, 3] float32; the neck is put between the shoulders where both are given and it is not.

    Raises:
        ValueError: an unknown name, a name given twice, a place that is no number, or no joint at all.
    """
    keypoints = torch.zeros(NUM_KEYPOINTS, 3)
    for number, point in enumerate(points):
        if not isinstance(point, tuple | list) or len(point) != 3:
            raise ValueError(f"point {number} is {point!r}; expected (name, x, y)")
        name, x, y = point
        if name not in KEYPOINTS:
            near = get_close_matches(str(name).lower().replace("_", "-").replace(" ", "-"), KEYPOINTS, n=2, cutoff=0.5)
            meant = f"did you mean {' or '.join(near)}" if near else f"the joints are {', '.join(KEYPOINTS)}"
            raise ValueError(f"point {number}: no joint is called {name!r}; {meant}")
        joint = KEYPOINTS.index(name)
        if keypoints[joint, 2]:
            raise ValueError(f"point {number}: {name} is given a second time")
        if not all(isinstance(value, int | float) and math.isfinite(value) for value in (x, y)):
            raise ValueError(f"point {number} ({name}): x {x!r} and y {y!r} are not both numbers")
        keypoints[joint] = torch.tensor([x, y, 1.0])
    shoulders = keypoints[[RIGHT_SHOULDER, LEFT_SHOULDER]]
    if not keypoints[NECK, 2] and shoulders[:, 2].all():
        keypoints[NECK] = shoulders.mean(0)
    return joints.require_person(keypoints, "keypoints by hand")


def detect_people(
    photo: Photo | Tensor,
    *,
    detector: Detector | None = None,
    download: bool = False,
    score: float = 0.7,
    joint_score: float = 2.0,
) -> list[Person]:
    """Find people and their joints with Keypoint R-CNN.

    Args:
        photo: a `Photo`, or [3, H, W] uint8.
        detector: another network of the same interface: a list of [3, H, W] in [0, 1] in; a list of dicts `boxes`
            [N, 4], `scores` [N], `keypoints` [N, 17, 3] and `keypoints_scores` [N, 17] out, joints in COCO's order.
            None loads torchvision's (`load_detector`).
        download: whether its weights (226 MiB) may be downloaded if they are not there.
        score: people that the detector is less sure of are left out.
        joint_score: joints with a lower value are missing. It is a logit, and 2 is the value that Detectron draws
            joints from; the network names a place for hidden and absent joints too.

    Returns:
        The people, the largest box first; empty if there is nobody.

    Raises:
        FileNotFoundError, ConnectionError, ValueError: the weights are not there, or not whole; see
            `downloads.fetch`. The sentence says what to do without a detector.
    """
    pixels = photo.image if isinstance(photo, Photo) else photo
    full = photo.full_size if isinstance(photo, Photo) else tuple(photo.shape[-2:])
    detector = load_detector(download=download) if detector is None else detector
    height, width = pixels.shape[-2:]
    factor = min(1.0, LONGEST / max(height, width))
    size = max(round(height * factor), 1), max(round(width * factor), 1)
    small = pixels if factor == 1 else F.interpolate(pixels[None], size=size, mode="bilinear", antialias=True)[0]
    with torch.no_grad():
        found = {key: value.cpu() for key, value in detector([small.float() / 255])[0].items()}
    people = []
    for box, sure, places, seen in zip(
        found["boxes"], found["scores"].tolist(), found["keypoints"], found["keypoints_scores"], strict=True
    ):
        if sure < score:
            continue
        coco = torch.cat((places[:, :2], (seen >= joint_score).float()[:, None]), dim=1)
        keypoints = joints.rescale(joints.from_coco17(coco), size, full)
        factors = (full[1] / size[1], full[0] / size[0]) * 2
        edges = tuple(edge * scale for edge, scale in zip(box.tolist(), factors, strict=True))
        people.append(Person(keypoints, edges, sure))
    return sorted(people, key=lambda one: -(one.box[2] - one.box[0]) * (one.box[3] - one.box[1]))


def load_detector(*, download: bool = False, folder: str | Path | None = None) -> torch.nn.Module:
    """Build torchvision's Keypoint R-CNN (59 million parameters) and load its published weights.

    Args:
        download: whether they may be downloaded.
        folder: where they lie; by default where torchvision keeps its own.

    Raises:
        FileNotFoundError, ConnectionError, ValueError: as `downloads.fetch`, with what to do instead.
    """
    try:
        path = fetch(DETECTOR, download=download, folder=folder)
    except (FileNotFoundError, ConnectionError) as error:
        raise type(error)(
            f"{error}. Without a detector, give keypoints from a file (OpenPose JSON) or point at the joints by hand "
            "(keypoints_by_hand)"
        ) from None
    network = build_detector()
    network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return network


def build_detector() -> torch.nn.Module:
    """Keypoint R-CNN as it was published, with random weights and in evaluation mode; nothing is fetched."""
    from torchvision.models.detection import KeypointRCNN
    from torchvision.models.detection.backbone_utils import resnet_fpn_backbone
    from torchvision.ops.misc import FrozenBatchNorm2d

    backbone = resnet_fpn_backbone(
        backbone_name="resnet50", weights=None, norm_layer=FrozenBatchNorm2d, trainable_layers=3
    )
    network = KeypointRCNN(backbone, num_classes=2, num_keypoints=17).eval()
    for module in network.modules():
        if isinstance(module, FrozenBatchNorm2d):
            module.eps = 0.0  # the published weights were trained when torchvision added none
    return network


def find_keypoints(
    source: Source, photo: Photo, *, person: int | None = None, detector: Detector | None = None, download: bool = False
) -> tuple[Tensor, tuple[float, float, float, float] | None, str]:
    """Give a person's joints from any of the sources that a user may have.

    Args:
        source: [18, 3]; a list of (name, x, y) (`keypoints_by_hand`); "detect"; or the path of an OpenPose .json, or of
            a COCO .json, an annotation .csv or a folder of OpenPose .json in which the photo is found by its name.
        photo: the photo they belong to.
        person: which one, from 0, of an OpenPose file (in its order) or of the people detected (the largest is 0); None
            is the largest. The other sources know one person a picture, or give the largest.
        detector, download: as for `detect_people`, which alone uses them.

    Returns:
        [18, 3] in pixels of the photo as the file has it; the person's box if a detector gave one, else None; and a
        sentence that says where they come from.

    Raises:
        ValueError, FileNotFoundError: nobody there, or a faulty file; names it.
    """
    if isinstance(source, Tensor):
        return joints.require_person(source, "keypoints"), None, "keypoints as given"
    if isinstance(source, str) and source == "detect":
        people, person = detect_people(photo, detector=detector, download=download), person or 0
        if not 0 <= person < len(people):
            raise ValueError(f"{photo.path}: person {person} is asked for and {len(people)} people were detected")
        one = people[person]
        note = f"keypoints of person {person} of {len(people)} detected (score {one.score:.2f})"
        return joints.require_person(one.keypoints, f"{photo.path}, person {person}"), one.box, note
    if source == "":  # as a path it would be the folder in which one happens to be
        raise ValueError('keypoints is an empty text; expected a file, "detect", or joints by hand')
    if isinstance(source, str | Path):
        return _from_file(Path(source), photo, person), None, f"keypoints from {Path(source).name}"
    return keypoints_by_hand(source), None, "keypoints by hand"


def _from_file(path: Path, photo: Photo, person: int | None) -> Tensor:
    if path.is_file() and path.suffix.lower() == ".json" and "people" in read_json(path, expect=dict):
        people = read_openpose_people(path)
        if person is not None and not 0 <= person < len(people):
            raise ValueError(f"{path}: person {person} is asked for and {len(people)} people were found")
        return joints.require_person(largest(people) if person is None else people[person], str(path))
    found = read_keypoints(path)
    name = photo.path.name if photo.path else ""
    key = next((key for key in (name, photo.path.stem if photo.path else "") if key in found.keypoints), None)
    if key is None:
        raise ValueError(f"{path}: has keypoints of {len(found.keypoints)} pictures and none of {name!r}")
    keypoints = joints.require_person(found.keypoints[key], f"{path}, {key}")
    height, width = found.sizes.get(key, photo.full_size)
    if abs(height * photo.full_size[1] - width * photo.full_size[0]) > max(height, width, *photo.full_size):
        raise ValueError(
            f"{path}, {key}: keypoints are of a picture {width} wide and {height} high, the photo is "
            f"{photo.full_size[1]} wide and {photo.full_size[0]} high: another shape"
        )
    return joints.rescale(keypoints, (height, width), photo.full_size)
