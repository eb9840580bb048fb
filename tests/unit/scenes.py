"""Pairs of painted boxes with known parsing, pose and correspondence, and small networks: enough for the loops."""

import torch
from torch.utils.data import Dataset

from warpgan import config, models
from warpgan.labels import COAT, FACE, NUM_KEYPOINTS, PANTS, UPPER_CLOTHES
from warpgan.parsing import IGNORE
from warpgan.transfer import PoseTransfer


def untrained(**changes) -> PoseTransfer:
    """Small networks for `Boxes`, always with the same weights; fields of the configuration may be changed."""
    torch.manual_seed(0)
    settings = config.preset(
        "quick", height=64, width=32, parser_width=4, parser_blocks=1, matcher_width=8, generator_width=4,
        generator_blocks=1, **changes,
    )
    networks = models.build(settings)
    return PoseTransfer(*(networks[name] for name in ("parser", "matcher", "generator")), maps=settings.maps).eval()


class Boxes(Dataset):
    """A face, a shirt and trousers side-stepping by a few pixels, in colours of the person's own."""

    def __init__(self, length: int = 12, size: tuple[int, int] = (64, 32), seed: int = 0):
        self.length, self.size, self.seed = length, size, seed

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> dict:
        generator = torch.Generator().manual_seed(1000 * self.seed + index)
        colour = torch.rand(3, generator=generator) * 2 - 1
        here, there = torch.randint(2, self.size[1] // 2, (2,), generator=generator).tolist()
        rows, columns = torch.meshgrid(*(torch.arange(side) for side in self.size), indexing="ij")
        pair = {"name": f"box-{index // 2}_{index % 2}-1"}
        for which, left in (("condition", here), ("target", there)):
            parsing, keypoints = self._person(left)
            image = torch.full((3, *self.size), 0.8)
            image[:, parsing == UPPER_CLOTHES] = colour[:, None]
            image[:, parsing == PANTS] = -colour[:, None]
            image[:, parsing == FACE] = 0.1
            pair |= {f"{which}_image": image, f"{which}_parsing": parsing, f"{which}_keypoints": keypoints}
        pair["correspondence"] = torch.stack([columns + here - there, rows], dim=-1).float()  # [H, W, 2]
        pair["correspondence_valid"] = pair["target_parsing"] > 0
        return pair

    def _person(self, left: int) -> tuple[torch.Tensor, torch.Tensor]:
        height, width = self.size
        parsing = torch.zeros(self.size, dtype=torch.int64)
        across = slice(left, left + width // 3)
        parsing[height // 16 : height // 4, across] = FACE
        parsing[height // 4 : height // 2, across] = UPPER_CLOTHES
        parsing[height // 2 : height - height // 16, across] = PANTS
        keypoints = torch.ones(NUM_KEYPOINTS, 3)
        keypoints[:, 0] = left + width / 6
        keypoints[:, 1] = torch.linspace(height / 8, height - height / 8, NUM_KEYPOINTS)
        return parsing, keypoints


class Squares(Dataset):
    """A red square (pants) or a blue one (coat) somewhere on grey; the lowest row does not count."""

    def __init__(self, count=8):
        self.count = count

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        image, target = torch.zeros(3, 32, 32), torch.zeros(32, 32, dtype=torch.int64)
        top, left, label = index % 3 * 6, index % 4 * 5, (PANTS, COAT)[index % 2]
        colour = torch.tensor(((1.0, -1, -1), (-1, -1, 1.0))[index % 2])
        image[:, top : top + 14, left : left + 14] = colour[:, None, None]
        target[top : top + 14, left : left + 14] = label
        target[-1] = IGNORE
        return {"image": image, "parsing": target, "name": f"square-{index}"}
