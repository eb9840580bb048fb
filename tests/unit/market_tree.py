"""A small folder like Market-1501's, for the tests that read one."""

from real_trees import annotation, draw, place, save, save_labels, scaled

NAMES = ["0002_c1s1_000451_03.jpg", "0002_c2s1_000301_01.jpg", "0007_c3s3_077419_03.jpg", "0000_c1s1_000151_01.jpg",
         "-1_c1s1_000401_03.jpg"]


def tree(root, folder, split="train"):
    """Write the pictures, label maps and joints of a split."""
    rows = {}
    for number, name in enumerate(NAMES):
        joints = scaled(place(number, (4, 7)), 0.5, 64)  # wrists lie outside
        picture, parsing = draw(joints, (128, 64))
        save(root / folder / name, picture)
        save_labels(root / f"{split}_parsing" / name.replace(".jpg", ".png"), parsing)
        rows[name] = joints
    annotation(root / f"market-annotation-{split}.csv", rows)
    return root


def market(root):
    """Write both splits, for trainings on photos."""
    for split in ("train", "test"):
        tree(root, split, split)
    return root
