"""A person and a target pose in, a picture out: the three trained networks in a row (notebook 00).

Stage I draws the target parsing, the matcher finds the map between the two parsings, stage II renders the picture
from features moved along that map.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch

from warpgan import checkpoints, geometry, models, parsing
from warpgan.arguments import whole_number
from warpgan.keypoints import pose_map
from warpgan.labels import NUM_KEYPOINTS

SHIPPED_FOLDER = Path(__file__).parent / "weights"


@dataclass
class Transfer:
    """What the networks answer for one person and one pose (or a batch, with a leading `B`).

    Attributes:
        image: `[3, H, W]` in [-1, 1].
        parsing: `[H, W]` labels drawn by stage I.
        affine: `[2, 3]` and tps: `[K, 2]`, the matcher's maps from output to source.
        grid: `[H, W, 2]`, both composed, at the size of the picture.
        gate: `[1 or C, h, w]` in [0, 1] where the block stands, or None without a warping-block.
    """

    image: torch.Tensor
    parsing: torch.Tensor
    affine: torch.Tensor
    tps: torch.Tensor
    grid: torch.Tensor
    gate: torch.Tensor | None


class PoseTransfer(torch.nn.Module):
    """The trained parser, matcher and generator as one callable.

    Args:
        parser, matcher, generator: as `models.build` makes them.
        size: (height, width) the networks were trained at, or None to accept any.
        human_parser: labels pictures that come without a label map, as `models.HumanParser`; None: the shipped one,
            loaded when it is first needed.
        maps: which maps the matcher finds, as `models.find_maps` has it; "both" but for ablations.
    """

    def __init__(
        self, parser: torch.nn.Module, matcher: torch.nn.Module, generator: torch.nn.Module,
        size: tuple[int, int] | None = None, human_parser: torch.nn.Module | None = None, maps: str = "both",
    ):
        super().__init__()
        self.parser, self.matcher, self.generator, self.size = parser, matcher, generator, size
        self.human_parser, self.maps = human_parser, maps

    @classmethod
    def from_pretrained(cls, name_or_folder: str | Path, device: torch.device | str = "cpu") -> PoseTransfer:
        """Load shipped weights by name (`"rendered"`) or the three networks of a run folder.

        Args:
            name_or_folder: of shipped weights, or of a run.
            device: where the networks go.

        Raises:
            FileNotFoundError: neither shipped weights nor a folder with the three checkpoints.
            ValueError: a checkpoint is damaged or of another format.
        """
        networks = {name: load_network(name, name_or_folder) for name in ("parser", "matcher", "generator")}
        trained = checkpoints.load(find(name_or_folder) / "gan", "gan").config
        return cls(**networks, size=trained.size, maps=trained.maps).to(device).eval()

    def __call__(
        self,
        condition_image: torch.Tensor,
        condition_parsing: torch.Tensor | None,
        target_keypoints: torch.Tensor,
        condition_keypoints: torch.Tensor | None = None,
    ) -> Transfer:
        """Put one person into one pose.

        Args:
            condition_image: `[3, H, W]` in [-1, 1].
            condition_parsing: `[H, W]` labels 0..19; None: those that the human parser finds in the picture.
            target_keypoints: `[18, 3]`, x and y in pixels of the output and presence.
            condition_keypoints: the same of the condition; only a compared system that moves body parts looks at it.

        Returns:
            The picture and everything on the way to it.

        Raises:
            ValueError: an argument of another shape, values out of range, or a pose without any joint.
        """
        _check(condition_image, condition_parsing, target_keypoints, self.size)
        answer = self.sequence(condition_image, condition_parsing, target_keypoints[None], condition_keypoints)
        return Transfer(*(None if value is None else value[0] for value in vars(answer).values()))

    def sequence(
        self,
        condition_image: torch.Tensor,
        condition_parsing: torch.Tensor | None,
        keypoints: torch.Tensor,
        condition_keypoints: torch.Tensor | None = None,
        *,
        chunk: int = 8,
    ) -> Transfer:
        """Put one person into the poses of a sequence, each for itself: what one frame shows, no other one knows.

        Args:
            condition_image, condition_parsing: as for one pose.
            keypoints: `[F, 18, 3]`, at least one pose.
            condition_keypoints: as for one pose.
            chunk: poses that go through the networks at once; it changes speed and memory, and results by rounding.

        Returns:
            The pictures and everything on the way to them, with a leading `F`.

        Raises:
            ValueError: as for one pose, saying in which frame; no frame, or a chunk of none.
        """
        _check_condition(condition_image, condition_parsing, self.size)
        if keypoints.ndim != 3 or not len(keypoints):
            raise ValueError(f"keypoints has shape {tuple(keypoints.shape)}; expected [F, 18, 3], at least one frame")
        for frame, pose in enumerate(keypoints):
            _check_pose(pose, f"keypoints[{frame}]")
        chunk = whole_number("chunk", chunk, 1)
        device = next(self.generator.parameters()).device
        if condition_parsing is None:
            condition_parsing = self.find_parsing(condition_image)
        image = condition_image[None].to(device)
        onehot = parsing.one_hot(condition_parsing[None].to(device))
        joints = None if condition_keypoints is None else condition_keypoints[None].to(device)
        parts = []
        for poses in keypoints.to(device).split(chunk):
            here = (len(poses), -1, -1, -1)
            maps = pose_map(poses, image.shape[-2:])
            known = None if joints is None else joints.expand(here[:3])
            parts.append(vars(self.batch(image.expand(here), onehot.expand(here), maps, condition_keypoints=known)))
        return Transfer(**{name: None if value is None else torch.cat([part[name] for part in parts])
                           for name, value in parts[0].items()})

    def find_parsing(self, image: torch.Tensor) -> torch.Tensor:
        """Label a picture `[3, H, W]` in [-1, 1] with the human parser; returns `[H, W]` labels 0..19."""
        if self.human_parser is None:
            self.human_parser = load_human_parser().to(next(self.generator.parameters()).device)
        return models.human_parser.label_photo(image, self.human_parser)

    @torch.no_grad()
    def batch(
        self,
        condition_image: torch.Tensor,
        condition_onehot: torch.Tensor,
        pose_map: torch.Tensor,
        target_onehot: torch.Tensor | None = None,
        condition_keypoints: torch.Tensor | None = None,
    ) -> Transfer:
        """The same for a batch, from maps that are already made.

        Args:
            condition_image: `[B, 3, H, W]`; condition_onehot: `[B, 20, H, W]`; pose_map: `[B, 18, H, W]`.
            target_onehot: `[B, 20, H, W]` to use instead of what stage I draws.
            condition_keypoints: `[B, 18, 3]` or None, see `models.painting.ask`.
        """
        target_onehot, affine, tps = self.prepare(condition_image, condition_onehot, pose_map, target_onehot)
        maps = (condition_image, condition_onehot, target_onehot, pose_map, affine, tps)
        image, gate = models.painting.ask(self.generator, *maps, condition_keypoints=condition_keypoints)
        grid = geometry.warp_grid(affine, tps, image.shape[-2:])
        return Transfer(image, target_onehot.argmax(dim=1), affine, tps, grid, gate)

    @torch.no_grad()
    def prepare(
        self, condition_image: torch.Tensor, condition_onehot: torch.Tensor, pose_map: torch.Tensor,
        target_onehot: torch.Tensor | None = None,
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return what stage II is given: target parsing `[B, 20, H, W]` and both maps; arguments as for `batch`."""
        if target_onehot is None:
            answer = models.parser.ask(self.parser, condition_onehot, pose_map, condition_image)
            target_onehot = parsing.one_hot(answer.argmax(dim=1))
        return target_onehot, *models.find_maps(self.matcher, condition_onehot, target_onehot, self.maps)


