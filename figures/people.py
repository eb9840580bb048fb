"""The rendered people measured against their limits, their data card and their gallery: no number is typed by hand.

`python -m figures.people` renders people of the test split and measures what `truths.py` defines. It writes
`figures/people.json` after every part, so that an interrupted measurement goes on where it stopped (`--parts`), then
`warpgan/people/README.md`, and with `--gallery` also `figures/people.png`.
"""

import argparse
import sys
from collections import Counter
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from figures import people_card, people_sheet, truths
from warpgan import labels
from warpgan.files import read_json, write_json
from warpgan.people.shards import VERSION, person_seed

ROOT = Path(__file__).resolve().parents[1]
SPLIT, SEED, POSES = "test", 0, 2
SIZES = {"plain": (128, 64), "deepfashion": (256, 176), "market": (128, 64)}
CORRESPONDENCE = {(256, 256): 0.02, (128, 64): 0.04}  # size -> largest mean absolute error, share of the range
FITTING = 0.99  # least share of visible joints on the body, and on labels that fit
SHOWN, SELDOM_SHOWN = 0.01, 0.005  # least share of people that show a label
SELDOM = (labels.SUNGLASSES, labels.GLOVE, labels.SCARF)
MEASURED = ("correspondence", "pictures", "draws")
KEPT = 20  # numbers of people that are noted where something is wrong


