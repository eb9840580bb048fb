"""Two drawings compared as a reader would: the same shapes, words, colours and pictures at the same places.

Not byte for byte. Another release of matplotlib writes the same figure with other bytes and shapes its letters a little
differently, and the networks' answers inside it differ in their last bits from processor to processor.
"""

import base64
import io
import re
import xml.etree.ElementTree as ET

import numpy as np
from PIL import Image

LINK = "{http://www.w3.org/1999/xlink}href"
NUMBER = re.compile(r"-?\d+\.?\d*(?:e-?\d+)?")
APART = 1.2  # points by which places may differ


def elements(text):
    """All elements of an SVG in their order, comments (the words as they were written) among them."""
    parser = ET.XMLParser(target=ET.TreeBuilder(insert_comments=True))
    parts = list(ET.fromstring(text, parser).iter())
    # Which outlines make up a word, and how, depends on the release: there may be a ligature, or two letters. Whatever
    # is defined to be used belongs to words or to dots; where a word stands, and in what size, is said around it.
    skipped = {part for defs in parts if tag(defs) == "defs" for part in defs.iter() if tag(part) != "clipPath"}
    skipped |= {part for part in parts if tag(part) == "use" and "-" in part.get(LINK)}
    return [part for part in parts if part not in skipped]


def tag(part):
    """The name of an element, or "words" for a comment."""
    return part.tag.rpartition("}")[2] if isinstance(part.tag, str) else "words"


def words(text):
    """What is written in an SVG, in its order."""
    return [part.text.strip() for part in elements(text) if tag(part) == "words"]


def differences(one, other):
    """Say in what two SVGs differ, as a list of sentences; it is empty where they show the same."""
    ours, theirs = elements(one), elements(other)
    names = [[tag(part) for part in parts] for parts in (ours, theirs)]
    if words(one) != words(other):
        return [f"the words are {words(one)} and {words(other)}"]
    if names[0] != names[1]:
        return [f"one is made of {len(ours)} elements, the other of {len(theirs)}, or of others"]
    found = []
    for a, b in zip(ours, theirs):
        if tag(a) == "desc" and (a.text or "").split() != (b.text or "").split():
            found.append("the text alternatives differ")
        if set(a.keys()) != set(b.keys()):
            found.append(f"{tag(a)} has {sorted(a.keys())} and {sorted(b.keys())}")
        else:
            found += [told for key in a.attrib if (told := _different(tag(a), key, a.get(key), b.get(key)))]
    return found


def pixels_apart(one, other, side=16):
    """How far two pictures are apart, in levels: mean and largest difference of their squares of `side` pixels.

    Such squares forgive letters that stand a pixel aside. Pictures of two sizes are inf and inf apart.
    """
    if one.size != other.size:
        return np.inf, np.inf
    small = tuple(-(-length // side) for length in one.size)
    a, b = (np.asarray(image.convert("RGB").resize(small, Image.Resampling.BOX), float) for image in (one, other))
    return np.abs(a - b).mean(), np.abs(a - b).max()


def _different(name, key, one, other):
    if key == LINK and one.startswith("data:") and other.startswith("data:"):
        pictures = (Image.open(io.BytesIO(base64.b64decode(value.partition(",")[2]))) for value in (one, other))
        mean, most = pixels_apart(*pictures, side=4)
        return f"an embedded picture is {mean:.1f} levels off, {most:.0f} at the most" if mean > 4 or most > 60 else ""
    if key in ("id", LINK, "clip-path"):  # names that matplotlib makes up
        return ""
    shapes = [NUMBER.sub("0", value).split() for value in (one, other)]
    numbers = [np.array(NUMBER.findall(re.sub(r"#[0-9a-f]{6}", "", value)), float) for value in (one, other)]
    colours = [re.findall(r"#[0-9a-f]{6}", value) for value in (one, other)]
    if shapes[0] != shapes[1] or colours[0] != colours[1] or len(numbers[0]) != len(numbers[1]):
        return f"{name} {key}: {one[:80]!r} and {other[:80]!r}"
    apart = np.abs(numbers[0] - numbers[1]).max(initial=0.0)
    limit = 0.05 if key == "style" else APART
    return f"{name} {key} is {apart:.2f} off" if apart > limit else ""
