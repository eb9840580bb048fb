"""Small data folders in the layouts that circulate, with pictures in which every joint can be found again.

A person is drawn as 18 dots; the pixels of joint j are painted `COLOURS[j]` and labelled `1 + j`, so whoever reads a
tree can see whether picture, label map and keypoints still lie over each other.
"""

import json
from pathlib import Path

import numpy as np
from PIL import Image

from warpgan.labels import KEYPOINT_COLOURS, LABEL_COLOURS

COLOURS = np.array(KEYPOINT_COLOURS, np.uint8)
# A standing person in the shop's square of 256x256, (x, y), arms wide enough to tell the square from its middle.
JOINTS = np.array([
    (128, 30), (128, 60), (104, 62), (80, 90), (62, 118), (152, 62), (178, 92), (196, 120), (112, 130), (108, 178),
    (104, 226), (144, 130), (148, 178), (152, 226), (122, 22), (134, 22), (114, 24), (142, 24),
])


def place(shift=0, missing=()):
    """Joints [18, 3] of a person moved to the side, some of them missing."""
    joints = np.concatenate((JOINTS + np.array((shift, 0)), np.ones((18, 1), int)), axis=1)
    joints[list(missing)] = 0
    return joints


def scaled(joints, factor, left=0):
    """The joints in another frame: `left` pixels cut off, then scaled."""
    there = joints[:, 2:] > 0
    return np.where(there, np.concatenate(((joints[:, :2] - (left, 0) + 0.5) * factor - 0.5, joints[:, 2:]), 1), 0)


def draw(joints, size):
    """(picture [H, W, 3], label map [H, W]) of a person; dots have a radius of 1/64 of the height."""
    rows, columns = np.mgrid[:size[0], :size[1]]
    picture, labels = np.full((*size, 3), 90, np.uint8), np.zeros(size, np.uint8)
    for joint, (x, y, there) in enumerate(joints):
        dot = (rows - y) ** 2 + (columns - x) ** 2 <= (size[0] / 64) ** 2
        if there:
            picture[dot], labels[dot] = COLOURS[joint], 1 + joint
    return picture, labels


def save(path: Path, pixels):
    """Write a picture; JPEG at the quality and colours that keep dots apart."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **({"quality": 98, "subsampling": 0} if path.suffix == ".jpg" else {}))


def save_labels(path: Path, labels, kind="index"):
    """Write a label map as an index, palette or colour PNG."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind == "colour":
        Image.fromarray(np.array(LABEL_COLOURS, np.uint8)[labels]).save(path)
        return
    picture = Image.fromarray(labels)
    if kind == "palette":
        picture.putpalette([channel for colour in LABEL_COLOURS for channel in colour])
    picture.save(path)


def annotation(path: Path, rows):
    """Write an annotation file from name -> joints."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = ["name:keypoints_y:keypoints_x"]
    for name, joints in rows.items():
        whole = np.where(joints[:, 2:] > 0, joints[:, :2], -1).astype(int)
        lines.append(f"{name}: {whole[:, 1].tolist()}: {whole[:, 0].tolist()}")
    path.write_text("\n".join(lines) + "\n")


def pair_list(path: Path, pairs):
    """Write a list of pairs."""
    path.write_text("from,to\n" + "".join(f"{one},{other}\n" for one, other in pairs))


def openpose(path: Path, people, field="pose_keypoints_2d"):
    """Write an OpenPose result, BODY_25 under the new field's name and BODY_18 under the old one's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    found = []
    for joints in people:
        if field == "pose_keypoints_2d":
            hips = (joints[8] + joints[11]) / 2
            joints = np.concatenate((joints[:8], hips[None], joints[8:], np.zeros((6, 3))))
        found.append({field: [float(number) for number in joints.ravel()]})
    path.write_text(json.dumps({"version": 1.2, "people": found}))


# Three views of one garment and two of another.
SHOP = [
    *(("WOMEN", "Blouses_Shirts", "00000001", "01", view) for view in ("1_front", "3_back", "7_additional")),
    *(("MEN", "Denim", "00000080", "02", view) for view in ("2_side", "4_full")),
]


def shop_path(parts):
    """As in the shop's tree."""
    return "{}/{}/id_{}/{}_{}.jpg".format(*parts)


def patn_name(parts, prefix="fashion"):
    """As PATN renames them."""
    gender, category, item, garment, view = parts
    return f"{prefix}{gender}{category}id{item}{garment}_{view.replace('_', '')}.jpg"


def pose_gan_name(parts):
    """As pose-gan does."""
    return patn_name((parts[0], parts[1].replace("_", ""), *parts[2:]), "fasion")


PEOPLE = {parts: place(shift) for parts, shift in zip(SHOP, (0, -4, 3, -2, 6))}
PAIRS = [(SHOP[0], SHOP[1]), (SHOP[1], SHOP[0]), (SHOP[3], SHOP[4])]
LIKE = {"shop": shop_path, "patn": patn_name, "pose-gan": pose_gan_name, "fasion": lambda p: patn_name(p, "fasion"),
        "tree": lambda parts: "img/" + shop_path(parts)}


def shop_tree(root, *, names="shop", folder="img", pictures=(256, 256), frame=(256, 256), lists="pose-gan",
              prefix="fasion", labels="index", split="test", pairs=PAIRS):
    """Build a data folder of DeepFashion: names of the files, size of the pictures, frame and spelling of the lists."""
    for parts, joints in PEOPLE.items():
        left = 40 if pictures[0] != pictures[1] else 0
        drawn, parsing = draw(scaled(joints, pictures[0] / 256, left), pictures)
        name = LIKE[names](parts)
        save(root / folder / name, drawn)
        save_labels(root / "img_parsing_all" / name.replace(".jpg", ".png"), parsing, labels)
    rows = {LIKE[lists](parts): scaled(joints, 1, 256 - frame[1] and 40) for parts, joints in PEOPLE.items()}
    annotation(root / f"{prefix}-annotation-{split}.csv", rows)
    if pairs:
        pair_list(root / f"{prefix}-pairs-{split}.csv", [[LIKE[lists](one) for one in pair] for pair in pairs])
    return root


def dots_lie_where_they_are_said_to(item, joints_there=None):
    """Check that every joint of an item is painted and labelled as this joint."""
    for role in ("condition", "target") if "condition_image" in item else ("",):
        image, parsing, keypoints = (item[f"{role}_{word}".strip("_")] for word in ("image", "parsing", "keypoints"))
        assert keypoints[:, 2].sum() >= 10
        if joints_there is not None:
            assert keypoints[:, 2].int().tolist() == joints_there
        for joint, (x, y, there) in enumerate(keypoints.tolist()):
            if there:
                row, column = round(y), round(x)
                assert int(parsing[row, column]) == 1 + joint
                painted = (image[:, row, column].numpy() + 1) * 127.5
                assert np.abs(painted - COLOURS[joint]).max() < 40