def correspondence(pairs, *, progress=True):
    """Error of colours moved along the correspondence, for each size of `CORRESPONDENCE` and each style.

    Args:
        pairs: how many ordered pairs of pictures; two of each person. progress: show bars.

    Returns:
        list of dicts for `people.json`.
    """
    found = []
    for style, own in SIZES.items():
        for size, limit in CORRESPONDENCE.items():
            if style != "plain" and size not in (own, (256, 256)):
                continue
            rows = []
            for number in _numbers(-(-pairs // 2), f"correspondence, {style} {size[0]}x{size[1]}", progress):
                made = truths.person(number, 2, size, style=style, split=SPLIT, seed=SEED, extras=("unlit",))
                rows += [truths.pair_error(made, 0, 1), truths.pair_error(made, 1, 0)]
            total, pixels, seen = np.array(rows[:pairs]).T
            each = total[pixels > 0] / pixels[pixels > 0]
            found.append({**_facts(style, size), "pairs": len(total), "pixels": int(pixels.sum()),
                          "value": round(float(total.sum() / max(pixels.sum(), 1)), 5), "limit": limit,
                          "mean of pairs": round(float(each.mean()), 5), "worst pair": round(float(each.max()), 4),
                          "seen in both": round(float(seen.mean()), 4)})
    return found


def pictures(people, style, *, progress=True):
    """Joints, bare trunks, labels and views of people, each in `POSES` poses.

    Args:
        people: how many. style: of the pictures; bare trunks are looked for in "plain" ones, which show whole people.
            progress: show a bar.

    Returns:
        dict for `people.json`.
    """
    size = SIZES[style]
    counts, misfits, views = np.zeros((18, 3), int), Counter(), Counter()
    shown, bare, bare_people = np.zeros(labels.NUM_LABELS, int), 0, []
    for number in _numbers(people, f"truths, {style} {size[0]}x{size[1]}", progress):
        made = truths.person(number, POSES, size, style=style, split=SPLIT, seed=SEED)
        more, wrong = truths.joints(made)
        counts += more
        misfits.update(f"{joint} on {label}" for joint, label in wrong)
        shown += truths.shown(made)
        views.update(made["views"])
        if style == "plain":
            pixels = truths.bare_pixels(number, made, split=SPLIT, seed=SEED)
            bare += pixels
            bare_people += [number] * (pixels > 0)
    limbs = counts[list(truths.LIMBS)].sum(0)
    facts = {**_facts(style, size), "people": people, "poses": POSES}
    result = {"joints": {
        **facts, "visible": int(counts[:, 0].sum()), "visible limb joints": int(limbs[0]), "limit": FITTING,
        "on the body": _share(counts[:, 1].sum(), counts[:, 0].sum()), "fitting": _share(limbs[2], limbs[0]),
        "by joint": {name: {"visible": int(row[0]), "on the body": _share(row[1], row[0]),
                            "fitting": _share(row[2], row[0])} for name, row in zip(labels.KEYPOINTS, counts)},
        "misfits": dict(misfits.most_common(KEPT)),
    }}
    if style != "plain":
        return result
    limits = {name: SELDOM_SHOWN if label in SELDOM else SHOWN for label, name in enumerate(labels.LABELS)}
    return {
        **result,
        "bare trunk": {**facts, "value": bare, "limit": 0, "people with it": len(bare_people),
                       "numbers": bare_people[:KEPT]},
        "labels": {**facts, "shares": {name: _share(n, people) for name, n in zip(labels.LABELS, shown)},
                   "limits": limits},
        "views": {**facts, "shares": {name: _share(n, people * POSES) for name, n in sorted(views.items())}},
    }


def draws(people, *, progress=True):
    """Who the people are and what they wear, as drawn before any picture is made.

    Args:
        people: how many. progress: show a bar.

    Returns:
        dict for `people.json`: shares of women and men, quartiles of the phenotype, hair and garments of each.
    """
    from warpgan.people.wardrobe import random_person

    phenotypes, women, worn, hair = [], [], [], []
    for number in _numbers(people, "draws", progress):
        seed = person_seed(SEED, SPLIT, number)
        first = np.random.SeedSequence(seed.entropy, spawn_key=(*seed.spawn_key, 0))  # of `render_person`'s streams
        one = random_person(np.random.default_rng(first))
        phenotypes.append(one.phenotype)
        women.append(one.phenotype["gender"] > 0.5)
        worn.append({labels.LABELS[garment.label] for garment in one.garments} - {"left-shoe", "right-shoe", "hair"})
        surfaces = [part for garment in one.garments if garment.label == labels.HAIR for part in garment.surfaces]
        flowing = any(not isinstance(part, tuple) for part in surfaces)
        hair.append("long or tied" if flowing else "short" if surfaces else "bald")
    women = np.array(women)
    by = {"women": women, "men": ~women}
    quartiles = {name: np.quantile([one[name] for one in phenotypes], (0, 0.25, 0.5, 0.75, 1)).round(3).tolist()
                 for name in phenotypes[0]}
    return {
        "split": SPLIT, "seed": SEED, "people": people, "women": _share(women.sum(), people), "phenotype": quartiles,
        "garments": {name: {who: _share(sum(name in one for one, is_in in zip(worn, mask) if is_in), mask.sum())
                            for who, mask in by.items()} for name in sorted(set().union(*worn))},
        "hair": {name: {who: _share(sum(one == name for one, is_in in zip(hair, mask) if is_in), mask.sum())
                        for who, mask in by.items()} for name in sorted(set(hair))},
    }


def verdicts(found):
    """Every limit of `people.json` with what was measured.

    Returns:
        list of (what, value, limit, reached).
    """
    rows = []
    for row in found["correspondence"]:
        what = f"moved unlit colours, mean absolute error, {row['style']} {row['size'][0]}x{row['size'][1]}"
        rows.append((what, row["value"], row["limit"], row["value"] <= row["limit"]))
    for row in found["joints"]:
        for name in ("on the body", "fitting"):
            what = f"visible joints {name if name != 'fitting' else 'on fitting labels'}, {row['style']}"
            least = 1.0 if name == "on the body" else row["limit"]
            rows.append((what, row[name], least, row[name] >= least))
    bare = found["bare trunk"]
    rows.append(("torso-skin pixels where clothes belong", bare["value"], 0, bare["value"] == 0))
    for name, share in found["labels"]["shares"].items():
        limit = found["labels"]["limits"][name]
        rows.append((f"people who show {name}", share, limit, share >= limit))
    return rows


def main(arguments=None):
    """Measure and write from the command line; the exit code is 1 if something was wrong, or the work was stopped."""
    parser = argparse.ArgumentParser(prog="python -m figures.people", description=__doc__.split("\n")[0])
    parser.add_argument("--people", type=int, default=2000, help="people whose joints, labels and trunks are looked at")
    parser.add_argument("--pairs", type=int, default=200, help="pairs whose colours are moved")
    parser.add_argument("--parts", nargs="*", choices=MEASURED, default=MEASURED, help="measure only these")
    parser.add_argument("--gallery", action="store_true", help="draw figures/people.png too")
    parser.add_argument("--root", type=Path, default=ROOT, help="folder of figures/ and warpgan/")
    options = parser.parse_args(arguments)
    if min(options.people, options.pairs) < 2:
        parser.error(f"--people and --pairs must be at least 2, found {min(options.people, options.pairs)}")
    path = options.root / "figures" / "people.json"
    try:
        found = read_json(path, expect=dict) if path.is_file() else {}
        if found.get("version") != VERSION:  # numbers of other pictures
            found = {"version": VERSION}
        if "correspondence" in options.parts:
            found["correspondence"] = correspondence(options.pairs)
            write_json(path, found)
        if "pictures" in options.parts:
            plain, *others = (pictures(options.people if style == "plain" else max(options.people // 10, 2), style)
                              for style in SIZES)
            found |= {**plain, "joints": [plain["joints"], *(one["joints"] for one in others)]}
            write_json(path, found)
        if "draws" in options.parts:
            found["draws"] = draws(options.people)
            write_json(path, found)
        if options.gallery:
            people_sheet.draw(options.root / "figures" / "people.png")
        missing = people_card.missing(found)
        if missing:
            print(f"not measured yet: {', '.join(missing)}; the card is left as it is")
            return 0
        people_card.write(options.root / "warpgan" / "people" / "README.md", found)
    except (ValueError, FileNotFoundError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; the parts that were measured whole are kept", file=sys.stderr)
        return 1
    for what, value, limit, reached in verdicts(found):
        print(f"{'reached' if reached else 'MISSED '}  {value:<8.5g} limit {limit:<6.3g} {what}")
    return 0


def _numbers(count, what, progress):
    return tqdm(range(count), desc=what, unit="person", disable=not progress)


def _facts(style, size):
    return {"split": SPLIT, "seed": SEED, "style": style, "size": list(size)}


def _share(part, whole):
    return round(float(part) / max(int(whole), 1), 5)


if __name__ == "__main__":
    sys.exit(main())