def find(name_or_folder: str | Path) -> Path:
    """The folder of shipped weights of that name, or the run folder itself.

    Raises:
        FileNotFoundError: there is neither.
    """
    if (SHIPPED_FOLDER / str(name_or_folder)).is_dir():
        return SHIPPED_FOLDER / str(name_or_folder)
    if Path(name_or_folder).is_dir():
        return Path(name_or_folder)
    names = sorted(path.name for path in SHIPPED_FOLDER.iterdir() if path.is_dir()) if SHIPPED_FOLDER.is_dir() else []
    raise FileNotFoundError(
        f"{name_or_folder}: neither a run folder nor shipped weights; shipped are: {', '.join(names) or 'none'}"
    )


def load_network(name: str, name_or_folder: str | Path) -> torch.nn.Module:
    """Build a trained `parser`, `matcher` or `generator` from a run folder or shipped weights, ready to use.

    Args:
        name: `parser`, `matcher` or `generator`.
        name_or_folder: of shipped weights, or of a run.

    Raises:
        FileNotFoundError: that stage has not been trained there.
        ValueError: the checkpoint is damaged or of another configuration than it says.
    """
    stage = {network: stage for stage, network in checkpoints.SHIPPED.items()}[name]
    checkpoint = checkpoints.load(find(name_or_folder) / stage, stage)
    return checkpoint.load_into(name, models.build(checkpoint.config)[name]).eval()


def load_human_parser(name_or_folder: str | Path = "human_parser") -> models.HumanParser:
    """Build a trained human parser from shipped weights (for rendered people) or a run folder, ready to use.

    Raises:
        FileNotFoundError: none has been trained there.
        ValueError: the checkpoint is damaged or of another stage.
    """
    ((stage, name),) = checkpoints.ALONE.items()
    checkpoint = checkpoints.load(find(name_or_folder) / stage, stage)
    return checkpoint.load_into(name, models.build_human_parser(checkpoint.config)).eval()


def _check(image, labels, pose, size) -> None:
    _check_condition(image, labels, size)
    _check_pose(pose, "target_keypoints")


def _check_condition(image, labels, size) -> None:
    if image.ndim != 3 or image.shape[0] != 3:
        raise ValueError(f"condition_image has shape {tuple(image.shape)}; expected [3, H, W]")
    if size is not None and tuple(image.shape[-2:]) != tuple(size):
        raise ValueError(
            f"condition_image is {image.shape[1]}x{image.shape[2]} (height x width); these weights were trained at "
            f"{size[0]}x{size[1]}, resize the picture, its parsing and the pose"
        )
    if image.min() < -1.001 or image.max() > 1.001:
        raise ValueError(
            f"condition_image goes from {image.min():.3g} to {image.max():.3g}; expected [-1, 1]"
        )
    if labels is not None and labels.shape != image.shape[-2:]:
        raise ValueError(
            f"condition_parsing has shape {tuple(labels.shape)}; expected the picture's {tuple(image.shape[-2:])}"
        )


def _check_pose(pose, name) -> None:
    if pose.shape != (NUM_KEYPOINTS, 3):
        raise ValueError(f"{name} has shape {tuple(pose.shape)}; expected [18, 3] (x, y, present)")
    if not (pose[:, 2] > 0).any():
        raise ValueError(f"{name} has no joint present; there is no pose to put the person into")
