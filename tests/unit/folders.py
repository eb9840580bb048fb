"""Small data folders of every layout, written for the tests that check them."""

import json

import numpy as np
from PIL import Image

from warpgan.labels import NUM_KEYPOINTS

HEADER = "name:keypoints_y:keypoints_x"
# Row 1 of the Market-1501 sample.
Y = [-1, 26, 27, 48, 64, 25, 46, 60, 66, 91, 118, 65, 88, 111, -1, -1, 12, 11]
X = [-1, 33, 49, 53, 50, 17, 9, 10, 38, 33, 28, 19, 18, 19, -1, -1, 42, 29]
NOBODY = [-1] * NUM_KEYPOINTS
HALF = [value if joint not in (2, 8) else -1 for joint, value in enumerate(Y)]
HALF_X = [value if joint not in (2, 8) else -1 for joint, value in enumerate(X)]
ITEMS = ("WOMEN/Blouses_Shirts/id_00003372/03_3_back", "WOMEN/Blouses_Shirts/id_00003372/03_1_front",
         "MEN/Tees_Tanks/id_00000017/01_4_full")
RENAMED = ("fashionWOMENBlouses_Shirtsid0000337203_3back", "fashionWOMENBlouses_Shirtsid0000337203_1front",
           "fashionMENTees_Tanksid0000001701_4full")
MARKET = ("0011_c6s4_002502_01", "0011_c6s4_002527_01", "-1_c1s1_000001_00")


def picture(path, size=(128, 64), mode="RGB"):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size[::-1], 120 if mode == "L" else (120, 90, 60)).save(path)


def labels(path, size=(128, 64), value=5):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full(size, value, np.uint8)).save(path)


def annotation(path, *rows):
    lines = [HEADER, *(f"{name}: {json.dumps(y)}: {json.dumps(x)}" for name, y, x in rows)]
    path.write_text("\n".join(lines) + "\n")


def lines(path, *rows):
    path.write_text("\n".join(rows) + "\n")


def openpose(path, people=1, key="pose_keypoints_2d"):
    path.parent.mkdir(parents=True, exist_ok=True)
    joints = [number for x, y in zip(X, Y) for number in ((0, 0, 0) if x < 0 else (x, y, 0.9))]
    path.write_text(json.dumps({"people": [{key: joints}] * people}))


def in_shop(root):
    for folder, size in (("img", (256, 256)), ("img_highres", (700, 500))):
        for item in ITEMS:
            picture(root / folder / f"{item}.jpg", size)
    names = (name.replace("fashion", "fasion") + ".jpg" for name in RENAMED)
    annotation(root / "fasion-annotation-test.csv", *((name, Y, X) for name in names))


def renamed(root, names=RENAMED, prefix="fasion-resize", size=(256, 176)):
    for name in names:
        picture(root / "test" / f"{name}.jpg", size)
        labels(root / "test_parsing" / f"{name}.png", size)
    annotation(root / f"{prefix}-annotation-test.csv", *((f"{name}.jpg", Y, X) for name in names))
    names = [f"{name}.jpg" for name in names]
    lines(root / f"{prefix}-pairs-test.csv", "from,to", ",".join(names[:2]), ",".join(names[1::-1]))
    lines(root / "test.lst", *names)


def patn_market(root):
    renamed(root, MARKET, "market", (128, 64))


def market(root):
    for name in MARKET:
        picture(root / "bounding_box_train" / f"{name}.jpg")
        picture(root / "query" / f"{name}.jpg")
    annotation(root / "market-annotation-train.csv", *((f"{name}.jpg", Y, X) for name in MARKET))


def lip(root):
    for split in ("train", "val"):
        for stem in ("1_1", "1_2"):
            picture(root / f"{split}_images" / f"{stem}.jpg", (40, 30))
            labels(root / f"{split}_segmentations" / f"{stem}.png", (40, 30), value=255)
        lines(root / f"{split}_id.txt", "1_1", "1_2")


def cihp(root):
    for folder in ("Training", "Validation"):
        picture(root / folder / "Images" / "0000001.jpg", (40, 30))
        labels(root / folder / "Category_ids" / "0000001.png", (40, 30))


def rendered(root):
    renamed(root, ("test-00000-00", "test-00000-01"))
    (root / "test.json").write_text(json.dumps({"version": 1, "style": "plain", "seed": 0}))


def photos(root):
    picture(root / "me.jpg", (200, 100))
    openpose(root / "me_keypoints.json")


LAYOUTS = {"deepfashion": in_shop, "deepfashion-renamed": renamed, "market1501": market,
           "market1501-lists": patn_market, "lip": lip, "cihp": cihp, "rendered": rendered,
           "photos": photos}
