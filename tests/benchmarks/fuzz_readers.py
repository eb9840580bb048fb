"""Damage files in thousands of ways and see what the readers and `data.check` make of them; run it with `python`.

`python tests/benchmarks/fuzz_readers.py --files 20000` prints each find with its number (`--only NUMBER` repeats it)
and one line at the end; the exit status is 1 if there is a find. A find is an error that does not name the file or is
not one sentence, damage accepted in silence, a file that takes two seconds of work or hangs, or more than 1 GB of
memory. Real samples are damaged too where WARPGAN_REALDATA names them. The tests run 2,000 files.
"""

import argparse
import json
import math
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1] / "unit")]

import folders  # noqa: E402
import mutations as damage  # noqa: E402

from warpgan.data import check  # noqa: E402
from warpgan.data.pairs import read_pairs  # noqa: E402
from warpgan.data.pictures import open_picture  # noqa: E402
from warpgan.keypoint_files import read_annotation_csv, read_openpose_json  # noqa: E402
from warpgan.keypoint_sets import read_keypoints  # noqa: E402
from warpgan.parsing import read_parsing  # noqa: E402

SECONDS, MEGABYTES = 2.0, 1000
PLACES = ("folder", "dangling", "circle", "pipe", "gone")  # what may stand in place of a file


def read_text(kind: str, path: Path):
    """What the reader of a kind makes of a file, as plain values."""
    if kind == "annotation":
        return {name: joints.tolist() for name, joints in read_annotation_csv(path, upright=False).items()}
    if kind == "pairs":
        return read_pairs(path)
    if kind == "coco":
        return read_keypoints(path).kind
    if kind == "photo":
        return open_picture(path).mode
    return read_openpose_json(path).tolist()


def judge_openpose(data: bytes):
    """Joints of the first person by the format's rules, or None."""
    def once(fields):
        assert len(dict(fields)) == len(fields)
        return dict(fields)

    try:
        person = json.loads(data.decode("utf-8-sig"), object_pairs_hook=once)["people"][0]
        numbers = person.get("pose_keypoints_2d") or person.get("pose_keypoints")
        assert {type(one) for one in numbers} <= {int, float} and all(abs(one) <= 1e5 for one in numbers)
        assert all(map(math.isfinite, numbers)) and isinstance(numbers, list) and min(numbers[2::3]) >= 0
        joints = [numbers[at : at + 3] for at in range(0, len(numbers), 3)]
        assert not (person.get("pose_keypoints") and person.get("pose_keypoints_2d"))
        joints = {18: joints, 25: [joint for at, joint in enumerate(joints) if at != 8][:18]}[len(numbers) / 3]
    except (AssertionError, ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        return None
    return [[x, y, 1] if score > 0 else [0, 0, 0] for x, y, score in joints]


JUDGES = {"annotation": damage.judge_annotation, "pairs": damage.judge_pairs, "openpose": judge_openpose,
          # Of these it is only asked that a refusal names the file: a speck in a photo is no fault of a format.
          "coco": lambda data: "coco", "photo": lambda data: "RGB"}
KINDS = {"annotation": ".csv", "pairs": ".csv", "openpose": ".json", "labels": ".png", "coco": ".json", "photo": ".jpg",
         "labels again": ".png", "folder": ""}


def samples(folder: Path) -> dict[str, list[bytes]]:
    """Whole files to damage: small ones written here, and the real ones."""
    folders.patn_market(folder)
    folders.openpose(folder / "new.json", people=2)
    folders.openpose(folder / "old.json", key="pose_keypoints")
    folders.labels(folder / "grey.png", (12, 9))
    labels = folder / "grey.png"
    folders.picture(folder / "photo.jpg")
    folders.picture(folder / "photo.png", mode="L")
    (folder / "coco.json").write_text(json.dumps({
        "images": [{"id": 7, "file_name": "a.jpg", "height": 128, "width": 64}],
        "annotations": [{"image_id": 7, "keypoints": [9, 8, 2] * 17, "iscrowd": 0}],
    }))
    found = {"coco": [folder / "coco.json"], "photo": [folder / "photo.jpg", folder / "photo.png"],
             "annotation": [folder / "market-annotation-test.csv"], "pairs": [folder / "market-pairs-test.csv"],
             "openpose": [folder / "new.json", folder / "old.json"], "labels": [labels]}
    real = os.environ.get("WARPGAN_REALDATA")
    if real:
        found["annotation"] += [Path(real, "market1501/annotation.csv")]
        found["annotation"] += sorted(Path(real, "posegan_csv").glob("*-annotation-*.csv"))
        found["pairs"] += sorted(Path(real, "posegan_csv").glob("*-pairs-*.csv"))
        found["openpose"] += sorted(Path(real, "openpose_json").glob("*.json"))
        found["photo"] += [Path(real, "coco/000000000785.jpg"), *sorted(Path(real, "patn").glob("*.jpg"))]
        found["labels"] += sorted(Path(real, "cihp/labels").glob("*.png")) + sorted(Path(real).glob("viton/*/*.png"))
    return {kind: [path.read_bytes() for path in paths] for kind, paths in found.items()}


def place(path: Path, what: str) -> None:
    """Put something that is no file where one is expected."""
    if what == "folder":
        path.mkdir()
    elif what == "pipe":
        os.mkfifo(path)
    elif what != "gone":
        path.symlink_to(path.name if what == "circle" else "nothing")


def spoil(kind: str, whole: list[bytes], path: Path, rng) -> bytes | None:
    """Write a damaged file; gives its bytes, None where no file stands there."""
    if rng.random() < 0.04:
        place(path, rng.choice(PLACES))
        return None
    data = rng.choice(whole)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        if kind == "labels" and rng.random() < 0.7:
            try:
                data = damage.png_bytes(damage.CHUNKS[rng.choice(list(damage.CHUNKS))](damage.png_chunks(data), rng))
            except Exception:  # damaged before, so that it cannot be taken apart any more
                data = damage.TEXT["flip"](data, rng)
        else:
            names = ("cut", "headless", "flip", "insert", "empty", "latin")
            names = names if kind in ("labels", "photo") else list(damage.TEXT)
            data = damage.TEXT[rng.choice(names)](data, rng)
    path.write_bytes(data)
    return data


def look(kind: str, path: Path, data: bytes | None) -> tuple[str, str]:
    """Read a damaged file; gives "refused", "accepted" or "find", and what was found."""
    try:
        given = read_parsing(path).numpy() if kind == "labels" else read_text(kind, path)
    except (ValueError, OSError) as error:
        told = str(error)
        good = told.startswith(str(path)) and "\n" not in told and len(told) < 600
        return ("refused", told) if good else ("find", f"{type(error).__name__} without the file's name: {told[:300]}")
    except Exception as error:  # what no reader may raise
        return "find", f"{type(error).__name__}: {str(error)[:300]}"
    if data is None:
        return "find", "accepted what is no file"
    expected = damage.judge_labels(data) if kind == "labels" else JUDGES[kind](data)
    if kind == "labels":
        same = expected is not None and (isinstance(expected, str) or np.array_equal(expected, given))
        same = same and given.min() >= 0 and given.max() < 20
    else:
        same = expected == given or (kind == "openpose" and expected is not None and np.allclose(expected, given))
    return ("accepted", "") if same else ("find", "accepted in silence, or read as something else")


def look_folder(root: Path, rng) -> tuple[str, str]:
    """Damage one file of a small data folder, and check the folder."""
    list(folders.LAYOUTS.values())[rng.randrange(len(folders.LAYOUTS))](root)
    path = rng.choice(sorted(path for path in root.rglob("*") if path.is_file()))
    data = path.read_bytes()
    path.unlink()
    data = spoil("labels" if path.suffix == ".png" else "text", [data], path, rng)
    try:
        report = check(root)
        text = f"{report}{report._repr_html_()}"
    except Exception as error:  # what `check` may never do
        return "find", f"{path.name}: {type(error).__name__}: {str(error)[:300]}"
    kind = next((kind for kind in JUDGES if kind in path.name), "openpose" if "_keypoints" in path.name else None)
    broken = data is not None and kind is not None and JUDGES[kind](data) is None
    told = any(problem.level == "error" and problem.file == report.inside(path) for problem in report.problems)
    if broken and not told and not (kind == "openpose" and '"people": []' in data.decode("latin-1")):
        return "find", f"{path.name}: accepted in silence"
    return "refused" if report.problems else "accepted", text


def memory() -> float:
    """The most megabytes that this process has held, 0 where the system does not tell."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def hung(signal_number, frame):
    """Turn a reader that hangs into a find."""
    raise RuntimeError("hangs")


def main() -> int:
    """Print finds and one line of numbers."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--files", type=int, default=20_000)
    options.add_argument("--only", type=int, help="the number of one file to repeat; it is kept")
    given = options.parse_args()
    signal.signal(signal.SIGALRM, hung)
    counts, slowest = {"refused": 0, "accepted": 0, "find": 0}, (0.0, 0)
    with tempfile.TemporaryDirectory() as name:
        whole = samples(Path(name) / "samples")
        for number in range(given.files) if given.only is None else [given.only]:
            rng = damage.seeded(number)
            kind = list(KINDS)[number % len(KINDS)]
            path = Path(name) / f"damaged{number}{KINDS[kind]}"
            kind = kind.removesuffix(" again")
            before = time.process_time()
            signal.alarm(60)
            if kind == "folder":
                path.mkdir()
                result, told = look_folder(path, rng)
            else:
                data = spoil(kind, whole[kind], path, rng)
                before = time.process_time()
                result, told = look(kind, path, data)
            signal.alarm(0)
            took = time.process_time() - before
            if took > SECONDS:
                result, told = "find", f"took {took:.1f} s; {told[:200]}"
            slowest = max(slowest, (took, number))
            counts[result] += 1
            if result == "find" or given.only is not None:
                print(f"{number} {kind}: {result}: {told}", flush=True)
            if given.only is not None and path.is_file():
                shutil.copy(path, path.name)
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    numbers = {**counts, "slowest": round(slowest[0], 2), "slowest_file": slowest[1], "megabytes": round(memory())}
    print(json.dumps(numbers))
    return int(counts["find"] > 0 or memory() > MEGABYTES)


if __name__ == "__main__":
    sys.exit(main())
